// SPDX-License-Identifier: BSD-2-Clause
#include "http.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 60,   // with less than a byte a second
    ANSWER_SECONDS = 120, // for an exchange without a file in it
    HEADERS_MAX = 1 << 18,
    LAST_REQUEST = -1,
};

// What the callbacks of one exchange share.
struct exchange {
    CURL *curl;
    const struct http_call *call;
    struct http_answer *answer;
    struct diag *diag;
    size_t header_bytes;
    bool begun;
    enum status status;
};

static enum status copy_header(struct exchange *exchange, const char *name, char *to, size_t size)
{
    struct curl_header *header;
    to[0] = '\0';
    if (curl_easy_header(exchange->curl, name, 0, CURLH_HEADER, LAST_REQUEST, &header) !=
        CURLHE_OK) {
        return STATUS_OK;
    }
    size_t len = strlen(header->value);
    if (len >= size) {
        return diag_fail(exchange->diag, STATUS_REGISTRY_ANSWER, "a header's length", len);
    }
    memcpy(to, header->value, len + 1);
    return STATUS_OK;
}

// Code and headers, as soon as they are whole.
static enum status copy_headers(struct exchange *exchange)
{
    struct http_answer *answer = exchange->answer;
    const struct {
        const char *name;
        char *to;
        size_t size;
    } wanted[] = {
        {"Location", answer->location, sizeof(answer->location)},
        {"WWW-Authenticate", answer->challenge, sizeof(answer->challenge)},
        {"Range", answer->range, sizeof(answer->range)},
        {"Content-Range", answer->content_range, sizeof(answer->content_range)},
        {"Docker-Content-Digest", answer->digest, sizeof(answer->digest)},
        {"OCI-Chunk-Min-Length", answer->chunk_min, sizeof(answer->chunk_min)},
    };
    curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &answer->code);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]) && status == STATUS_OK; i++) {
        status = copy_header(exchange, wanted[i].name, wanted[i].to, wanted[i].size);
    }
    return status;
}

static bool goes_to_sink(const struct exchange *exchange)
{
    return exchange->call->sink != NULL && exchange->answer->code / 100 == 2;
}

static enum status begin(struct exchange *exchange)
{
    const struct http_sink *sink = exchange->call->sink;
    exchange->begun = true;
    enum status status = copy_headers(exchange);
    if (status == STATUS_OK && goes_to_sink(exchange)) {
        status = sink->begin(sink->context, exchange->answer, exchange->diag);
    }
    return status;
}

static enum status take(struct exchange *exchange, struct bytes part)
{
    struct http_answer *answer = exchange->answer;
    if (goes_to_sink(exchange)) {
        const struct http_sink *sink = exchange->call->sink;
        return sink->take(sink->context, part, exchange->diag);
    }
    if (part.len > sizeof(answer->body) - answer->body_len) {
        return diag_fail(exchange->diag, STATUS_REGISTRY_ANSWER, "bytes allowed",
                         sizeof(answer->body));
    }
    memcpy(answer->body + answer->body_len, part.at, part.len);
    answer->body_len += part.len;
    return STATUS_OK;
}

static size_t on_body(char *at, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    struct bytes part = {(const uint8_t *)at, size * count};
    if (!exchange->begun) {
        exchange->status = begin(exchange);
    }
    if (exchange->status == STATUS_OK) {
        exchange->status = take(exchange, part);
    }
    return exchange->status == STATUS_OK ? part.len : 0;
}

static size_t on_header(char *at, size_t size, size_t count, void *context)
{
    struct exchange *exchange = context;
    (void)at;
    exchange->header_bytes += size * count;
    if (exchange->header_bytes > HEADERS_MAX) {
        exchange->status =
            diag_fail(exchange->diag, STATUS_REGISTRY_ANSWER, "bytes of headers", HEADERS_MAX);
        return 0;
    }
    return size * count;
}

static int on_progress(void *context, curl_off_t all_down, curl_off_t down, curl_off_t all_up,
                       curl_off_t up)
{
    const struct http_call *call = ((struct exchange *)context)->call;
    (void)all_down;
    (void)all_up;
    call->progress(call->progress_context, (uint64_t)(down > up ? down : up));
    return 0;
}

static void set_body(CURL *curl, const struct http_call *call)
{
    bool head = strcmp(call->method, "HEAD") == 0;
    bool get = strcmp(call->method, "GET") == 0;
    if (head) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    } else if (!get) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                         call->body.len > 0 ? (const char *)call->body.at : "");
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    }
}

static void set_login(CURL *curl, const struct http_call *call)
{
    if (call->token != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, call->token);
    } else if (call->user != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERPWD, call->user);
    }
}

static void set_bounds(CURL *curl, const struct http_call *call)
{
    bool file = call->sink != NULL || call->body.len > 0;
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, call->plain ? "http,https" : "https");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, file ? 0L : (long)ANSWER_SECONDS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (call->plain) {
        curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    }
    // Where OpenSSL's own programs look as well: for a registry with a private authority.
    const char *authorities = getenv("SSL_CERT_FILE");
    if (authorities != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, authorities);
    }
}

static void set_callbacks(CURL *curl, struct exchange *exchange, char *error)
{
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
    if (exchange->call->progress != NULL) {
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, exchange);
    }
}

// The lines of the call, without the "Expect: 100-continue" that some registries never answer.
static struct curl_slist *make_headers(const struct http_call *call)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    for (size_t i = 0; i < sizeof(call->header) / sizeof(call->header[0]); i++) {
        if (call->header[i] != NULL) {
            headers = curl_slist_append(headers, call->header[i]);
        }
    }
    return headers;
}

enum status http_exchange(struct http_answer *out, CURL *curl, const struct http_call *call,
                          struct diag *diag)
{
    struct exchange exchange = {.curl = curl, .call = call, .answer = out, .diag = diag};
    char error[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = make_headers(call);
    out->code = 0;
    out->body_len = 0;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, call->url);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "kpkg/" KPKG_VERSION);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    set_body(curl, call);
    set_login(curl, call);
    set_bounds(curl, call);
    set_callbacks(curl, &exchange, error);
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK && !exchange.begun) {
        exchange.status = begin(&exchange);
    }
    curl_slist_free_all(headers);
    if (exchange.status == STATUS_OK && code != CURLE_OK) {
        exchange.status = diag_fail(diag, STATUS_REGISTRY_UNREACHABLE, "connection", 0);
        diag_subject(diag, bytes_text(error[0] != '\0' ? error : curl_easy_strerror(code)));
    }
    return exchange.status;
}
