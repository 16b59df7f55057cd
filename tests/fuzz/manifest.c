// SPDX-License-Identifier: BSD-2-Clause

// The manifest and the system file: any text is either refused with a place, or keeps what their
// headers promise.

#include "manifest.h"
#include "system.h"

#include "bounds.h"
#include "fuzz.h"
#include "name.h"

static uint8_t memory[4 << 20];

static void check_manifest(const struct manifest *m)
{
    uint64_t limit = m->memory.limit.value;
    FUZZ_CHECK(limit >= 16384 && (limit & (limit - 1)) == 0);
    FUZZ_CHECK(m->memory.stack.value > 0 && m->memory.stack.value % BOUND_PAGE == 0);
    FUZZ_CHECK(m->memory.heap.value % BOUND_PAGE == 0);
    FUZZ_CHECK(name_check(m->name.value, NULL) == STATUS_OK);
    FUZZ_CHECK(m->cpu.priority.value <= 255 && m->cpu.max_priority.value <= 255);
    FUZZ_CHECK(m->cpu.passive == (m->cpu.period.value == 0));
    FUZZ_CHECK(m->cap_count <= BOUND_TARGET_CAPS);
    for (size_t i = 0; i < m->cap_count; i++) {
        const struct manifest_cap *cap = &m->caps[i];
        FUZZ_CHECK(name_is_label(cap->name));
        FUZZ_CHECK(cap->owner == (cap->peer.package.len == 0));
        FUZZ_CHECK(cap->owner || name_is_label(cap->peer.name));
        FUZZ_CHECK((cap->role >= MANIFEST_WAIT) == (cap->kind == MANIFEST_NOTIFICATION));
    }
}

static void check_system(const struct system *s)
{
    FUZZ_CHECK(s->package_count >= 1 && s->package_count <= BOUND_TARGETS);
    FUZZ_CHECK(s->cpu.value >= 1 && s->cpu.value <= 100);
    for (size_t i = 0; i < s->package_count; i++) {
        FUZZ_CHECK(s->packages[i].file.value.len > 0);
        FUZZ_CHECK(s->packages[i].arguments.count <= BOUND_ARGUMENTS);
    }
}

static void check_refusal(enum status status, const struct diag *diag, size_t len)
{
    FUZZ_CHECK(diag->status == status && diag->what != NULL && status != STATUS_NO_MEMORY);
    FUZZ_CHECK(status == STATUS_TOML_TOO_LARGE || (diag->line >= 1 && diag->where <= len));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct bytes text = {at, len};
    struct manifest manifest;
    struct system system;
    struct diag diag = {0};
    struct arena arena = arena_of(memory, sizeof memory);
    enum status status = manifest_read(&manifest, text, &arena, &diag);
    if (status == STATUS_OK) {
        check_manifest(&manifest);
    } else {
        check_refusal(status, &diag, len);
    }
    arena = arena_of(memory, sizeof memory);
    status = system_read(&system, text, &arena, &diag);
    if (status == STATUS_OK) {
        check_system(&system);
    } else {
        check_refusal(status, &diag, len);
    }
    return 0;
}
