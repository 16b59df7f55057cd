// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From a fault message of the kernel to facts with names. Pure: the message, the plan and the
// target in, a struct audit_fault out. The caller has recognised the message by its badge, never by
// its label: only the kernel sends with a fault badge.

#include "audit_log.h"
#include "diag.h"
#include "plan.h"

struct audit_message {
    uint64_t badge, label;
    const uint64_t *words;
    uint32_t length;
};

struct audit_fault {
    enum audit_type type;
    uint64_t ip, sp;
    uint64_t badge; // that the message came with; of a timeout: the scheduling context's
    union {
        struct {
            uint64_t cptr;
            bool receiving;
            const char *lookup; // "missing_capability", ...
            uint32_t details;   // how many words follow
            uint64_t detail[3]; // bits_left; then bits_found, or guard_found and bits_found
        } cap;
        struct {
            uint64_t address, fsr;
            const char *access; // "read", "write", "exec"
            const char *cause;  // "unmapped", "readonly", "guard_page", "unknown"
            struct bytes near;  // the mapping at the address or next to it; "none"
        } vm;
        struct {
            uint64_t number;
        } syscall;
        struct {
            uint64_t vector, code;
            const char *name; // "divide_error", ...
        } exception;
        struct {
            uint64_t consumed_us, budget_us, period_us;
        } timeout;
    };
};

// Fails with STATUS_KERNEL_UNKNOWN when the message is none that an MCS kernel sends.
enum status audit_fault_decode(struct audit_fault *out, const struct audit_message *message,
                               const struct plan *plan, uint32_t target) MUST_CHECK;
