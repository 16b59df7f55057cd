// SPDX-License-Identifier: BSD-2-Clause

// What a run is asked with: the caller's nonce, which makes the log of this run one that no other
// can be, and the seed of the log's key. A deterministic run has a fixed seed: its log proves
// nothing and is the same each time.

#include "run_request.h"

#include "crypto_random.h"
#include "key_read.h"

#include <string.h>

enum { NONCE_MIN = 16 };

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum status read_nonce(struct run_request *out, const char *hex, struct diag *diag)
{
    size_t len = strlen(hex);
    bool fits = len % 2 == 0 && len / 2 >= NONCE_MIN && len / 2 <= sizeof(out->nonce);
    for (size_t i = 0; fits && i < len / 2; i++) {
        int high = digit_of(hex[2 * i]), low = digit_of(hex[2 * i + 1]);
        fits = high >= 0 && low >= 0;
        out->nonce[i] = (uint8_t)(fits ? high * 16 + low : 0);
    }
    if (!fits) {
        enum status status =
            diag_fail(diag, STATUS_USAGE, "a nonce is 16 to 32 bytes in lower-case hex", 0);
        diag_subject(diag, bytes_text(hex));
        return status;
    }
    out->nonce_len = (uint8_t)(len / 2);
    return STATUS_OK;
}

enum status run_request_make(struct run_request *out, const struct run_request_options *options,
                             struct diag *diag)
{
    *out = (struct run_request){0};
    if (options->nonce != NULL && options->nonce[0] != '\0') {
        enum status status = read_nonce(out, options->nonce, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (options->run_key != NULL) {
        return key_read_private(out->seed, options->run_key, diag);
    }
    if (!options->fixed_seed) {
        crypto_random(out->seed, sizeof(out->seed));
    }
    return STATUS_OK;
}
