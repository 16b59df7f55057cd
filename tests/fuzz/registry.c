// SPDX-License-Identifier: BSD-2-Clause

// What a registry sends: a manifest, a challenge, a token or an error, an address. The first byte
// chooses which. A manifest that is accepted is one that we could have written.

#include "artifact.h"
#include "challenge.h"
#include "reply.h"
#include "url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fuzz.h"

enum { SIZE_MAX_HERE = 1 << 30 };

static void read_artifact(struct bytes from)
{
    struct artifact artifact, again;
    struct diag diag = {0};
    enum status status = artifact_read(&artifact, from, SIZE_MAX_HERE, &diag);
    if (status != STATUS_OK) {
        FUZZ_CHECK(status == STATUS_REGISTRY_ARTIFACT && diag.status == status);
        return;
    }
    FUZZ_CHECK(artifact_digest_is_valid(artifact.digest) && artifact.size <= SIZE_MAX_HERE);
    json_t *none = json_object();
    char *text = artifact_write(&artifact, none);
    FUZZ_CHECK(text != NULL);
    FUZZ_CHECK(artifact_read(&again, bytes_text(text), SIZE_MAX_HERE, &diag) == STATUS_OK);
    FUZZ_CHECK(again.size == artifact.size && strcmp(again.digest, artifact.digest) == 0);
    free(text);
    json_decref(none);
}

static void read_challenge(const char *text)
{
    struct challenge challenge;
    struct diag diag = {0};
    enum status status = challenge_read(&challenge, text, &diag);
    FUZZ_CHECK(status == STATUS_OK || status == STATUS_REGISTRY_ANSWER);
    if (status == STATUS_OK && challenge.kind == CHALLENGE_BEARER) {
        FUZZ_CHECK(challenge.realm[0] != '\0' && strlen(challenge.realm) < CHALLENGE_VALUE);
    }
}

static void read_reply(struct bytes from)
{
    char room[DIAG_SUBJECT];
    struct text reason = text_of(room, sizeof room);
    reply_put_reason(&reason, from);
    FUZZ_CHECK(reason.len <= sizeof room);
    free(reply_token(from));
}

// Wherever an address leads, it is HTTPS or a loopback address, and never the latter from HTTPS.
static void follow(const char *text)
{
    char url[URL_MAX];
    if (url_resolve(url, "https://registry.example/v2/a/blobs/uploads/", text) &&
        url_allowed(url, "https://registry.example")) {
        FUZZ_CHECK(strncmp(url, "https://", 8) == 0);
    }
    if (url_resolve(url, "http://127.0.0.1:5000/v2/a/blobs/uploads/", text) &&
        url_allowed(url, "http://127.0.0.1:5000") && strncmp(url, "http://", 7) == 0) {
        FUZZ_CHECK(strncmp(url + 7, "127.", 4) == 0 || strncmp(url + 7, "[::1]", 5) == 0 ||
                   strncasecmp(url + 7, "localhost", 9) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    if (len == 0) {
        return 0;
    }
    char *text = strndup((const char *)at + 1, len - 1);
    FUZZ_CHECK(text != NULL);
    switch (at[0]) {
    case 'm':
        read_artifact((struct bytes){at + 1, len - 1});
        break;
    case 'c':
        read_challenge(text);
        break;
    case 'r':
        read_reply((struct bytes){at + 1, len - 1});
        break;
    default:
        follow(text);
        break;
    }
    free(text);
    return 0;
}
