// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// How a real seL4 kernel was built, as its SDK says: gen_config.json and invocations_all.json of a
// configuration folder. Nothing is assumed: an option that the project's code depends on must be
// in the file and have the value that the code was made for, and the labels must be those that
// follow from the options (spec/target-abi.md, labels).

#include "bytes.h"
#include "diag.h"
#include "labels.h"

struct kernel_config {
    struct sel4_config abi;
    bool debug;    // DEBUG_BUILD: the debug system calls exist
    bool printing; // PRINTING: the kernel writes to the serial line itself
};

// `options` and `invocations` are the two files' bytes. KERNEL_FILE: not the JSON that an SDK
// has. KERNEL_OPTION: `what` is the option, the subject its value ("absent" when it has none).
// KERNEL_LABELS: `what` is the invocation, the subject the label found.
enum status kernel_config_read(struct kernel_config *out, struct bytes options,
                               struct bytes invocations, struct diag *diag) MUST_CHECK;

// The value that KERNEL_OPTION wanted of the option `name`.
const char *kernel_config_wanted(const char *name);

// The seL4 releases that this configuration can be of, from the invocations that it has.
const char *kernel_config_release(const struct kernel_config *config);
