// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The objects of a target in the order of their making, and whether its untyped holds them.

#include "compile_draft.h"

// Adds the untyped, holder, CNode, TCB, scheduling context and reply objects to a draft that has
// its address space, puts all objects in the order that loses least to alignment, and numbers the
// holder's slots. MEMORY_LIMIT when the untyped (target.untyped_bits) is too small: `detail` is the
// limit that would do, the subject says what the bytes are for.
// Names of reply objects are taken from `arena`.
MUST_CHECK enum status compile_objects(struct compile_draft *draft, const struct manifest *manifest,
                                       struct arena *arena, struct diag *diag);

// Is it a capability that its manifest wants traced, and can it be? How many of them are there?
bool compile_objects_relayed(const struct manifest_cap *cap);
uint32_t compile_objects_relays(const struct manifest *manifest);

// The names of what goes with a served endpoint, "NAME.reply", and with an interrupt line,
// "NAME.handler"; empty when the arena is full.
#define COMPILE_OBJECTS_REPLY   ".reply"
#define COMPILE_OBJECTS_HANDLER ".handler"
struct bytes compile_objects_name(struct bytes name, const char *suffix_text, struct arena *arena);
