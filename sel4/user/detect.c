// SPDX-License-Identifier: BSD-2-Clause
#include "detect.h"

#include "sel4_cap.h"

enum { MAX_LABEL = 128, MAX_TYPE = 32, CNODE_METHODS = 8, PAGE_BITS = 12, GUESSES = 8 };

static bool knows(struct sel4_kernel *kernel, cap_slot on, uint64_t label)
{
    struct sel4_invoke empty = {.on = on};
    return sel4_kernel_call(kernel, &empty, label).error == SEL4_ERROR_TRUNCATED_MESSAGE;
}

// The first label that `on` knows, and how many follow each other; 0 when it knows none.
static uint64_t first_label(uint64_t *run, struct sel4_kernel *kernel, cap_slot on)
{
    uint64_t first = 1;
    while (first < MAX_LABEL && !knows(kernel, on, first)) {
        first++;
    }
    *run = 0;
    while (first + *run < MAX_LABEL && knows(kernel, on, first + *run)) {
        (*run)++;
    }
    return *run == 0 ? 0 : first;
}

// Whether `on` knows the labels [first, first + count) and neither of their neighbours.
static bool knows_just(struct sel4_kernel *kernel, cap_slot on, uint64_t first, uint64_t count)
{
    return knows(kernel, on, first) && !knows(kernel, on, first - 1) &&
           !knows(kernel, on, first + count) &&
           (count == 1 || knows(kernel, on, first + count - 1));
}

// Whether Retype knows this object-type number. Zero objects are asked for, so that nothing is ever
// made.
static bool knows_type(struct sel4_kernel *kernel, cap_slot untyped, uint64_t type)
{
    struct sel4_invoke retype = {
        .on = untyped,
        .length = 6,
        .words = {type, PAGE_BITS},
        .cap_count = 1,
        .caps = {SEL4_SLOT_CNODE},
    };
    struct sel4_answer answer = sel4_kernel_call(kernel, &retype, 1);
    return answer.error != SEL4_ERROR_INVALID_ARGUMENT || answer.word[0] != 0;
}

// The first object-type number that Retype does not know.
static uint64_t type_count(struct sel4_kernel *kernel, cap_slot untyped)
{
    uint64_t type = 0;
    while (type < MAX_TYPE && knows_type(kernel, untyped, type)) {
        type++;
    }
    return type < MAX_TYPE ? type : 0;
}

static cap_slot ordinary_untyped(const struct sel4_bootinfo *bootinfo)
{
    uint64_t count = bootinfo->untyped.end - bootinfo->untyped.start;
    for (uint64_t i = 0; i < count && i < SEL4_BOOTINFO_MAX_UNTYPEDS; i++) {
        if (!bootinfo->untyped_list[i].is_device) {
            return bootinfo->untyped.start + i;
        }
    }
    return SEL4_SLOT_NULL;
}

// Whether the kernel answers as one with these numbers does. What differs between configurations
// comes first, so that a wrong guess costs few calls.
static bool answers_as(struct sel4_kernel *kernel, const struct sel4_bootinfo *bootinfo,
                       const struct sel4_abi *abi)
{
    const uint8_t *label = abi->label;
    cap_slot untyped = ordinary_untyped(bootinfo);
    return knows_just(kernel, SEL4_SLOT_CNODE, label[SEL4_INVOCATION_CNODE_REVOKE],
                      CNODE_METHODS) &&
           knows_just(kernel, SEL4_SLOT_DOMAIN, label[SEL4_INVOCATION_DOMAIN_SET],
                      abi->config.domain_schedule ? 3 : 1) &&
           knows_type(kernel, untyped, abi->type_count - 1) &&
           !knows_type(kernel, untyped, abi->type_count) &&
           knows_just(kernel, bootinfo->sched_control.start,
                      label[SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS], 1) &&
           knows_just(kernel, SEL4_SLOT_IO_PORT_CONTROL,
                      label[SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE], 1);
}

// Looks for every number from the first possible one on: what does not fit the rules is the reason
// for a refusal.
static enum status survey(struct sel4_kernel *kernel, const struct sel4_bootinfo *bootinfo,
                          struct diag *diag)
{
    uint64_t run, methods, domains;
    uint64_t issue = first_label(&run, kernel, SEL4_SLOT_IO_PORT_CONTROL);
    kernel->abi.label[SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE] = (uint8_t)issue;
    kernel->abi.label[SEL4_INVOCATION_IO_PORT_IN8] = (uint8_t)(issue + 1);
    kernel->abi.label[SEL4_INVOCATION_IO_PORT_OUT8] = (uint8_t)(issue + 4);

    uint64_t revoke = first_label(&methods, kernel, SEL4_SLOT_CNODE);
    uint64_t domain_set = first_label(&domains, kernel, SEL4_SLOT_DOMAIN);
    uint64_t configure = first_label(&run, kernel, bootinfo->sched_control.start);
    uint64_t types = type_count(kernel, ordinary_untyped(bootinfo));

    struct sel4_config config = {
        .domain_schedule = domains == 3,
        .iommu = bootinfo->io_pt_levels != SEL4_BOOTINFO_NO_IOMMU,
    };
    struct sel4_abi plain = labels_of(config);
    config.hardware_debug = revoke != plain.label[SEL4_INVOCATION_CNODE_REVOKE];
    config.huge_page = types != plain.type_count;
    struct sel4_abi abi = labels_of(config);
    const struct {
        const char *what;
        uint64_t found, expected;
    } facts[] = {
        {"IOPortControl_Issue", issue, abi.label[SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE]},
        {"CNode_Revoke", revoke, abi.label[SEL4_INVOCATION_CNODE_REVOKE]},
        {"CNode methods", methods, CNODE_METHODS},
        {"DomainSet_Set", domain_set, abi.label[SEL4_INVOCATION_DOMAIN_SET]},
        {"DomainSet methods", domains, config.domain_schedule ? 3 : 1},
        {"SchedControl_ConfigureFlags", configure,
         abi.label[SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS]},
        {"object types", types, abi.type_count},
    };
    for (unsigned i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (facts[i].found != facts[i].expected) {
            return diag_fail_detail(diag, STATUS_KERNEL_UNKNOWN, facts[i].what, facts[i].found,
                                    facts[i].expected);
        }
    }
    kernel->abi = abi;
    return STATUS_OK;
}

enum status detect_kernel(struct sel4_kernel *kernel, const struct sel4_bootinfo *bootinfo,
                          struct diag *diag)
{
    for (unsigned guess = 0; guess < GUESSES; guess++) {
        struct sel4_abi abi = labels_of((struct sel4_config){
            .domain_schedule = (guess & 4) == 0,
            .huge_page = (guess & 2) == 0,
            .hardware_debug = (guess & 1) != 0,
            .iommu = bootinfo->io_pt_levels != SEL4_BOOTINFO_NO_IOMMU,
        });
        if (answers_as(kernel, bootinfo, &abi)) {
            kernel->abi = abi;
            return STATUS_OK;
        }
    }
    return survey(kernel, bootinfo, diag);
}
