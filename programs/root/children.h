// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Targets that another target starts (spec/plan.md, 10; spec/target-abi.md, 10). A child is made
// from an untyped that its parent's incarnation holds for it, so it has to end before its parent
// does (life.c).

#include "root.h"

// What a call through a spawn capability is charged with, in words.
uint64_t children_words(const struct sel4_received *received);

// Answers one of a target. Nothing is waited for: a child that starts does so in the same turn or
// later (children_may_start).
void children_call(struct sel4_reply *reply, struct root *root, uint32_t parent,
                   const struct sel4_received *received);

// Lets a child be made from its parent's memory as the parent has it now. Nothing for others.
void children_place(struct root *root, uint32_t target);

// Whether a target that waits may start now. A scheduling context begins with its whole budget, so
// a child has to wait for a period after its last end: else it could have more time than it holds.
bool children_may_start(struct root *root, uint32_t target);

// Rings the parent's `child`, if it has one: a child is down or suspended. Nothing for others.
void children_tell(struct root *root, uint32_t target);
