// SPDX-License-Identifier: BSD-2-Clause

// The hosted kernel's binary interface: calls, faults and the passing of time, as an input says, by
// whichever thread runs. Nothing brings the kernel down, and what was made of an untyped is gone
// when that is revoked.

#include "fuzz.h"
#include "kernel_world.h"

enum { STEPS = 500, SLOTS = 24, WAIT_US = 400 };

struct input {
    const uint8_t *at;
    size_t len;
};

static uint8_t take(struct input *in)
{
    if (in->len == 0) {
        return 0;
    }
    in->len--;
    return *in->at++;
}

static uint64_t take_word(struct input *in)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < sizeof(word); i++) {
        word = word << 8 | take(in);
    }
    return word;
}

// A word as calls want them: mostly a slot, a small number or an address.
static uint64_t value(struct input *in, const struct world *w)
{
    uint8_t how = take(in);
    switch (how >> 5) {
    case 0:
        return how; // the root task's first slots, rights, sizes
    case 1:
    case 2:
    case 3:
        return WORLD_FREE + how % SLOTS;
    case 4:
        return (how & 1) != 0 ? w->untyped : 64;
    case 5:
        return UINT64_C(1) << (how % 32 + 8);
    case 6:
        return WORLD_IMAGE + ((uint64_t)take(in) << 12);
    default:
        return how == 255 ? take_word(in) : ~UINT64_C(0) << how % 32;
    }
}

static struct sel4_ipc_buffer *buffer(struct world *w)
{
    const struct tcb *tcb = w->kernel.current;
    return tcb->slot[TCB_BUFFER].cap.kind == SEL4_CAP_TAG_FRAME ? world_buffer(w) : NULL;
}

// A message of any length and up to three capabilities.
static struct world_call message(struct input *in, struct world *w, uint64_t label)
{
    uint8_t shape = take(in);
    unsigned count = shape % 24, caps = shape >> 6;
    struct world_call call = {.rdi = value(in, w), .rsi = sel4_message_info(label, 0, caps, count)};
    struct sel4_ipc_buffer *words = buffer(w);
    for (unsigned i = 0; i < count; i++) {
        uint64_t word = value(in, w);
        if (i < SEL4_MESSAGE_REGISTERS) {
            call.mr[i] = word;
        } else if (words != NULL) {
            words->message[i] = word;
        }
    }
    for (unsigned i = 0; i < caps && words != NULL; i++) {
        words->caps_or_badges[i] = value(in, w);
    }
    return call;
}

static void invoke(struct input *in, struct world *w)
{
    uint64_t label = w->kernel.abi.label[take(in) % SEL4_INVOCATION_COUNT];
    struct world_call call = message(in, w, label);
    world_syscall(w, SEL4_SYSCALL_CALL, call);
}

static void any_syscall(struct input *in, struct world *w)
{
    int64_t number = -(int64_t)(take(in) % 40);
    struct world_call call = message(in, w, take(in));
    call.r12 = value(in, w);
    call.r13 = value(in, w);
    world_syscall(w, number, call);
}

static void fault(struct input *in, struct world *w)
{
    static const enum machine_event_kind kinds[] = {MACHINE_PAGE_FAULT, MACHINE_EXCEPTION,
                                                    MACHINE_SOFTINT};
    struct machine_event event = {.kind = kinds[take(in) % 3], .vector = take(in)};
    event.code = take(in);
    event.address = value(in, w);
    world_trap(w, event);
}

static void step(struct input *in, struct world *w)
{
    uint8_t what = take(in);
    w->console_len = 0;
    if (w->idle) {
        world_pass(w);
    } else if (what < 192) {
        invoke(in, w);
    } else if (what < 224) {
        any_syscall(in, w);
    } else if (what < 232) {
        fault(in, w);
    } else if (what < 248) {
        world_wait_us(w, take(in) * WAIT_US);
    } else {
        w->interrupt = what % KERNEL_IOAPIC_PINS;
        world_wait_us(w, 0);
    }
}

// The threads of the kernel's list; each has a CSpace that can be looked at.
static unsigned threads(struct world *w)
{
    struct kernel_slot slots[SLOTS];
    unsigned count = 0, radix = 0;
    for (const struct tcb *t = w->kernel.threads; t != NULL; t = t->list_next) {
        FUZZ_CHECK(t->list_next == NULL || t->list_next->list_prev == t);
        size_t live = kernel_inspect_cspace(&w->kernel, t, slots, SLOTS, &radix);
        FUZZ_CHECK(live == 0 || live <= UINT64_C(1) << radix);
        count++;
    }
    return count;
}

// Two threads of three slots each, and one object of each kind behind them.
static void furnish(struct world *w)
{
    static const enum sel4_object objects[] = {SEL4_OBJECT_ENDPOINT,   SEL4_OBJECT_NOTIFICATION,
                                               SEL4_OBJECT_REPLY,      SEL4_OBJECT_SMALL_PAGE,
                                               SEL4_OBJECT_PAGE_TABLE, SEL4_OBJECT_PAGE_DIRECTORY,
                                               SEL4_OBJECT_PML4};
    uint64_t slot = WORLD_FREE;
    for (unsigned i = 0; i < 2; i++, slot += 3) {
        world_thread(w, slot, WORLD_ROOT_PRIORITY - 1 - i, i == 1);
        world_resume(w, slot);
    }
    for (unsigned i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        FUZZ_CHECK(world_retype(w, objects[i], 0, slot++, 1) == SEL4_ERROR_NONE);
    }
    FUZZ_CHECK(world_retype(w, SEL4_OBJECT_CNODE, 4, slot++, 1) == SEL4_ERROR_NONE);
    FUZZ_CHECK(world_retype(w, SEL4_OBJECT_UNTYPED, 16, slot, 1) == SEL4_ERROR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct world_message priority = {WORLD_WORDS(WORLD_ROOT_PRIORITY),
                                                  WORLD_CAPS(SEL4_SLOT_TCB)};
    struct input in = {at, len};
    struct world *w = world_new((take(&in) & 1) != 0 ? "2.3.0-debug" : "2.1.0");
    FUZZ_CHECK(world_invoke(w, SEL4_SLOT_TCB, SEL4_INVOCATION_TCB_SET_PRIORITY, priority) ==
               SEL4_ERROR_NONE);
    furnish(w);
    for (unsigned i = 0; i < STEPS && in.len > 0 && w->end == KERNEL_STOPPED; i++) {
        if (w->idle && w->deadline == UINT64_MAX) {
            break;
        }
        step(&in, w);
    }
    FUZZ_CHECK(threads(w) > 0);
    if (w->end == KERNEL_STOPPED && world_runs_root(w) && buffer(w) != NULL &&
        world_revoke(w, w->untyped) == SEL4_ERROR_NONE && world_runs_root(w)) {
        FUZZ_CHECK(threads(w) == 1);
    }
    world_free(w);
    return 0;
}
