// SPDX-License-Identifier: BSD-2-Clause
#include "json_bytes.h"

#include "text.h"

#include <stdlib.h>

json_t *json_bytes_text(struct bytes raw)
{
    // text_put_json takes at most six characters a byte; jansson reads the escapes back.
    size_t size = raw.len * 6 + 2;
    char *quoted = malloc(size);
    if (quoted == NULL) {
        return json_null();
    }
    struct text t = text_of(quoted, size);
    text_char(&t, '"');
    text_put_json(&t, raw);
    text_char(&t, '"');
    json_t *string = json_loadb(quoted, t.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    free(quoted);
    return string;
}

json_t *json_bytes_uri(struct bytes path)
{
    char *at = malloc(TEXT_URI(path.len));
    if (at == NULL) {
        return json_null();
    }
    struct text uri = text_of(at, TEXT_URI(path.len));
    text_put_uri(&uri, path);
    json_t *string = json_stringn(uri.at, uri.len);
    free(at);
    return string;
}
