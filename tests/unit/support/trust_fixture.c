// SPDX-License-Identifier: BSD-2-Clause
#include "trust_fixture.h"

#include "package_digest.h"
#include "text.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
// clang-format on

static void put_reference(struct text *out, char name)
{
    uint8_t value[32];
    if (name == '#') {
        static struct fixture package;
        fixture_build(&package, "");
        package_digest_id(value, fixture_bytes(&package));
    } else {
        fixture_key(value, name);
    }
    text_put_hex(out, (struct bytes){value, sizeof value});
}

enum status trust_fixture_read(struct trust_fixture *f, const char *text, struct diag *diag)
{
    struct text out = text_of(f->text, sizeof f->text);
    struct arena arena = arena_of(f->memory, sizeof f->memory);
    for (; *text != '\0'; text++) {
        if (*text == '@') {
            put_reference(&out, *++text);
        } else {
            text_char(&out, *text);
        }
    }
    assert_false(out.cut);
    return trust_read(&f->trust, text_bytes(&out), &arena, diag);
}

void trust_fixture_simple(struct trust_fixture *f, const char *letters, unsigned threshold)
{
    char text[8192];
    int len = snprintf(text, sizeof text,
                       "schema = 1\ncounter = 1\n[[rule]]\nnames = \"*\"\n"
                       "threshold = %u\n",
                       threshold);
    for (; *letters != '\0'; letters++) {
        len += snprintf(text + len, sizeof text - (size_t)len,
                        "[[key]]\nid = \"key-%c\"\ned25519 = \"@%c\"\nnames = [\"*\"]\n", *letters,
                        *letters);
    }
    assert_int_equal(trust_fixture_read(f, text, NULL), STATUS_OK);
}
