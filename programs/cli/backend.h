// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What runs a boot image: the hosted kernel now, a real seL4 kernel under QEMU next. A backend
// boots the image, hands over what comes out of its serial line as it comes, and says how it ended.

#include "bytes.h"
#include "diag.h"

#include <stdio.h>

struct backend_request {
    struct bytes image;
    const char *config;     // the kernel to be like; NULL = the backend's choice
    bool deterministic;     // virtual time: the same image gives the same run
    uint64_t time_limit_us; // 0 = none
    const volatile int *stop;
    FILE *trace; // one line for each system call; NULL = none

    void (*output)(void *context, struct bytes bytes); // the serial line
    void *context;
};

struct backend_result {
    bool exited;        // the image ended the machine itself
    const char *ending; // else: what ended it, a sentence
    uint32_t exit_value;
};

struct backend {
    const char *name;
    enum status (*run)(struct backend_result *result, const struct backend_request *request,
                       struct diag *diag);
};

extern const struct backend backend_hosted;
