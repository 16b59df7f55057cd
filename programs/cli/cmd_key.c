// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "crypto_random.h"
#include "diag_print.h"
#include "file.h"
#include "json_bytes.h"
#include "key_file.h"
#include "key_read.h"
#include "print.h"

#include <stdlib.h>
#include <unistd.h>

// `kpkg key generate`, `show` and `import`: Ed25519 keys as openssl writes them.

struct key_options {
    const char *output;
    bool json;
};

static void show(const char *path, const uint8_t key[static CRYPTO_KEY], const char *kind,
                 bool json)
{
    const char *hex = print_hex(key, CRYPTO_KEY);
    if (json) {
        print_json(json_pack("{s:s, s:o, s:s, s:s}", "schema", "kpkg.key/v1", "file",
                             json_bytes_text(bytes_text(path)), "kind", kind, "ed25519", hex));
    } else {
        printf("ed25519 = \"%s\"\n", hex);
    }
}

static enum status write_public(const char *path, const uint8_t key[static CRYPTO_KEY],
                                enum file_kind kind, struct diag *diag)
{
    char pem[KEY_FILE_MAX];
    struct text t = text_of(pem, sizeof(pem));
    key_file_write_public(&t, key);
    return file_write(path, text_bytes(&t), kind, diag);
}

// Never over a file that exists: a lost key cannot be had back.
static enum status write_private(const char *path, const uint8_t seed[static CRYPTO_SEED],
                                 struct diag *diag)
{
    char pem[KEY_FILE_MAX];
    struct text t = text_of(pem, sizeof(pem));
    key_file_write_private(&t, seed);
    enum status status = file_write(path, text_bytes(&t), FILE_SECRET_NEW, diag);
    crypto_wipe(pem, sizeof(pem));
    return status;
}

// Both files or none, and nothing that was there is touched. The public one comes first: alone it
// is of no use to anybody.
static enum status write_pair(const char **at_fault, const char *path, const char *public_path,
                              const uint8_t seed[static CRYPTO_SEED], struct diag *diag)
{
    uint8_t key[CRYPTO_KEY];
    crypto_ed25519_public_key(key, seed);
    *at_fault = public_path;
    enum status status = write_public(public_path, key, FILE_NEW, diag);
    if (status != STATUS_OK) {
        return status;
    }
    *at_fault = path;
    status = write_private(path, seed, diag);
    if (status != STATUS_OK) {
        unlink(public_path);
    }
    return status;
}

static int run_generate(const void *given, struct operands operands)
{
    const struct key_options *options = given;
    const char *path = operands.at[0];
    char *public_path = NULL;
    if (asprintf(&public_path, "%s.pub", path) < 0) {
        return diag_no_memory("file name");
    }
    uint8_t seed[CRYPTO_SEED], key[CRYPTO_KEY];
    struct diag diag;
    const char *at_fault = path;
    crypto_random(seed, sizeof(seed));
    crypto_ed25519_public_key(key, seed);
    enum status status = write_pair(&at_fault, path, public_path, seed, &diag);
    crypto_wipe(seed, sizeof(seed));
    if (status == STATUS_OK) {
        show(path, key, "private", options->json);
    } else {
        diag_print(at_fault, &diag);
    }
    free(public_path);
    return diag_exit_code(status);
}

static int run_show(const void *given, struct operands operands)
{
    const struct key_options *options = given;
    uint8_t key[CRYPTO_KEY];
    bool secret = false;
    struct diag diag;
    enum status status = key_read_public(key, &secret, operands.at[0], &diag);
    if (status == STATUS_OK) {
        show(operands.at[0], key, secret ? "private" : "public", options->json);
    } else {
        diag_print(operands.at[0], &diag);
    }
    return diag_exit_code(status);
}

static int run_import(const void *given, struct operands operands)
{
    const struct key_options *options = given;
    if (options->output == NULL) {
        return diag_usage("key import needs --output FILE", NULL);
    }
    uint8_t key[CRYPTO_KEY];
    bool secret = false;
    struct diag diag;
    const char *at_fault = operands.at[0];
    enum status status = key_read_public(key, &secret, at_fault, &diag);
    if (status == STATUS_OK) {
        at_fault = options->output;
        status = write_public(options->output, key, FILE_REPLACE, &diag);
    }
    if (status == STATUS_OK) {
        show(options->output, key, "public", options->json);
    } else {
        diag_print(at_fault, &diag);
    }
    return diag_exit_code(status);
}

static const struct option_spec OPTIONS[] = {
    {.name = "json",
     .help = "write JSON kpkg.key/v1",
     .offset = offsetof(struct key_options, json)},
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the public key",
     .offset = offsetof(struct key_options, output)},
};
enum { WITHOUT_OUTPUT = 1, WITH_OUTPUT = 2 };

const struct command cmd_key_generate = {
    .name = "key generate",
    .operands = "FILE",
    .summary = "Make a key: FILE is the secret, FILE.pub goes to others",
    .details = "Writes PKCS#8 and SubjectPublicKeyInfo PEM, as `openssl genpkey -algorithm "
               "ed25519` does. The\n"
               "secret is readable by its owner alone and nothing is overwritten. Prints the "
               "public key as\n"
               "a trust file lists it.\n",
    .options = OPTIONS,
    .option_count = WITHOUT_OUTPUT,
    .options_size = sizeof(struct key_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run_generate,
};

const struct command cmd_key_show = {
    .name = "key show",
    .operands = "FILE",
    .summary = "Print the public key of a key file, as a trust file lists it",
    .details = "Reads private and public PEM files and the public keys of minisign and signify.\n",
    .options = OPTIONS,
    .option_count = WITHOUT_OUTPUT,
    .options_size = sizeof(struct key_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run_show,
};

const struct command cmd_key_import = {
    .name = "key import",
    .operands = "FILE",
    .summary = "Write the public key of minisign, signify or openssl as PEM",
    .details =
        "Secret keys of minisign and signify stay where they are: sign the payload with their own\n"
        "tool (`kpkg payload`, then `kpkg attach`).\n",
    .options = OPTIONS,
    .option_count = WITH_OUTPUT,
    .options_size = sizeof(struct key_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run_import,
};
