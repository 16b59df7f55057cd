// SPDX-License-Identifier: BSD-2-Clause

// Against what was accepted (spec/diff.md, 6). The file is read twice: strict, without what is
// approved for a time, and loose, with it. What grew against the strict one but not against the
// loose one is what the approvals cover, whatever follows from them included.

#include "golden_diff.h"

#include <string.h>

static bool is_same(const struct diff_change *a, const struct diff_change *b)
{
    char x[17], y[17];
    if (a->rule != b->rule || a->kind != b->kind || a->verdict != b->verdict) {
        return false;
    }
    show_fingerprint(x, a);
    show_fingerprint(y, b);
    return strcmp(x, y) == 0;
}

static bool is_found(const struct diff *diff, const struct diff_change *change)
{
    for (uint32_t i = 0; i < diff->change_count; i++) {
        if (is_same(&diff->changes[i], change)) {
            return true;
        }
    }
    return false;
}

// The reason of the capability itself; of what follows from one, such as a new way, the reason of
// one that the target has.
static struct bytes reason_for(const struct golden *golden, const struct diff_change *change)
{
    struct bytes target = diff_words_target(change)->name, reason = golden->approvals[0].reason;
    for (size_t i = golden->approval_count; i > 0; i--) {
        const struct golden_approval *approval = &golden->approvals[i - 1];
        if (!bytes_equal(approval->target, target)) {
            continue;
        }
        reason = approval->reason;
        if (change->now_grant != NULL && bytes_equal(approval->object, change->now_grant->object)) {
            return reason;
        }
    }
    return reason;
}

enum status golden_diff(struct diff *out, const struct golden *golden, const struct authority *now,
                        struct arena *arena, struct diag *diag)
{
    struct diff strict, loose;
    enum status status = diff_make(&strict, &golden->strict, now, arena, diag);
    if (status == STATUS_OK && golden->approval_count > 0) {
        status = diff_make(&loose, &golden->loose, now, arena, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    for (uint32_t i = 0; golden->approval_count > 0 && i < strict.change_count; i++) {
        struct diff_change *change = &strict.changes[i];
        if (change->verdict == DIFF_GREW && !is_found(&loose, change)) {
            change->approved = true;
            change->reason = reason_for(golden, change);
        }
    }
    diff_judge(&strict);
    *out = strict;
    return STATUS_OK;
}
