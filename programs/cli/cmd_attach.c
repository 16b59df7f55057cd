// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "key_read.h"
#include "package_file.h"
#include "package_sign.h"

// `kpkg attach`: a signature that was made elsewhere, over what `kpkg payload` wrote.

struct attach_options {
    const char *payload;
    const char *signature;
};

static int run(const void *given, struct operands operands)
{
    const struct attach_options *options = given;
    if (options->payload == NULL || options->signature == NULL) {
        return diag_usage("attach needs --payload FILE and --signature FILE", NULL);
    }
    const char *path = operands.at[0];
    uint8_t payload[PACKAGE_DIGEST_MESSAGE], signature[CRYPTO_SIGNATURE];
    struct package_file file;
    struct diag diag;
    enum status status = package_file_read_whole(&file, path, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, path, &diag);
    }
    const char *at_fault = options->payload;
    status = key_read_payload(payload, options->payload, &diag);
    if (status == STATUS_OK) {
        at_fault = options->signature;
        status = key_read_signature(signature, options->signature, &diag);
    }
    if (status == STATUS_OK) {
        status = package_sign_attach(file.content.at, payload, signature, &diag);
    }
    if (status == STATUS_OK) {
        at_fault = path;
        status = file_write(path, file_bytes(&file.content), FILE_REPLACE, &diag);
    }
    package_file_free(&file);
    return diag_finish(status, at_fault, &diag);
}

static const struct option_spec OPTIONS[] = {
    {.name = "payload",
     .value = "FILE",
     .help = "what was signed",
     .offset = offsetof(struct attach_options, payload)},
    {.name = "signature",
     .value = "FILE",
     .help = "64 bytes, or a file of signify or minisign -l",
     .offset = offsetof(struct attach_options, signature)},
};

const struct command cmd_attach = {
    .name = "attach",
    .operands = "FILE",
    .summary = "Add a signature that was made elsewhere",
    .details = "The signature is checked first; nothing is written when it is not one over the "
               "payload of\n"
               "this package.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct attach_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
