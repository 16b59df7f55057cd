// SPDX-License-Identifier: BSD-2-Clause

// The stages under test, for the oracles: prints one line, "KPKG_OK" and a value or an error's
// name.
//   package_tool write NAME COUNTER MANIFEST BINARY OUT [PRIVATE.pem...]
//   package_tool verify FILE PUBLIC.pem...       prints the package id
//   package_tool payload FILE PUBLIC OUT
//   package_tool attach FILE PAYLOAD SIGNATURE
//   package_tool public PRIVATE.pem OUT.pem
//   package_tool private PRIVATE.pem OUT.pem     reads and writes it again

#include "crypto_start.h"
#include "key_file.h"
#include "package_sign.h"
#include "package_write.h"
#include "verify_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void finish(enum status status)
{
    if (status != STATUS_OK) {
        puts(status_name(status));
        exit(1);
    }
}

// Memory for the rest of the run; the list keeps it reachable for the leak checker.
static uint8_t *take(size_t len)
{
    static uint8_t *taken[64];
    static size_t count;
    finish(count < sizeof taken / sizeof taken[0] ? STATUS_OK : STATUS_NO_MEMORY);
    taken[count] = calloc(1, len + 1);
    finish(taken[count] != NULL ? STATUS_OK : STATUS_NO_MEMORY);
    return taken[count++];
}

static struct bytes load(const char *path)
{
    FILE *in = fopen(path, "rb");
    finish(in == NULL ? STATUS_IO : STATUS_OK);
    finish(fseek(in, 0, SEEK_END) == 0 ? STATUS_OK : STATUS_IO);
    size_t len = (size_t)ftell(in);
    rewind(in);
    uint8_t *at = take(len);
    finish(fread(at, 1, len, in) == len ? STATUS_OK : STATUS_IO);
    fclose(in);
    return (struct bytes){at, len};
}

static void store(const char *path, struct bytes data)
{
    FILE *out = fopen(path, "wb");
    finish(out == NULL ? STATUS_IO : STATUS_OK);
    finish(fwrite(data.at, 1, data.len, out) == data.len && fclose(out) == 0 ? STATUS_OK
                                                                             : STATUS_IO);
}

static void ok(struct bytes value)
{
    char hex[2 * PACKAGE_DIGEST_MESSAGE];
    struct text out = text_of(hex, sizeof hex);
    text_put_hex(&out, value);
    printf("%s %.*s\n", status_name(STATUS_OK), (int)out.len, hex);
}

static void write_package(char **argument)
{
    uint64_t len;
    const struct package_parts parts = {
        .name = bytes_text(argument[0]),
        .counter = strtoull(argument[1], NULL, 10),
        .manifest = load(argument[2]),
        .binary = load(argument[3]),
    };
    finish(package_write_length(&len, &parts, NULL));
    uint8_t *file = take(len);
    finish(package_write(file, &parts, NULL));
    for (char **key = argument + 5; *key != NULL; key++) {
        uint8_t seed[CRYPTO_SEED];
        finish(key_file_private(seed, load(*key), NULL));
        finish(package_sign(file, seed, NULL));
    }
    store(argument[4], (struct bytes){file, len});
    ok((struct bytes){file, 0});
}

static void verify_package_file(char **argument)
{
    static struct trust_key keys[BOUND_SIGNATURES];
    static const struct trust_rule rule = {.names = {(const uint8_t *)"*", 1}, .threshold = 1};
    struct trust trust = {.keys = keys, .rules = &rule, .rule_count = 1};
    struct verify_file file;
    trust.binary_max = PACKAGE_BINARY_MAX;
    for (char **key = argument + 1; *key != NULL && trust.key_count < BOUND_SIGNATURES; key++) {
        struct trust_key *k = &keys[trust.key_count++];
        *k = (struct trust_key){.names = &rule.names, .name_count = 1, .counter_high = UINT64_MAX};
        finish(key_file_public(k->key, load(*key), NULL));
    }
    finish(verify_file_open(&file, argument[0], &trust, NULL, NULL));
    finish(file.verified.decision.signer_count == trust.key_count ? STATUS_OK : STATUS_THRESHOLD);
    ok((struct bytes){file.verified.package.id, CRYPTO_DIGEST});
    verify_file_close(&file);
}

static void payload(char **argument)
{
    uint8_t key[CRYPTO_KEY];
    uint8_t message[PACKAGE_DIGEST_MESSAGE];
    finish(key_file_public(key, load(argument[1]), NULL));
    package_sign_payload(message, load(argument[0]).at, key);
    store(argument[2], (struct bytes){message, sizeof message});
    ok((struct bytes){message, sizeof message});
}

static void attach(char **argument)
{
    struct bytes file = load(argument[0]);
    struct bytes message = load(argument[1]);
    uint8_t page0[BOUND_PAGE];
    uint8_t signature[CRYPTO_SIGNATURE];
    memcpy(page0, file.at, sizeof page0);
    finish(message.len == PACKAGE_DIGEST_MESSAGE ? STATUS_OK : STATUS_SIG_OTHER_PACKAGE);
    finish(key_file_signature(signature, load(argument[2]), NULL));
    finish(package_sign_attach(page0, message.at, signature, NULL));
    memcpy((void *)(uintptr_t)file.at, page0, sizeof page0);
    store(argument[0], file);
    ok((struct bytes){page0, 0});
}

// Both rewrite a private key: the public one of it, or the same again.
static void rewrite(char **argument, bool public)
{
    char pem[KEY_FILE_MAX];
    struct text out = text_of(pem, sizeof pem);
    uint8_t seed[CRYPTO_SEED];
    uint8_t key[CRYPTO_KEY];
    finish(key_file_private(seed, load(argument[0]), NULL));
    crypto_ed25519_public_key(key, seed);
    if (public) {
        key_file_write_public(&out, key);
    } else {
        key_file_write_private(&out, seed);
    }
    store(argument[1], text_bytes(&out));
    ok((struct bytes){key, sizeof key});
}

int main(int argc, char **argv)
{
    if (crypto_start() != STATUS_OK || argc < 4) {
        return 2;
    }
    if (strcmp(argv[1], "write") == 0 && argc >= 7) {
        write_package(argv + 2);
    } else if (strcmp(argv[1], "verify") == 0) {
        verify_package_file(argv + 2);
    } else if (strcmp(argv[1], "payload") == 0 && argc == 5) {
        payload(argv + 2);
    } else if (strcmp(argv[1], "attach") == 0 && argc == 5) {
        attach(argv + 2);
    } else if (strcmp(argv[1], "public") == 0) {
        rewrite(argv + 2, true);
    } else if (strcmp(argv[1], "private") == 0) {
        rewrite(argv + 2, false);
    } else {
        return 2;
    }
    return 0;
}
