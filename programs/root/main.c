// SPDX-License-Identifier: BSD-2-Clause

// The root task: boot info -> kernel numbers -> output -> CSpace -> boot bundle -> plan -> targets
// -> the auditor's loop -> end of the machine, with the outcome in its exit code.

#include "bootinfo.h"
#include "control.h"
#include "detect.h"
#include "life.h"
#include "packages.h"
#include "panic.h"
#include "serve.h"
#include "timer.h"
#include "vspace.h"

enum { ARENA = 2 << 20, PAGE = 4096 };

extern uint8_t root_image_end[];   // from the linker script: the boot bundle begins here
extern uint8_t root_stack_guard[]; // the page below the stack

static struct root root;
static uint8_t arena[ARENA];
static _Alignas(PAGE) uint8_t window[PAGE];

_Noreturn void root_main(const struct sel4_bootinfo *bootinfo);

struct audit_at root_at(struct root *of)
{
    return (struct audit_at){.log = &of->log, .now = clock_now(&of->clock)};
}

struct audit_subject root_subject(const struct root *of, uint32_t target)
{
    return audit_event_subject(&of->plan, target, of->targets[target].incarnation);
}

static size_t put(void *context, struct bytes bytes)
{
    output_put(context, bytes);
    return bytes.len;
}

// A frame begins at the start of a line.
static void end_lines(struct root *of)
{
    char line[2];
    struct text text = text_of(line, sizeof line);
    for (uint32_t i = 0; i < of->plan.target_count; i++) {
        audit_console_end(&text, &of->targets[i].console);
    }
    output_put(&of->output, text_bytes(&text));
}

// Hands what the log holds to the output's buffer.
static void send_events(struct root *of)
{
    struct audit_sink sink = {.put = put, .context = &of->output};
    if (of->log.used != 0) {
        end_lines(of);
    }
    audit_log_flush(&of->log, &sink);
}

// The same, signed where it is due.
static void send_log(struct root *of)
{
    send_events(of);
    if (audit_log_checkpoint_due(&of->log, clock_now(&of->clock))) {
        audit_epoch_checkpoint(root_at(of), &of->epoch);
        send_events(of);
    }
}

void root_flush(struct root *of)
{
    send_log(of);
    output_flush(&of->output);
}

void root_flush_events(struct root *of)
{
    send_events(of);
    output_flush(&of->output);
}

static _Noreturn void stop(uint8_t code)
{
    output_exit(&root.output, code);
    // No exit port. To receive on an empty slot is a fault, and nobody handles those of the root
    // task.
    for (;;) {
        struct sel4_received never;
        sel4_kernel_receive(&never, &root.kernel, SEL4_SLOT_NULL, SEL4_SLOT_NULL);
    }
}

_Noreturn void panic(const char *why)
{
    char line[256];
    struct text text = text_of(line, sizeof line);
    text_put(&text, "[kpkg.root] ");
    text_put(&text, why);
    text_char(&text, '\n');
    output_put(&root.output, text_bytes(&text));
    stop(1);
}

static _Noreturn void refuse(const struct diag *diag)
{
    char line[224];
    struct text text = text_of(line, sizeof line - 1);
    text_put(&text, status_name(diag->status));
    text_put(&text, ": ");
    text_put(&text, diag->what);
    text_put(&text, " ");
    text_put_word(&text, diag->where);
    text_put(&text, " ");
    text_put_word(&text, diag->detail);
    line[text.len] = 0;
    panic(line);
}

// The kernel's numbers first, for nothing can be said without them; then a voice, a CSpace with
// room for every target, and an endpoint at which everything arrives.
static enum status open_kernel(const struct sel4_bootinfo *bootinfo, struct diag *diag)
{
    root.bootinfo = bootinfo;
    root.kernel.buffer = (struct sel4_ipc_buffer *)bootinfo->ipc_buffer;
    root.clock = clock_of(bootinfo);
    root.cspace = cspace_of(bootinfo);
    root.memory = memory_of(bootinfo);
    root.pool = (struct objects_pool){&root.kernel, &root.memory, &root.cspace};
    root.arena = arena_of(arena, sizeof arena);
    struct diag unknown = {0};
    enum status known = detect_kernel(&root.kernel, bootinfo, &unknown);
    enum status status = output_open(&root.output, &root.kernel, &root.cspace, diag);
    if (known != STATUS_OK) {
        *diag = unknown;
        return known;
    }
    cap_slot untyped = SEL4_SLOT_NULL;
    if (status == STATUS_OK) {
        status = memory_take(&untyped, &root.memory, CSPACE_TOP_BITS + SEL4_SLOT_BITS, 1, diag);
    }
    if (status == STATUS_OK) {
        status = cspace_open(&root.cspace, &root.kernel, untyped, diag);
    }
    if (status == STATUS_OK) {
        root.hosted = hosted_board_open(&root.board, bootinfo, &root.kernel, &root.cspace);
    }
    if (root.hosted) {
        output_use_board(&root.output, &root.board);
    }
    return status;
}

// Two pages of the image lose their frame: one below the stack, so that an overflow stops the root
// task instead of what lies there, and the window through which targets' frames are filled.
static enum status open_own(struct diag *diag)
{
    root.window = window;
    enum status status = objects_make(&root.auditor, &root.pool, SEL4_OBJECT_ENDPOINT, 0, diag);
    if (status == STATUS_OK) {
        status = objects_make(&root.reply, &root.pool, SEL4_OBJECT_REPLY, 0, diag);
    }
    if (status == STATUS_OK) {
        status =
            vspace_unmap_frame(&root.kernel, bootinfo_frame(root.bootinfo, root_stack_guard), diag);
    }
    if (status == STATUS_OK) {
        status = vspace_unmap_frame(&root.kernel, bootinfo_frame(root.bootinfo, window), diag);
    }
    return status;
}

static const uint8_t *if_known(const uint8_t *digest)
{
    return bytes_all_zero((struct bytes){digest, CRYPTO_DIGEST}) ? NULL : digest;
}

static struct bytes padded_text(const uint8_t *at, size_t size)
{
    size_t len = 0;
    while (len < size && at[len] != 0) {
        len++;
    }
    return (struct bytes){at, len};
}

static void log_start(void)
{
    uint8_t boot[CRYPTO_DIGEST], trust[CRYPTO_DIGEST];
    audit_epoch_begin(&root.epoch, root.bundle.seed);
    crypto_blake2b(boot, (struct crypto_domain){"kpkg.boot", root.clock.start, 0},
                   (struct bytes){root.bundle.seed, sizeof(root.bundle.seed)});
    crypto_wipe(root.bundle.seed, sizeof(root.bundle.seed));
    bundle_forget((uint8_t *)bootinfo_image_from(root.bootinfo, root_image_end).at);
    crypto_blake2b(trust, (struct crypto_domain){"", 0, 0}, root.bundle.trust);
    struct audit_start start = {
        .boot = {boot, 16},
        .nonce = {root.bundle.nonce, root.bundle.nonce_len},
        .trust = trust,
        .kernel = root.hosted ? "hosted" : "sel4",
        .proof = "none", // seL4's proofs do not cover MCS on x86_64; the hosted kernel has none
        .key = root.epoch.run,
        .kernel_image = if_known(root.bundle.kernel),
        .root_image = if_known(root.bundle.root),
        .mcs = true,
        .debug = root.kernel.abi.config.hardware_debug,
        .printing = root.kernel.abi.config.hardware_debug,
    };
    const struct bundle_kernel *built = &root.bundle.built;
    if (built->known) {
        start.sdk = padded_text(built->sdk, sizeof(built->sdk));
        start.debug = built->debug;
        start.printing = built->printing;
    }
    audit_event_start(root_at(&root), &start);
}

static void log_end(const char *reason)
{
    audit_log_settle(&root.log, clock_now(&root.clock), AUDIT_EVERY);
    send_log(&root);
    audit_event_stats(root_at(&root));
    audit_event_end(root_at(&root), reason);
    audit_epoch_seal(root_at(&root), &root.epoch);
    root_flush(&root);
}

static enum status run(struct diag *diag)
{
    enum status status = packages_read_system(&root, diag);
    if (status == STATUS_OK) {
        status = packages_plan(&root, diag);
    }
    if (status == STATUS_OK) {
        status = life_begin(&root, diag);
    }
    struct timer_place place = {
        .pool = &root.pool,
        .auditor = root.auditor,
        .sched_control = root.bootinfo->sched_control.start,
    };
    if (status == STATUS_OK) {
        status = timer_start(&place, diag);
    }
    if (status == STATUS_OK) {
        control_open(&root);
        serve_all(&root);
        life_check(&root);
    }
    return status;
}

_Noreturn void root_main(const struct sel4_bootinfo *bootinfo)
{
    struct diag diag = {0};
    enum status status = open_kernel(bootinfo, &diag);
    if (status == STATUS_OK) {
        status = open_own(&diag);
    }
    if (status == STATUS_OK) {
        status = bundle_read(&root.bundle, bootinfo_image_from(bootinfo, root_image_end), &diag);
    }
    if (status == STATUS_OK && !root.hosted) {
        status = objects_clear_memory(&root.pool, &diag);
    }
    if (status != STATUS_OK) {
        refuse(&diag);
    }
    log_start();
    status = run(&diag);
    if (status != STATUS_OK) {
        audit_event_system_refused(root_at(&root), &diag);
    }
    log_end(status == STATUS_OK && !root.stuck ? "shutdown" : "halt");
    if (root.stuck) {
        panic("every target waits for another one");
    }
    stop(status != STATUS_OK || root.denied);
}
