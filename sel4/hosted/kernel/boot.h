// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the files of the boot share.

#include "image.h"
#include "internal.h"
#include "sel4_bootinfo.h"

// Writes the extra boot info into its zero page; returns its bytes.
uint64_t boot_info_extra(const struct kernel *k, uint8_t *page);
