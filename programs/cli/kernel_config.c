// SPDX-License-Identifier: BSD-2-Clause
#include "kernel_config.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

// What the code depends on, with the value it was made for; booleans as "true" and "false".
static const struct rule {
    const char *option, *value;
} rules[] = {
    {"SEL4_ARCH", "x86_64"},
    {"PLAT", "pc99"},
    {"WORD_SIZE", "64"},
    {"KERNEL_MCS", "true"},
    {"ENABLE_SMP_SUPPORT", "false"},
    {"MAX_NUM_NODES", "1"},
    {"VTX", "false"},                                // moves labels and object types
    {"SYSCALL", "true"},                             // the instruction that programs enter with
    {"FSGSBASE_INST", "true"},                       // else TCB_SetTLSBase is another object's
    {"SET_TLS_BASE_SELF", "false"},                  // adds a system call
    {"KERNEL_INVOCATION_REPORT_ERROR_IPC", "false"}, // adds words to error replies
    {"ENABLE_BENCHMARKS", "false"},                  // adds system calls
    {"XSAVE_SIZE", "576"},                           // the size of a TCB
    {"ROOT_CNODE_SIZE_BITS", "17"},                  // the root task's CPtrs
    {"RETYPE_FAN_OUT_LIMIT", "256"},
    {"MAX_NUM_BOOTINFO_UNTYPED_CAPS", "230"}, // the layout of the boot info
    {"NUM_PRIORITIES", "256"},
    {"MULTIBOOT1_HEADER", "true"}, // how QEMU loads it
    {"MULTIBOOT2_HEADER", "true"}, // how GRUB does
};
enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

static const char *value_of(const json_t *options, const char *name)
{
    const json_t *value = json_object_get(options, name);
    if (json_is_boolean(value)) {
        return json_is_true(value) ? "true" : "false";
    }
    return json_is_string(value) ? json_string_value(value) : "absent";
}

const char *kernel_config_wanted(const char *name)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(rules[i].option, name) == 0) {
            return rules[i].value;
        }
    }
    return "true or false";
}

static enum status refuse_option(const json_t *options, const char *name, struct diag *diag)
{
    enum status status = diag_fail(diag, STATUS_KERNEL_OPTION, name, 0);
    diag_subject(diag, bytes_text(value_of(options, name)));
    return status;
}

static enum status check_rules(const json_t *options, struct diag *diag)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(value_of(options, rules[i].option), rules[i].value) != 0) {
            return refuse_option(options, rules[i].option, diag);
        }
    }
    return STATUS_OK;
}

static enum status read_flags(struct kernel_config *out, const json_t *options, struct diag *diag)
{
    const struct {
        const char *option;
        bool *flag;
    } flags[] = {
        {"HARDWARE_DEBUG_API", &out->abi.hardware_debug},
        {"IOMMU", &out->abi.iommu},
        {"HUGE_PAGE", &out->abi.huge_page},
        {"DEBUG_BUILD", &out->debug},
        {"PRINTING", &out->printing},
    };
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        const json_t *value = json_object_get(options, flags[i].option);
        if (!json_is_boolean(value)) {
            return refuse_option(options, flags[i].option, diag);
        }
        *flags[i].flag = json_is_true(value);
    }
    return STATUS_OK;
}

static enum status refuse_label(const char *name, const json_t *found, struct diag *diag)
{
    char value[32];
    int len =
        json_is_integer(found)
            ? snprintf(value, sizeof(value), "%" JSON_INTEGER_FORMAT, json_integer_value(found))
            : snprintf(value, sizeof(value), "%s", found == NULL ? "absent" : "no number");
    enum status status = diag_fail(diag, STATUS_KERNEL_LABELS, name, 0);
    diag_subject(diag, (struct bytes){(const uint8_t *)value, (size_t)len});
    return status;
}

// Every label is the one that follows from the options, and there is no other.
static enum status check_labels(const struct sel4_config *config, const json_t *labels,
                                struct diag *diag)
{
    struct sel4_abi abi = labels_of(*config);
    size_t known = 0;
    for (unsigned i = 0; i < SEL4_INVOCATION_COUNT; i++) {
        const char *name = labels_name((enum sel4_invocation)i);
        const json_t *found = json_object_get(labels, name);
        bool absent = abi.label[i] == SEL4_LABEL_ABSENT;
        if (absent != (found == NULL) ||
            (!absent && (!json_is_integer(found) || json_integer_value(found) != abi.label[i]))) {
            return refuse_label(name, found, diag);
        }
        known += !absent;
    }
    if (json_object_size(labels) != known) {
        return diag_fail(diag, STATUS_KERNEL_LABELS, "invocations that this version does not know",
                         json_object_size(labels) - known);
    }
    return STATUS_OK;
}

static enum status read_objects(struct kernel_config *out, const json_t *options,
                                const json_t *labels, struct diag *diag)
{
    struct kernel_config config = {0};
    enum status status = check_rules(options, diag);
    if (status == STATUS_OK) {
        status = read_flags(&config, options, diag);
    }
    if (status == STATUS_OK) {
        config.abi.domain_schedule = json_object_get(labels, "DomainScheduleConfigure") != NULL;
        status = check_labels(&config.abi, labels, diag);
    }
    if (status == STATUS_OK) {
        *out = config;
    }
    return status;
}

enum status kernel_config_read(struct kernel_config *out, struct bytes options,
                               struct bytes invocations, struct diag *diag)
{
    json_t *o = json_loadb((const char *)options.at, options.len, JSON_REJECT_DUPLICATES, NULL);
    json_t *i =
        json_loadb((const char *)invocations.at, invocations.len, JSON_REJECT_DUPLICATES, NULL);
    enum status status = STATUS_OK;
    if (!json_is_object(o)) {
        status = diag_fail(diag, STATUS_KERNEL_FILE, "gen_config.json", 0);
    } else if (!json_is_object(i)) {
        status = diag_fail(diag, STATUS_KERNEL_FILE, "invocations_all.json", 0);
    } else {
        status = read_objects(out, o, i, diag);
    }
    json_decref(o);
    json_decref(i);
    return status;
}

const char *kernel_config_release(const struct kernel_config *config)
{
    return config->abi.domain_schedule ? "15.0.0 or later" : "14.0.0 or later, before 15.0.0";
}
