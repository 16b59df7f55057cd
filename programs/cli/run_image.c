// SPDX-License-Identifier: BSD-2-Clause

// From operands to the boot image that `kpkg run` boots and `kpkg image` writes. The seed is in the
// bundle, so the copy here is wiped when the image has it.

#include "run_image.h"

#include "assertions.h"
#include "compose.h"
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
    if (status == STATUS_OK && code == EXIT_CODE_OK) {
        status = assertions_check(c, &diag);
    }
    return status == STATUS_OK ? code : diag_finish(status, c->at_fault, &diag);
}

static int build(struct file_content *out, const struct run_image_options *options,
                 const struct compose *c)
{
    struct bundle bundle = compose_bundle(c);
    if (options->kernel_image != NULL) {
        memcpy(bundle.kernel, options->kernel_image, sizeof(bundle.kernel));
    }
    if (options->kernel != NULL) {
        bundle.built = describe(options->kernel);
    }
    memcpy(bundle.root, image_root_digest, sizeof(bundle.root));
    memcpy(bundle.nonce, options->request->nonce, sizeof(bundle.nonce));
    bundle.nonce_len = options->request->nonce_len;
    memcpy(bundle.seed, options->request->seed, sizeof(bundle.seed));
    struct diag diag;
    enum status status = image_build(out, image_root(), &bundle, &diag);
    crypto_wipe(bundle.seed, sizeof(bundle.seed));
    return diag_finish(status, NULL, &diag);
}

int run_image(struct file_content *out, struct compose *system,
              const struct run_image_options *options, struct operands operands)
{
    struct diag diag;
    enum status status =
        compose_read(system, operands, options->words->trust, COMPOSE_TRUST_NEEDED, &diag);
    int code = diag_finish(status, system->at_fault, &diag);
    if (code == EXIT_CODE_OK && !options->words->no_precheck) {
        code = precheck(system);
    }
    return code == EXIT_CODE_OK ? build(out, options, system) : code;
}
