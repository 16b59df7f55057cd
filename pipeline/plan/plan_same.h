// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Whether two plans of one system, compiled at different times, mean the same to what runs. Objects
// of a target may have other indices in each.

#include "plan.h"

// The objects of the system: all of them, each as it was.
bool plan_same_system(const struct plan *a, const struct plan *b);

// Everything that a target is made of and holds.
bool plan_same_target(const struct plan *a, const struct plan *b, uint32_t target);
