// SPDX-License-Identifier: BSD-2-Clause
#include "audit_fault.h"

#include "sel4_error.h"
#include "sel4_fault.h"

enum { FSR_PRESENT = 1, FSR_WRITE = 2, FSR_FETCH = 16 };

static uint64_t page_bytes(const struct plan *plan, const struct plan_mapping *mapping)
{
    bool large = plan->objects[mapping->object].type == PLAN_LARGE_FRAME;
    return UINT64_C(1) << (large ? PLAN_LARGE_BITS : PLAN_PAGE_BITS);
}

// Bytes between an address and the range [start, end).
static uint64_t distance(uint64_t address, uint64_t start, uint64_t end)
{
    if (address < start) {
        return start - address;
    }
    return address < end ? 0 : address - end + 1;
}

// The mapping of the target that is nearest to the address and at most `reach` bytes away, or NULL.
static const struct plan_mapping *mapping_near(const struct plan *plan, uint32_t target,
                                               uint64_t address, uint64_t reach)
{
    const struct plan_target *owner = &plan->targets[target];
    const struct plan_mapping *nearest = NULL;
    for (uint32_t i = 0; i < owner->mappings; i++) {
        const struct plan_mapping *mapping = plan_mapping_at(plan, target, i);
        uint64_t end = mapping->vaddr + mapping->pages * page_bytes(plan, mapping);
        uint64_t away = distance(address, mapping->vaddr, end);
        if (away <= reach) {
            nearest = mapping;
            reach = away;
        }
    }
    return nearest;
}

static const char *access_name(const struct audit_fault *fault, uint64_t prefetch)
{
    if (fault->vm.fsr & FSR_WRITE) {
        return "write";
    }
    // Processors without SMEP do not report fetches: then the address is the instruction's own.
    bool fetch = prefetch != 0 || (fault->vm.fsr & FSR_FETCH) || fault->vm.address == fault->ip;
    return fetch ? "exec" : "read";
}

// Around each area outside the binary stands a page without a mapping: a hit there is an overrun.
static void explain_vm(struct audit_fault *fault, const struct plan *plan, uint32_t target)
{
    const struct plan_mapping *mapping = mapping_near(plan, target, fault->vm.address, 0);
    fault->vm.near = bytes_text("none");
    if (mapping != NULL) {
        bool readonly = (fault->vm.fsr & FSR_WRITE) && !mapping->write;
        fault->vm.cause = readonly ? "readonly" : "unknown";
        fault->vm.near = mapping->name;
        return;
    }
    mapping = mapping_near(plan, target, fault->vm.address, BOUND_PAGE);
    fault->vm.cause = "unmapped";
    if (mapping != NULL) {
        fault->vm.near = mapping->name;
        fault->vm.cause = mapping->vaddr >= PLAN_AREA_BASE ? "guard_page" : "unmapped";
    }
}

static void decode_vm(struct audit_fault *out, const uint64_t *words)
{
    out->type = AUDIT_FAULT_VM;
    out->ip = words[SEL4_VM_FAULT_IP];
    out->vm.address = words[SEL4_VM_FAULT_ADDRESS];
    out->vm.fsr = words[SEL4_VM_FAULT_FSR];
    out->vm.access = access_name(out, words[SEL4_VM_FAULT_PREFETCH]);
}

static const char *const lookup_names[] = {
    [SEL4_LOOKUP_NONE] = "none",
    [SEL4_LOOKUP_INVALID_ROOT] = "invalid_root",
    [SEL4_LOOKUP_MISSING_CAPABILITY] = "missing_capability",
    [SEL4_LOOKUP_DEPTH_MISMATCH] = "depth_mismatch",
    [SEL4_LOOKUP_GUARD_MISMATCH] = "guard_mismatch",
};

static bool decode_cap(struct audit_fault *out, const struct audit_message *message)
{
    uint64_t lookup = message->words[SEL4_CAP_FAULT_LOOKUP_TYPE];
    uint32_t details = message->length - SEL4_CAP_FAULT_LOOKUP_DETAILS;
    if (lookup >= sizeof lookup_names / sizeof lookup_names[0] || details > 3) {
        return false;
    }
    out->type = AUDIT_FAULT_CAP;
    out->ip = message->words[SEL4_CAP_FAULT_IP];
    out->cap.cptr = message->words[SEL4_CAP_FAULT_CPTR];
    out->cap.receiving = message->words[SEL4_CAP_FAULT_IN_RECEIVE] != 0;
    out->cap.lookup = lookup_names[lookup];
    out->cap.details = details;
    for (uint32_t i = 0; i < details; i++) {
        out->cap.detail[i] = message->words[SEL4_CAP_FAULT_LOOKUP_DETAILS + i];
    }
    return true;
}

static void decode_syscall(struct audit_fault *out, const uint64_t *words)
{
    out->type = AUDIT_FAULT_SYSCALL;
    out->ip = words[SEL4_UNKNOWN_SYSCALL_IP];
    out->sp = words[SEL4_UNKNOWN_SYSCALL_RSP];
    out->syscall.number = words[SEL4_UNKNOWN_SYSCALL_NUMBER];
}

// Intel SDM volume 3, table 6-1.
static const char *exception_name(uint64_t vector)
{
    static const char *const names[] = {
        "divide_error",
        "debug",
        "nmi",
        "breakpoint",
        "overflow",
        "bound_range",
        "invalid_opcode",
        "no_device",
        "double_fault",
        "segment_overrun",
        "invalid_tss",
        "segment_absent",
        "stack_segment",
        "general_protection",
        "page_fault",
        "reserved",
        "x87_error",
        "alignment_check",
        "machine_check",
        "simd_error",
    };
    return vector < sizeof names / sizeof names[0] ? names[vector] : "unknown";
}

static void decode_exception(struct audit_fault *out, const uint64_t *words)
{
    out->type = AUDIT_FAULT_EXCEPTION;
    out->ip = words[SEL4_USER_EXCEPTION_IP];
    out->sp = words[SEL4_USER_EXCEPTION_RSP];
    out->exception.vector = words[SEL4_USER_EXCEPTION_VECTOR];
    out->exception.code = words[SEL4_USER_EXCEPTION_CODE];
    out->exception.name = exception_name(out->exception.vector);
}

// Kernels with breakpoint support send vectors 1 and 3 as a fault of their own.
static void decode_debug(struct audit_fault *out, const uint64_t *words)
{
    enum { DEBUG_VECTOR = 1, BREAKPOINT_VECTOR = 3, REASON_SOFTWARE = 3 };
    uint64_t reason = words[SEL4_DEBUG_EXCEPTION_REASON];
    out->type = AUDIT_FAULT_EXCEPTION;
    out->ip = words[SEL4_DEBUG_EXCEPTION_IP];
    out->exception.vector = reason == REASON_SOFTWARE ? BREAKPOINT_VECTOR : DEBUG_VECTOR;
    out->exception.name = exception_name(out->exception.vector);
}

static void decode_timeout(struct audit_fault *out, const uint64_t *words,
                           const struct plan_target *target)
{
    out->type = AUDIT_FAULT_TIMEOUT;
    out->badge = words[SEL4_TIMEOUT_BADGE];
    out->timeout.consumed_us = words[SEL4_TIMEOUT_CONSUMED];
    out->timeout.budget_us = target->budget_us;
    out->timeout.period_us = target->period_us;
}

static uint32_t least_length(uint64_t label)
{
    static const uint32_t lengths[] = {
        [SEL4_FAULT_CAP] = SEL4_CAP_FAULT_LOOKUP_DETAILS,
        [SEL4_FAULT_UNKNOWN_SYSCALL] = SEL4_UNKNOWN_SYSCALL_LENGTH,
        [SEL4_FAULT_USER_EXCEPTION] = SEL4_USER_EXCEPTION_LENGTH,
        [SEL4_FAULT_DEBUG_EXCEPTION] = SEL4_DEBUG_EXCEPTION_ADDRESS,
        [SEL4_FAULT_TIMEOUT] = SEL4_TIMEOUT_LENGTH,
        [SEL4_FAULT_VM] = SEL4_VM_FAULT_LENGTH,
    };
    return label < sizeof lengths / sizeof lengths[0] ? lengths[label] : 0;
}

enum status audit_fault_decode(struct audit_fault *out, const struct audit_message *message,
                               const struct plan *plan, uint32_t target)
{
    uint32_t least = least_length(message->label);
    if (least == 0 || message->length < least) {
        return STATUS_KERNEL_UNKNOWN;
    }
    struct audit_fault fault = {.badge = message->badge};
    switch (message->label) {
    case SEL4_FAULT_CAP:
        if (!decode_cap(&fault, message)) {
            return STATUS_KERNEL_UNKNOWN;
        }
        break;
    case SEL4_FAULT_UNKNOWN_SYSCALL:
        decode_syscall(&fault, message->words);
        break;
    case SEL4_FAULT_USER_EXCEPTION:
        decode_exception(&fault, message->words);
        break;
    case SEL4_FAULT_DEBUG_EXCEPTION:
        decode_debug(&fault, message->words);
        break;
    case SEL4_FAULT_TIMEOUT:
        decode_timeout(&fault, message->words, &plan->targets[target]);
        break;
    default:
        decode_vm(&fault, message->words);
        explain_vm(&fault, plan, target);
        break;
    }
    *out = fault;
    return STATUS_OK;
}
