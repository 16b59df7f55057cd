// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One HTTP exchange with a peer that may be hostile: no redirect is followed, nothing is kept
// beyond the sizes here, and an exchange that stands still ends.

#include "artifact.h"
#include "url.h"

#include <curl/curl.h>

enum {
    HTTP_BODY_MAX = ARTIFACT_MANIFEST_MAX, // of an answer that goes nowhere else
    HTTP_HEADER_MAX = 8192,                // of one header that is looked at
};

struct http_answer {
    long code; // the status code
    char location[URL_MAX];
    char challenge[HTTP_HEADER_MAX]; // WWW-Authenticate
    char range[64];
    char content_range[64];
    char digest[ARTIFACT_DIGEST]; // Docker-Content-Digest
    char chunk_min[24];           // OCI-Chunk-Min-Length
    uint8_t body[HTTP_BODY_MAX];  // what no sink took
    size_t body_len;
};

// Takes the body of an answer whose code is 2xx. Both return a status that ends the exchange.
struct http_sink {
    enum status (*begin)(void *context, const struct http_answer *answer, struct diag *diag);
    enum status (*take)(void *context, struct bytes part, struct diag *diag);
    void *context;
};

struct http_call {
    const char *method;
    const char *url;
    const char *header[3];        // whole lines; NULL = none
    struct bytes body;            // what is sent
    const char *user;             // "user:password" for Basic, or NULL
    const char *token;            // for Bearer, or NULL
    const struct http_sink *sink; // NULL: the body is kept in the answer
    void (*progress)(void *context, uint64_t sent_or_received);
    void *progress_context;
    bool plain; // HTTP, among loopback addresses
};

// REGISTRY_UNREACHABLE when there is no whole answer, REGISTRY_ANSWER when it breaks a bound, or
// what the sink says. Any status code is an answer.
enum status http_exchange(struct http_answer *out, CURL *curl, const struct http_call *call,
                          struct diag *diag) MUST_CHECK;
