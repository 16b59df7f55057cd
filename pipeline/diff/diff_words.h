// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The words of a comparison, the same in every form of its output. Names in them are as the inputs
// have them: each form escapes what it prints.

#include "diff.h"
#include "text.h"

const char *diff_words_rule(enum diff_rule rule);              // "KPD001"
const char *diff_words_rule_name(enum diff_rule rule);         // "capability-added"
const char *diff_words_rule_text(enum diff_rule rule);         // one sentence
const char *diff_words_rule_help(enum diff_rule rule);         // what to do about it
const char *diff_words_verdict(enum diff_verdict verdict);     // "same", "shrank", "grew"
const char *diff_words_severity(enum diff_rule rule);          // "critical", "high", "medium"
const char *diff_words_kind(const struct diff_change *change); // "endpoint", "limit", "reach"

// The target that a change is about.
const struct authority_target *diff_words_target(const struct diff_change *change);

// What it is about there: an object, a limit, "-> nic".
void diff_words_put_object(struct text *t, const struct diff_change *change);
// Both sides of it: rights, a limit with its unit, a way; nothing where it was or is not there.
void diff_words_put_was(struct text *t, const struct diff_change *change, const struct diff *diff);
void diff_words_put_now(struct text *t, const struct diff_change *change, const struct diff *diff);

// One sentence: "sensor gains W (send) on nic/tx".
void diff_words_put_message(struct text *t, const struct diff_change *change,
                            const struct diff *diff);
