// SPDX-License-Identifier: BSD-2-Clause
#include "hosted_print.h"

#include "plan_names.h"
#include "sel4_syscall.h"

#include <inttypes.h>

static const char *const syscall_names[] = {
    [-SEL4_SYSCALL_CALL] = "Call",
    [-SEL4_SYSCALL_REPLY_RECV] = "ReplyRecv",
    [-SEL4_SYSCALL_NB_SEND_RECV] = "NBSendRecv",
    [-SEL4_SYSCALL_NB_SEND_WAIT] = "NBSendWait",
    [-SEL4_SYSCALL_SEND] = "Send",
    [-SEL4_SYSCALL_NB_SEND] = "NBSend",
    [-SEL4_SYSCALL_RECV] = "Recv",
    [-SEL4_SYSCALL_NB_RECV] = "NBRecv",
    [-SEL4_SYSCALL_WAIT] = "Wait",
    [-SEL4_SYSCALL_NB_WAIT] = "NBWait",
};
enum { SYSCALLS = sizeof(syscall_names) / sizeof(syscall_names[0]) };

void hosted_print_trace(FILE *to, const struct hosted_trace *t)
{
    fprintf(to,
            "%12" PRIu64 " thread %" PRIx64 " call %" PRId64 " cptr %" PRIx64 " object %" PRIx64
            " label %" PRIu64 " %s error %u%s\n",
            t->ticks, t->thread, t->syscall, t->cptr, t->object, t->label, t->operation, t->error,
            t->fault ? " fault" : "");
}

void hosted_print_call(FILE *to, const struct plan *plan, const struct hosted_trace *t)
{
    char room[512];
    struct text line = text_of(room, sizeof(room));
    const struct plan_target *target = plan_names_target(plan, t->handler);
    text_put_json(&line, target != NULL ? target->name : bytes_text("kpkg.root"));
    if (target == NULL && !t->root) { // a relay or the timer, whose CPtrs are its own
        text_put(&line, " thread ");
        text_put_word(&line, t->thread);
    }
    text_put(&line, ": ");
    if (t->operation[0] != '\0') {
        text_put(&line, t->operation);
    } else if (t->syscall < 0 && -t->syscall < SYSCALLS) {
        text_put(&line, syscall_names[-t->syscall]);
    } else {
        text_put_i64(&line, t->syscall);
    }
    text_char(&line, ' ');
    if (target != NULL) {
        plan_names_cap(&line, plan, target, t->cptr);
    } else {
        plan_names_held(&line, plan, t->cptr);
    }
    fprintf(to, "%12" PRIu64 " %.*s label %" PRIu64, t->ticks, (int)line.len, room, t->label);
    if (t->object != 0) {
        fprintf(to, " @%" PRIx64, t->object);
    }
    if (t->error != 0) {
        fprintf(to, " error %u", t->error);
    }
    fputs(t->fault ? " fault\n" : "\n", to);
}

void hosted_print_notes(uint32_t notes)
{
    for (; notes != 0; notes &= notes - 1) {
        const char *note = hosted_note(notes);
        if (note != NULL) {
            fprintf(stderr, "kpkg: note: %s\n", note);
        }
    }
}

const char *hosted_print_ending(enum hosted_end end)
{
    static const char *const endings[] = {
        [HOSTED_EXIT] = "the image ended the machine",
        [HOSTED_DEADLOCK] = "nothing could run any more",
        [HOSTED_HALTED] = "the image halted the kernel",
        [HOSTED_TIME_LIMIT] = "the time limit was reached",
        [HOSTED_STOPPED] = "the run was interrupted",
    };
    return endings[end];
}
