// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Memory for packages that arrive while the system runs (spec/control.md, 4): a store for each
// place, an untyped whose frames the root task sees one after another while a package is in it. To
// give it back is one revoke, which also takes the frames from targets that have them in place.

#include "root.h"

// Makes the stores, and room for two plans, if the system file has places.
enum status store_open(struct root *root, struct diag *diag) MUST_CHECK;

// log2 of the untyped of a place's target.
uint8_t store_memory_bits(const struct root *root);

// Takes a free store, from 1, for a file of `size` bytes. CONTROL_FULL, FILE_TOO_LARGE, or what the
// kernel refuses; then nothing is taken.
enum status store_take(uint8_t *store, struct root *root, uint64_t size,
                       struct diag *diag) MUST_CHECK;

// Its bytes, `size` of them, and memory behind them for what is read from them.
uint8_t *store_at(uint8_t store);
cap_slot store_frames(const struct root *root, uint8_t store);
struct arena store_arena(const struct root *root, uint8_t store);

// Gives it back, and records that it is back (memory.reclaimed).
void store_drop(struct root *root, uint8_t store);

// The room for plans that the present one is not in; whoever makes the plan in it the present one
// turns `root->plan_turn`.
struct arena store_plan(const struct root *root);
