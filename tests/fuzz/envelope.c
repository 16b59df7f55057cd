// SPDX-License-Identifier: BSD-2-Clause

// run.intoto.jsonl, which comes with a log: lines that nobody has signed, and whatever the run's
// key may have signed. Only a statement of this boot says when the run was.

#include "attest_envelope.h"
#include "attest_read.h"
#include "audit_note.h"
#include "crypto.h"

#include <string.h>

#include "fuzz.h"

static const uint8_t seed[CRYPTO_SEED] = {1};

static struct audit_note_key key_of_run(void)
{
    struct audit_note_key key = {.id = {0}};
    crypto_ed25519_public_key(key.key, seed);
    return key;
}

// The lines as they are; then the bytes as a statement that the run's key has signed.
int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    const struct bytes boot = bytes_text("4509beb0ab401d71"), input = {at, len};
    struct audit_note_key key = key_of_run();
    struct diag diag = {0};
    uint64_t seconds = 0;
    char *line = NULL;
    size_t line_len = 0;
    FUZZ_CHECK(!attest_read_time(&seconds, input, &key, boot)); // who has no key signs nothing
    FILE *to = open_memstream(&line, &line_len);
    FUZZ_CHECK(to != NULL && attest_envelope_write(to, input, seed, &diag) == STATUS_OK);
    fclose(to);
    struct bytes envelope = {(const uint8_t *)line, line_len};
    if (attest_read_time(&seconds, envelope, &key, boot)) {
        FUZZ_CHECK(memmem(at, len, boot.at, boot.len) != NULL && seconds <= INT64_MAX);
        FUZZ_CHECK(!attest_read_time(&seconds, envelope, &key, bytes_text("another")));
    }
    free(line);
    return 0;
}
