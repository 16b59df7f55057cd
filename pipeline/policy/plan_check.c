// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check.h"

#include "plan_check_parts.h"

static enum status check_all(struct plan_check_work *w)
{
    enum status (*const parts[])(struct plan_check_work *) = {
        plan_check_shape,  plan_check_memory, plan_check_space, plan_check_thread,
        plan_check_shared, plan_check_caps,   plan_check_child};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        enum status status = parts[i](w);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

enum status plan_check(const struct plan *plan, const struct policy_input *input,
                       struct arena *scratch, struct diag *diag)
{
    size_t before = scratch->used;
    struct plan_check_work w = {.plan = plan, .input = input, .diag = diag};
    w.owners = arena_take(scratch, (size_t)plan->object_count + 1, sizeof *w.owners);
    w.used = arena_take(scratch, (size_t)plan->object_count + 1, sizeof *w.used);
    enum status status = w.owners == NULL || w.used == NULL
                             ? diag_fail(diag, STATUS_NO_MEMORY, "memory of the checker", 0)
                             : check_all(&w);
    scratch->used = before;
    return status;
}
