// SPDX-License-Identifier: BSD-2-Clause
#include "spawn.h"

#include "tcb.h"

// The start contract (spec/target-abi.md): the record in the first argument register, RSP at the
// stack's top, everything else zero.
enum status spawn_start(const struct objects_site *site, struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    struct registers registers = {0};
    registers.word[REG_PC] = target->entry;
    registers.word[REG_SP] = target->stack_top;
    registers.word[REG_ARGUMENT] = target->record;
    cap_slot tcb = objects_cap(site, objects_find(site, PLAN_TCB), 0);
    return tcb_start(site->kernel, tcb, &registers, diag);
}
