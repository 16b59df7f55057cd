// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The seccomp program of the seed and of all stubs, which may change their mappings of physical
// memory. What only the seed does takes `secret` as its last argument, which Linux ignores there:
// only the machine knows it. Writes at most FILTER_LENGTH instructions and returns how many.

#include <stddef.h>
#include <stdint.h>

struct sock_filter;

enum { FILTER_LENGTH = 48, FILTER_SECRET = 5 }; // the argument's index

size_t filter_make(struct sock_filter *at, uint64_t secret);
