// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What runs a boot image: the hosted kernel, or a real seL4 kernel in QEMU. A backend boots the
// image, hands over what comes out of its serial line as it comes, and says how it ended.

#include "bytes.h"
#include "crypto.h"
#include "diag.h"

#include <stdio.h>

struct cspaces;
struct kernel;
struct plan;
struct serial_socket;

struct backend_request {
    struct bytes image;
    const struct kernel *kernel; // the real kernel to boot
    const char *config;          // hosted: the kernel to be like; NULL = the backend's choice
    bool deterministic;          // hosted: virtual time, the same image gives the same run
    uint64_t fail_invocation;    // hosted: this kernel call of the root task fails; 0 = none
    unsigned fail_error;         // hosted: with this seL4 error
    uint64_t time_limit_us;      // 0 = none
    const volatile int *stop;
    struct serial_socket *com2; // the other end of the second serial line; NULL = there is none
    const struct plan *plan;    // hosted: what the trace calls things
    FILE *trace;                // hosted: one line for each system call; NULL = none
    struct cspaces *cspaces;    // hosted: takes the live CSpaces; NULL = nobody

    void (*output)(void *context, struct bytes bytes); // the serial line
    void *context;
};

struct backend_result {
    bool exited;        // the image ended the machine itself
    const char *ending; // else: what ended it, a sentence
    uint32_t exit_value;
};

// What a backend prepares before there is an image.
struct backend_machine;

struct backend {
    const char *name;
    // Begins to make the machine, which goes on by itself while the caller makes the image: the
    // request's image and what is for its output may still be missing. NULL = there is nothing to
    // prepare, and no machine.
    enum status (*open)(struct backend_machine **machine, const struct backend_request *request,
                        struct diag *diag);
    // Boots the image, once; called by the thread that opened the machine.
    enum status (*run)(struct backend_result *result, struct backend_machine *machine,
                       const struct backend_request *request, struct diag *diag);
    void (*close)(struct backend_machine *machine);
};

// SHA-256 of the hosted kernel's code as tools/hosted-digest took it when this program was built.
extern const uint8_t backend_hosted_digest[CRYPTO_DIGEST];

extern const struct backend backend_hosted;
extern const struct backend backend_qemu;
