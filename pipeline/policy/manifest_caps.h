// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The sections of a manifest that ask for capabilities and memory: endpoint, notification, region,
// irq, ioport, device (spec/policy.md, 2). Only manifest.c calls this.

#include "manifest.h"

// Reads all of them into `caps`, which has room for BOUND_TARGET_CAPS; returns how many there are.
size_t manifest_caps_read(struct manifest_cap *caps, struct schema *schema);
