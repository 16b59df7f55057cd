// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "key_read.h"
#include "package_file.h"
#include "package_sign.h"

// `kpkg payload`: the bytes to sign, for a key that is elsewhere.

struct payload_options {
    const char *key;
    const char *output;
};

static int run(const void *given, struct operands operands)
{
    const struct payload_options *options = given;
    if (options->key == NULL || options->output == NULL) {
        return diag_usage("payload needs --key PUBLIC and --output FILE", NULL);
    }
    const char *at_fault = operands.at[0];
    uint8_t key[CRYPTO_KEY], payload[PACKAGE_DIGEST_MESSAGE];
    bool secret = false;
    struct package_file file;
    struct diag diag;
    enum status status = package_file_read_whole(&file, at_fault, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, at_fault, &diag);
    }
    at_fault = options->key;
    status = key_read_public(key, &secret, options->key, &diag);
    if (status == STATUS_OK) {
        package_sign_payload(payload, file.content.at, key);
        at_fault = options->output;
        status = file_write(options->output, (struct bytes){payload, sizeof(payload)}, FILE_REPLACE,
                            &diag);
    }
    package_file_free(&file);
    return diag_finish(status, at_fault, &diag);
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'k',
     .name = "key",
     .value = "FILE",
     .help = "the public key that will sign",
     .offset = offsetof(struct payload_options, key)},
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the 96 bytes",
     .offset = offsetof(struct payload_options, output)},
};

const struct command cmd_payload = {
    .name = "payload",
    .operands = "FILE",
    .summary = "Write what an offline key or an HSM has to sign",
    .details =
        "The 96 bytes name this package and the key. Sign them with plain Ed25519, for example\n"
        "`openssl pkeyutl -sign -rawin -inkey KEY -in PAYLOAD -out SIGNATURE`, `signify -S` or\n"
        "`minisign -S -l`; then `kpkg attach`.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct payload_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
