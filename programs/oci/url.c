// SPDX-License-Identifier: BSD-2-Clause
#include "url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LOOPBACK_NET = 127 };

static bool copy_out(char out[static URL_MAX], CURLU *url)
{
    char *text = NULL;
    bool fits = curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK &&
                snprintf(out, URL_MAX, "%s", text) < URL_MAX;
    curl_free(text);
    return fits;
}

bool url_resolve(char out[static URL_MAX], const char *base, const char *relative)
{
    CURLU *url = curl_url();
    bool good = url != NULL && curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
                curl_url_set(url, CURLUPART_URL, relative, 0) == CURLUE_OK && copy_out(out, url);
    curl_url_cleanup(url);
    return good;
}

bool url_add_query(char url[static URL_MAX], const char *name, const char *value)
{
    CURLU *parsed = curl_url();
    char *escaped = curl_easy_escape(NULL, value, 0);
    char query[URL_MAX];
    bool good = parsed != NULL && escaped != NULL &&
                snprintf(query, sizeof(query), "%s=%s", name, escaped) < (int)sizeof(query) &&
                curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_set(parsed, CURLUPART_QUERY, query, CURLU_APPENDQUERY) == CURLUE_OK &&
                copy_out(url, parsed);
    curl_free(escaped);
    curl_url_cleanup(parsed);
    return good;
}

// The parts of an address that say who answers.
struct origin {
    char *scheme;
    char *host;
    char *port;
};

static void origin_free(struct origin *origin)
{
    curl_free(origin->scheme);
    curl_free(origin->host);
    curl_free(origin->port);
}

static bool origin_of(struct origin *out, const char *text)
{
    CURLU *url = curl_url();
    char *user = NULL;
    *out = (struct origin){0};
    bool good = url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_SCHEME, &out->scheme, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_HOST, &out->host, 0) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_PORT, &out->port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
                curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_NO_USER;
    curl_free(user);
    curl_url_cleanup(url);
    return good;
}

bool url_same_origin(const char *a, const char *b)
{
    struct origin one, other = {0};
    bool same = origin_of(&one, a) && origin_of(&other, b) &&
                strcmp(one.scheme, other.scheme) == 0 && strcasecmp(one.host, other.host) == 0 &&
                strcmp(one.port, other.port) == 0;
    origin_free(&one);
    origin_free(&other);
    return same;
}

static bool is_loopback(const char *host)
{
    struct in_addr address;
    return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == LOOPBACK_NET);
}

bool url_allowed(const char *url, const char *origin)
{
    struct origin to;
    bool plain = strncmp(origin, "http:", 5) == 0;
    bool allowed =
        origin_of(&to, url) && (strcmp(to.scheme, "https") == 0 ||
                                (plain && strcmp(to.scheme, "http") == 0 && is_loopback(to.host)));
    origin_free(&to);
    return allowed;
}
