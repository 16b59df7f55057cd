// SPDX-License-Identifier: BSD-2-Clause

// The system file: any text is either refused with a place, or keeps what the header promises, and
// none of its overrides gives an instance more than its manifest asks for.

#include "system.h"
#include "override.h"

#include "bounds.h"
#include "fuzz.h"

static uint8_t memory[4 << 20];

static void check_system(const struct system *s)
{
    FUZZ_CHECK(s->package_count >= 1 && s->package_count <= BOUND_TARGETS);
    FUZZ_CHECK(s->cpu.value >= 1 && s->cpu.value <= 100);
    for (size_t i = 0; i < s->package_count; i++) {
        FUZZ_CHECK(s->packages[i].file.value.len > 0);
        FUZZ_CHECK(s->packages[i].arguments.count <= BOUND_ARGUMENTS);
    }
}

// Whatever a system says, an instance does not get more than this manifest asks for.
static void check_overrides(const struct system *s)
{
    const struct manifest asked = {
        .memory.limit.value = 1 << 20,
        .cpu = {.priority.value = 100, .budget.value = 1000, .period.value = 10000},
    };
    for (size_t i = 0; i < s->override_count; i++) {
        struct manifest got = asked;
        struct diag diag = {0};
        enum status status = override_apply(&got, s, s->overrides[i].instance, &diag);
        FUZZ_CHECK(status == STATUS_OK || (status == STATUS_OVERRIDE && diag.line >= 1));
        FUZZ_CHECK(got.memory.limit.value <= asked.memory.limit.value);
        FUZZ_CHECK(got.cpu.priority.value <= 100 && got.cpu.max_priority.value == 0);
        FUZZ_CHECK(got.cpu.budget.value <= 1000 && got.cpu.period.value >= 10000);
    }
}

static void check_refusal(enum status status, const struct diag *diag, size_t len)
{
    FUZZ_CHECK(diag->status == status && diag->what != NULL && status != STATUS_NO_MEMORY);
    FUZZ_CHECK(status == STATUS_TOML_TOO_LARGE || (diag->line >= 1 && diag->where <= len));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct system system;
    struct diag diag = {0};
    struct arena arena = arena_of(memory, sizeof memory);
    enum status status = system_read(&system, (struct bytes){at, len}, &arena, &diag);
    if (status == STATUS_OK) {
        check_system(&system);
        check_overrides(&system);
    } else {
        check_refusal(status, &diag, len);
    }
    return 0;
}
