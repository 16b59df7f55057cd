// SPDX-License-Identifier: BSD-2-Clause
#include "upload.h"

#include "upload_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    HTTP_OK = 200,
    HTTP_CREATED = 201,
    HTTP_ACCEPTED = 202,
    HTTP_NO_CONTENT = 204,
    HTTP_NOT_FOUND = 404,
    CHUNK = 8 << 20,      // bytes; what is sent again after an interruption
    CHUNK_MAX = 64 << 20, // that a registry may ask for as the least
};

struct upload {
    struct session *session;
    const struct artifact *artifact;
    char location[URL_MAX]; // where the next request goes
    uint64_t at;            // bytes the registry has
    uint64_t sent;
    size_t chunk;
    uint8_t *buffer; // of `chunk` bytes
};

enum status upload_is_there(bool *out, struct session *session, const char *digest,
                            struct diag *diag)
{
    char url[URL_MAX];
    enum status status = session_url(url, session, "blobs", digest, diag);
    struct http_call call = {.method = "HEAD", .url = url};
    status = status == STATUS_OK ? session_call(session, &call, diag) : status;
    if (status != STATUS_OK) {
        return status;
    }
    *out = session->answer.code == HTTP_OK;
    return *out || session->answer.code == HTTP_NOT_FOUND ? STATUS_OK
                                                          : session_refused(session, "blob", diag);
}

// A new upload; its address in `location`.
static enum status open_upload(char location[static URL_MAX], struct session *session,
                               struct diag *diag)
{
    char url[URL_MAX];
    enum status status = session_url(url, session, "blobs/uploads", "", diag);
    struct http_call call = {.method = "POST", .url = url};
    status = status == STATUS_OK ? session_call(session, &call, diag) : status;
    if (status != STATUS_OK) {
        return status;
    }
    if (session->answer.code != HTTP_ACCEPTED) {
        return session_refused(session, "upload", diag);
    }
    return session_location(location, session, url, diag);
}

// The end of an upload, with the last bytes of it.
static enum status close_upload(struct session *session, const char *location, const char *digest,
                                struct bytes last, struct diag *diag)
{
    char url[URL_MAX];
    snprintf(url, sizeof(url), "%s", location);
    if (!url_add_query(url, "digest", digest)) {
        return diag_fail(diag, STATUS_REGISTRY_ANSWER, "Location", 0);
    }
    struct http_call call = {.method = "PUT",
                             .url = url,
                             .header = {"Content-Type: application/octet-stream"},
                             .body = last};
    enum status status = session_call(session, &call, diag);
    if (status == STATUS_OK && session->answer.code != HTTP_CREATED) {
        return session_refused(session, "end of the upload", diag);
    }
    return status;
}

enum status upload_small(struct session *session, const char *digest, struct bytes body,
                         struct diag *diag)
{
    char location[URL_MAX];
    enum status status = open_upload(location, session, diag);
    return status == STATUS_OK ? close_upload(session, location, digest, body, diag) : status;
}

// "0-N" of a Range header: N + 1 bytes are there. Registries say "0-0" for none as well as for one.
static bool read_range(uint64_t *out, const char *range)
{
    char *end;
    if (strncmp(range, "0-", 2) != 0 || range[2] < '0' || range[2] > '9') {
        return false;
    }
    uint64_t last = strtoull(range + 2, &end, 10);
    *out = last == 0 ? 0 : last + 1;
    return *end == '\0' && last < UINT64_MAX;
}

static enum status read_chunk(const struct upload *upload, size_t len, struct diag *diag)
{
    for (size_t got = 0; got < len;) {
        ssize_t part =
            pread(REQUEST_FILE, upload->buffer + got, len - got, (off_t)(upload->at + got));
        if (part <= 0 && !(part < 0 && errno == EINTR)) {
            return stream_trouble(diag, "package");
        }
        got += part > 0 ? (size_t)part : 0;
    }
    return STATUS_OK;
}

static enum status send_chunk(struct upload *upload, struct stream *stream, size_t len,
                              struct diag *diag)
{
    struct session *session = upload->session;
    char range[80];
    snprintf(range, sizeof(range), "Content-Range: %llu-%llu", (unsigned long long)upload->at,
             (unsigned long long)(upload->at + len - 1));
    stream->start = upload->at;
    struct http_call call = {.method = "PATCH",
                             .url = upload->location,
                             .header = {"Content-Type: application/octet-stream", range},
                             .body = {upload->buffer, len},
                             .progress = stream_progress,
                             .progress_context = stream};
    enum status status = session_call(session, &call, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (session->answer.code != HTTP_ACCEPTED) {
        return session_refused(session, "chunk", diag);
    }
    uint64_t now = 0;
    if (!read_range(&now, session->answer.range) || now != upload->at + len) {
        return diag_fail(diag, STATUS_REGISTRY_ANSWER, "Range", now);
    }
    upload->at = now;
    upload->sent += len;
    return session_location(upload->location, session, call.url, diag);
}

static enum status send_all(struct upload *upload, struct diag *diag)
{
    struct session *session = upload->session;
    struct stream stream = {.watched = session->request->watched, .size = upload->artifact->size};
    enum status status = STATUS_OK;
    while (status == STATUS_OK && upload->at < upload->artifact->size) {
        uint64_t rest = upload->artifact->size - upload->at;
        size_t len = rest < upload->chunk ? (size_t)rest : upload->chunk;
        status = read_chunk(upload, len, diag);
        status = status == STATUS_OK ? send_chunk(upload, &stream, len, diag) : status;
        if (status == STATUS_OK) {
            upload_state_write(session->request, upload->artifact, upload->location);
        }
    }
    stream_progress_end(&stream);
    if (status != STATUS_OK) {
        return status;
    }
    return close_upload(session, upload->location, upload->artifact->digest, (struct bytes){0},
                        diag);
}

// Goes on where REQUEST_STATE says. False when there is nothing to go on with, or the registry has
// forgotten it.
static bool reopen(struct upload *upload)
{
    struct session *session = upload->session;
    struct diag none;
    struct http_call call = {.method = "GET", .url = upload->location};
    return upload_state_read(upload->location, session->request, upload->artifact) &&
           url_allowed(upload->location, session->request->origin) &&
           session_call(session, &call, &none) == STATUS_OK &&
           session->answer.code == HTTP_NO_CONTENT &&
           read_range(&upload->at, session->answer.range) && upload->at > 0 &&
           upload->at <= upload->artifact->size &&
           (session->answer.location[0] == '\0' ||
            session_location(upload->location, session, upload->location, &none) == STATUS_OK);
}

static enum status start_anew(struct upload *upload, struct diag *diag)
{
    upload->at = 0;
    enum status status = open_upload(upload->location, upload->session, diag);
    if (status != STATUS_OK) {
        return status;
    }
    unsigned long long least = strtoull(upload->session->answer.chunk_min, NULL, 10);
    if (least > CHUNK_MAX) {
        return diag_fail(diag, STATUS_REGISTRY_ANSWER, "OCI-Chunk-Min-Length", least);
    }
    if (least > upload->chunk) {
        uint8_t *larger = realloc(upload->buffer, (size_t)least);
        if (larger == NULL) {
            return diag_fail(diag, STATUS_NO_MEMORY, "chunk", least);
        }
        upload->buffer = larger;
        upload->chunk = (size_t)least;
    }
    return STATUS_OK;
}

enum status upload_file(uint64_t *sent, struct session *session, const struct artifact *artifact,
                        struct diag *diag)
{
    struct upload upload = {
        .session = session, .artifact = artifact, .chunk = CHUNK, .buffer = malloc(CHUNK)};
    if (upload.buffer == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "chunk", CHUNK);
    }
    bool resumed = reopen(&upload);
    enum status status = resumed ? send_all(&upload, diag) : STATUS_REGISTRY_ABSENT;
    if (status == STATUS_REGISTRY_REFUSED || status == STATUS_REGISTRY_ABSENT) {
        status = start_anew(&upload, diag);
        status = status == STATUS_OK ? send_all(&upload, diag) : status;
    }
    *sent = upload.sent;
    free(upload.buffer);
    return status;
}
