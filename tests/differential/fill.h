// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Random words and caps that suit an invocation, mostly. fill.c knows the arguments of each,
// model.c the choice.

#include "model.h"

// A call's shape: how many words and caps it has when it is right.
struct shape {
    uint64_t cptr;
    unsigned words, caps;
};

uint64_t fill_random(struct model *m);
uint64_t fill_below(struct model *m, uint64_t bound);
bool fill_chance(struct model *m, unsigned percent);
#define PICK(m, ...)                                                                               \
    ((const uint64_t[]){                                                                           \
        __VA_ARGS__})[fill_below(m, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))]

uint64_t fill_any_slot(struct model *m);
uint64_t fill_slot_with(struct model *m, enum sel4_object type);
uint64_t fill_odd_cptr(struct model *m);
uint64_t fill_odd_word(struct model *m);

// Words, caps and shape of `c->invocation`.
struct shape fill_call(struct model *m, struct call *c);
