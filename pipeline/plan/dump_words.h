// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the dumps and their reader share: pieces of output and the words for enum values.

#include "dump.h"

void dump_words_put(const struct text_sink *sink, const char *literal);
void dump_words_u64(const struct text_sink *sink, uint64_t value);
void dump_words_word(const struct text_sink *sink, uint64_t value); // 0x..
void dump_words_hex(const struct text_sink *sink, struct bytes raw);
void dump_words_json(const struct text_sink *sink, struct bytes raw); // inside of a JSON string

// "RWGP" with R = read, W = write, G = grant, P = grant-reply; "none" without any.
const char *dump_words_rights(char to[static 5], uint8_t rights);

// The words by value, NULL at the end, which is also how a plan is read back; and the word of one,
// "unknown" where there is none.
extern const char *const dump_words_kinds[];
extern const char *const dump_words_services[];
extern const char *const dump_words_fills[];
extern const char *const dump_words_actions[];
const char *dump_words_kind(enum plan_cap_kind kind);
const char *dump_words_service(enum plan_service service);
const char *dump_words_fill(enum plan_fill fill);
const char *dump_words_action(enum plan_action action);
