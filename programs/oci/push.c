// SPDX-License-Identifier: BSD-2-Clause
#include "push.h"

#include "upload.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HTTP_CREATED = 201 };

static enum status describe(struct artifact *out, struct diag *diag)
{
    struct stat info;
    if (fstat(REQUEST_FILE, &info) != 0) {
        return stream_trouble(diag, "package");
    }
    out->size = (uint64_t)info.st_size;
    return stream_digest(out->digest, REQUEST_FILE, out->size, diag);
}

static enum status push_config(struct session *session, struct diag *diag)
{
    struct bytes config = bytes_text(ARTIFACT_CONFIG);
    uint8_t hash[CRYPTO_DIGEST];
    char digest[ARTIFACT_DIGEST];
    bool there = false;
    crypto_sha256(hash, config);
    artifact_digest_text(digest, hash);
    enum status status = upload_is_there(&there, session, digest, diag);
    return status != STATUS_OK || there ? status : upload_small(session, digest, config, diag);
}

static enum status push_manifest(char digest[static ARTIFACT_DIGEST], struct session *session,
                                 struct bytes manifest, struct diag *diag)
{
    uint8_t hash[CRYPTO_DIGEST];
    char url[URL_MAX];
    crypto_sha256(hash, manifest);
    artifact_digest_text(digest, hash);
    enum status status = session_url(url, session, "manifests", session->request->reference, diag);
    struct http_call call = {.method = "PUT",
                             .url = url,
                             .header = {"Content-Type: " ARTIFACT_MANIFEST_TYPE},
                             .body = manifest};
    status = status == STATUS_OK ? session_call(session, &call, diag) : status;
    if (status == STATUS_OK && session->answer.code != HTTP_CREATED) {
        return session_refused(session, "manifest", diag);
    }
    const char *theirs = session->answer.digest;
    if (status == STATUS_OK && theirs[0] != '\0' && strcmp(theirs, digest) != 0) {
        return diag_fail(diag, STATUS_REGISTRY_DIGEST, "manifest", 0);
    }
    return status;
}

enum status push(json_t **answer, struct session *session, struct diag *diag)
{
    struct artifact artifact;
    bool there = false;
    uint64_t sent = 0;
    char digest[ARTIFACT_DIGEST];
    enum status status = describe(&artifact, diag);
    status = status == STATUS_OK ? upload_is_there(&there, session, artifact.digest, diag) : status;
    if (status == STATUS_OK && !there) {
        status = upload_file(&sent, session, &artifact, diag);
    }
    status = status == STATUS_OK ? push_config(session, diag) : status;
    char *manifest = artifact_write(&artifact, session->request->annotations);
    if (status == STATUS_OK && manifest == NULL) {
        status = diag_fail(diag, STATUS_NO_MEMORY, "manifest", 0);
    }
    if (status == STATUS_OK) {
        status = push_manifest(digest, session, bytes_text(manifest), diag);
    }
    free(manifest);
    if (status == STATUS_OK) {
        *answer = json_pack("{s:s, s:s, s:I, s:I}", "digest", digest, "blob", artifact.digest,
                            "size", (json_int_t)artifact.size, "moved", (json_int_t)sent);
    }
    return status;
}
