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

const char *dump_words_kind(enum plan_cap_kind kind)
{
    static const char *const names[] = {"issued", "built-in", "tripwire"};
    return (unsigned)kind < 3 ? names[kind] : "unknown";
}

const char *dump_words_service(enum plan_service service)
{
    static const char *const names[] = {"none", "exit", "console", "time", "spawn"};
    return (unsigned)service < 5 ? names[service] : "unknown";
}

const char *dump_words_fill(enum plan_fill fill)
{
    static const char *const names[] = {"zero", "copy", "in-place", "record", "region", "device"};
    return (unsigned)fill < 6 ? names[fill] : "unknown";
}

const char *dump_words_action(enum plan_action action)
{
    static const char *const names[] = {"stop", "restart", "suspend", "wait"};
    return (unsigned)action < 4 ? names[action] : "unknown";
}
