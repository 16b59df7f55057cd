// SPDX-License-Identifier: BSD-2-Clause

// Joins the kernel half with the machine and turns what both tell into the words of hosted.h.
// Reports go to callbacks at the moment of what they tell, so that a log keeps the order of things.

#include "hosted.h"

#include "board.h"
#include "kernel.h"
#include "machine_linux.h"
#include "sandbox.h"

#include <stdlib.h>

// Features whose lack is told.
enum { UNSUPPORTED_MAX = 32 };

// Slots of a CSpace that are told; a larger one is cut.
enum { CSPACE_SLOTS = 1 << 12 };

// Room for one CSpace that is told.
struct cspace_room {
    struct kernel_slot found[CSPACE_SLOTS];
    struct hosted_slot told[CSPACE_SLOTS];
};

struct hosted {
    struct hosted_options options;
    struct serial_end com2;   // where options.com2 points
    struct cspace_room *room; // where CSpaces are asked for
    struct machine *machine;
    struct kernel kernel;
    uint64_t start; // ticks
    const char *told[UNSUPPORTED_MAX];
    uint32_t told_count;
};

static void on_output(void *context, const uint8_t *at, size_t len)
{
    const struct hosted *run = context;
    if (run->options.output != NULL) {
        run->options.output(run->options.context, at, len);
    }
}

static void on_debug(void *context, char c)
{
    const struct hosted *run = context;
    if (run->options.debug != NULL) {
        run->options.debug(run->options.context, c);
    }
}

static void on_trace(struct kernel *k, const struct kernel_trace *trace)
{
    const struct hosted *run = k->context;
    struct hosted_trace out = {
        .ticks = run->machine->operations->now(run->machine) - run->start,
        .thread = kernel_inspect_paddr(k, trace->thread),
        .root = trace->thread == k->root_thread,
        .handler = kernel_inspect_handler(trace->thread),
        .syscall = trace->syscall,
        .cptr = trace->cptr,
        .object = trace->object,
        .label = trace->label,
        .kind = (unsigned)trace->kind,
        .operation = trace->operation,
        .error = (unsigned)trace->error,
        .fault = trace->fault,
    };
    run->options.trace(run->options.context, &out);
}

static bool on_fails(struct kernel *k, enum sel4_invocation operation)
{
    const struct hosted *run = k->context;
    return run->options.fails(run->options.context, labels_name(operation));
}

static int on_input(void *context, bool wait)
{
    const struct hosted *run = context;
    return run->options.input(run->options.context, wait);
}

// By address: a feature is a literal, the same one each time.
static bool is_told(const struct hosted *run, const char *what)
{
    for (uint32_t i = 0; i < run->told_count; i++) {
        if (run->told[i] == what) {
            return true;
        }
    }
    return run->told_count == UNSUPPORTED_MAX;
}

static void on_unsupported(void *context, const char *what)
{
    struct hosted *run = context;
    const struct tcb *thread = run->kernel.current;
    if (is_told(run, what)) {
        return;
    }
    run->told[run->told_count++] = what;
    if (run->options.unsupported != NULL) {
        struct hosted_unsupported out = {.what = what,
                                         .thread = kernel_inspect_paddr(&run->kernel, thread),
                                         .thread_name = thread->name};
        run->options.unsupported(run->options.context, &out);
    }
}

static void on_kernel_unsupported(struct kernel *k, const char *what)
{
    on_unsupported(k->context, what);
}

static bool has_badge(enum sel4_cap_tag kind)
{
    return kind == SEL4_CAP_TAG_ENDPOINT || kind == SEL4_CAP_TAG_NOTIFICATION ||
           kind == SEL4_CAP_TAG_CNODE;
}

// What is no object in memory: the vector of a handler, first and last port.
static bool has_number(enum sel4_cap_tag kind)
{
    return kind == SEL4_CAP_TAG_IRQ_HANDLER || kind == SEL4_CAP_TAG_IO_PORT;
}

static struct board_cap board_cap(const struct kernel_slot *slot)
{
    return (struct board_cap){
        .slot = (uint32_t)slot->slot,
        .kind = (uint8_t)slot->kind,
        .rights = slot->rights,
        .size_bits = slot->size_bits,
        .badge = has_badge(slot->kind) ? slot->data : 0,
        .object = has_number(slot->kind) ? slot->data : slot->object,
    };
}

static void on_inspect(void *context, uint64_t cptr, uint64_t first, struct board_inspect *answer)
{
    struct hosted *run = context;
    struct kernel_slot slots[BOARD_CAPS + 1]; // one more than fits tells where to go on
    struct kernel_range range = {.first = first, .end = answer->next};
    size_t count = kernel_inspect_range(&run->kernel, cptr, range, slots, BOARD_CAPS + 1);
    answer->next = count > BOARD_CAPS ? slots[BOARD_CAPS].slot : 0;
    if (count == 0) {
        return;
    }
    answer->count = count > BOARD_CAPS ? BOARD_CAPS : count;
    for (uint64_t i = 0; i < answer->count; i++) {
        answer->cap[i] = board_cap(&slots[i]);
    }
}

static struct hosted_slot hosted_slot(const struct kernel_slot *slot)
{
    struct board_cap cap = board_cap(slot);
    return (struct hosted_slot){.slot = slot->slot,
                                .object = cap.object,
                                .badge = cap.badge,
                                .kind = cap.kind,
                                .rights = cap.rights};
}

static void tell_cspace(struct hosted *run, const struct tcb *thread, bool ended)
{
    struct cspace_room *room = run->room;
    struct hosted_cspace cspace = {
        .ticks = run->machine->operations->now(run->machine) - run->start,
        .handler = kernel_inspect_handler(thread),
        .ended = ended,
        .slots = room->told,
    };
    if (cspace.handler == 0) {
        return;
    }
    cspace.count =
        kernel_inspect_cspace(&run->kernel, thread, room->found, CSPACE_SLOTS, &cspace.radix);
    if (cspace.count > CSPACE_SLOTS) {
        cspace.count = CSPACE_SLOTS;
    }
    for (size_t i = 0; i < cspace.count; i++) {
        room->told[i] = hosted_slot(&room->found[i]);
    }
    run->options.cspace(run->options.context, &cspace);
}

static void on_resumed(struct kernel *k, const struct tcb *thread)
{
    tell_cspace(k->context, thread, false);
}

static void tell_all(struct hosted *run)
{
    for (const struct tcb *thread = run->kernel.threads; thread != NULL;
         thread = thread->list_next) {
        tell_cspace(run, thread, true);
    }
}

static enum status start_machine(struct hosted *run, struct diag *diag)
{
    const struct hosted_options *options = &run->options;
    struct machine_options machine = {
        .memory_size = options->memory_size != 0 ? options->memory_size : HOSTED_MEMORY_SIZE,
        .deterministic = options->deterministic,
        .time_limit_us = options->time_limit_us,
        .stop = options->stop,
        .com2 = options->com2,
        .context = run,
        .output = on_output,
        .debug = on_debug,
        .inspect = on_inspect,
        .input = options->input != NULL ? on_input : NULL,
        .unsupported = on_unsupported,
    };
    return machine_create(&run->machine, &machine, diag);
}

static enum status boot(struct hosted *run, struct bytes image, struct diag *diag)
{
    const struct hosted_options *options = &run->options;
    const char *name = options->config != NULL ? options->config : HOSTED_CONFIG;
    struct kernel_config config;
    if (!kernel_config_named(&config, name)) {
        enum status status = diag_fail(diag, STATUS_USAGE,
                                       "--as is 2.1.0, 2.2.0 or 2.3.0, with or without -debug", 0);
        diag_subject(diag, bytes_text(name));
        return status;
    }
    enum status status = machine_start(run->machine, diag);
    if (status != STATUS_OK) {
        return status;
    }
    run->start = run->machine->operations->now(run->machine);
    status = kernel_boot(&run->kernel, run->machine, &config, image, diag);
    run->kernel.context = run;
    run->kernel.trace = options->trace != NULL ? on_trace : NULL;
    run->kernel.resumed = run->room != NULL ? on_resumed : NULL;
    run->kernel.unsupported = on_kernel_unsupported;
    run->kernel.fail_invocation = options->fail_invocation;
    run->kernel.fails = options->fails != NULL ? on_fails : NULL;
    run->kernel.fail_with = (enum sel4_error)options->fail_error;
    return status;
}

// Why the machine stopped, unless the kernel stopped first.
static enum status finish(struct hosted_result *result, const struct hosted *run,
                          enum kernel_end end, struct diag *diag)
{
    struct machine_summary summary = machine_summary(run->machine);
    static const enum hosted_end ends[] = {
        [MACHINE_END_EXIT] = HOSTED_EXIT,
        [MACHINE_END_IDLE] = HOSTED_DEADLOCK,
        [MACHINE_END_TIME] = HOSTED_TIME_LIMIT,
        [MACHINE_END_STOPPED] = HOSTED_STOPPED,
    };
    if (end == KERNEL_STOPPED && summary.end == MACHINE_END_HOST) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "a process or memory of the run is gone", 0);
    }
    *result = (struct hosted_result){
        .end = end == KERNEL_STOPPED  ? ends[summary.end]
               : end == KERNEL_HALTED ? HOSTED_HALTED
                                      : HOSTED_DEADLOCK,
        .exit_value = summary.exit_value,
        .notes = summary.notes,
        .ticks_per_us = run->machine->ticks_per_us,
        .ticks = summary.ticks,
        .traps = summary.traps,
        .invocations = run->kernel.invocations,
        .unsupported = run->told_count,
    };
    return STATUS_OK;
}

static enum status open_hosted(struct hosted *run, const struct hosted_options *options,
                               struct diag *diag)
{
    run->options = *options;
    if (options->com2 != NULL) {
        run->com2 = *options->com2;
        run->options.com2 = &run->com2;
    }
    if (options->cspace != NULL) {
        run->room = malloc(sizeof *run->room);
        if (run->room == NULL) {
            return diag_fail(diag, STATUS_NO_MEMORY, "CSpaces", sizeof *run->room);
        }
    }
    return start_machine(run, diag);
}

enum status hosted_open(struct hosted **hosted, const struct hosted_options *options,
                        struct diag *diag)
{
    struct hosted *run = calloc(1, sizeof *run);
    if (run == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "kernel", sizeof *run);
    }
    enum status status = open_hosted(run, options, diag);
    if (status != STATUS_OK) {
        hosted_close(run);
        return status;
    }
    *hosted = run;
    return STATUS_OK;
}

enum status hosted_boot(struct hosted_result *result, struct hosted *hosted, struct bytes image,
                        struct diag *diag)
{
    enum status status = boot(hosted, image, diag);
    if (status == STATUS_OK) {
        status = machine_begin(hosted->machine, diag);
    }
    if (status == STATUS_OK) {
        status = finish(result, hosted, kernel_run(&hosted->kernel), diag);
    }
    if (status == STATUS_OK && hosted->room != NULL) {
        tell_all(hosted);
    }
    return status;
}

void hosted_close(struct hosted *hosted)
{
    if (hosted != NULL) {
        machine_destroy(hosted->machine);
        free(hosted->room);
        free(hosted);
    }
}

enum status hosted_run(struct hosted_result *result, const struct hosted_options *options,
                       struct bytes image, struct diag *diag)
{
    struct hosted *hosted = NULL;
    enum status status = hosted_open(&hosted, options, diag);
    if (status == STATUS_OK) {
        status = hosted_boot(result, hosted, image, diag);
    }
    hosted_close(hosted);
    return status;
}

const char *hosted_note(uint32_t notes)
{
    switch (notes & (~notes + 1)) {
    case SANDBOX_NO_NAMESPACES:
        return "the host allows no user namespaces: stub processes share this user's namespaces";
    case SANDBOX_NO_ROOT_CHANGE:
        return "the host allows no change of root: stub processes see this user's file tree";
    case SANDBOX_SAME_USER:
        return "stub processes run as this user";
    case SANDBOX_SEALED_PAGES:
        return "the host seals pages into every process: stub processes can read them";
    default:
        return NULL;
    }
}
