// SPDX-License-Identifier: BSD-2-Clause

// The hosted kernel as a backend. It runs in this process, traced stubs below it; the digest is of
// its own objects, taken when kpkg is built, so that a log can name the kernel that it came from.

#include "backend.h"

#include "cspaces.h"
#include "hosted_digest.h"
#include "hosted_print.h"
#include "serial_socket.h"

const uint8_t backend_hosted_digest[CRYPTO_DIGEST] = {HOSTED_DIGEST};

static void forward_output(void *context, const uint8_t *at, size_t len)
{
    const struct backend_request *request = context;
    request->output(request->context, (struct bytes){at, len});
}

// What a debug kernel prints comes out of the same serial line.
static void forward_debug(void *context, char c)
{
    const struct backend_request *request = context;
    request->output(request->context, (struct bytes){(const uint8_t *)&c, 1});
}

static void write_trace(void *context, const struct hosted_trace *trace)
{
    const struct backend_request *request = context;
    hosted_print_call(request->trace, request->plan, trace);
}

static void take_cspace(void *context, const struct hosted_cspace *cspace)
{
    const struct backend_request *request = context;
    cspaces_take(request->cspaces, cspace);
}

static struct hosted *hosted_of(struct backend_machine *machine)
{
    return (struct hosted *)(void *)machine;
}

static enum status open_machine(struct backend_machine **machine,
                                const struct backend_request *request, struct diag *diag)
{
    struct serial_end com2 = {0};
    if (request->com2 != NULL) {
        com2 = serial_socket_end(request->com2);
    }
    struct hosted_options options = {
        .config = request->config,
        .deterministic = request->deterministic,
        .fail_invocation = request->fail_invocation,
        .fail_error = request->fail_error,
        .time_limit_us = request->time_limit_us,
        .stop = request->stop,
        .com2 = request->com2 != NULL ? &com2 : NULL,
        .context = (void *)request,
        .output = forward_output,
        .debug = forward_debug,
        .trace = request->trace != NULL ? write_trace : NULL,
        .cspace = request->cspaces != NULL ? take_cspace : NULL,
    };
    struct hosted *hosted = NULL;
    enum status status = hosted_open(&hosted, &options, diag);
    *machine = (struct backend_machine *)(void *)hosted;
    return status;
}

static enum status run(struct backend_result *result, struct backend_machine *machine,
                       const struct backend_request *request, struct diag *diag)
{
    struct hosted_result hosted;
    enum status status = hosted_boot(&hosted, hosted_of(machine), request->image, diag);
    if (status == STATUS_OK) {
        hosted_print_notes(hosted.notes);
        *result = (struct backend_result){.exited = hosted.end == HOSTED_EXIT,
                                          .ending = hosted_print_ending(hosted.end),
                                          .exit_value = hosted.exit_value};
    }
    return status;
}

static void close_machine(struct backend_machine *machine)
{
    hosted_close(hosted_of(machine));
}

const struct backend backend_hosted = {
    .name = "hosted", .open = open_machine, .run = run, .close = close_machine};
