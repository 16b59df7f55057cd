// SPDX-License-Identifier: BSD-2-Clause
// Long operations let others in: an interrupt, a refill or a used-up budget comes in the middle of
// a revocation, a deletion or the zeroing of an untyped, and the call goes on afterwards.
//
// A worker of lower priority makes one call. Its length is measured first, then the timer is set to
// half of it. What the main thread finds when it wakes tells whether it is in the middle; a host
// that looks away at the wrong moment is given more tries, each with a better measure.
#include "timer.h"

enum {
    DEPTH = 64,
    TICK = 0x71,
    FINISHED = 0x72,
    TRIES = 32,
    FAN_OUT = 256,
    OBJECTS = 32768,
    RADIX = 15, // 32768 slots
    OBJECT_BITS = 4,
    MEMORY_BITS = 24,
    NO_LABEL = 0x3ff,
    LEAST = 40, // microseconds of budget
};

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t handler, ticks, finished, first_slot;
static struct thread worker;

// The worker's call: its registers, the clocks until the timer fires (0 = never), and how it went.
static struct {
    struct trap trap;
    uint64_t clocks, ticks;
    volatile bool done;
} job;

static void work(void *argument)
{
    (void)argument;
    if (job.clocks != 0) {
        timer_set(TIMER_ONCE, job.clocks);
    }
    uint64_t begin = __builtin_ia32_rdtsc();
    trap_enter(&job.trap);
    job.ticks = __builtin_ia32_rdtsc() - begin;
    job.done = true;
    do_nb_send(finished, 0, 0);
}

static void begin(uint64_t cptr, enum sel4_invocation invocation, struct words mrs, uint64_t cap)
{
    uint64_t w[SEL4_MESSAGE_REGISTERS] = {0};
    for (size_t i = 0; i < mrs.count; i++) {
        *(i < SEL4_MESSAGE_REGISTERS ? &w[i] : &worker.buffer->message[i]) = mrs.at[i];
    }
    worker.buffer->caps_or_badges[0] = cap;
    job.done = false;
    job.trap = (struct trap){
        .rdx = (uint64_t)SEL4_SYSCALL_CALL,
        .rdi = cptr,
        .rsi = sel4_message_info(abi.label[invocation], 0, cap == 0 ? 0 : 1, mrs.count),
        .r10 = w[0],
        .r8 = w[1],
        .r9 = w[2],
        .r15 = w[3],
    };
    thread_start(&worker, work, NULL);
}

static void report(const char *name)
{
    struct answer answer = {.label = sel4_message_label(job.trap.rsi),
                            .length = sel4_message_length(job.trap.rsi)};
    observe(name, answer);
}

// A long operation: how it is prepared, begun, and seen to be half done.
struct operation {
    void (*prepare)(void);
    void (*begin)(void);
    bool (*is_half_done)(void);
};

// Runs it to its end; returns the least time that it took so far, in microseconds.
static uint64_t least(const struct operation *o, uint64_t us)
{
    job.clocks = 0;
    o->prepare();
    o->begin();
    do_wait(finished);
    uint64_t now = job.ticks / ticks_per_us();
    return now < us ? now : us;
}

// Begins it until the timer finds it half done: then it has stopped there.
static bool interrupt(const struct operation *o)
{
    uint64_t us = ~0ULL;
    for (unsigned i = 0; i < TRIES; i++) {
        us = least(o, us);
        uint64_t clocks = us / 2 * TIMER_MILLISECOND / 1000;
        o->prepare();
        do_nb_wait(ticks); // an interrupt that the last try did not wait for
        need(irq_acknowledge(handler), "acknowledge");
        job.clocks = clocks < 1 ? 1 : clocks > 0xffff ? 0xffff : clocks;
        o->begin();
        do_wait(ticks);
        need(irq_acknowledge(handler), "acknowledge");
        if (o->is_half_done()) {
            return true;
        }
        do_wait(finished);
    }
    return false;
}

static bool observe_interrupt(const struct operation *o)
{
    bool half_done = interrupt(o);
    observe_yes("half done when the timer fires", half_done);
    return half_done;
}

// --- revocation

static uint64_t memory;

static bool is_there(uint64_t slot)
{
    return invoke_label(slot, NO_LABEL, NO_MRS, NO_CAPS).label == SEL4_ERROR_ILLEGAL_OPERATION;
}

static unsigned survivors(void)
{
    unsigned count = 0;
    for (uint64_t i = 0; i < OBJECTS; i += 64) {
        count += is_there(first_slot + i);
    }
    return count + is_there(first_slot + OBJECTS - 1);
}

static bool is_half_revoked(void)
{
    return is_there(first_slot) != is_there(first_slot + OBJECTS - 1);
}

static void fill(uint64_t cnode, uint64_t slot)
{
    for (uint64_t i = 0; i < OBJECTS; i += FAN_OUT) {
        need(CALL(memory, UNTYPED_RETYPE,
                  MRS(abi.type[SEL4_OBJECT_UNTYPED], OBJECT_BITS, 0, 0, slot + i, FAN_OUT),
                  CAPS(cnode)),
             "fill");
    }
}

static void prepare_revoke(void)
{
    need(CALL(root, CNODE_REVOKE, MRS(memory, DEPTH), NO_CAPS), "revoke");
    fill(root, first_slot);
}

static void begin_revoke(void)
{
    begin(root, SEL4_INVOCATION_CNODE_REVOKE, MRS(memory, DEPTH), 0);
}

static const struct operation revocation = {prepare_revoke, begin_revoke, is_half_revoked};

static void an_interrupt(void)
{
    heading("an interrupt during a revocation");
    if (!observe_interrupt(&revocation)) {
        return;
    }
    unsigned left = survivors();
    do_wait(finished);
    observe_yes("it went on only when nobody else ran", left > 0);
    report("revoke");
    observe_word("what is left", survivors());
}

static void an_abandoned_call(void)
{
    heading("a revocation whose thread is stopped");
    if (!observe_interrupt(&revocation)) {
        return;
    }
    thread_stop(&worker);
    unsigned left = survivors();
    spin_ms(5);
    observe_yes("it stays half done", left > 0 && survivors() == left);
    observe("revoke by another thread", CALL(root, CNODE_REVOKE, MRS(memory, DEPTH), NO_CAPS));
    observe_word("what is left", survivors());
    observe("resume the first", CALL(worker.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    do_wait(finished);
    report("its revoke");
}

static void configure(struct thread *thread, uint64_t budget, uint64_t period)
{
    need(CALL(boot->sched_control.start, SCHED_CONTROL_CONFIGURE_FLAGS,
              MRS(budget, period, 0, 0x5c, 0), CAPS(thread->sched_context)),
         "configure a scheduling context");
}

static volatile bool seen;

static void watch(void *argument)
{
    (void)argument;
    for (;;) {
        seen = seen || is_half_revoked();
        do_yield();
    }
}

static void a_refill(void)
{
    heading("a refill during a revocation");
    struct thread watcher = thread_make();
    uint64_t us = least(&revocation, ~0ULL);
    us = us < 4 * LEAST ? 4 * LEAST : us;
    configure(&watcher, us / 4, us / 2);
    thread_start(&watcher, watch, NULL);
    for (unsigned i = 0; i < TRIES && !seen; i++) {
        prepare_revoke();
        begin_revoke();
        do_wait(finished);
    }
    observe_yes("a thread whose budget came back saw it half done", seen);
    report("revoke");
    observe_word("what is left", survivors());
    thread_stop(&watcher);
}

// Revokes with half of the budget that it takes; true = it was half done at a timeout.
static bool run_out(uint64_t timeout, uint64_t reply, uint64_t us)
{
    bool half = false;
    prepare_revoke();
    configure(&worker, us / 2 < LEAST ? LEAST : us / 2, 4 * us + 1000);
    begin_revoke();
    struct answer fault = do_recv(timeout, reply);
    while (fault.badge != FINISHED) {
        half = half || is_half_revoked();
        fault = do_reply_recv(timeout, reply, 0, 0);
    }
    configure(&worker, 10000, 10000);
    return half;
}

static void a_budget(void)
{
    heading("a budget used up in a revocation");
    uint64_t timeout = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t reply = make(SEL4_OBJECT_REPLY, 0);
    uint64_t us = ~0ULL;
    bool half = false;
    need(CALL(worker.tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS, CAPS(timeout)), "timeout endpoint");
    for (unsigned i = 0; i < TRIES && !half; i++) {
        us = least(&revocation, us);
        need(CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(finished)), "bind");
        half = run_out(timeout, reply, us);
        need(CALL(SEL4_SLOT_TCB, TCB_UNBIND_NOTIFICATION, NO_MRS, NO_CAPS), "unbind");
    }
    observe_yes("half done at a timeout", half);
    report("revoke");
    observe_word("what is left", survivors());
}

// --- deletion of a container

static uint64_t cnode;

static struct answer transport(enum sel4_invocation how, uint64_t to, uint64_t from)
{
    return invoke(root, how, MRS(to, DEPTH, from, DEPTH, SEL4_RIGHT_ALL, 0), CAPS(root));
}

static bool is_full(uint64_t slot)
{
    return transport(SEL4_INVOCATION_CNODE_COPY, slot, 0).label == SEL4_ERROR_DELETE_FIRST;
}

static bool is_half_deleted(void)
{
    return is_full(cnode) && !is_there(cnode);
}

static void prepare_cnode(void)
{
    need(CALL(root, CNODE_REVOKE, MRS(memory, DEPTH), NO_CAPS), "revoke");
    need(CALL(memory, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_CNODE], RADIX, 0, 0, cnode, 1),
              CAPS(root)),
         "make a CNode");
    fill(cnode, 0);
}

static void begin_delete(void)
{
    begin(root, SEL4_INVOCATION_CNODE_DELETE, MRS(cnode, DEPTH), 0);
}

static const struct operation deletion = {prepare_cnode, begin_delete, is_half_deleted};

static void a_cnode(void)
{
    heading("an interrupt during the deletion of a CNode");
    uint64_t to = slot_new();
    if (!observe_interrupt(&deletion)) {
        return;
    }
    observe("invoke it", invoke_label(cnode, NO_LABEL, NO_MRS, NO_CAPS));
    observe("copy it", transport(SEL4_INVOCATION_CNODE_COPY, to, cnode));
    observe("mint it", transport(SEL4_INVOCATION_CNODE_MINT, to, cnode));
    observe("copy over it", transport(SEL4_INVOCATION_CNODE_COPY, cnode, memory));
    observe("mutate it", transport(SEL4_INVOCATION_CNODE_MUTATE, to, cnode));
    observe("move it over it", transport(SEL4_INVOCATION_CNODE_MOVE, to, to));
    observe("move it back", transport(SEL4_INVOCATION_CNODE_MOVE, cnode, to));
    observe("make an object over it",
            CALL(make_untyped(12), UNTYPED_RETYPE,
                 MRS(abi.type[SEL4_OBJECT_ENDPOINT], 0, 0, 0, cnode, 1), CAPS(root)));
    observe("cancel sends by it",
            CALL(root, CNODE_CANCEL_BADGED_SENDS, MRS(cnode, DEPTH), NO_CAPS));
    do_wait(finished);
    report("delete");
    observe("copy over it", transport(SEL4_INVOCATION_CNODE_COPY, cnode, to));
    observe("make an object there",
            CALL(make_untyped(12), UNTYPED_RETYPE,
                 MRS(abi.type[SEL4_OBJECT_ENDPOINT], 0, 0, 0, cnode, 1), CAPS(root)));
    delete_slot(cnode);
}

static void an_abandoned_cnode(void)
{
    heading("a deletion whose thread is stopped");
    uint64_t to = slot_new();
    if (!observe_interrupt(&deletion)) {
        return;
    }
    thread_stop(&worker);
    observe("delete by another thread", CALL(root, CNODE_DELETE, MRS(cnode, DEPTH), NO_CAPS));
    observe("resume the first", CALL(worker.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    do_wait(finished);
    report("its delete");
    if (!observe_interrupt(&deletion)) {
        return;
    }
    thread_stop(&worker);
    observe("move the rest", transport(SEL4_INVOCATION_CNODE_MOVE, to, cnode));
    observe("resume the first", CALL(worker.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    do_wait(finished);
    report("its delete");
    observe("invoke the rest", invoke_label(to, NO_LABEL, NO_MRS, NO_CAPS));
    observe("revoke the memory", CALL(root, CNODE_REVOKE, MRS(memory, DEPTH), NO_CAPS));
    observe("use it again",
            CALL(memory, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_CNODE], RADIX, 0, 0, cnode, 1),
                 CAPS(root)));
    observe_word("what is left", survivors());
    delete_slot(cnode);
}

// --- zeroing

static uint64_t page;

static void prepare_reset(void)
{
    need(CALL(root, CNODE_REVOKE, MRS(memory, DEPTH), NO_CAPS), "revoke");
    need(CALL(memory, UNTYPED_RETYPE,
              MRS(abi.type[SEL4_OBJECT_UNTYPED], MEMORY_BITS, 0, 0, page, 1), CAPS(root)),
         "use it all");
    delete_slot(page);
}

static void begin_reset(void)
{
    begin(memory, SEL4_INVOCATION_UNTYPED_RETYPE,
          MRS(abi.type[SEL4_OBJECT_SMALL_PAGE], 0, 0, 0, page, 1), root);
}

static bool is_half_zeroed(void)
{
    return !job.done && !is_full(page);
}

static void an_untyped(void)
{
    static const struct operation reset = {prepare_reset, begin_reset, is_half_zeroed};
    heading("an interrupt during the zeroing of an untyped");
    page = slot_new();
    if (!observe_interrupt(&reset)) {
        return;
    }
    observe("nothing is made yet", invoke_label(page, NO_LABEL, NO_MRS, NO_CAPS));
    do_wait(finished);
    report("retype");
    observe("made", invoke_label(page, NO_LABEL, NO_MRS, NO_CAPS));
    if (!observe_interrupt(&reset)) {
        return;
    }
    thread_stop(&worker);
    observe("retype by another thread",
            CALL(memory, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_SMALL_PAGE], 0, 0, 0, page, 1),
                 CAPS(root)));
    observe("resume the first", CALL(worker.tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    do_wait(finished);
    report("its retype");
}

void conformance_main(void)
{
    memory = make_untyped(MEMORY_BITS); // first, for want of room
    timer_take();
    handler = slot_new();
    ticks = make(SEL4_OBJECT_NOTIFICATION, 0);
    finished = mint_of(make(SEL4_OBJECT_NOTIFICATION, 0), SEL4_RIGHT_ALL, FINISHED);
    need(irq_issue(handler, TIMER_PIN, TIMER_VECTOR), "issue");
    need(irq_set(handler, ticks, TICK), "set");
    cnode = slot_new();
    first_slot = slots_new(OBJECTS);
    worker = thread_make();
    worker.priority = MAIN_PRIORITY - 1;
    an_interrupt();
    an_abandoned_call();
    a_refill();
    a_budget();
    a_cnode();
    an_abandoned_cnode();
    an_untyped();
}
