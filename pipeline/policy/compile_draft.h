// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One target while the compiler works on it: everything but its capabilities. Nothing in here
// depends on other targets, so that a target that cannot be made is dropped before the others are
// numbered. Indices of objects are counted from the target's first one; `vaddr` of system pages is,
// until the system's objects are numbered, the index of the manifest's capability.

#include "policy.h"

enum {
    // Two per segment (from the file, zero), record, IPC buffer, stack, heap in large and in small
    // frames, regions and devices.
    COMPILE_DRAFT_MAPPINGS = 2 * BOUND_SEGMENTS + 5 + BOUND_TARGET_AREAS,
    // One run of frames per mapping, at most one run of paging structures per mapping and level, a
    // reply object per served endpoint or memory per spawn right, and untyped, holder, CNode, TCB,
    // scheduling context,
    // VSpace, and four of relays.
    COMPILE_DRAFT_OBJECTS = 4 * COMPILE_DRAFT_MAPPINGS + BOUND_TARGET_CAPS + 10,
};

// The objects that every draft starts with; the others follow from COMPILE_DRAFT_FIRST on.
enum { COMPILE_DRAFT_UNTYPED, COMPILE_DRAFT_HOLDER, COMPILE_DRAFT_FIRST };

struct compile_draft {
    struct plan_target target;
    struct plan_object objects[COMPILE_DRAFT_OBJECTS];
    struct plan_object unordered[COMPILE_DRAFT_OBJECTS]; // scratch of compile_objects
    struct plan_mapping mappings[COMPILE_DRAFT_MAPPINGS];
    uint32_t object_count;
    uint32_t mapping_count;
};

// Adds a run of objects; returns its index.
static inline uint32_t compile_draft_object(struct compile_draft *draft, struct plan_object object)
{
    draft->objects[draft->object_count] = object;
    return draft->object_count++;
}
