// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A conversation with one registry: who we are there, and what its answers mean. Credentials go to
// the registry's own origin, and to the place that it names for tokens.

#include "http.h"
#include "request.h"

struct session {
    const struct request *request;
    CURL *curl;
    char *token;               // Bearer, from the registry's token service
    bool basic;                // the registry asked for the password itself
    struct http_answer answer; // the last one
};

enum status session_start(struct session *out, const struct request *request,
                          struct diag *diag) MUST_CHECK;
void session_finish(struct session *session);

// The address of `kind` ("manifests", "blobs", "blobs/uploads") and `name` in our repository.
enum status session_url(char out[static URL_MAX], const struct session *session, const char *kind,
                        const char *name, struct diag *diag) MUST_CHECK;

// One call, with login where the registry wants one. A GET follows redirects. Errors: those of
// http_exchange; any status code is an answer.
enum status session_call(struct session *session, const struct http_call *call,
                         struct diag *diag) MUST_CHECK;

// The error that the last answer's code means, for a caller that cannot use it: REGISTRY_AUTH,
// ABSENT or REFUSED, with what the registry says.
enum status session_refused(const struct session *session, const char *what, struct diag *diag);

// The Location of the last answer, where it may be followed.
enum status session_location(char out[static URL_MAX], const struct session *session,
                             const char *base, struct diag *diag) MUST_CHECK;
