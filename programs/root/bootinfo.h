// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the kernel tells the root task about itself and the machine.

#include "bytes.h"
#include "sel4_bootinfo.h"
#include "sel4_kernel.h"

// The payload of the first record of that kind in the extra boot info; empty where there is none.
struct bytes bootinfo_record(const struct sel4_bootinfo *bootinfo, enum sel4_bootinfo_record id);

// The frame capability of a page of the root task's image.
cap_slot bootinfo_frame(const struct sel4_bootinfo *bootinfo, const void *page);

// The bytes of the image from `start` on: what the image builder appended.
struct bytes bootinfo_image_from(const struct sel4_bootinfo *bootinfo, const uint8_t *start);
