// SPDX-License-Identifier: BSD-2-Clause

// The kernels that Microkit SDKs ship for x86-64, by SDK version: seL4's major version and the
// build options that user code can notice. A suffix "-nohuge" takes the huge page size away, as
// processors without it do.

#include "internal.h"

static const struct {
    const char *name;
    struct kernel_config config;
} microkit[] = {
    {"2.3.0", {.abi = {.domain_schedule = true, .iommu = true}, .version = 16, .domains = 16}},
    {"2.3.0-debug",
     {.abi = {.hardware_debug = true, .domain_schedule = true, .iommu = true},
      .debug = true,
      .version = 16,
      .domains = 16}},
    {"2.2.0", {.abi = {.domain_schedule = true}, .version = 15, .domains = 1}},
    {"2.2.0-debug", {.abi = {.domain_schedule = true}, .debug = true, .version = 15, .domains = 1}},
    {"2.1.0", {.abi = {.iommu = true}, .version = 14, .domains = 1}},
    {"2.1.0-debug", {.abi = {.iommu = true}, .debug = true, .version = 14, .domains = 1}},
};

bool kernel_config_named(struct kernel_config *out, const char *name)
{
    static const char no_huge[] = "-nohuge";
    struct bytes wanted = bytes_text(name);
    size_t suffix = sizeof(no_huge) - 1;
    bool huge = true;
    if (wanted.len > suffix && bytes_is(bytes_part(wanted, wanted.len - suffix, suffix), no_huge)) {
        wanted.len -= suffix;
        huge = false;
    }
    for (size_t i = 0; i < sizeof(microkit) / sizeof(microkit[0]); i++) {
        if (bytes_is(wanted, microkit[i].name)) {
            *out = microkit[i].config;
            out->abi.huge_page = huge;
            out->printing = out->debug;
            out->domain_schedules = KERNEL_MAX_SCHEDULES;
            return true;
        }
    }
    return false;
}
