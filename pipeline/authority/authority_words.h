// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The words of spec/diff.md for what an authority is made of.

#include "authority.h"
#include "text.h"

const char *authority_words_bit(unsigned bit);  // of 1 << bit: "SyncSend", "Control"
const char *authority_words_type(uint8_t type); // plan_type_name, or "unknown"
const char *authority_words_limit(enum authority_limit_kind kind); // "cpu", "max-priority"
const char *authority_words_guard(enum authority_guard_kind kind); // "on-fault", "tripwires"

void authority_words_put_size(struct text *t, uint64_t bytes); // "64 KiB", "1000 bytes"

// "64 KiB", "2/10 ms", "100"
void authority_words_put_limit(struct text *t, enum authority_limit_kind kind,
                               const struct authority_limit *limit);
const char *authority_words_guard_value(enum authority_guard_kind kind, uint8_t value);

// "WP (call)", "W (send)", "device": rights and what they are for, where there is a word for it.
void authority_words_put_rights(struct text *t, const struct authority_grant *grant);
