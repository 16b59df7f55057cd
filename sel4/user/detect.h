// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Finds the numbers of the kernel under the caller, because they move with its version and options.
// A label is recognised by asking for it with an empty message: the capability that knows it
// answers TruncatedMessage, otherwise IllegalOperation, and nothing is done either way
// (spec/target-abi.md, detection). Only for a root task, on its initial capabilities.

#include "sel4_bootinfo.h"
#include "sel4_kernel.h"

// Fills `kernel->abi`. A kernel whose answers contradict each other or the known rules is
// KERNEL_UNKNOWN; if it has I/O ports at all, their labels are filled in even then, so that the
// refusal can be printed.
enum status detect_kernel(struct sel4_kernel *kernel, const struct sel4_bootinfo *bootinfo,
                          struct diag *diag) MUST_CHECK;
