// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The seccomp programs of the seed, which may clone itself, and of a stub, which may only change
// its mappings of physical memory. Each writes at most FILTER_LENGTH instructions and returns how
// many.

#include <stddef.h>

struct sock_filter;

enum { FILTER_LENGTH = 48 };

size_t filter_seed(struct sock_filter *at);
size_t filter_stub(struct sock_filter *at);
