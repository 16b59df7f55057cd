// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// How planned objects are made: what objects.c and objects_system.c share.

#include "objects.h"

// The run of a planned object, into the slots that `into` names.
struct untyped_run objects_run(const struct plan_object *object, struct untyped_run into);

// Consecutive slots of the boot CNode, which stands in slot 0 of the top CNode.
struct untyped_run objects_into_boot(const struct cspace *cspace, cap_slot first);

// An object into one of them.
struct untyped_run objects_single(const struct cspace *cspace, cap_slot slot, enum sel4_object type,
                                  uint8_t size_bits);

// Retypes a run of any length; the kernel makes at most SEL4_RETYPE_FAN_OUT at once.
enum status objects_retype(struct sel4_kernel *kernel, cap_slot untyped, struct untyped_run run,
                           struct diag *diag) MUST_CHECK;

// The same from the memory of the pool.
enum status objects_make_run(const struct objects_pool *pool, struct untyped_run run,
                             struct diag *diag) MUST_CHECK;
