// SPDX-License-Identifier: BSD-2-Clause

// DSSE 1.0: the signature is over PAE(type, payload), so that no statement of another type has the
// same bytes; Ed25519 is deterministic, so that the same statement gives the same envelope.

#include "attest_envelope.h"

#include "base64.h"
#include "crypto.h"

#include <stdlib.h>
#include <string.h>

#define PAYLOAD_TYPE "application/vnd.in-toto+json"

static void write_base64(FILE *to, struct bytes raw)
{
    enum { PART = 3 * 256 }; // no padding but at the end
    for (size_t from = 0; from < raw.len; from += PART) {
        char at[PART / 3 * 4];
        struct text text = text_of(at, sizeof(at));
        size_t len = raw.len - from < PART ? raw.len - from : PART;
        base64_encode(&text, bytes_part(raw, from, len));
        fwrite(at, 1, text.len, to);
    }
}

static void write_hex(FILE *to, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        fprintf(to, "%02x", raw.at[i]);
    }
}

char *attest_envelope_encode(size_t *len, struct bytes payload)
{
    char *pae = NULL;
    FILE *to = open_memstream(&pae, len);
    if (to == NULL) {
        return NULL;
    }
    fprintf(to, "DSSEv1 %zu %s %zu ", strlen(PAYLOAD_TYPE), PAYLOAD_TYPE, payload.len);
    fwrite(payload.at, 1, payload.len, to);
    if (fclose(to) != 0) {
        free(pae);
        return NULL;
    }
    return pae;
}

enum status attest_envelope_write(FILE *to, struct bytes payload, const uint8_t seed[static 32],
                                  struct diag *diag)
{
    uint8_t key[CRYPTO_KEY], key_id[CRYPTO_DIGEST], signature[CRYPTO_SIGNATURE];
    size_t len = 0;
    char *pae = attest_envelope_encode(&len, payload);
    if (pae == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "statement", payload.len);
    }
    crypto_ed25519_public_key(key, seed);
    crypto_sha256(key_id, (struct bytes){key, sizeof(key)});
    crypto_ed25519_sign(signature, (struct bytes){(const uint8_t *)pae, len}, seed);
    free(pae);
    fputs("{\"payloadType\":\"" PAYLOAD_TYPE "\",\"payload\":\"", to);
    write_base64(to, payload);
    fputs("\",\"signatures\":[{\"keyid\":\"", to);
    write_hex(to, (struct bytes){key_id, sizeof(key_id)});
    fputs("\",\"sig\":\"", to);
    write_base64(to, (struct bytes){signature, sizeof(signature)});
    fputs("\"}]}\n", to);
    return STATUS_OK;
}
