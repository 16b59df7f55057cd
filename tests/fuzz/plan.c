// SPDX-License-Identifier: BSD-2-Clause

// Compiler against checker: whatever the manifests say, a plan that the compiler makes passes the
// checker, which reads the same rules another way. The input is manifests, each from a line
// "=== manifest" to the next line that begins with "===". Trust and binary are fixed; a package is
// a child of the first instance when its summary says whose: "a/NAME".

#include "plan_check.h"

#include <string.h>

#include "fuzz.h"

enum { INSTANCES = 8 };

static uint8_t memory[8 << 20];
static const struct bytes everything = {(const uint8_t *)"*", 1};
static const struct trust_ports ports[2] = {{0, 0xffff}, {0x2f8, 0x2ff}};
static const uint32_t lines[4] = {4, 8, 10, 11};
static const struct trust_ceiling ceilings[2] = {
    {.memory = 1 << 30,
     .cnode_bits = 12,
     .threads = 9,
     .priority_max = 255,
     .endpoints = &everything,
     .endpoint_count = 1,
     .spawns = &everything,
     .spawn_count = 1,
     .irqs = lines,
     .irq_count = 4,
     .ports = ports,
     .port_count = 1,
     .dma = true},
    {.memory = 1 << 20,
     .cnode_bits = 4,
     .threads = 1,
     .priority_max = 100,
     .endpoints = &everything,
     .endpoint_count = 1,
     .irqs = lines,
     .irq_count = 2,
     .ports = ports + 1,
     .port_count = 1},
};
static const struct trust_key keys[2] = {{.ceiling = &ceilings[0]}, {.ceiling = &ceilings[1]}};
static const struct trust_rule rule = {.threshold = 1, .threshold_for = {1, 2, 1}};
static const struct trust trust = {
    .keys = keys, .key_count = 2, .rules = &rule, .rule_count = 1, .ceilings = ceilings};
static const struct elf_image image = {
    .entry = 0x401000,
    .count = 3,
    .segments = {{0x401000, 0x1800, 0x1000, 0x1800, false, true},
                 {0x403000, 0x200, 0x3000, 0x200, false, false},
                 {0x7ff080, 0x402400, 0x4080, 0x180, true, false}},
};

struct input {
    struct system system;
    struct system_package packages[INSTANCES];
    struct policy_instance instances[INSTANCES];
    struct manifest manifests[INSTANCES];
    char names[INSTANCES];
};

// The bytes before the next section.
static struct bytes take_section(struct bytes *rest)
{
    static const char mark[] = "=== manifest\n";
    const uint8_t *next = memmem(rest->at, rest->len, mark, sizeof mark - 1);
    size_t len = next == NULL ? rest->len : (size_t)(next - rest->at);
    struct bytes section = bytes_part(*rest, 0, len);
    size_t skip = next == NULL ? len : len + sizeof mark - 1;
    *rest = bytes_part(*rest, skip, rest->len - skip);
    return section;
}

static void read_input(struct input *in, struct verified *verified, struct bytes text,
                       struct arena *arena)
{
    (void)take_section(&text);
    while (text.len != 0 && in->system.package_count < INSTANCES) {
        size_t i = in->system.package_count;
        struct bytes section = take_section(&text);
        if (manifest_read(&in->manifests[i], section, arena, NULL) == STATUS_OK) {
            in->names[i] = (char)('a' + i);
            in->instances[i] = (struct policy_instance){.name = {(uint8_t *)&in->names[i], 1},
                                                        .verified = verified,
                                                        .manifest = &in->manifests[i],
                                                        .elf = &image};
            if (bytes_starts_with(in->manifests[i].summary.value, bytes_text("a/"))) {
                in->packages[i].parent.value = in->manifests[i].summary.value;
            }
            in->system.package_count++;
            in->system.first_place = in->system.package_count;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct verified verified;
    struct input in = {.system = {.memory = {.value = UINT64_MAX}, .cpu = {.value = 100}}};
    struct diag refused[INSTANCES] = {{0}}, diag = {0};
    struct plan plan;
    struct arena arena = arena_of(memory, sizeof memory);
    verified.trust = &trust;
    verified.decision = (struct trust_decision){.signers = 3, .signer_count = 2, .rule = &rule};
    in.system.packages = in.packages;
    read_input(&in, &verified, (struct bytes){at, len}, &arena);
    struct policy_input input = {.system = &in.system, .instances = in.instances};
    if (policy_compile(&plan, refused, &input, &arena, &diag) == STATUS_OK) {
        FUZZ_CHECK(plan_check(&plan, &input, &arena, &diag) == STATUS_OK);
    }
    return 0;
}
