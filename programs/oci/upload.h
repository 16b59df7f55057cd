// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One blob to a registry: small ones at once, the package in chunks. After each chunk REQUEST_STATE
// holds what a later process needs to go on with the next.

#include "session.h"
#include "stream.h"

// Whether the registry has the blob.
enum status upload_is_there(bool *out, struct session *session, const char *digest,
                            struct diag *diag) MUST_CHECK;

// A blob that is one small body.
enum status upload_small(struct session *session, const char *digest, struct bytes body,
                         struct diag *diag) MUST_CHECK;

// REQUEST_FILE, going on with the upload of REQUEST_STATE when the registry still has it. `*sent`
// is what went over the line in this process.
enum status upload_file(uint64_t *sent, struct session *session, const struct artifact *artifact,
                        struct diag *diag) MUST_CHECK;
