// SPDX-License-Identifier: BSD-2-Clause
#include "detect.h"
#include "memory.h"
#include "output.h"
#include "text.h"

#include "arch.h"

static struct {
    struct sel4_kernel kernel;
    struct cspace cspace;
    struct memory memory;
    struct output out;
} root;

_Noreturn void root_main(const struct sel4_bootinfo *bootinfo);

static void say(const char *text, uint64_t n)
{
    char line[200];
    struct text t = text_of(line, sizeof line);
    text_put(&t, text);
    text_char(&t, ' ');
    text_put_u64(&t, n);
    text_char(&t, '\n');
    output_put(&root.out, text_bytes(&t));
    output_flush(&root.out);
}

_Noreturn void root_main(const struct sel4_bootinfo *bootinfo)
{
    struct diag diag = {0};
    root.kernel.buffer = (struct sel4_ipc_buffer *)bootinfo->ipc_buffer;
    enum status d = detect_kernel(&root.kernel, bootinfo, &diag);
    root.cspace = cspace_of(bootinfo);
    root.memory = memory_of(bootinfo);
    if (output_open(&root.out, &root.kernel, &root.cspace, NULL) == STATUS_OK) {
        say("hello", d);
        say(d ? diag.what : "-", diag.where);
        say("detail", diag.detail);
        say("calls", root.kernel.calls);
        cap_slot u = 0;
        d = memory_take(&u, &root.memory, 13, &diag);
        say("take", d);
        d = cspace_open(&root.cspace, &root.kernel, u, &diag);
        say("cspace", d);
        say(d ? diag.what : "-", diag.detail);
        output_exit(&root.out, 0);
    }
    for (;;) {
        sel4_kernel_yield();
    }
}
