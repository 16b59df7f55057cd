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

// A random number is a function of the seed, the step and the place in the source that draws it, so
// that the order in which a compiler evaluates the parts of an expression does not matter. HERE is
// such a place, UNDER one in a function that was called from a place.
#define HERE        ((uint64_t)__COUNTER__ + PLACES)
#define UNDER(site) ((site)*1021 + HERE)

uint64_t fill_random(const struct model *m, uint64_t site);
uint64_t fill_below(const struct model *m, uint64_t site, uint64_t bound);
bool fill_chance(const struct model *m, uint64_t site, unsigned percent);
#define PICK_AT(m, site, ...)                                                                      \
    ((const uint64_t[]){                                                                           \
        __VA_ARGS__})[fill_below(m, site, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))]
#define PICK(m, ...) PICK_AT(m, HERE, __VA_ARGS__)

uint64_t fill_any_slot(const struct model *m, uint64_t site);
uint64_t fill_slot_with(const struct model *m, uint64_t site, enum sel4_object type);
uint64_t fill_odd_cptr(const struct model *m, uint64_t site);
uint64_t fill_odd_word(const struct model *m, uint64_t site);

// Words, caps and shape of `c->invocation`.
struct shape fill_call(struct model *m, struct call *c);
