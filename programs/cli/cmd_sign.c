// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "key_read.h"
#include "package_file.h"
#include "package_sign.h"

// `kpkg sign`: a signature goes into its slot of page 0 and moves nothing else. What is signed has
// been checked to be whole.

struct sign_options {
    const char *key;
};

static int run(const void *given, struct operands operands)
{
    const struct sign_options *options = given;
    if (options->key == NULL) {
        return diag_usage("sign needs --key FILE", NULL);
    }
    const char *path = operands.at[0];
    uint8_t seed[CRYPTO_SEED];
    struct package_file file;
    struct diag diag;
    enum status status = package_file_read_whole(&file, path, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, path, &diag);
    }
    const char *at_fault = options->key;
    status = key_read_private(seed, options->key, &diag);
    if (status == STATUS_OK) {
        at_fault = path;
        status = package_sign(file.content.at, seed, &diag);
        crypto_wipe(seed, sizeof(seed));
    }
    if (status == STATUS_OK) {
        status = file_write(path, file_bytes(&file.content), FILE_REPLACE, &diag);
    }
    package_file_free(&file);
    return diag_finish(status, at_fault, &diag);
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'k',
     .name = "key",
     .value = "FILE",
     .help = "the private key, PEM",
     .offset = offsetof(struct sign_options, key)},
};

const struct command cmd_sign = {
    .name = "sign",
    .operands = "FILE",
    .summary = "Add a signature to a package",
    .details = "The package is checked to be whole before it is signed, and replaced in one step. "
               "Its id does\n"
               "not change. A package has room for sixteen signatures.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct sign_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
