// SPDX-License-Identifier: BSD-2-Clause

// The manifest: any text is either refused with a place, or keeps what the header promises.

#include "manifest.h"

#include "bounds.h"
#include "fuzz.h"
#include "name.h"

static uint8_t memory[4 << 20];

static bool role_fits(const struct manifest_cap *cap)
{
    switch (cap->kind) {
    case MANIFEST_ENDPOINT:
        return cap->role <= MANIFEST_SEND && cap->owner == (cap->role == MANIFEST_SERVE);
    case MANIFEST_NOTIFICATION:
        return cap->role == MANIFEST_WAIT || cap->role == MANIFEST_SIGNAL;
    case MANIFEST_REGION:
        return cap->role == (cap->owner ? MANIFEST_OWN : MANIFEST_MAP);
    case MANIFEST_SPAWN:
        return cap->role == MANIFEST_START && !cap->owner;
    default:
        return cap->role == MANIFEST_DRIVE && cap->owner;
    }
}

static void check_spawn(const struct manifest_cap *cap)
{
    uint64_t size = cap->size.value;
    FUZZ_CHECK(cap->most.value >= 1 && cap->most.value <= MANIFEST_CHILDREN);
    FUZZ_CHECK(cap->cpu.value >= 1 && cap->cpu.value <= 100);
    FUZZ_CHECK(size >= 16384 && size <= 1ULL << 40 && (size & (size - 1)) == 0);
}

static void check_cap(const struct manifest_cap *cap)
{
    FUZZ_CHECK(name_is_label(cap->name) && role_fits(cap));
    FUZZ_CHECK(cap->owner == (cap->peer.package.len == 0));
    if (cap->kind == MANIFEST_SPAWN) {
        check_spawn(cap);
        return;
    }
    FUZZ_CHECK(cap->owner || name_is_label(cap->peer.name));
    FUZZ_CHECK(manifest_is_area(cap) == (cap->size.value != 0));
    FUZZ_CHECK(cap->size.value % BOUND_PAGE == 0 && cap->size.value <= 1ULL << 30);
    FUZZ_CHECK(cap->kind != MANIFEST_IOPORT ||
               (cap->at.value <= cap->last.value && cap->last.value <= UINT16_MAX));
    FUZZ_CHECK(cap->kind != MANIFEST_IRQ || cap->at.value <= 23);
    FUZZ_CHECK(cap->kind != MANIFEST_DEVICE || cap->at.value % BOUND_PAGE == 0);
    for (size_t i = 0; i < cap->share.count; i++) {
        FUZZ_CHECK(name_pattern_check(cap->share.at[i].key, NULL) == STATUS_OK);
        FUZZ_CHECK(cap->share.at[i].choice <= 1);
    }
}

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
        check_cap(&m->caps[i]);
    }
}

static void check_refusal(enum status status, const struct diag *diag, size_t len)
{
    FUZZ_CHECK(diag->status == status && diag->what != NULL && status != STATUS_NO_MEMORY);
    FUZZ_CHECK(status == STATUS_TOML_TOO_LARGE || (diag->line >= 1 && diag->where <= len));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct manifest manifest;
    struct diag diag = {0};
    struct arena arena = arena_of(memory, sizeof memory);
    enum status status = manifest_read(&manifest, (struct bytes){at, len}, &arena, &diag);
    if (status == STATUS_OK) {
        check_manifest(&manifest);
    } else {
        check_refusal(status, &diag, len);
    }
    return 0;
}
