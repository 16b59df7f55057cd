// SPDX-License-Identifier: BSD-2-Clause

// Scheduling domains (seL4 manual, 6.3): a list of domains with their durations, gone through in a
// circle; a thread runs in its domain's time only. An entry of zeros ends the list.

#include "internal.h"

#define MAX_DURATION (UINT64_C(1) << 56)

static bool is_end(const struct kernel_domain_entry *entry)
{
    return entry->domain == 0 && entry->duration == 0;
}

static void enter(struct kernel *k, unsigned index)
{
    const struct kernel_domain_entry *entry = &k->domain_schedule[index];
    k->domain_index = index;
    k->domain = entry->domain;
    // The longest duration is no limit: it lasts for years.
    k->domain_end = entry->duration >= MAX_DURATION - 1 ? UINT64_MAX : k->now + entry->duration;
}

void domain_start(struct kernel *k)
{
    k->domain_schedule[0] = (struct kernel_domain_entry){.duration = MAX_DURATION - 1};
    enter(k, 0);
}

void domain_advance(struct kernel *k)
{
    unsigned next = k->domain_index + 1;
    if (next >= k->config.domain_schedules || is_end(&k->domain_schedule[next])) {
        next = k->domain_start;
    }
    enter(k, next);
}

static enum sel4_error set(struct kernel *k, struct invocation *inv)
{
    if (!invocation_has(inv, 1, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t domain = invocation_word(k, inv, 0);
    if (domain >= k->config.domains) {
        return invocation_argument(inv, 0);
    }
    if (!invocation_has(inv, 1, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    if (!cap_is(invocation_extra(inv, 0), SEL4_CAP_TAG_TCB)) {
        return invocation_argument(inv, 1);
    }
    struct tcb *tcb = cap_object(k, invocation_extra(inv, 0));
    bool queued = tcb->queued;
    if (queued) {
        schedule_remove(k, tcb);
    }
    tcb->domain = (uint8_t)domain;
    if (queued || tcb == k->current) {
        schedule_enqueue(k, tcb);
        schedule_choose(k);
    }
    return SEL4_ERROR_NONE;
}

static enum sel4_error configure(struct kernel *k, struct invocation *inv)
{
    if (!invocation_has(inv, 3, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t index = invocation_word(k, inv, 0);
    uint64_t domain = invocation_word(k, inv, 1);
    uint64_t duration = invocation_word(k, inv, 2);
    // The last entry stays zeros: it ends the list.
    if (index > k->config.domain_schedules - 2) {
        return invocation_range(inv, 0, k->config.domain_schedules - 2);
    }
    if (domain >= k->config.domains) {
        return invocation_range(inv, 0, k->config.domains - 1);
    }
    if (duration >= MAX_DURATION) {
        return invocation_argument(inv, 2);
    }
    if (duration == 0 && domain != 0) {
        return invocation_argument(inv, 1);
    }
    if (duration == 0 && index == k->domain_start) {
        return invocation_argument(inv, 2);
    }
    k->domain_schedule[index] =
        (struct kernel_domain_entry){.domain = (uint8_t)domain, .duration = duration};
    return SEL4_ERROR_NONE;
}

static enum sel4_error set_start(struct kernel *k, struct invocation *inv)
{
    if (!invocation_has(inv, 1, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    uint64_t index = invocation_word(k, inv, 0);
    if (index >= k->config.domain_schedules) {
        return invocation_range(inv, 0, k->config.domain_schedules - 1);
    }
    if (is_end(&k->domain_schedule[index])) {
        return invocation_argument(inv, 0);
    }
    k->domain_start = (unsigned)index;
    enter(k, k->domain_start);
    schedule_choose(k);
    return SEL4_ERROR_NONE;
}

enum sel4_error domain_decode(struct kernel *k, struct invocation *inv)
{
    switch (inv->operation) {
    case SEL4_INVOCATION_DOMAIN_SET:
        return set(k, inv);
    case SEL4_INVOCATION_DOMAIN_SCHEDULE_CONFIGURE:
        return configure(k, inv);
    case SEL4_INVOCATION_DOMAIN_SCHEDULE_SET_START:
        return set_start(k, inv);
    default:
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
}
