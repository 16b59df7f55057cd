// SPDX-License-Identifier: BSD-2-Clause
#include "reply.h"

#include <jansson.h>
#include <string.h>

char *reply_token(struct bytes body)
{
    json_t *answer = json_loadb((const char *)body.at, body.len, 0, NULL);
    const char *token = json_string_value(json_object_get(answer, "token"));
    token = token != NULL ? token : json_string_value(json_object_get(answer, "access_token"));
    char *copy = token != NULL ? strdup(token) : NULL;
    json_decref(answer);
    return copy;
}

void reply_put_reason(struct text *to, struct bytes body)
{
    const char *code = NULL;
    const char *message = NULL;
    json_t *answer = json_loadb((const char *)body.at, body.len, 0, NULL);
    json_t *first = json_array_get(json_object_get(answer, "errors"), 0);
    if (json_unpack(first, "{s:s, s?s}", "code", &code, "message", &message) == 0) {
        text_put(to, code);
        text_put(to, ": ");
        text_put(to, message != NULL ? message : "");
    }
    json_decref(answer);
}
