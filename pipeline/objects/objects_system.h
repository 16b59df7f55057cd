// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What outlives targets: endpoints, notifications, regions, and hardware.

#include "objects.h"

// The objects that outlive targets: endpoints, notifications, regions, hardware. RESOURCE_ABSENT
// when the machine has no such device memory. Their capabilities take consecutive boot slots from
// `first` in the order of the plan's running numbers.
enum status objects_system_make(cap_slot *first, const struct objects_pool *pool,
                                const struct plan *plan, struct diag *diag) MUST_CHECK;
