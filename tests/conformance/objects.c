// SPDX-License-Identifier: BSD-2-Clause
// Objects and threads for the conformance programs.
#include "harness.h"

enum { POOL_BITS = 25, STACK_SIZE = 16384, THREADS = 24, WHOLE_DEPTH = 64, FAULT_BADGE = 0x7e57 };

static uint64_t pool; // the program's own untyped

static uint64_t biggest_untyped(void)
{
    uint64_t best = 0;
    for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        const struct sel4_untyped_desc *d = &boot->untyped_list[i];
        if (!d->is_device && (best == 0 || d->size_bits > boot->untyped_list[best - 1].size_bits)) {
            best = i + 1;
        }
    }
    return boot->untyped.start + best - 1;
}

uint64_t device_untyped(unsigned bits)
{
    for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        if (boot->untyped_list[i].is_device && boot->untyped_list[i].size_bits >= bits) {
            return boot->untyped.start + i;
        }
    }
    return 0;
}

static uint64_t retype(uint64_t untyped, enum sel4_object type, uint64_t size_bits)
{
    uint64_t slot = slot_new();
    need(CALL(untyped, UNTYPED_RETYPE, MRS(abi.type[type], size_bits, 0, 0, slot, 1),
              CAPS(SEL4_SLOT_CNODE)),
         "retype");
    return slot;
}

uint64_t make(enum sel4_object type, uint64_t size_bits)
{
    if (pool == 0) {
        pool = retype(biggest_untyped(), SEL4_OBJECT_UNTYPED, POOL_BITS);
    }
    return retype(pool, type, size_bits);
}

uint64_t make_untyped(uint64_t size_bits)
{
    return make(SEL4_OBJECT_UNTYPED, size_bits);
}

uint64_t copy_of(uint64_t from, uint64_t rights)
{
    uint64_t slot = slot_new();
    need(CALL(SEL4_SLOT_CNODE, CNODE_COPY, MRS(slot, WHOLE_DEPTH, from, WHOLE_DEPTH, rights),
              CAPS(SEL4_SLOT_CNODE)),
         "copy");
    return slot;
}

uint64_t mint_of(uint64_t from, uint64_t rights, uint64_t badge)
{
    uint64_t slot = slot_new();
    need(CALL(SEL4_SLOT_CNODE, CNODE_MINT, MRS(slot, WHOLE_DEPTH, from, WHOLE_DEPTH, rights, badge),
              CAPS(SEL4_SLOT_CNODE)),
         "mint");
    return slot;
}

void delete_slot(uint64_t slot)
{
    need(CALL(SEL4_SLOT_CNODE, CNODE_DELETE, MRS(slot, WHOLE_DEPTH), NO_CAPS), "delete");
}

// --- threads
// -----------------------------------------------------------------------------------------------------

static _Alignas(4096) uint8_t stacks[THREADS][STACK_SIZE];
static _Alignas(4096) uint8_t buffers[THREADS][PAGE];
static unsigned thread_count;

extern const char image_start[]; // from the linker script

static uint64_t image_frame(const void *at)
{
    return boot->user_image_frames.start + ((uintptr_t)at - (uintptr_t)image_start) / PAGE;
}

struct thread thread_make(void)
{
    unsigned n = thread_count++;
    struct thread thread = {
        .tcb = make(SEL4_OBJECT_TCB, 0),
        .sched_context = make(SEL4_OBJECT_SCHED_CONTEXT, 8),
        .fault_endpoint = make(SEL4_OBJECT_ENDPOINT, 0),
        .buffer = (struct sel4_ipc_buffer *)buffers[n],
        .stack_top = stacks[n] + STACK_SIZE,
        .priority = MAIN_PRIORITY + 1,
    };
    uint64_t fault =
        mint_of(thread.fault_endpoint, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT_REPLY, FAULT_BADGE);
    need(CALL(thread.tcb, TCB_CONFIGURE, MRS(0, 0, (uint64_t)thread.buffer),
              CAPS(SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE, image_frame(thread.buffer))),
         "configure a thread");
    need(CALL(boot->sched_control.start, SCHED_CONTROL_CONFIGURE_FLAGS,
              MRS(10000, 10000, 0, 0x5c, 0), CAPS(thread.sched_context)),
         "configure a scheduling context");
    need(CALL(thread.tcb, TCB_SET_SCHED_PARAMS, MRS(0, 0),
              CAPS(SEL4_SLOT_TCB, thread.sched_context, fault)),
         "set scheduling parameters");
    return thread;
}

_Noreturn void thread_park(void)
{
    static uint64_t nowhere;
    if (nowhere == 0) {
        nowhere = boot->empty.end -
                  1; // an empty slot: receiving on it is a cap fault, and the thread stays blocked
    }
    for (;;) {
        do_wait(nowhere);
    }
}

void thread_start(struct thread *thread, void (*entry)(void *), void *argument)
{
    uint64_t *stack = (uint64_t *)thread->stack_top - 1;
    *stack = (uint64_t)thread_park; // where `entry` returns to
    need(CALL(thread->tcb, TCB_SET_PRIORITY, MRS(thread->priority), CAPS(SEL4_SLOT_TCB)),
         "set a priority");
    need(CALL(thread->tcb, TCB_WRITE_REGISTERS,
              MRS(1, 9, (uint64_t)entry, (uint64_t)stack, 0x202, 0, 0, 0, 0, 0, (uint64_t)argument),
              NO_CAPS),
         "start a thread");
}

void thread_stop(struct thread *thread)
{
    need(CALL(thread->tcb, TCB_SUSPEND, NO_MRS, NO_CAPS), "suspend a thread");
}

uint64_t thread_fault(struct thread *thread, uint64_t reply, struct answer *message)
{
    *message = do_recv(thread->fault_endpoint, reply);
    return message->label;
}
