// SPDX-License-Identifier: BSD-2-Clause

// --fail-on of `kpkg diff`: which changes make the exit code. Evidence that is contradicted counts
// whatever the list says.

#include "gate.h"

#include "command.h"
#include "diff_words.h"

#include <string.h>

static bool is_word(const char *at, size_t len, const char *word)
{
    return len == strlen(word) && strncmp(at, word, len) == 0;
}

// The rules that a word of --fail-on stands for, as bits; 0: none.
static uint32_t rules_of_word(const char *at, size_t len)
{
    static const struct {
        const char *word;
        uint32_t rules;
    } groups[] = {
        // All rules from DIFF_ADDED to DIFF_RUN_MORE, which stand side by side.
        {"grew", (2U << DIFF_RUN_MORE) - (1U << DIFF_ADDED)},
        {"denial", 1U << DIFF_DENIAL},
        {"drop", 1U << DIFF_EVIDENCE_INCOMPLETE},
    };
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (is_word(at, len, groups[i].word)) {
            return groups[i].rules;
        }
    }
    for (unsigned i = DIFF_ADDED; i < DIFF_RULES; i++) {
        if (is_word(at, len, diff_words_rule((enum diff_rule)i))) {
            return 1U << i;
        }
    }
    return 0;
}

// Rules as bits, from a list such as "KPD005,denial". 0: not understood.
static uint32_t rules_of(const char *list)
{
    uint32_t rules = 0;
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        size_t len = strcspn(at, ",");
        uint32_t more = rules_of_word(at, len);
        if (more == 0) {
            return 0;
        }
        rules |= more;
    }
    return rules;
}

static int code_of(enum diff_rule rule)
{
    switch (rule) {
    case DIFF_EVIDENCE_INCOMPLETE:
        return EXIT_CODE_INCOMPLETE;
    case DIFF_EVIDENCE_INVALID:
        return EXIT_CODE_INVALID;
    default:
        return EXIT_CODE_REFUSED;
    }
}

bool gate_knows(const char *list)
{
    return rules_of(list) != 0;
}

int gate_code(const struct diff *diff, const char *list)
{
    uint32_t rules = list != NULL ? rules_of(list) : UINT32_MAX;
    int code = EXIT_CODE_OK;
    rules |= 1U << DIFF_EVIDENCE_INVALID;
    for (uint32_t i = 0; i < diff->change_count; i++) {
        const struct diff_change *c = &diff->changes[i];
        bool fails = c->verdict == DIFF_GREW && !c->approved && rules >> c->rule & 1;
        code = fails && code_of(c->rule) > code ? code_of(c->rule) : code;
    }
    return code;
}
