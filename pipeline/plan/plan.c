// SPDX-License-Identifier: BSD-2-Clause
#include "plan.h"

#include "dump_words.h"

uint64_t plan_badge_of(enum plan_badge kind, uint32_t target, uint32_t detail)
{
    return (uint64_t)kind << 56 | (uint64_t)(target & 0xffffff) << 32 | detail;
}

const char *plan_type_name(enum plan_type type)
{
    static const char *const names[PLAN_TYPE_COUNT] = {
        [PLAN_UNTYPED] = "untyped",
        [PLAN_HOLDER] = "holder",
        [PLAN_CNODE] = "cnode",
        [PLAN_TCB] = "tcb",
        [PLAN_SCHED_CONTEXT] = "schedcontext",
        [PLAN_REPLY] = "reply",
        [PLAN_ENDPOINT] = "endpoint",
        [PLAN_NOTIFICATION] = "notification",
        [PLAN_VSPACE] = "vspace",
        [PLAN_PDPT] = "pdpt",
        [PLAN_PAGE_DIRECTORY] = "page directory",
        [PLAN_PAGE_TABLE] = "page table",
        [PLAN_FRAME] = "frame",
        [PLAN_LARGE_FRAME] = "large frame",
        [PLAN_PACKAGE_PAGES] = "package pages",
        [PLAN_SYSTEM_PAGES] = "system pages",
        [PLAN_DEVICE_FRAME] = "device frame",
        [PLAN_IRQ_HANDLER] = "irq handler",
        [PLAN_IO_PORTS] = "io ports",
        [PLAN_RELAY_TCB] = "relay tcb",
        [PLAN_RELAY_CNODE] = "relay cnode",
        [PLAN_RELAY_ENDPOINT] = "relay endpoint",
        [PLAN_RELAY_REPLY] = "relay reply",
        [PLAN_CHILD_UNTYPED] = "child untyped",
    };
    return (unsigned)type < PLAN_TYPE_COUNT ? names[type] : "unknown";
}

// Built-in services share the auditor's endpoint; their own names tell them apart.
struct bytes plan_cap_object(const struct plan *plan, const struct plan_cap *cap)
{
    if (cap->object != PLAN_AUDITOR) {
        return plan->objects[cap->object].name;
    }
    return bytes_text(cap->service == PLAN_SERVICE_NONE ? "auditor"
                                                        : dump_words_service(cap->service));
}

// The untyped is what the others are made from, and pages of the package and of the system are
// there before.
bool plan_is_made(enum plan_type type)
{
    return type != PLAN_UNTYPED && type != PLAN_PACKAGE_PAGES && type != PLAN_SYSTEM_PAGES;
}

uint8_t plan_size_bits(uint64_t bytes)
{
    uint8_t bits = 0;
    while (bytes >>= 1) {
        bits++;
    }
    return bits;
}

uint32_t plan_child_memory(const struct plan *plan, const struct plan_target *target)
{
    const struct plan_target *parent = &plan->targets[target->parent - 1];
    struct bytes name = plan->caps[parent->first_cap + target->parent_slot].name;
    uint32_t i = parent->first_object;
    while (i < parent->first_object + parent->objects &&
           !(plan->objects[i].type == PLAN_CHILD_UNTYPED &&
             bytes_equal(plan->objects[i].name, name))) {
        i++;
    }
    return i;
}

uint64_t plan_untyped_use(const struct plan *plan, uint32_t first, uint32_t count)
{
    uint64_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct plan_object *object = &plan->objects[first + i];
        if (plan_is_made(object->type) && object->count != 0) {
            uint64_t size = 1ULL << object->size_bits;
            used = ((used + size - 1) & ~(size - 1)) + size * object->count;
        }
    }
    return used;
}
