// SPDX-License-Identifier: BSD-2-Clause
#include "session.h"

#include "challenge.h"
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REDIRECTS_MAX = 5, HTTP_UNAUTHORIZED = 401, HTTP_FORBIDDEN = 403, HTTP_NOT_FOUND = 404 };

enum status session_start(struct session *out, const struct request *request, struct diag *diag)
{
    *out = (struct session){.request = request};
    if (!url_allowed(request->origin, request->origin)) {
        diag_fail(diag, STATUS_USAGE, "--plain-http is for this machine only", 0);
        diag_subject(diag, bytes_text(request->origin));
        return STATUS_USAGE;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        (out->curl = curl_easy_init()) == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "libcurl", 0);
    }
    return STATUS_OK;
}

void session_finish(struct session *session)
{
    free(session->token);
    curl_easy_cleanup(session->curl);
    curl_global_cleanup();
}

enum status session_url(char out[static URL_MAX], const struct session *session, const char *kind,
                        const char *name, struct diag *diag)
{
    const struct request *request = session->request;
    int len =
        snprintf(out, URL_MAX, "%s/v2/%s/%s/%s", request->origin, request->repository, kind, name);
    return len < URL_MAX ? STATUS_OK : diag_fail(diag, STATUS_BUG, "address", (uint64_t)len);
}

static struct bytes body_of(const struct http_answer *answer)
{
    return (struct bytes){answer->body, answer->body_len};
}

enum status session_refused(const struct session *session, const char *what, struct diag *diag)
{
    long code = session->answer.code;
    enum status status = STATUS_REGISTRY_REFUSED;
    if (code == HTTP_UNAUTHORIZED || code == HTTP_FORBIDDEN) {
        status = STATUS_REGISTRY_AUTH;
    } else if (code == HTTP_NOT_FOUND) {
        status = STATUS_REGISTRY_ABSENT;
    }
    char reason[DIAG_SUBJECT];
    struct text text = text_of(reason, sizeof(reason));
    reply_put_reason(&text, body_of(&session->answer));
    return diag_fail_about(diag, status, what, (uint64_t)code, text_bytes(&text));
}

enum status session_location(char out[static URL_MAX], const struct session *session,
                             const char *base, struct diag *diag)
{
    const char *location = session->answer.location;
    if (location[0] == '\0' || !url_resolve(out, base, location) ||
        !url_allowed(out, session->request->origin)) {
        diag_fail(diag, STATUS_REGISTRY_ANSWER, "Location", 0);
        diag_subject(diag, bytes_text(location));
        return STATUS_REGISTRY_ANSWER;
    }
    return STATUS_OK;
}

static bool is_plain(const struct session *session)
{
    return strncmp(session->request->origin, "http:", 5) == 0;
}

// Asks the token service that the challenge names.
static enum status fetch_token(struct session *session, const struct challenge *challenge,
                               struct diag *diag)
{
    char url[URL_MAX];
    bool good =
        url_resolve(url, session->request->origin, challenge->realm) &&
        (challenge->service[0] == '\0' || url_add_query(url, "service", challenge->service)) &&
        (challenge->scope[0] == '\0' || url_add_query(url, "scope", challenge->scope)) &&
        url_allowed(url, session->request->origin);
    if (!good) {
        diag_fail(diag, STATUS_REGISTRY_ANSWER, "realm", 0);
        diag_subject(diag, bytes_text(challenge->realm));
        return STATUS_REGISTRY_ANSWER;
    }
    struct http_call call = {
        .method = "GET", .url = url, .user = session->request->user, .plain = is_plain(session)};
    enum status status = http_exchange(&session->answer, session->curl, &call, diag);
    if (status != STATUS_OK || session->answer.code != 200) {
        return status != STATUS_OK ? status : session_refused(session, "token", diag);
    }
    free(session->token);
    session->token = reply_token(body_of(&session->answer));
    return session->token != NULL ? STATUS_OK : diag_fail(diag, STATUS_REGISTRY_ANSWER, "token", 0);
}

// Does what the challenge in the last answer wants.
static enum status login(struct session *session, struct diag *diag)
{
    struct challenge challenge;
    enum status status = challenge_read(&challenge, session->answer.challenge, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (challenge.kind == CHALLENGE_BEARER) {
        return fetch_token(session, &challenge, diag);
    }
    if (session->basic || session->request->user == NULL) {
        return session_refused(session, "login", diag);
    }
    session->basic = true;
    return STATUS_OK;
}

static enum status call_once(struct session *session, const struct http_call *call,
                             struct diag *diag)
{
    struct http_call own = *call;
    bool home = url_same_origin(call->url, session->request->origin);
    own.plain = is_plain(session);
    own.token = home ? session->token : NULL;
    own.user = home && session->basic ? session->request->user : NULL;
    enum status status = http_exchange(&session->answer, session->curl, &own, diag);
    if (status != STATUS_OK || !home || session->answer.code != HTTP_UNAUTHORIZED) {
        return status;
    }
    status = login(session, diag);
    if (status != STATUS_OK) {
        return status;
    }
    own.token = session->token;
    own.user = session->basic ? session->request->user : NULL;
    return http_exchange(&session->answer, session->curl, &own, diag);
}

static bool is_redirect(long code)
{
    return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

enum status session_call(struct session *session, const struct http_call *call, struct diag *diag)
{
    struct http_call own = *call;
    char url[URL_MAX], next[URL_MAX];
    bool follows = strcmp(call->method, "GET") == 0;
    snprintf(url, sizeof(url), "%s", call->url);
    own.url = url;
    for (unsigned hops = 0; hops <= REDIRECTS_MAX; hops++) {
        enum status status = call_once(session, &own, diag);
        if (status != STATUS_OK || !follows || !is_redirect(session->answer.code)) {
            return status;
        }
        status = session_location(next, session, url, diag);
        if (status != STATUS_OK) {
            return status;
        }
        memcpy(url, next, sizeof(url));
    }
    return diag_fail(diag, STATUS_REGISTRY_ANSWER, "redirects", REDIRECTS_MAX);
}
