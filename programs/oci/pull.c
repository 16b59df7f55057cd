// SPDX-License-Identifier: BSD-2-Clause
#include "pull.h"

#include "stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HTTP_OK = 200, HTTP_PARTIAL = 206, HTTP_RANGE = 416 };

// Where the bytes of the package go while they come.
struct landing {
    struct stream stream;
    uint64_t at; // the next byte's place
    uint64_t received;
};

static enum status cut(struct landing *landing, uint64_t len, struct diag *diag)
{
    landing->at = len;
    return ftruncate(REQUEST_FILE, (off_t)len) == 0 ? STATUS_OK : stream_trouble(diag, "package");
}

// "bytes START-..." of an answer to a Range; without one the registry begins anew.
static enum status on_begin(void *context, const struct http_answer *answer, struct diag *diag)
{
    struct landing *landing = context;
    char wanted[64];
    if (answer->code != HTTP_PARTIAL) {
        landing->stream.start = 0;
        return cut(landing, 0, diag);
    }
    snprintf(wanted, sizeof(wanted), "bytes %llu-", (unsigned long long)landing->at);
    if (strncmp(answer->content_range, wanted, strlen(wanted)) != 0) {
        return diag_fail(diag, STATUS_REGISTRY_ANSWER, "Content-Range", landing->at);
    }
    return STATUS_OK;
}

static enum status on_part(void *context, struct bytes part, struct diag *diag)
{
    struct landing *landing = context;
    if (part.len > landing->stream.size - landing->at) {
        return diag_fail(diag, STATUS_REGISTRY_ANSWER, "bytes of the package",
                         landing->stream.size);
    }
    while (part.len > 0) {
        ssize_t put = pwrite(REQUEST_FILE, part.at, part.len, (off_t)landing->at);
        if (put < 0 && errno != EINTR) {
            return stream_trouble(diag, "package");
        }
        size_t step = put > 0 ? (size_t)put : 0;
        landing->at += step;
        landing->received += step;
        part = bytes_part(part, step, part.len - step);
    }
    return STATUS_OK;
}

static enum status fetch_manifest(struct artifact *out, char digest[static ARTIFACT_DIGEST],
                                  struct session *session, struct diag *diag)
{
    const struct request *request = session->request;
    char url[URL_MAX];
    enum status status = session_url(url, session, "manifests", request->reference, diag);
    struct http_call call = {
        .method = "GET", .url = url, .header = {"Accept: " ARTIFACT_MANIFEST_TYPE}};
    status = status == STATUS_OK ? session_call(session, &call, diag) : status;
    if (status != STATUS_OK) {
        return status;
    }
    if (session->answer.code != HTTP_OK) {
        return session_refused(session, "manifest", diag);
    }
    struct bytes body = {session->answer.body, session->answer.body_len};
    uint8_t hash[CRYPTO_DIGEST];
    crypto_sha256(hash, body);
    artifact_digest_text(digest, hash);
    if (artifact_digest_is_valid(request->reference) && strcmp(request->reference, digest) != 0) {
        return diag_fail(diag, STATUS_REGISTRY_DIGEST, "manifest", 0);
    }
    return artifact_read(out, body, request->size_max, diag);
}

// The rest of the package, from `landing->at` on.
static enum status fetch_rest(struct landing *landing, const struct artifact *artifact,
                              struct session *session, struct diag *diag)
{
    const struct http_sink sink = {on_begin, on_part, landing};
    char url[URL_MAX], range[64];
    snprintf(range, sizeof(range), "Range: bytes=%llu-", (unsigned long long)landing->at);
    enum status status = session_url(url, session, "blobs", artifact->digest, diag);
    struct http_call call = {.method = "GET",
                             .url = url,
                             .header = {landing->at > 0 ? range : NULL},
                             .sink = &sink,
                             .progress = stream_progress,
                             .progress_context = &landing->stream};
    status = status == STATUS_OK ? session_call(session, &call, diag) : status;
    if (status != STATUS_OK) {
        return status;
    }
    if (session->answer.code / 100 != 2) {
        return session_refused(session, "package", diag);
    }
    if (landing->at < artifact->size) {
        return diag_fail(diag, STATUS_REGISTRY_UNREACHABLE, "the package ends early at",
                         landing->at);
    }
    return STATUS_OK;
}

// Whether what has landed is what the manifest names. What is not is of no use, and goes.
static enum status check(struct landing *landing, const struct artifact *artifact,
                         struct diag *diag)
{
    char digest[ARTIFACT_DIGEST];
    enum status status = stream_digest(digest, REQUEST_FILE, artifact->size, diag);
    if (status == STATUS_OK && strcmp(digest, artifact->digest) != 0) {
        status = cut(landing, 0, diag);
        return status == STATUS_OK ? diag_fail(diag, STATUS_REGISTRY_DIGEST, "package", 0) : status;
    }
    return status;
}

// From byte `from` on, to the end and checked.
static enum status land(struct landing *landing, uint64_t from, const struct artifact *artifact,
                        struct session *session, struct diag *diag)
{
    enum status status = STATUS_OK;
    landing->at = from;
    landing->stream.start = from;
    if (from < artifact->size) {
        status = fetch_rest(landing, artifact, session, diag);
    }
    return status == STATUS_OK ? check(landing, artifact, diag) : status;
}

static enum status begun(uint64_t *out, const struct artifact *artifact, struct diag *diag)
{
    struct stat info;
    if (fstat(REQUEST_FILE, &info) != 0) {
        return stream_trouble(diag, "package");
    }
    *out = (uint64_t)info.st_size;
    if (*out > artifact->size) { // of something else
        *out = 0;
        return ftruncate(REQUEST_FILE, 0) == 0 ? STATUS_OK : stream_trouble(diag, "package");
    }
    return STATUS_OK;
}

enum status pull(json_t **answer, struct session *session, struct diag *diag)
{
    struct artifact artifact;
    char digest[ARTIFACT_DIGEST];
    uint64_t from = 0;
    enum status status = fetch_manifest(&artifact, digest, session, diag);
    status = status == STATUS_OK ? begun(&from, &artifact, diag) : status;
    if (status != STATUS_OK) {
        return status;
    }
    struct landing landing = {
        .stream = {.watched = session->request->watched, .size = artifact.size}};
    status = land(&landing, from, &artifact, session, diag);
    bool stale = status == STATUS_REGISTRY_DIGEST ||
                 (status == STATUS_REGISTRY_REFUSED && session->answer.code == HTTP_RANGE);
    if (from > 0 && stale) { // the beginning was of another package: all of it anew
        status = land(&landing, 0, &artifact, session, diag);
    }
    stream_progress_end(&landing.stream);
    if (status == STATUS_OK) {
        *answer =
            json_pack("{s:s, s:s, s:I, s:I}", "digest", digest, "blob", artifact.digest, "size",
                      (json_int_t)artifact.size, "moved", (json_int_t)landing.received);
    }
    return status;
}
