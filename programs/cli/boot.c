// SPDX-License-Identifier: BSD-2-Clause

// From the words of the command line to a run: which backend, what nonce and seed, which image. All
// of it is decided and checked before the machine runs; the seed is wiped when it ends.

#include "boot.h"

#include "diag_print.h"
#include "options.h"
#include "sel4_error.h"

#include <signal.h>
#include <string.h>

// Set by the first SIGINT or SIGTERM: the run ends in order, and the log says so. The second one
// finds the default action again (SA_RESETHAND) and kills.
static volatile int interrupted;

static void interrupt(int signal)
{
    (void)signal;
    interrupted = 1;
}

static enum status read_time_limit(struct backend_request *request, const char *seconds,
                                   struct diag *diag)
{
    enum { MICROSECONDS = 1000000, MAX_SECONDS = 1000000 };
    uint64_t value = 0;
    enum status status = STATUS_OK;
    if (seconds != NULL) {
        status = options_number(&value, seconds, MAX_SECONDS, diag);
    }
    request->time_limit_us = value * MICROSECONDS;
    return status;
}

// "N" or "N=ERROR".
static enum status read_failure(struct backend_request *request, const char *text,
                                struct diag *diag)
{
    char number[24] = {0};
    uint64_t error = SEL4_ERROR_ILLEGAL_OPERATION;
    if (text == NULL) {
        return STATUS_OK;
    }
    size_t len = strcspn(text, "=");
    if (len >= sizeof(number)) {
        return diag_fail(diag, STATUS_USAGE, "--fail-invocation takes fewer digits, not", len);
    }
    memcpy(number, text, len);
    enum status status = options_number(&request->fail_invocation, number, UINT64_MAX / 10, diag);
    if (status == STATUS_OK && text[len] == '=') {
        status = options_number(&error, text + len + 1, SEL4_ERROR_COUNT - 1, diag);
    }
    request->fail_error = (unsigned)error;
    return status;
}

// A word of the command line that only the other kind of kernel knows.
static int check_options(const struct boot_options *options, bool real,
                         const struct backend_request *request)
{
    const struct {
        bool given;
        const char *name;
    } hosted_only[] = {{options->as != NULL, "--as"},
                       {options->deterministic, "--deterministic"},
                       {options->fail_invocation != NULL, "--fail-invocation"},
                       {request->cspaces != NULL, "--cspace"},
                       {request->trace != NULL, "--trace"}};
    for (size_t i = 0; real && i < sizeof(hosted_only) / sizeof(hosted_only[0]); i++) {
        if (hosted_only[i].given) {
            return diag_usage("only the hosted kernel has this option", hosted_only[i].name);
        }
    }
    if (options->com2 != NULL && options->control != NULL) {
        return diag_usage("--com2 and --control are one line", options->control);
    }
    if (!real && options->image.config != NULL) {
        return diag_usage("only a real kernel has this option", "--config");
    }
    return EXIT_CODE_OK;
}

// The backend that --kernel asks for; its errors are printed.
static int choose(struct boot *boot, const struct boot_options *options)
{
    bool real = options->image.kernel != NULL && strcmp(options->image.kernel, "hosted") != 0;
    int code = check_options(options, real, &boot->request);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (!real) {
        boot->any_program_prints = options->as != NULL && strstr(options->as, "debug") != NULL;
        boot->backend = &backend_hosted;
        return EXIT_CODE_OK;
    }
    struct diag diag;
    const char *path = strcmp(options->image.kernel, "sel4") == 0 ? NULL : options->image.kernel;
    code = diag_finish(kernel_find(&boot->kernel, path, options->image.config, &diag), path, &diag);
    boot->any_program_prints = boot->kernel.config.printing;
    boot->backend = &backend_qemu;
    boot->request.kernel = &boot->kernel;
    return code;
}

static void make_vkey(struct boot *boot)
{
    uint8_t key[CRYPTO_KEY];
    struct text vkey = text_of(boot->vkey, sizeof(boot->vkey));
    crypto_ed25519_public_key(key, boot->ask.seed);
    audit_note_put_vkey(&vkey, key, key);
    boot->vkey_len = vkey.len;
    // The session verifies with the same text that is written beside the log.
    bool read = audit_note_read_vkey(&boot->key, text_bytes(&vkey));
    (void)read; // it is what was written
}

static int connect_com2(struct boot *boot, const char *path)
{
    struct diag diag;
    if (path == NULL) {
        return EXIT_CODE_OK;
    }
    boot->request.com2 = &boot->com2;
    return diag_finish(serial_socket_open(&boot->com2, path, &interrupted, &diag), path, &diag);
}

// Nonce and seed, and the key that the seed is of.
static enum status make_request(struct boot *boot, const struct boot_options *options,
                                struct diag *diag)
{
    const struct run_request_options ask = {.nonce = options->image.nonce,
                                            .run_key = options->image.run_key,
                                            .fixed_seed = options->deterministic};
    enum status status = run_request_make(&boot->ask, &ask, diag);
    if (status == STATUS_OK) {
        make_vkey(boot);
    }
    return status;
}

static int make_image(struct boot *boot, const struct boot_options *options,
                      struct operands operands)
{
    const uint8_t *digest =
        boot->request.kernel != NULL ? boot->kernel.digest : backend_hosted_digest;
    const struct run_image_options how = {.words = &options->image,
                                          .kernel = boot->request.kernel,
                                          .kernel_image = digest,
                                          .request = &boot->ask};
    return run_image(&boot->image, boot->system, &how, operands);
}

// The image is made beside the machine: neither needs the other. What is wrong with the image comes
// first.
static int make_both(struct boot *boot, const struct boot_options *options,
                     struct operands operands)
{
    struct diag machine_diag, diag;
    enum status machine = boot->backend->open != NULL
                              ? boot->backend->open(&boot->machine, &boot->request, &machine_diag)
                              : STATUS_OK;
    enum status status = make_request(boot, options, &diag);
    int code = diag_finish(status, options->image.run_key, &diag);
    if (code == EXIT_CODE_OK) {
        code = make_image(boot, options, operands);
    }
    if (code == EXIT_CODE_OK && options->control != NULL && !boot->system->system.control.allowed) {
        code = diag_usage("the system file has no [control]", "--control");
    }
    return code != EXIT_CODE_OK ? code : diag_finish(machine, NULL, &machine_diag);
}

int boot_prepare(struct boot *boot, const struct boot_options *options, struct operands operands)
{
    struct diag diag;
    boot->request.config = options->as;
    boot->request.deterministic = options->deterministic;
    boot->request.stop = &interrupted;
    enum status status = read_time_limit(&boot->request, options->time_limit, &diag);
    if (status == STATUS_OK) {
        status = read_failure(&boot->request, options->fail_invocation, &diag);
    }
    if (status != STATUS_OK) {
        return diag_finish(status, NULL, &diag);
    }
    int code = choose(boot, options);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    boot->system = compose_new();
    if (boot->system == NULL) {
        return EXIT_CODE_TROUBLE;
    }
    boot->request.plan = &boot->system->plan;
    code = connect_com2(boot, options->control != NULL ? options->control : options->com2);
    return code == EXIT_CODE_OK ? make_both(boot, options, operands) : code;
}

struct audit_expected boot_expected(const struct boot *boot)
{
    return (struct audit_expected){.vkey = {(const uint8_t *)boot->vkey, boot->vkey_len},
                                   .key = &boot->key};
}

// Exit codes are ordered: the higher one says more against the run.
static int larger(int a, int b)
{
    return a > b ? a : b;
}

int boot_run(struct boot *boot, struct session *session)
{
    struct backend_result result;
    struct diag diag;
    boot->request.image = file_bytes(&boot->image);
    boot->request.output = session_feed;
    boot->request.context = session;
    session->any_program_prints = boot->any_program_prints;
    session->outcome.check.expected = boot_expected(boot);
    session->outcome.check.expected.every_signature = true;
    session_start(session);
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    enum status status = boot->backend->run(&result, boot->machine, &boot->request, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, NULL, &diag);
    }
    int code = session_end(session);
    if (!result.exited) {
        fprintf(stderr, "kpkg: %s\n", result.ending);
        code = larger(code, EXIT_CODE_INCOMPLETE);
    } else if (result.exit_value != 0) {
        code = larger(code, EXIT_CODE_REFUSED);
    }
    return code;
}

void boot_free(struct boot *boot)
{
    crypto_wipe(&boot->ask, sizeof(boot->ask));
    file_wipe(&boot->image);
    if (boot->machine != NULL) {
        boot->backend->close(boot->machine);
    }
    compose_free(boot->system);
    serial_socket_close(&boot->com2);
}
