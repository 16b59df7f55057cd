// SPDX-License-Identifier: BSD-2-Clause

// Reads from a statement only when its run ended, and only if the run's own key signed it and it
// names the run. Anybody can put a file beside a log.

#include "attest_read.h"

#include "attest_envelope.h"
#include "attest_run.h"
#include "audit_check.h"
#include "base64.h"
#include "crypto.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct bytes string_of(const json_t *object, const char *name)
{
    const json_t *string = json_object_get(object, name);
    return (struct bytes){(const uint8_t *)json_string_value(string), json_string_length(string)};
}

// The statement of an envelope whose signature verifies; the caller frees it.
static char *open_payload(size_t *len, const json_t *envelope, const uint8_t key[static CRYPTO_KEY])
{
    struct bytes text = string_of(envelope, "payload");
    const json_t *first = json_array_get(json_object_get(envelope, "signatures"), 0);
    uint8_t signature[CRYPTO_SIGNATURE];
    size_t signature_len = 0, pae_len = 0;
    char *payload = malloc(text.len + 1);
    char *pae = NULL;
    bool good =
        payload != NULL && base64_decode((uint8_t *)payload, text.len, len, text) &&
        base64_decode(signature, sizeof(signature), &signature_len, string_of(first, "sig")) &&
        signature_len == sizeof(signature);
    if (good) {
        pae = attest_envelope_encode(&pae_len, (struct bytes){(const uint8_t *)payload, *len});
        struct bytes message = {(const uint8_t *)pae, pae_len};
        good = pae != NULL && crypto_ed25519_verify(signature, message, key) == STATUS_OK;
    }
    free(pae);
    if (!good) {
        free(payload);
        return NULL;
    }
    return payload;
}

static bool time_of(uint64_t *seconds, const json_t *statement, struct bytes boot)
{
    const json_t *predicate = json_object_get(statement, "predicate");
    const char *at = json_string_value(json_object_get(predicate, "attestedAt"));
    struct tm utc = {0};
    if (!bytes_is(string_of(statement, "predicateType"), ATTEST_RUN_TYPE) || at == NULL ||
        !bytes_equal(string_of(predicate, "bootId"), boot)) {
        return false;
    }
    const char *end = strptime(at, "%Y-%m-%dT%H:%M:%SZ", &utc);
    time_t time = timegm(&utc);
    *seconds = (uint64_t)time;
    return end != NULL && *end == '\0' && time >= 0;
}

bool attest_read_time(uint64_t *seconds, struct bytes envelopes, const struct audit_note_key *key,
                      struct bytes boot)
{
    bool found = false;
    while (envelopes.len != 0 && !found) {
        bool whole;
        size_t len = 0;
        struct bytes line = audit_check_line(&envelopes, &whole);
        json_t *envelope = json_loadb((const char *)line.at, line.len, 0, NULL);
        char *payload = open_payload(&len, envelope, key->key);
        json_t *statement = payload != NULL ? json_loadb(payload, len, 0, NULL) : NULL;
        found = time_of(seconds, statement, boot);
        json_decref(statement);
        free(payload);
        json_decref(envelope);
    }
    return found;
}
