// SPDX-License-Identifier: BSD-2-Clause
#include "untyped.h"

static struct sel4_invoke retype(const struct sel4_kernel *kernel, cap_slot untyped,
                                 const struct untyped_run *run)
{
    return (struct sel4_invoke){
        .on = untyped,
        .invocation = SEL4_INVOCATION_UNTYPED_RETYPE,
        .length = 6,
        .words = {kernel->abi.type[run->type], run->size_bits, run->index, run->depth, run->offset,
                  run->count},
        .cap_count = 1,
        .caps = {run->root},
    };
}

enum status untyped_retype(struct sel4_kernel *kernel, cap_slot untyped,
                           const struct untyped_run *run, struct diag *diag)
{
    struct sel4_invoke invoke = retype(kernel, untyped, run);
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status untyped_room(struct untyped_room *room, struct sel4_kernel *kernel, cap_slot untyped,
                         uint8_t size_bits, const struct untyped_run *slot)
{
    struct untyped_run twice = *slot;
    twice.type = SEL4_OBJECT_UNTYPED;
    twice.size_bits = (uint8_t)(size_bits + 1);
    twice.count = 1;
    struct sel4_invoke invoke = retype(kernel, untyped, &twice);
    struct sel4_answer answer =
        sel4_kernel_call(kernel, &invoke, kernel->abi.label[SEL4_INVOCATION_UNTYPED_RETYPE]);
    *room = (struct untyped_room){.taken = answer.error == SEL4_ERROR_DELETE_FIRST};
    if (!room->taken && answer.error != SEL4_ERROR_NOT_ENOUGH_MEMORY) {
        return STATUS_KERNEL_REFUSED;
    }
    room->bytes = room->taken ? 0 : answer.word[0];
    return STATUS_OK;
}
