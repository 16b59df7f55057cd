// SPDX-License-Identifier: BSD-2-Clause
// Messages: registers, lengths, badges, capability transfer, notifications, reply objects and
// blocked callers.
#include "harness.h"

enum { DEPTH = 64, RIGHTS = SEL4_RIGHT_ALL };

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t endpoint, notification, reply;

// A client that executes one prepared system call and keeps what came back.
struct client {
    struct trap trap;
    volatile bool done;
};

static void client_run(void *argument)
{
    struct client *client = argument;
    trap_enter(&client->trap);
    client->done = true;
    thread_park();
}

static void client_start(struct thread *thread, struct client *client, int64_t number,
                         uint64_t cptr, uint64_t info)
{
    *client = (struct client){.trap = {.rdx = (uint64_t)number,
                                       .rdi = cptr,
                                       .rsi = info,
                                       .r10 = 0xa0,
                                       .r8 = 0xa1,
                                       .r9 = 0xa2,
                                       .r15 = 0xa3,
                                       .r12 = 0xc12,
                                       .r13 = 0xc13,
                                       .rax = 0xca}};
    thread_start(thread, client_run, client);
}

static void observe_received(const char *name, const struct answer *a)
{
    line(name);
    print(" badge ");
    print_word(a->badge);
    print(" label ");
    print_word(a->label);
    words_end(a->mr, a->length < 32 ? a->length : 32);
}

static void reply_with(uint64_t label, uint64_t length)
{
    struct trap t = {.rdx = (uint64_t)SEL4_SYSCALL_SEND,
                     .rdi = reply,
                     .rsi = sel4_message_info(label, 0, 0, length),
                     .r10 = 0xb0,
                     .r8 = 0xb1,
                     .r9 = 0xb2,
                     .r15 = 0xb3};
    trap_enter(&t);
}

static void call_and_reply(struct thread *thread)
{
    heading("call and reply");
    struct client client;
    uint64_t badged = mint_of(endpoint, RIGHTS, 0x1234);
    client_start(thread, &client, SEL4_SYSCALL_CALL, badged, sel4_message_info(0x77, 7, 0, 3));
    observe_yes("the caller is blocked", !client.done);
    struct answer got = do_recv(endpoint, reply);
    observe_received("received", &got);
    reply_with(0x99, 2);
    observe_yes("the caller goes on", client.done);
    observe_words("caller's RDI RSI", (uint64_t[]){client.trap.rdi, client.trap.rsi}, 2);
    observe_words("caller's message registers",
                  (uint64_t[]){client.trap.r10, client.trap.r8, client.trap.r9, client.trap.r15},
                  4);
    observe_words("caller's RDX RAX R12 R13",
                  (uint64_t[]){client.trap.rdx, client.trap.rax, client.trap.r12, client.trap.r13},
                  4);
    observe_words("caller's RSP", (uint64_t[]){client.trap.rsp}, 1);
    reply_with(0x55, 1);
    observe_yes("a second reply does nothing", true);

    static const unsigned lengths[] = {0, 1, 4, 5, 31, 120, 121, 127};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        for (size_t m = 4; m < 120; m++) {
            thread->buffer->message[m] = 0x1000 + m;
        }
        client_start(thread, &client, SEL4_SYSCALL_CALL, badged,
                     sel4_message_info(1, 0, 0, lengths[i]));
        got = do_recv(endpoint, reply);
        observe_words("length sent, received, last word",
                      (uint64_t[]){lengths[i], got.length,
                                   got.length > 4 ? buffer->message[got.length - 1] : 0},
                      3);
        reply_with(0, lengths[i]);
    }
}

static void rights_of_calls(struct thread *thread)
{
    heading("rights of the caller's endpoint cap");
    static const struct {
        const char *name;
        uint64_t rights;
    } rows[] = {
        {"write", 1},       {"write, grant", 5}, {"write, grant-reply", 9},
        {"write, read", 3}, {"all", 15},
    };
    struct client client;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        client_start(thread, &client, SEL4_SYSCALL_CALL, mint_of(endpoint, rows[i].rights, i + 1),
                     sel4_message_info(1, 0, 0, 1));
        struct answer got = do_recv(endpoint, reply);
        observe_received(rows[i].name, &got);
        reply_with(0, 0);
        observe_yes("  the caller went on", client.done);
        thread_stop(thread);
    }
}

static void sends(struct thread *thread)
{
    heading("send, non-blocking send, order");
    struct client client;
    client_start(thread, &client, SEL4_SYSCALL_NB_SEND, endpoint, sel4_message_info(3, 0, 0, 1));
    struct answer got = do_nb_recv(endpoint, reply);
    observe_word("NBSend without a receiver leaves badge", got.badge);
    observe_yes("the sender went on", client.done);
    client_start(thread, &client, SEL4_SYSCALL_SEND, mint_of(endpoint, SEL4_RIGHT_WRITE, 5),
                 sel4_message_info(3, 0, 0, 2));
    observe_yes("a blocking send waits", !client.done);
    got = do_nb_recv(endpoint, reply);
    observe_received("NBRecv takes it", &got);
    observe_yes("the sender went on", client.done);
    got = do_call(reply, sel4_message_info(0, 0, 0, 0));
    observe("call on the unbound reply object", got);

    struct client first, second, third;
    static struct thread b, c;
    b = thread_make();
    b.priority++;
    c = thread_make();
    client_start(thread, &first, SEL4_SYSCALL_SEND, mint_of(endpoint, SEL4_RIGHT_WRITE, 1), 0);
    client_start(&b, &second, SEL4_SYSCALL_SEND, mint_of(endpoint, SEL4_RIGHT_WRITE, 2), 0);
    client_start(&c, &third, SEL4_SYSCALL_SEND, mint_of(endpoint, SEL4_RIGHT_WRITE, 3), 0);
    observe_word("queued: first badge", do_nb_recv(endpoint, reply).badge);
    observe_word("queued: second badge", do_nb_recv(endpoint, reply).badge);
    observe_word("queued: third badge", do_nb_recv(endpoint, reply).badge);
    thread_stop(&b);
    thread_stop(&c);
}

static void cancel_sends(struct thread *thread)
{
    heading("cancelled sends");
    struct client client;
    uint64_t badged = mint_of(endpoint, RIGHTS, 0x66);
    client_start(thread, &client, SEL4_SYSCALL_CALL, badged, sel4_message_info(1, 0, 0, 0));
    observe("cancel its badge", CALL(root, CNODE_CANCEL_BADGED_SENDS, MRS(badged, DEPTH), NO_CAPS));
    observe_yes("  the sender queued again", !client.done);
    observe_word("  its message is there", do_nb_recv(endpoint, reply).badge);
    observe("delete the reply object's cap",
            CALL(root, CNODE_DELETE, MRS(copy_of(reply, RIGHTS), DEPTH), NO_CAPS));
    reply_with(0, 0);
    observe_yes("  a copy keeps the caller", client.done);

    uint64_t own = make(SEL4_OBJECT_ENDPOINT, 0);
    client_start(thread, &client, SEL4_SYSCALL_CALL, own, sel4_message_info(1, 0, 0, 0));
    observe("delete the endpoint of a blocked caller",
            CALL(root, CNODE_DELETE, MRS(own, DEPTH), NO_CAPS));
    observe_yes("  the caller went on", client.done);
    observe_words("  with", (uint64_t[]){client.trap.rsi, client.trap.r10}, 2);
    thread_stop(thread);
    own = make(SEL4_OBJECT_ENDPOINT, 0);
    client_start(thread, &client, SEL4_SYSCALL_RECV, own, 0);
    observe("delete the endpoint of a blocked receiver",
            CALL(root, CNODE_DELETE, MRS(own, DEPTH), NO_CAPS));
    struct answer fault = do_nb_recv(thread->fault_endpoint, reply);
    observe_words("  it faults", fault.mr + 2, fault.badge != 0 ? fault.length - 2 : 0);
    thread_stop(thread);
}

static void transfers(struct thread *thread)
{
    heading("capability transfer");
    struct client client;
    uint64_t to = slot_new();
    uint64_t ep2 = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t granting = mint_of(endpoint, SEL4_RIGHT_WRITE | SEL4_RIGHT_GRANT, 9);
    buffer->receive_cnode = root;
    buffer->receive_index = to;
    buffer->receive_depth = DEPTH;
    const struct {
        const char *name;
        uint64_t through, caps[3], count;
    } rows[] = {
        {"one cap without grant", mint_of(endpoint, SEL4_RIGHT_WRITE, 8), {ep2, 0, 0}, 1},
        {"one cap", granting, {ep2, 0, 0}, 1},
        {"slot full", granting, {ep2, 0, 0}, 1},
        {"the endpoint itself", granting, {endpoint, 0, 0}, 1},
        {"a badged cap to the endpoint", granting, {granting, 0, 0}, 1},
        {"unwrapped, then one", granting, {granting, ep2, 0}, 2},
        {"two caps", granting, {ep2, ep2, 0}, 2},
        {"null first", granting, {0, ep2, 0}, 2},
        {"three unwrapped", granting, {granting, endpoint, granting}, 3},
        {"IRQ control", granting, {SEL4_SLOT_IRQ_CONTROL, 0, 0}, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (i != 2) {
            delete_slot(to);
        }
        for (size_t c = 0; c < 3; c++) {
            thread->buffer->caps_or_badges[c] = rows[i].caps[c];
            buffer->caps_or_badges[c] = 0xeeee;
        }
        client_start(thread, &client, SEL4_SYSCALL_SEND, rows[i].through,
                     sel4_message_info(1, 0, rows[i].count, 1));
        struct trap t = {.rdx = (uint64_t)SEL4_SYSCALL_RECV, .rdi = endpoint, .r12 = reply};
        trap_enter(&t);
        observe_words(rows[i].name,
                      (uint64_t[]){sel4_message_caps(t.rsi), sel4_message_unwrapped(t.rsi),
                                   buffer->caps_or_badges[0], buffer->caps_or_badges[1]},
                      4);
        observe_yes(
            "  something arrived",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, to, DEPTH, RIGHTS), CAPS(root)).label ==
                0);
        thread_stop(thread);
    }
    delete_slot(to);
    buffer->receive_depth = 0;
    thread->buffer->caps_or_badges[0] = ep2;
    client_start(thread, &client, SEL4_SYSCALL_SEND, granting, sel4_message_info(1, 0, 1, 1));
    struct trap t = {.rdx = (uint64_t)SEL4_SYSCALL_RECV, .rdi = endpoint, .r12 = reply};
    trap_enter(&t);
    observe_word("receive depth 0: caps", sel4_message_caps(t.rsi));
    thread_stop(thread);
    buffer->receive_depth = DEPTH;
}

static struct trap wait_raw(int64_t number, uint64_t cptr)
{
    struct trap t = {.rdx = (uint64_t)number,
                     .rdi = cptr,
                     .rsi = 0x5151,
                     .r10 = 0xf0,
                     .r8 = 0xf1,
                     .r9 = 0xf2,
                     .r15 = 0xf3,
                     .r12 = reply};
    trap_enter(&t);
    return t;
}

static void notifications(struct thread *thread)
{
    heading("notifications");
    struct trap t = wait_raw(SEL4_SYSCALL_NB_WAIT, notification);
    observe_words("NBWait, nothing there: RDI RSI R10", (uint64_t[]){t.rdi, t.rsi, t.r10}, 3);
    do_send(notification, 0, 0);
    t = wait_raw(SEL4_SYSCALL_NB_WAIT, notification);
    observe_words("unbadged signal: RDI RSI", (uint64_t[]){t.rdi, t.rsi}, 2);
    do_send(mint_of(notification, SEL4_RIGHT_WRITE, 5), 0, 0);
    do_send(mint_of(notification, SEL4_RIGHT_WRITE, 0x18), 0, 0);
    t = wait_raw(SEL4_SYSCALL_WAIT, notification);
    observe_words("two signals: RDI RSI", (uint64_t[]){t.rdi, t.rsi}, 2);
    t = wait_raw(SEL4_SYSCALL_NB_WAIT, notification);
    observe_word("taken once", t.rdi);
    observe("Call on a notification", CALL(notification, UNTYPED_RETYPE, MRS(1), NO_CAPS));
    t = wait_raw(SEL4_SYSCALL_NB_RECV, notification);
    observe_words("NBRecv takes the signal: RDI RSI", (uint64_t[]){t.rdi, t.rsi}, 2);

    heading("bound notifications");
    uint64_t bound = make(SEL4_OBJECT_NOTIFICATION, 0);
    observe("bind without a cap", CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, NO_CAPS));
    observe("bind an endpoint", CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(endpoint)));
    observe("bind without read", CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS,
                                      CAPS(copy_of(bound, SEL4_RIGHT_WRITE))));
    observe("unbind when none is bound",
            CALL(SEL4_SLOT_TCB, TCB_UNBIND_NOTIFICATION, NO_MRS, NO_CAPS));
    observe("bind", CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(bound)));
    observe("bind twice", CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(bound)));
    observe("bind it to another thread",
            CALL(thread->tcb, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(bound)));
    do_send(mint_of(bound, SEL4_RIGHT_WRITE, 0x40), 0, 0);
    t = wait_raw(SEL4_SYSCALL_RECV, endpoint);
    observe_words("Recv on an endpoint takes the signal: RDI RSI", (uint64_t[]){t.rdi, t.rsi}, 2);
    struct client client;
    client_start(thread, &client, SEL4_SYSCALL_WAIT, bound, 0);
    struct answer fault = do_nb_recv(thread->fault_endpoint, reply);
    observe_words("another thread waits on it: fault", fault.mr + 2,
                  fault.badge != 0 ? fault.length - 2 : 0);
    thread_stop(thread);
    observe("unbind", CALL(SEL4_SLOT_TCB, TCB_UNBIND_NOTIFICATION, NO_MRS, NO_CAPS));

    heading("waiters");
    client_start(thread, &client, SEL4_SYSCALL_WAIT, notification, 0x77);
    observe_yes("the waiter is blocked", !client.done);
    observe("bind with a waiter",
            CALL(SEL4_SLOT_TCB, TCB_BIND_NOTIFICATION, NO_MRS, CAPS(notification)));
    do_send(mint_of(notification, SEL4_RIGHT_WRITE, 0x80), 0, 0);
    observe_words("the waiter's RDI RSI R10",
                  (uint64_t[]){client.trap.rdi, client.trap.rsi, client.trap.r10}, 3);
}

static void reply_objects(struct thread *thread)
{
    heading("reply objects");
    struct client client;
    uint64_t other = make(SEL4_OBJECT_REPLY, 0);
    client_start(thread, &client, SEL4_SYSCALL_CALL, endpoint, sel4_message_info(1, 0, 0, 0));
    do_recv(endpoint, reply);
    struct answer none = do_nb_recv(endpoint, reply);
    observe_word("NBRecv with a bound reply object: badge", none.badge);
    reply_with(0, 0);
    observe_yes("  it cancelled the caller", !client.done);
    thread_stop(thread);

    client_start(thread, &client, SEL4_SYSCALL_CALL, endpoint, sel4_message_info(1, 0, 0, 0));
    do_recv(endpoint, other);
    observe("delete the last reply cap", CALL(root, CNODE_DELETE, MRS(other, DEPTH), NO_CAPS));
    observe_yes("  the caller is stopped", !client.done);
    observe("  resume it", CALL(thread->tcb, TCB_RESUME, NO_MRS, NO_CAPS));
    struct answer again = do_nb_recv(endpoint, reply);
    observe_received("  it calls again", &again);
    struct answer next = do_nb_recv(endpoint, reply);
    observe_word("  then nothing", next.badge);
    thread_stop(thread);

    client_start(thread, &client, SEL4_SYSCALL_CALL, endpoint, sel4_message_info(1, 0, 0, 0));
    struct answer got = do_wait(endpoint);
    observe_received("Wait on a caller", &got);
    reply_with(0, 0);
    observe_yes("  it cannot be answered", !client.done);
    thread_stop(thread);

    client_start(thread, &client, SEL4_SYSCALL_CALL, endpoint, sel4_message_info(1, 0, 0, 0));
    do_recv(endpoint, reply);
    struct thread second = thread_make();
    struct client client2;
    client_start(&second, &client2, SEL4_SYSCALL_CALL, mint_of(endpoint, RIGHTS, 2),
                 sel4_message_info(2, 0, 0, 1));
    got = do_reply_recv(endpoint, reply, sel4_message_info(0x31, 0, 0, 1), 0xcafe);
    observe_received("ReplyRecv answers and takes the next", &got);
    observe_words("  the first got", (uint64_t[]){client.trap.rsi >> 12, client.trap.r10}, 2);
    reply_with(0, 0);
    observe_yes("  the second is answered", client2.done);
    thread_stop(thread);
    thread_stop(&second);
    observe("revoke the reply object", CALL(root, CNODE_REVOKE, MRS(reply, DEPTH), NO_CAPS));
}

void conformance_main(void)
{
    endpoint = make(SEL4_OBJECT_ENDPOINT, 0);
    notification = make(SEL4_OBJECT_NOTIFICATION, 0);
    reply = make(SEL4_OBJECT_REPLY, 0);
    struct thread thread = thread_make();
    call_and_reply(&thread);
    rights_of_calls(&thread);
    sends(&thread);
    cancel_sends(&thread);
    transfers(&thread);
    notifications(&thread);
    reply_objects(&thread);
}
