// SPDX-License-Identifier: BSD-2-Clause
#include "hosted_print.h"

#include <inttypes.h>

void hosted_print_trace(FILE *to, const struct hosted_trace *t)
{
    fprintf(to,
            "%12" PRIu64 " thread %" PRIx64 " call %" PRId64 " cptr %" PRIx64 " object %" PRIx64
            " label %" PRIu64 " %s error %u%s\n",
            t->ticks, t->thread, t->syscall, t->cptr, t->object, t->label, t->operation, t->error,
            t->fault ? " fault" : "");
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
