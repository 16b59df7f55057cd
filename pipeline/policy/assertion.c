// SPDX-License-Identifier: BSD-2-Clause
#include "assertion.h"

#include "forms.h"
#include "plan.h"

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

// Types whose name is one word: those that a capability in a plan can have.
static bool is_type(struct bytes text)
{
    for (unsigned i = 0; i < PLAN_TYPE_COUNT; i++) {
        if (bytes_is(text, plan_type_name((enum plan_type)i))) {
            return true;
        }
    }
    return false;
}

static bool is_object(struct bytes text)
{
    return is_type(text) || forms_peer.accepts(text);
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

static bool is_assertion(struct bytes text)
{
    struct assertion ignored;
    return assertion_read(&ignored, text);
}

const struct schema_form assertion_form = {
    is_assertion, "\"no-flow A -> B\", \"only X has K\" or \"at-most-one holder of K\""};
