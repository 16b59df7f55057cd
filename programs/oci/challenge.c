// SPDX-License-Identifier: BSD-2-Clause
#include "challenge.h"

#include <string.h>
#include <strings.h>

static const char *skip(const char *at, const char *set)
{
    return at + strspn(at, set);
}

// A quoted string or a token, into `value`; where it ends, or NULL.
static const char *read_value(char value[static CHALLENGE_VALUE], const char *at)
{
    bool quoted = *at == '"';
    size_t len = 0;
    at += quoted;
    while (*at != '\0' && (quoted ? *at != '"' : *at != ',' && *at != ' ')) {
        at += quoted && *at == '\\';
        if (*at == '\0' || len + 1 >= CHALLENGE_VALUE) {
            return NULL;
        }
        value[len++] = *at++;
    }
    value[len] = '\0';
    if (quoted && *at != '"') {
        return NULL;
    }
    return at + quoted;
}

// `name=value` at `at`, kept when it is one of ours; where it ends, or NULL.
static const char *read_parameter(struct challenge *challenge, const char *at)
{
    const struct {
        const char *name;
        char *value;
    } known[] = {
        {"realm", challenge->realm}, {"service", challenge->service}, {"scope", challenge->scope}};
    char other[CHALLENGE_VALUE];
    char *value = other;
    size_t len = strcspn(at, "=, ");
    if (len == 0 || at[len] != '=') {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i].name) == len && strncasecmp(at, known[i].name, len) == 0) {
            value = known[i].value;
        }
    }
    return read_value(value, at + len + 1);
}

enum status challenge_read(struct challenge *out, const char *header, struct diag *diag)
{
    struct challenge challenge = {0};
    const char *at = skip(header, " ");
    if (strncasecmp(at, "Basic", 5) == 0 && (at[5] == ' ' || at[5] == '\0')) {
        out->kind = CHALLENGE_BASIC;
        return STATUS_OK;
    }
    if (strncasecmp(at, "Bearer ", 7) != 0) {
        return diag_fail(diag, STATUS_REGISTRY_ANSWER, "WWW-Authenticate", 0);
    }
    challenge.kind = CHALLENGE_BEARER;
    at = skip(at + 7, " ");
    while (at != NULL && *at != '\0') {
        at = read_parameter(&challenge, at);
        at = at != NULL ? skip(at, ", ") : NULL;
    }
    if (at == NULL || challenge.realm[0] == '\0') {
        return diag_fail(diag, STATUS_REGISTRY_ANSWER, "WWW-Authenticate", 0);
    }
    *out = challenge;
    return STATUS_OK;
}
