// SPDX-License-Identifier: BSD-2-Clause
#include "labels.h"

#include "sel4_cap.h"

enum option {
    OPTION_ALWAYS,
    OPTION_HARDWARE_DEBUG,
    OPTION_DOMAIN_SCHEDULE,
    OPTION_IOMMU,
    OPTION_HUGE_PAGE
};

static const struct {
    const char *key;
    enum option needs;
} invocations[SEL4_INVOCATION_COUNT] = {
#define INVOCATION_ROW(name, key, needs) {key, OPTION_##needs},
    SEL4_INVOCATION_LIST(INVOCATION_ROW)
#undef INVOCATION_ROW
};

static const struct {
    uint8_t size_bits;
    enum option needs;
} objects[SEL4_OBJECT_COUNT] = {
#define OBJECT_ROW(name, bits, needs) {bits, OPTION_##needs},
    SEL4_OBJECT_LIST(OBJECT_ROW)
#undef OBJECT_ROW
};

static bool has(const struct sel4_config *config, enum option option)
{
    switch (option) {
    case OPTION_HARDWARE_DEBUG:
        return config->hardware_debug;
    case OPTION_DOMAIN_SCHEDULE:
        return config->domain_schedule;
    case OPTION_IOMMU:
        return config->iommu;
    case OPTION_HUGE_PAGE:
        return config->huge_page;
    case OPTION_ALWAYS:
        break;
    }
    return true;
}

struct sel4_abi labels_of(struct sel4_config config)
{
    struct sel4_abi abi = {.config = config};
    uint8_t label = 1;
    for (unsigned i = 0; i < SEL4_INVOCATION_COUNT; i++) {
        abi.label[i] = has(&config, invocations[i].needs) ? label++ : SEL4_LABEL_ABSENT;
    }
    for (unsigned i = 0; i < SEL4_OBJECT_COUNT; i++) {
        abi.type[i] = has(&config, objects[i].needs) ? abi.type_count++ : SEL4_TYPE_ABSENT;
    }
    return abi;
}

enum sel4_invocation labels_invocation(const struct sel4_abi *abi, uint64_t label)
{
    for (unsigned i = 0; i < SEL4_INVOCATION_COUNT && label != SEL4_LABEL_ABSENT; i++) {
        if (abi->label[i] == label) {
            return (enum sel4_invocation)i;
        }
    }
    return SEL4_INVOCATION_COUNT;
}

enum sel4_object labels_object(const struct sel4_abi *abi, uint64_t type)
{
    for (unsigned i = 0; i < SEL4_OBJECT_COUNT && type < abi->type_count; i++) {
        if (abi->type[i] == type) {
            return (enum sel4_object)i;
        }
    }
    return SEL4_OBJECT_COUNT;
}

unsigned labels_size_bits(enum sel4_object object, unsigned size_bits)
{
    if (object == SEL4_OBJECT_CNODE) {
        return size_bits + SEL4_SLOT_BITS;
    }
    return objects[object].size_bits == 0 ? size_bits : objects[object].size_bits;
}

const char *labels_name(enum sel4_invocation invocation)
{
    return invocation < SEL4_INVOCATION_COUNT ? invocations[invocation].key : "";
}
