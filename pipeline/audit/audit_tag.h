// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What kind of object a kernel's cap tag stands for, in the plan's words.

#include "plan.h"

#include <stdint.h>

// PLAN_TYPE_COUNT for a kind that no target's CNode holds.
enum plan_type audit_tag_type(uint64_t tag);
