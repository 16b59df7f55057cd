// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Objects of JSON as structures, by tables: each key with its type, its place and its range.

#include "arena.h"
#include "diag.h"

#include <jansson.h>

enum plan_field_kind {
    FIELD_U8,
    FIELD_U16,
    FIELD_U32,
    FIELD_U64,
    FIELD_BOOL,
    FIELD_WORD,   // "0x.." -> uint64_t
    FIELD_NAME,   // a string -> struct bytes
    FIELD_HEX32,  // 64 hex digits -> uint8_t[32]
    FIELD_CHOICE, // one of `names` -> an enum
    FIELD_CUSTOM, // `read` does it
};

struct plan_fields;

struct plan_field {
    const char *key;
    enum plan_field_kind kind;
    size_t offset;
    uint64_t most;            // of numbers
    const char *const *names; // of a choice, NULL at the end
    bool (*read)(void *to, json_t *value, struct plan_fields *fields);
};

// A reading under way: where it is, for the diag, and whether it has failed.
struct plan_fields {
    struct arena *arena;
    struct diag *diag;
    enum status status;
    char path[96];
};

// Fills the structure at `to` from `object`, which has exactly these keys. False after a failure.
bool plan_fields_read(void *to, json_t *object, const struct plan_field *table, size_t count,
                      struct plan_fields *fields);

// Fails at `key` of the present path.
bool plan_fields_fail(struct plan_fields *fields, enum status status, const char *key);
