// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "key_read.h"
#include "trust_file.h"

// `kpkg trust sign`, `payload` and `attach`: signatures of root keys over the next trust file, kept
// beside it. The file is checked to be a trust file that can follow another before anybody signs.

struct trust_sign_options {
    const char *key;
    const char *output;
    const char *payload;
    const char *signature;
};

static enum status read_signable(struct trust_file *file, const char *path, struct diag *diag)
{
    enum status status = trust_file_read(file, path, diag);
    if (status == STATUS_OK && file->anchor.trust.root_threshold == 0) {
        status = diag_fail(diag, STATUS_POLICY_NO_ROOT, "the new file", 0);
    }
    return status == STATUS_OK ? trust_file_read_records(file, diag) : status;
}

static enum status sign(struct trust_file *file, const struct trust_sign_options *options,
                        struct diag *diag)
{
    uint8_t seed[CRYPTO_SEED], payload[TRUST_UPDATE_MESSAGE];
    struct package_slot slot;
    file->at_fault = options->key;
    enum status status = key_read_private(seed, options->key, diag);
    if (status != STATUS_OK) {
        return status;
    }
    crypto_ed25519_public_key(slot.key, seed);
    trust_file_payload(payload, file, slot.key);
    crypto_ed25519_sign(slot.signature, (struct bytes){payload, sizeof(payload)}, seed);
    crypto_wipe(seed, sizeof(seed));
    return trust_file_add(file, &slot, diag);
}

static enum status write_payload(struct trust_file *file, const struct trust_sign_options *options,
                                 struct diag *diag)
{
    uint8_t key[CRYPTO_KEY], payload[TRUST_UPDATE_MESSAGE];
    bool secret = false;
    file->at_fault = options->key;
    enum status status = key_read_public(key, &secret, options->key, diag);
    if (status != STATUS_OK) {
        return status;
    }
    trust_file_payload(payload, file, key);
    file->at_fault = options->output;
    return file_write(options->output, (struct bytes){payload, sizeof(payload)}, FILE_REPLACE,
                      diag);
}

static enum status attach(struct trust_file *file, const struct trust_sign_options *options,
                          struct diag *diag)
{
    uint8_t payload[PACKAGE_DIGEST_MESSAGE], ours[TRUST_UPDATE_MESSAGE];
    struct package_slot slot;
    file->at_fault = options->payload;
    enum status status = key_read_payload(payload, options->payload, diag);
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(slot.key, payload + PACKAGE_DIGEST_MESSAGE_KEY, CRYPTO_KEY);
    trust_file_payload(ours, file, slot.key);
    if (memcmp(ours, payload, sizeof(ours)) != 0) {
        return diag_fail(diag, STATUS_SIG_OTHER_PACKAGE, "payload", 0);
    }
    file->at_fault = options->signature;
    status = key_read_signature(slot.signature, options->signature, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = crypto_ed25519_verify(slot.signature, (struct bytes){ours, sizeof(ours)}, slot.key);
    return status == STATUS_OK ? trust_file_add(file, &slot, diag)
                               : diag_fail(diag, status, "signature", 0);
}

// Does `step` with the file that the command line names.
static int run(enum status (*step)(struct trust_file *file,
                                   const struct trust_sign_options *options, struct diag *diag),
               const struct trust_sign_options *options, struct operands operands)
{
    struct trust_file file;
    struct diag diag;
    enum status status = read_signable(&file, operands.at[0], &diag);
    if (status == STATUS_OK) {
        status = step(&file, options, &diag);
    }
    int code = diag_finish(status, file.at_fault, &diag);
    trust_file_free(&file);
    return code;
}

static int run_sign(const void *given, struct operands operands)
{
    const struct trust_sign_options *options = given;
    return options->key != NULL ? run(sign, options, operands)
                                : diag_usage("trust sign needs --key FILE", NULL);
}

static int run_payload(const void *given, struct operands operands)
{
    const struct trust_sign_options *options = given;
    return options->key != NULL && options->output != NULL
               ? run(write_payload, options, operands)
               : diag_usage("trust payload needs --key PUBLIC and --output FILE", NULL);
}

static int run_attach(const void *given, struct operands operands)
{
    const struct trust_sign_options *options = given;
    return options->payload != NULL && options->signature != NULL
               ? run(attach, options, operands)
               : diag_usage("trust attach needs --payload FILE and --signature FILE", NULL);
}

static const struct option_spec SIGN_OPTIONS[] = {
    {.letter = 'k',
     .name = "key",
     .value = "FILE",
     .help = "the private root key, PEM",
     .offset = offsetof(struct trust_sign_options, key)},
};

static const struct option_spec PAYLOAD_OPTIONS[] = {
    {.letter = 'k',
     .name = "key",
     .value = "FILE",
     .help = "the public root key that will sign",
     .offset = offsetof(struct trust_sign_options, key)},
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the 96 bytes",
     .offset = offsetof(struct trust_sign_options, output)},
};

static const struct option_spec ATTACH_OPTIONS[] = {
    {.name = "payload",
     .value = "FILE",
     .help = "what was signed",
     .offset = offsetof(struct trust_sign_options, payload)},
    {.name = "signature",
     .value = "FILE",
     .help = "64 bytes, or a file of signify or minisign -l",
     .offset = offsetof(struct trust_sign_options, signature)},
};

#define TRUST_SIGN_COMMAND(LIST)                                                                   \
    .operands = "NEW.toml", .options = (LIST), .option_count = sizeof(LIST) / sizeof((LIST)[0]),   \
    .options_size = sizeof(struct trust_sign_options), .min_operands = 1, .max_operands = 1

const struct command cmd_trust_sign = {
    .name = "trust sign",
    .summary = "Sign a new trust file with a root key",
    .details =
        "The signature goes to NEW.toml.sig, beside those of others, and is over every byte "
        "of the\n"
        "file: whoever changes it afterwards removes NEW.toml.sig and has it signed again.\n",
    TRUST_SIGN_COMMAND(SIGN_OPTIONS),
    .run = run_sign,
};

const struct command cmd_trust_payload = {
    .name = "trust payload",
    .summary = "Write what an offline root key has to sign for a new trust file",
    .details = "The 96 bytes name the file, its counter and the key. Sign them as those of `kpkg "
               "payload`;\n"
               "then `kpkg trust attach`.\n",
    TRUST_SIGN_COMMAND(PAYLOAD_OPTIONS),
    .run = run_payload,
};

const struct command cmd_trust_attach = {
    .name = "trust attach",
    .summary = "Add a root key's signature that was made elsewhere",
    .details = "The signature is checked first; nothing is written when it is not one over the "
               "payload of\n"
               "this trust file. It goes to NEW.toml.sig.\n",
    TRUST_SIGN_COMMAND(ATTACH_OPTIONS),
    .run = run_attach,
};
