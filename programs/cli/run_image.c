// SPDX-License-Identifier: BSD-2-Clause
#include "run_image.h"

#include "compose.h"
#include "crypto_random.h"
#include "diag_print.h"
#include "image.h"
#include "kernel_find.h"

#include <string.h>

static struct bundle_kernel describe(const struct kernel *kernel)
{
    struct bundle_kernel facts = {
        .known = true, .debug = kernel->config.debug, .printing = kernel->config.printing};
    _Static_assert(sizeof(facts.sdk) == sizeof(kernel->sdk), "a version fits");
    memcpy(facts.sdk, kernel->sdk, strlen(kernel->sdk));
    return facts;
}

// The host judges first, so that errors come early and with the name of a file.
static int precheck(struct compose *c)
{
    struct diag diag;
    enum status status = compose_check(c, &diag);
    int code = compose_report(c);
    return status == STATUS_OK ? code : diag_finish(status, c->at_fault, &diag);
}

static enum status read_seed(uint8_t seed[static CRYPTO_SEED], const char *path, struct diag *diag)
{
    struct file_content file = {0};
    enum status status = file_read(&file, path, CRYPTO_SEED, diag);
    if (status == STATUS_OK && file.len != CRYPTO_SEED) {
        status = diag_fail(diag, STATUS_USAGE, "a seed has 32 bytes, not", file.len);
    }
    if (status == STATUS_OK) {
        memcpy(seed, file.at, CRYPTO_SEED);
    }
    file_wipe(&file);
    return status;
}

static int build(struct file_content *out, const struct run_image_options *options,
                 const struct compose *c)
{
    struct bundle bundle = compose_bundle(c);
    if (options->kernel != NULL) {
        memcpy(bundle.kernel, options->kernel->digest, sizeof(bundle.kernel));
        bundle.built = describe(options->kernel);
    }
    struct diag diag;
    enum status status = STATUS_OK;
    if (options->seed != NULL) {
        status = read_seed(bundle.seed, options->seed, &diag);
    } else if (!options->fixed_seed) {
        crypto_random(bundle.seed, sizeof(bundle.seed));
    }
    if (status == STATUS_OK) {
        status = image_build(out, image_root(), &bundle, &diag);
    }
    crypto_wipe(bundle.seed, sizeof(bundle.seed));
    return diag_finish(status, options->seed, &diag);
}

int run_image(struct file_content *out, const struct run_image_options *options,
              struct operands operands)
{
    struct compose *c = compose_new();
    struct diag diag;
    if (c == NULL) {
        return EXIT_CODE_TROUBLE;
    }
    int code = EXIT_CODE_OK;
    enum status status = compose_read(c, operands, options->trust, COMPOSE_TRUST_NEEDED, &diag);
    if (status != STATUS_OK) {
        diag_print(c->at_fault, &diag);
        code = diag_exit_code(status);
    } else if (!options->no_precheck) {
        code = precheck(c);
    }
    if (code == EXIT_CODE_OK) {
        code = build(out, options, c);
    }
    compose_free(c);
    return code;
}
