// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Authorities by chance, out of few names, so that two of them often have something in common.

#include "authority.h"

struct random {
    uint64_t state;
};

uint32_t random_below(struct random *r, uint32_t end);

// An authority before authority_finish, so that it can be part of a union.
struct authority random_authority(struct random *r, struct arena *arena);

// What has everything of both; neither is finished, the result is not either.
struct authority random_union(const struct authority *a, const struct authority *b,
                              struct arena *arena);

// A finished copy of `a`, which stays as it is.
struct authority random_finished(const struct authority *a, struct arena *arena);
