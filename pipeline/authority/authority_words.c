// SPDX-License-Identifier: BSD-2-Clause

// Words of kinds, rights and limits, for every form that shows authority.

#include "authority_words.h"

const char *authority_words_bit(unsigned bit)
{
    static const char *const names[AUTHORITY_BITS] = {
        "Receive", "SyncSend", "Notify",  "Call",     "Reply",       "Reset",  "Read",
        "Write",   "Grant",    "Control", "Unbadged", "SharedBadge", "Device",
    };
    return bit < AUTHORITY_BITS ? names[bit] : "unknown";
}

const char *authority_words_type(uint8_t type)
{
    return type < PLAN_TYPE_COUNT ? plan_type_name((enum plan_type)type) : "unknown";
}

const char *authority_words_limit(enum authority_limit_kind kind)
{
    static const char *const names[AUTHORITY_LIMITS] = {
        "memory", "slots", "cpu", "priority", "max-priority", "restarts", "denials",
    };
    return kind < AUTHORITY_LIMITS ? names[kind] : "unknown";
}

const char *authority_words_guard(enum authority_guard_kind kind)
{
    static const char *const names[AUTHORITY_GUARDS] = {"on-fault", "on-overrun", "tripwires"};
    return kind < AUTHORITY_GUARDS ? names[kind] : "unknown";
}

void authority_words_put_size(struct text *t, uint64_t bytes)
{
    static const char *const units[] = {" bytes", " KiB", " MiB", " GiB"};
    size_t unit = 0;
    while (unit < 3 && bytes >= 1024 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    text_put_u64(t, bytes);
    text_put(t, units[unit]);
}

// "2/10 ms", "1500/10000 us", "3/10 s": the largest unit that both are whole numbers of.
static void put_rate(struct text *t, uint64_t value, uint64_t per, bool time)
{
    static const char *const units[] = {" us", " ms", " s"};
    size_t unit = 0;
    while (unit < 2 && per >= 1000 && per % 1000 == 0 && (!time || value % 1000 == 0)) {
        per /= 1000;
        value = time ? value / 1000 : value;
        unit++;
    }
    text_put_u64(t, value);
    text_put(t, "/");
    text_put_u64(t, per);
    text_put(t, units[unit]);
}

void authority_words_put_limit(struct text *t, enum authority_limit_kind kind,
                               const struct authority_limit *limit)
{
    if (kind == AUTHORITY_MEMORY) {
        authority_words_put_size(t, limit->value);
    } else if ((kind == AUTHORITY_CPU || kind == AUTHORITY_RESTARTS) && limit->value != 0) {
        put_rate(t, limit->value, limit->per, kind == AUTHORITY_CPU);
    } else {
        text_put_u64(t, limit->value);
    }
}

const char *authority_words_guard_value(enum authority_guard_kind kind, uint8_t value)
{
    static const char *const actions[] = {"stop", "suspend", "restart", "wait"};
    if (kind == AUTHORITY_TRIPWIRES) {
        return value == 0 ? "everywhere" : "gaps";
    }
    return value < 4 ? actions[value] : "unknown";
}

static const char *purpose_of(const struct authority_grant *grant)
{
    if (grant->auth & AUTHORITY_DEVICE) {
        return "device";
    }
    if (grant->auth & AUTHORITY_CONTROL) {
        return grant->rights & PLAN_GRANT ? "grant" : "control";
    }
    if (grant->rights & PLAN_READ && grant->rights & PLAN_WRITE) {
        return NULL;
    }
    if (grant->auth & AUTHORITY_NOTIFY) {
        return "signal";
    }
    if (grant->auth & AUTHORITY_CALL) {
        return "call";
    }
    if (grant->auth & AUTHORITY_SEND) {
        return "send";
    }
    if (grant->auth & AUTHORITY_RECEIVE) {
        return grant->type == PLAN_ENDPOINT ? "serve" : "wait";
    }
    return NULL;
}

void authority_words_put_rights(struct text *t, const struct authority_grant *grant)
{
    static const char letters[] = "WRGP";
    static const uint8_t order[] = {1, 0, 2, 3}; // as R, W, G, P
    size_t before = t->len;
    for (size_t i = 0; i < 4; i++) {
        if (grant->rights >> order[i] & 1) {
            text_char(t, letters[order[i]]);
        }
    }
    const char *purpose = purpose_of(grant);
    if (t->len == before) {
        text_put(t, purpose != NULL ? purpose : "none");
    } else if (purpose != NULL) {
        text_put(t, " (");
        text_put(t, purpose);
        text_put(t, ")");
    }
    text_put(t, grant->auth & AUTHORITY_UNBADGED ? ", unbadged" : "");
    text_put(t, grant->auth & AUTHORITY_SHARED_BADGE ? ", badge not its own" : "");
}
