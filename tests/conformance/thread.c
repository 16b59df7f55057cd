// SPDX-License-Identifier: BSD-2-Clause
// TCB invocations and scheduling contexts: arguments, limits, binding, budgets, donation.
#include "harness.h"

enum { DEPTH = 64, RIGHTS = SEL4_RIGHT_ALL, HIGHER = MAIN_PRIORITY + 1, LOWER = MAIN_PRIORITY - 1 };

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t reply, control;

static void register_rules(uint64_t tcb)
{
    heading("read, write and copy registers");
    observe("read: short", CALL(tcb, TCB_READ_REGISTERS, MRS(0), NO_CAPS));
    observe("read 0", CALL(tcb, TCB_READ_REGISTERS, MRS(0, 0), NO_CAPS));
    observe("read 21", CALL(tcb, TCB_READ_REGISTERS, MRS(0, 21), NO_CAPS));
    observe("read own", CALL(SEL4_SLOT_TCB, TCB_READ_REGISTERS, MRS(0, 1), NO_CAPS));
    observe("read 20 of a new thread", CALL(tcb, TCB_READ_REGISTERS, MRS(0, 20), NO_CAPS));
    observe("write: short", CALL(tcb, TCB_WRITE_REGISTERS, MRS(0), NO_CAPS));
    observe("write 3, give 2", CALL(tcb, TCB_WRITE_REGISTERS, MRS(0, 3, 1, 2), NO_CAPS));
    observe("write 3, give 3", CALL(tcb, TCB_WRITE_REGISTERS, MRS(0, 3, 1, 2, 3), NO_CAPS));
    observe("write own", CALL(SEL4_SLOT_TCB, TCB_WRITE_REGISTERS, MRS(0, 1, 1), NO_CAPS));
    observe("read it", CALL(tcb, TCB_READ_REGISTERS, MRS(0, 3), NO_CAPS));
    uint64_t other = make(SEL4_OBJECT_TCB, 0);
    observe("copy: no words", CALL(other, TCB_COPY_REGISTERS, NO_MRS, CAPS(tcb)));
    observe("copy: no source", CALL(other, TCB_COPY_REGISTERS, MRS(0), NO_CAPS));
    observe("copy: source is a CNode", CALL(other, TCB_COPY_REGISTERS, MRS(4), CAPS(root)));
    observe("copy frame registers", CALL(other, TCB_COPY_REGISTERS, MRS(4), CAPS(tcb)));
    observe("read the copy", CALL(other, TCB_READ_REGISTERS, MRS(0, 3), NO_CAPS));
    observe("set TLS base: no words", CALL(tcb, TCB_SET_TLS_BASE, NO_MRS, NO_CAPS));
    observe("set TLS base", CALL(tcb, TCB_SET_TLS_BASE, MRS(0x7000), NO_CAPS));
    observe("read all", CALL(tcb, TCB_READ_REGISTERS, MRS(0, 20), NO_CAPS));
    observe("copy integer registers", CALL(other, TCB_COPY_REGISTERS, MRS(8), CAPS(tcb)));
    observe("read the copy", CALL(other, TCB_READ_REGISTERS, MRS(0, 20), NO_CAPS));
}

static void priorities(uint64_t tcb)
{
    heading("priorities");
    uint64_t low = make(SEL4_OBJECT_TCB, 0);
    observe("authority missing", CALL(tcb, TCB_SET_PRIORITY, MRS(1), NO_CAPS));
    observe("authority is a CNode", CALL(tcb, TCB_SET_PRIORITY, MRS(1), CAPS(root)));
    observe("no words", CALL(tcb, TCB_SET_PRIORITY, NO_MRS, CAPS(SEL4_SLOT_TCB)));
    observe("priority 256", CALL(tcb, TCB_SET_PRIORITY, MRS(256), CAPS(SEL4_SLOT_TCB)));
    observe("MCP of a new thread is 0", CALL(tcb, TCB_SET_PRIORITY, MRS(1), CAPS(low)));
    observe("priority 0 by it", CALL(tcb, TCB_SET_PRIORITY, MRS(0), CAPS(low)));
    observe("set MCP 40", CALL(low, TCB_SET_MC_PRIORITY, MRS(40), CAPS(SEL4_SLOT_TCB)));
    observe("priority 41 by MCP 40", CALL(tcb, TCB_SET_PRIORITY, MRS(41), CAPS(low)));
    observe("priority 40 by MCP 40", CALL(tcb, TCB_SET_PRIORITY, MRS(40), CAPS(low)));
    observe("MCP 41 by MCP 40", CALL(tcb, TCB_SET_MC_PRIORITY, MRS(41), CAPS(low)));
    observe("MCP 256", CALL(tcb, TCB_SET_MC_PRIORITY, MRS(256), CAPS(SEL4_SLOT_TCB)));
    observe("raise own MCP by itself", CALL(low, TCB_SET_MC_PRIORITY, MRS(41), CAPS(low)));
    observe("lower it", CALL(low, TCB_SET_MC_PRIORITY, MRS(3), CAPS(low)));
    observe("raise it again", CALL(low, TCB_SET_MC_PRIORITY, MRS(40), CAPS(low)));
}

static void sched_params(struct thread *thread)
{
    heading("scheduling parameters");
    uint64_t tcb = make(SEL4_OBJECT_TCB, 0);
    uint64_t sc = make(SEL4_OBJECT_SCHED_CONTEXT, 8);
    observe("short", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0), CAPS(SEL4_SLOT_TCB, sc, 0)));
    observe("two caps", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(SEL4_SLOT_TCB, sc)));
    observe("authority null", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(0, sc, 0)));
    observe("MCP 256", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(256, 1), CAPS(SEL4_SLOT_TCB, sc, 0)));
    observe("priority 256",
            CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 256), CAPS(SEL4_SLOT_TCB, sc, 0)));
    observe("SC is an endpoint", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1),
                                      CAPS(SEL4_SLOT_TCB, thread->fault_endpoint, 0)));
    observe("SC of another thread", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1),
                                         CAPS(SEL4_SLOT_TCB, thread->sched_context, 0)));
    observe("SC", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(SEL4_SLOT_TCB, sc, 0)));
    observe("the same SC", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(SEL4_SLOT_TCB, sc, 0)));
    observe("another SC", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1),
                               CAPS(SEL4_SLOT_TCB, make(SEL4_OBJECT_SCHED_CONTEXT, 8), 0)));
    observe("null SC", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(SEL4_SLOT_TCB, 0, 0)));
    observe("null SC again", CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(SEL4_SLOT_TCB, 0, 0)));
    observe("null SC for oneself",
            CALL(SEL4_SLOT_TCB, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(SEL4_SLOT_TCB, 0, 0)));
    observe("fault endpoint is a TCB",
            CALL(tcb, TCB_SET_SCHED_PARAMS, MRS(0, 1), CAPS(SEL4_SLOT_TCB, sc, tcb)));
}

static void spaces(void)
{
    heading("spaces and IPC buffer");
    uint64_t tcb = make(SEL4_OBJECT_TCB, 0);
    uint64_t frame = make(SEL4_OBJECT_SMALL_PAGE, 0);
    uint64_t v = SEL4_SLOT_VSPACE;
    observe("configure: short", CALL(tcb, TCB_CONFIGURE, MRS(0, 0), CAPS(root, v, frame)));
    observe("configure: two caps", CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(root, v)));
    observe("configure: CSpace is a TCB",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(tcb, v, frame)));
    observe("configure: VSpace is a frame",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(root, frame, frame)));
    observe("configure: PML4 without ASID",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(root, make(SEL4_OBJECT_PML4, 0), frame)));
    observe("configure: unaligned buffer",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0x1008), CAPS(root, v, frame)));
    observe("configure: buffer is an endpoint", CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0x1000),
                                                     CAPS(root, v, make(SEL4_OBJECT_ENDPOINT, 0))));
    observe("configure: no buffer, null cap",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(root, v, 0)));
    observe("configure: unmapped frame, strange address",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0x123400), CAPS(root, v, frame)));
    observe("configure: guard too long",
            CALL(tcb, TCB_CONFIGURE, MRS(sel4_cnode_data(0, 60), 0, 0), CAPS(root, v, 0)));
    observe("configure: guard of 47",
            CALL(tcb, TCB_CONFIGURE, MRS(sel4_cnode_data(0, 47), 0, 0), CAPS(root, v, 0)));
    observe("buffer: no cap", CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0x1000), NO_CAPS));
    observe("buffer: no words", CALL(tcb, TCB_SET_IPC_BUFFER, NO_MRS, CAPS(frame)));
    observe("buffer: unaligned", CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0x1200 + 8), CAPS(frame)));
    observe("buffer: 512-aligned", CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0x1200), CAPS(frame)));
    observe("buffer: null frame", CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0x1000), CAPS(0)));
    observe("buffer", CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0x1400), CAPS(frame)));
    observe("space: short", CALL(tcb, TCB_SET_SPACE, MRS(0), CAPS(0, root, v)));
    observe("space: two caps", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, root)));
    observe("space: CSpace is null", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, 0, v)));
    observe("space: VSpace is null", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, root, 0)));
    observe("space", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, root, v)));
    observe("suspend a new thread", CALL(tcb, TCB_SUSPEND, NO_MRS, NO_CAPS));
    observe("resume without SC", CALL(tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    observe("a label no TCB knows", invoke_label(tcb, 200, NO_MRS, NO_CAPS));
}

// A cap that cannot be copied is found out before its type is.
static void underivable_spaces(void)
{
    heading("spaces from a cap that cannot be copied");
    uint64_t tcb = make(SEL4_OBJECT_TCB, 0);
    uint64_t frame = make(SEL4_OBJECT_SMALL_PAGE, 0);
    uint64_t v = SEL4_SLOT_VSPACE;
    uint64_t parent = make_untyped(13);
    need(CALL(parent, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_ENDPOINT], 0, 0, 0, slot_new(), 1),
              CAPS(root)),
         "retype");
    observe("space: CSpace is an untyped with children",
            CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, parent, v)));
    observe("space: the same with data",
            CALL(tcb, TCB_SET_SPACE, MRS(sel4_cnode_data(0, 47), 0), CAPS(0, parent, v)));
    observe("space: VSpace is an untyped with children",
            CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, root, parent)));
    observe("space: both", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, tcb, parent)));
    observe("space: a bad handler as well",
            CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(tcb, tcb, parent)));
    observe("space: only a bad handler", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(tcb, root, v)));
    observe("buffer: an untyped with children",
            CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0x1000), CAPS(parent)));
    observe("buffer: the same, unaligned",
            CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0x1008), CAPS(parent)));
    observe("configure: buffer and CSpace bad",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0x1008), CAPS(tcb, v, frame)));
    observe("configure: buffer an untyped with children, CSpace bad",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0x1000), CAPS(tcb, v, parent)));
    observe("configure: CSpace an untyped with children, VSpace bad",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(parent, frame, 0)));
}

static struct answer configure(uint64_t sc, uint64_t budget, uint64_t period, uint64_t refills,
                               uint64_t flags)
{
    return CALL(control, SCHED_CONTROL_CONFIGURE_FLAGS,
                MRS(budget, period, refills, 0xbad9e, flags), CAPS(sc));
}

// A RangeError's upper end depends on the clock's rate: only the label and the lower end are shown.
static void observe_range(const char *name, struct answer a)
{
    line(name);
    words_end((uint64_t[]){a.label, a.mr[0]}, 2);
}

static void sched_control(void)
{
    heading("SchedControl");
    uint64_t sc = make(SEL4_OBJECT_SCHED_CONTEXT, 7);
    uint64_t big = make(SEL4_OBJECT_SCHED_CONTEXT, 8);
    observe("short", CALL(control, SCHED_CONTROL_CONFIGURE_FLAGS, MRS(1000, 1000, 0, 0), CAPS(sc)));
    observe("no cap",
            CALL(control, SCHED_CONTROL_CONFIGURE_FLAGS, MRS(1000, 1000, 0, 0, 0), NO_CAPS));
    observe("an endpoint", configure(make(SEL4_OBJECT_ENDPOINT, 0), 1000, 1000, 0, 0));
    observe("null", configure(0, 1000, 1000, 0, 0));
    observe_range("budget 19", configure(sc, 19, 1000, 0, 0));
    observe_range("period 19", configure(sc, 20, 19, 0, 0));
    observe_range("budget 0", configure(sc, 0, 1000, 0, 0));
    observe("budget above period", configure(sc, 1001, 1000, 0, 0));
    observe_range("period of all ones", configure(sc, 1000, ~0ULL, 0, 0));
    observe("budget 20, period 20", configure(sc, 20, 20, 0, 0));
    observe("1 extra refill in 7 bits", configure(sc, 1000, 10000, 1, 0));
    observe("1 extra refill in 7 bits, round robin", configure(sc, 1000, 1000, 1, 0));
    observe("8 extra refills in 8 bits", configure(big, 1000, 10000, 8, 0));
    observe("9 extra refills in 8 bits", configure(big, 1000, 10000, 9, 0));
    observe("sporadic", configure(big, 1000, 10000, 0, 1));
    observe("unknown flags", configure(big, 1000, 10000, 0, ~0ULL));
}

static void binding(struct thread *thread)
{
    heading("binding scheduling contexts");
    uint64_t tcb = make(SEL4_OBJECT_TCB, 0);
    uint64_t sc = make(SEL4_OBJECT_SCHED_CONTEXT, 8);
    uint64_t ntfn = make(SEL4_OBJECT_NOTIFICATION, 0);
    observe("bind: no cap", CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, NO_CAPS));
    observe("bind: endpoint", CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, CAPS(thread->fault_endpoint)));
    observe("bind: null", CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, CAPS(0)));
    observe("bind a thread that has one", CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, CAPS(thread->tcb)));
    observe("unbind an unbound SC", CALL(sc, SCHED_CONTEXT_UNBIND, NO_MRS, NO_CAPS));
    observe("bind", CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, CAPS(tcb)));
    observe("bind again", CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, CAPS(tcb)));
    observe("bind a notification too", CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, CAPS(ntfn)));
    observe("bind another notification",
            CALL(sc, SCHED_CONTEXT_BIND, NO_MRS, CAPS(make(SEL4_OBJECT_NOTIFICATION, 0))));
    observe("unbind object: no cap", CALL(sc, SCHED_CONTEXT_UNBIND_OBJECT, NO_MRS, NO_CAPS));
    observe("unbind object: endpoint",
            CALL(sc, SCHED_CONTEXT_UNBIND_OBJECT, NO_MRS, CAPS(thread->fault_endpoint)));
    observe("unbind object: another thread",
            CALL(sc, SCHED_CONTEXT_UNBIND_OBJECT, NO_MRS, CAPS(thread->tcb)));
    observe("unbind object: the thread", CALL(sc, SCHED_CONTEXT_UNBIND_OBJECT, NO_MRS, CAPS(tcb)));
    observe("unbind object: the notification",
            CALL(sc, SCHED_CONTEXT_UNBIND_OBJECT, NO_MRS, CAPS(ntfn)));
    observe("unbind object: again", CALL(sc, SCHED_CONTEXT_UNBIND_OBJECT, NO_MRS, CAPS(ntfn)));
    observe("unbind own", CALL(SEL4_SLOT_SCHED_CONTEXT, SCHED_CONTEXT_UNBIND, NO_MRS, NO_CAPS));
    observe("unbind own by object", CALL(SEL4_SLOT_SCHED_CONTEXT, SCHED_CONTEXT_UNBIND_OBJECT,
                                         NO_MRS, CAPS(SEL4_SLOT_TCB)));
    observe("consumed by an unused SC", CALL(sc, SCHED_CONTEXT_CONSUMED, NO_MRS, NO_CAPS));
    observe("yield to an SC without thread", CALL(sc, SCHED_CONTEXT_YIELD_TO, NO_MRS, NO_CAPS));
    observe("yield to own", CALL(SEL4_SLOT_SCHED_CONTEXT, SCHED_CONTEXT_YIELD_TO, NO_MRS, NO_CAPS));
    observe("yield to a stopped thread",
            CALL(thread->sched_context, SCHED_CONTEXT_YIELD_TO, NO_MRS, NO_CAPS));
    observe("set the domain: no cap", CALL(SEL4_SLOT_DOMAIN, DOMAIN_SET, MRS(0), NO_CAPS));
    observe("set the domain: no words", CALL(SEL4_SLOT_DOMAIN, DOMAIN_SET, NO_MRS, CAPS(tcb)));
    observe("set the domain 255", CALL(SEL4_SLOT_DOMAIN, DOMAIN_SET, MRS(255), CAPS(tcb)));
    observe("set the domain of an endpoint",
            CALL(SEL4_SLOT_DOMAIN, DOMAIN_SET, MRS(0), CAPS(thread->fault_endpoint)));
    observe("set the domain 0", CALL(SEL4_SLOT_DOMAIN, DOMAIN_SET, MRS(0), CAPS(tcb)));
}

// --- running
// -----------------------------------------------------------------------------------------------------

static volatile uint64_t counter;

static void spin(void *argument)
{
    (void)argument;
    for (;;) {
        counter++;
    }
}

static void count_and_yield(void *argument)
{
    (void)argument;
    for (;;) {
        counter++;
        do_yield();
    }
}

static void budgets(struct thread *thread)
{
    heading("budgets and timeouts");
    uint64_t handler = mint_of(thread->fault_endpoint, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT, 0x71);
    need(CALL(thread->tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS, CAPS(handler)), "timeout endpoint");
    need(configure(thread->sched_context, 2000, 20000, 0, 0), "budget");
    thread->priority = LOWER;
    thread_start(thread, spin, NULL);
    struct answer fault = do_recv(thread->fault_endpoint, reply);
    observe_words("overrun: badge, label, length, SC badge",
                  (uint64_t[]){fault.badge, fault.label, fault.length, fault.mr[0]}, 4);
    // No upper bound: an emulator on a loaded host is stopped for as long as the host likes.
    observe_yes("  consumed at least the budget", fault.mr[1] >= 1999);
    do_send(reply, sel4_message_info(0, 0, 0, 0), 0);
    fault = do_recv(thread->fault_endpoint, reply);
    observe_words("it goes on, then overruns again", (uint64_t[]){fault.label, fault.length}, 2);
    do_send(reply, sel4_message_info(1, 0, 0, 0), 0);
    observe_word("refused: nothing more", do_nb_recv(thread->fault_endpoint, reply).badge);
    thread_stop(thread);

    need(CALL(thread->tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS, CAPS(0)), "no timeout endpoint");
    need(configure(thread->sched_context, 1000, 10000, 0, 0), "budget");
    counter = 0;
    thread->priority = HIGHER;
    thread_start(thread, count_and_yield, NULL);
    observe_word("a yielding thread runs once a period", counter);
    thread_stop(thread);

    need(configure(thread->sched_context, 1000, 1000, 0, 0), "round robin");
    need(CALL(thread->tcb, TCB_SET_TIMEOUT_ENDPOINT, NO_MRS, CAPS(handler)), "timeout endpoint");
    counter = 0;
    thread->priority = MAIN_PRIORITY;
    thread_start(thread, count_and_yield, NULL);
    do_yield();
    observe_yes("round robin: a yield lets the other run", counter >= 1);
    observe_word("round robin never times out", do_nb_recv(thread->fault_endpoint, reply).badge);
    thread_stop(thread);
    need(configure(thread->sched_context, 10000, 10000, 0, 0), "round robin");
}

// --- donation
// ----------------------------------------------------------------------------------------------------

static uint64_t service;
static volatile uint64_t served;

static void serve(void *argument)
{
    uint64_t own_reply = (uint64_t)argument;
    do_recv(service, own_reply);
    for (;;) {
        served++;
        do_reply_recv(service, own_reply, sel4_message_info(0x51, 0, 0, 1), served);
    }
}

static void donation(struct thread *thread)
{
    heading("passive servers");
    service = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t own_reply = make(SEL4_OBJECT_REPLY, 0);
    thread->priority = HIGHER;
    thread_start(thread, serve, (void *)own_reply);
    struct answer a = do_call(service, sel4_message_info(1, 0, 0, 0));
    observe_words("an active server answers", (uint64_t[]){a.label, a.mr[0]}, 2);
    observe("take its SC away", CALL(thread->sched_context, SCHED_CONTEXT_UNBIND, NO_MRS, NO_CAPS));
    a = do_call(service, sel4_message_info(1, 0, 0, 0));
    observe_words("a passive server answers", (uint64_t[]){a.label, a.mr[0]}, 2);
    do_send(service, sel4_message_info(1, 0, 0, 0), 0);
    observe_word("a send does not run it", served);
    a = CALL(SEL4_SLOT_SCHED_CONTEXT, SCHED_CONTEXT_CONSUMED, NO_MRS, NO_CAPS);
    observe_words("own consumed: label, length", (uint64_t[]){a.label, a.length}, 2);
    observe("give it its SC back",
            CALL(thread->sched_context, SCHED_CONTEXT_BIND, NO_MRS, CAPS(thread->tcb)));
    observe_word("it takes the send", served);
    a = do_call(service, sel4_message_info(1, 0, 0, 0));
    observe_words("it answers again", (uint64_t[]){a.label, a.mr[0]}, 2);
    observe("bind its SC to a notification as well",
            CALL(thread->sched_context, SCHED_CONTEXT_BIND, NO_MRS,
                 CAPS(make(SEL4_OBJECT_NOTIFICATION, 0))));
    observe("delete the SC", CALL(root, CNODE_REVOKE, MRS(thread->sched_context, DEPTH), NO_CAPS));
    delete_slot(thread->sched_context);
    a = do_call(service, sel4_message_info(1, 0, 0, 0));
    observe_words("it serves passively", (uint64_t[]){a.label, a.mr[0]}, 2);
    thread_stop(thread);
}

void conformance_main(void)
{
    reply = make(SEL4_OBJECT_REPLY, 0);
    control = boot->sched_control.start;
    register_rules(make(SEL4_OBJECT_TCB, 0));
    priorities(make(SEL4_OBJECT_TCB, 0));
    struct thread thread = thread_make();
    sched_params(&thread);
    spaces();
    underivable_spaces();
    sched_control();
    binding(&thread);
    budgets(&thread);
    donation(&thread);
}
