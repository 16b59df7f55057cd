// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The address space of a target: mappings, the frames behind them and the paging structures that
// exactly these mappings need (spec/plan.md, 4).

#include "compile_draft.h"
#include "compile_peers.h"

// Adds the VSpace, frames, paging structures and mappings of a program with this memory, and sets
// the addresses of the target. `links` says which regions are there. The manifest's sizes are at
// most the untyped's. Cannot fail: elf_image_read has checked that the segments are inside the
// addresses for programs.
void compile_space(struct compile_draft *draft, const struct policy_instance *instance,
                   const struct compile_link *links);
