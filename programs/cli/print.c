// SPDX-License-Identifier: BSD-2-Clause
#include "print.h"

#include "text.h"

enum { HEX_MAX = 64, HEX_STRINGS = 8 };

void print_json(json_t *document)
{
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    putchar('\n');
    json_decref(document);
}

// One byte at a time and without a locale: what is no printable ASCII is shown as a number, also
// what would be text in UTF-8, where control characters have more than one form.
static void put(FILE *to, struct bytes raw, bool lines)
{
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t byte = raw.at[i];
        bool plain = (lines && byte == '\n') || (byte >= 0x20 && byte < 0x7f);
        fprintf(to, plain ? "%c" : "\\x%02x", byte);
    }
}

void print_plain(FILE *to, struct bytes raw)
{
    put(to, raw, true);
}

void print_name(FILE *to, struct bytes raw)
{
    put(to, raw, false);
}

const char *print_hex(const uint8_t *at, size_t len)
{
    static char strings[HEX_STRINGS][HEX_MAX * 2 + 1];
    static unsigned next;
    char *string = strings[next++ % HEX_STRINGS];
    struct text t = text_of(string, HEX_MAX * 2);
    text_put_hex(&t, (struct bytes){at, len < HEX_MAX ? len : HEX_MAX});
    string[t.len] = '\0';
    return string;
}
