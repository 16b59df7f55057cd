// SPDX-License-Identifier: BSD-2-Clause
#include "assertion.h"

#include "forms.h"
#include "text.h"

enum { WORDS = 4 };

// Splits at single spaces. The number of words; more than WORDS is WORDS + 1.
static size_t split(struct bytes words[static WORDS], struct bytes text)
{
    size_t count = 0, from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.at[i] == ' ') {
            if (count == WORDS) {
                return WORDS + 1;
            }
            words[count++] = bytes_part(text, from, i - from);
            from = i + 1;
        }
    }
    return count;
}

bool assertion_type(enum plan_type *out, struct bytes word)
{
    static const struct {
        const char *word;
        enum plan_type type;
    } words[] = {
        {"endpoint", PLAN_ENDPOINT},
        {"notification", PLAN_NOTIFICATION},
        {"region", PLAN_FRAME},
        {"irq", PLAN_IRQ_HANDLER},
        {"ioport", PLAN_IO_PORTS},
        {"device", PLAN_DEVICE_FRAME},
        {"untyped", PLAN_UNTYPED},
        {"cnode", PLAN_CNODE},
        {"tcb", PLAN_TCB},
        {"vspace", PLAN_VSPACE},
        {"schedcontext", PLAN_SCHED_CONTEXT},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (bytes_is(word, words[i].word)) {
            *out = words[i].type;
            return true;
        }
    }
    return false;
}

static bool is_object(struct bytes text)
{
    enum plan_type ignored;
    return assertion_type(&ignored, text) || forms_peer.accepts(text);
}

bool assertion_read(struct assertion *out, struct bytes text)
{
    struct bytes word[WORDS];
    if (split(word, text) != WORDS) {
        return false;
    }
    if (bytes_is(word[0], "no-flow") && bytes_is(word[2], "->")) {
        *out = (struct assertion){ASSERTION_NO_FLOW, word[1], word[3]};
        return forms_pattern.accepts(word[1]) && forms_pattern.accepts(word[3]);
    }
    if (bytes_is(word[0], "only") && bytes_is(word[2], "has")) {
        *out = (struct assertion){ASSERTION_ONLY, word[1], word[3]};
        return forms_pattern.accepts(word[1]) && is_object(word[3]);
    }
    if (bytes_is(word[0], "at-most-one") && bytes_is(word[1], "holder") &&
        bytes_is(word[2], "of")) {
        *out = (struct assertion){.kind = ASSERTION_AT_MOST_ONE, .object = word[3]};
        return is_object(word[3]);
    }
    return false;
}

enum status assertion_check(const struct system *system, struct diag *diag)
{
    char room[DIAG_SUBJECT];
    for (size_t i = 0; i < system->asserts.count; i++) {
        const struct schema_text *text = &system->asserts.at[i];
        struct text subject = text_of(room, sizeof room);
        struct assertion ignored;
        if (assertion_read(&ignored, text->value)) {
            continue;
        }
        text_put(&subject, "assert[");
        text_put_u64(&subject, i);
        text_put(&subject, "] = ");
        text_put_bytes(&subject, bytes_part(system->text, text->span.offset, text->span.len));
        return toml_fail(diag, STATUS_SYSTEM_VALUE,
                         "\"no-flow A -> B\", \"only X has K\" or \"at-most-one holder of K\"",
                         text->span, text_bytes(&subject));
    }
    return STATUS_OK;
}
