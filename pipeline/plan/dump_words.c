// SPDX-License-Identifier: BSD-2-Clause
#include "dump_words.h"

void dump_words_put(const struct text_sink *sink, const char *literal)
{
    sink->put(sink->to, bytes_text(literal));
}

void dump_words_u64(const struct text_sink *sink, uint64_t value)
{
    char room[20];
    struct text t = text_of(room, sizeof room);
    text_put_u64(&t, value);
    sink->put(sink->to, text_bytes(&t));
}

void dump_words_word(const struct text_sink *sink, uint64_t value)
{
    char room[18];
    struct text t = text_of(room, sizeof room);
    text_put_word(&t, value);
    sink->put(sink->to, text_bytes(&t));
}

void dump_words_hex(const struct text_sink *sink, struct bytes raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        char room[2];
        struct text t = text_of(room, sizeof room);
        text_put_hex(&t, bytes_part(raw, i, 1));
        sink->put(sink->to, text_bytes(&t));
    }
}

// Names of a plan are at most BOUND_NAME bytes, and a byte becomes at most six characters.
void dump_words_json(const struct text_sink *sink, struct bytes raw)
{
    char room[6 * 128];
    struct text t = text_of(room, sizeof room);
    text_put_json(&t, raw);
    sink->put(sink->to, text_bytes(&t));
}

const char *dump_words_rights(char to[static 5], uint8_t rights)
{
    size_t n = 0;
    if (rights & PLAN_READ) {
        to[n++] = 'R';
    }
    if (rights & PLAN_WRITE) {
        to[n++] = 'W';
    }
    if (rights & PLAN_GRANT) {
        to[n++] = 'G';
    }
    if (rights & PLAN_GRANT_REPLY) {
        to[n++] = 'P';
    }
    to[n] = '\0';
    return n != 0 ? to : "none";
}

const char *const dump_words_kinds[] = {"issued", "built-in", "tripwire", NULL};
const char *const dump_words_services[] = {"none", "exit", "console", "time", "spawn", NULL};
const char *const dump_words_fills[] = {"zero",   "copy",   "in-place", "record",
                                        "region", "device", NULL};
const char *const dump_words_actions[] = {"stop", "restart", "suspend", "wait", NULL};

static const char *word(const char *const *words, unsigned value)
{
    while (*words != NULL && value != 0) {
        words++;
        value--;
    }
    return *words != NULL ? *words : "unknown";
}

const char *dump_words_kind(enum plan_cap_kind kind)
{
    return word(dump_words_kinds, kind);
}

const char *dump_words_service(enum plan_service service)
{
    return word(dump_words_services, service);
}

const char *dump_words_fill(enum plan_fill fill)
{
    return word(dump_words_fills, fill);
}

const char *dump_words_action(enum plan_action action)
{
    return word(dump_words_actions, action);
}
