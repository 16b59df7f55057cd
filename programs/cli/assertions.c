// SPDX-License-Identifier: BSD-2-Clause

// Assertions are decided from the plan, not from the manifests: what they speak of is what the root
// task will issue. The same judge serves `kpkg check`, which shows each answer, and all commands
// that build an image, which stop at the first that does not hold.

#include "assertions.h"

enum status assertions_prove(struct reach *reach, struct compose *system,
                             const struct authority *authority, const struct assertions_user *user,
                             struct diag *diag)
{
    const struct schema_texts *asserts = &system->system.asserts;
    enum status status = reach_build(reach, authority, &system->arena, diag);
    for (size_t i = 0; i < asserts->count && status == STATUS_OK; i++) {
        struct assertion assertion;
        struct reach_proof proof;
        // compose_read refused the system file if one of them could not be read.
        if (!assertion_read(&assertion, asserts->at[i].value)) {
            return diag_fail(diag, STATUS_BUG, "assertion", i);
        }
        status = reach_assert(&proof, reach, &assertion, &system->arena, diag);
        if (status == STATUS_OK) {
            user->tell(user->context, &asserts->at[i], &proof);
        }
    }
    return status;
}

static void note_first(void *context, const struct schema_text *assertion,
                       const struct reach_proof *proof)
{
    const struct schema_text **broken = context;
    if (*broken == NULL && proof->answer != REACH_HOLDS) {
        *broken = assertion;
    }
}

enum status assertions_check(struct compose *system, struct diag *diag)
{
    struct authority authority;
    struct reach reach;
    const struct schema_text *broken = NULL;
    const struct assertions_user user = {.tell = note_first, .context = &broken};
    if (system->system.asserts.count == 0) {
        return STATUS_OK;
    }
    enum status status = authority_plan(&authority, &system->plan, &system->arena, diag);
    if (status == STATUS_OK) {
        status = assertions_prove(&reach, system, &authority, &user, diag);
    }
    if (status == STATUS_OK && broken != NULL) {
        status = diag_fail(diag, STATUS_ASSERTION, "assert", broken->span.offset);
        diag_subject(diag, broken->value);
        diag_position(diag, broken->span.line, broken->span.column);
    }
    return status;
}
