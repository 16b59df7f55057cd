// SPDX-License-Identifier: BSD-2-Clause

// Mutates the values of a JSON document instead of its bytes, so that most inputs get past the
// parser: something in it is taken out, put in twice, replaced by what stands elsewhere, or by a
// number or word at the edge of a range. Of an input with several documents, one a line, it takes
// one. A quarter of the time, and where the input is no JSON, the bytes are mutated as ever.

#include "fuzz.h"

#include <jansson.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *at, size_t len, size_t most);
size_t LLVMFuzzerCustomMutator(uint8_t *at, size_t len, size_t most, unsigned seed);

static const char *const EDGES[] = {
    "0",
    "1",
    "-1",
    "63",
    "64",
    "255",
    "256",
    "65535",
    "4294967295",
    "4294967294",
    "1e9",
    "9223372036854775807",
    "\"\"",
    "\"0x0\"",
    "\"none\"",
    "\"RWGP\"",
    "true",
    "false",
    "null",
    "[]",
    "{}",
    "\"a\\u0000b\"",
    "4095",
    "4096",
    "\"0xffffffffffffffff\"",
    "\"0x7fffffffffff\"",
};
enum { EDGE_COUNT = sizeof(EDGES) / sizeof(EDGES[0]) };

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static size_t size_of(json_t *value)
{
    return json_is_object(value) ? json_object_size(value) : json_array_size(value);
}

static void *member_at(json_t *object, size_t index)
{
    void *at = json_object_iter(object);
    while (index-- > 0) {
        at = json_object_iter_next(object, at);
    }
    return at;
}

static json_t *child_at(json_t *value, size_t index)
{
    return json_is_object(value) ? json_object_iter_value(member_at(value, index))
                                 : json_array_get(value, index);
}

// A value that has others in it, somewhere below `root`.
static json_t *pick_container(json_t *root, unsigned *seed)
{
    json_t *at = root;
    while (next(seed) % 4 != 0) {
        json_t *below = child_at(at, next(seed) % size_of(at));
        if (size_of(below) == 0) {
            break;
        }
        at = below;
    }
    return at;
}

static json_t *new_value(json_t *root, unsigned *seed)
{
    if (next(seed) % 2 == 0) {
        return json_loads(EDGES[next(seed) % EDGE_COUNT], JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    }
    json_t *other = pick_container(root, seed);
    return json_deep_copy(child_at(other, next(seed) % size_of(other)));
}

static void change_object(json_t *object, json_t *value, unsigned *seed)
{
    void *member = member_at(object, next(seed) % json_object_size(object));
    char *key = strdup(json_object_iter_key(member));
    switch (next(seed) % 8) {
    case 0:
        json_object_del(object, key);
        break;
    case 1:
        json_object_set(object, "other", value);
        break;
    default:
        json_object_set(object, key, value);
    }
    free(key);
}

static void change_array(json_t *array, json_t *value, unsigned *seed)
{
    size_t index = next(seed) % json_array_size(array);
    switch (next(seed) % 4) {
    case 0:
        json_array_remove(array, index);
        break;
    case 1:
        json_array_insert(array, index, value);
        break;
    case 2:
        json_array_insert_new(array, index, json_deep_copy(json_array_get(array, index)));
        break;
    default:
        json_array_set(array, index, value);
    }
}

// The bytes of the document after one change; the length, 0 when there is no room.
static size_t change(uint8_t *to, size_t most, json_t *root, unsigned *seed)
{
    json_t *container = pick_container(root, seed), *value = new_value(root, seed);
    if (json_is_object(container)) {
        change_object(container, value, seed);
    } else {
        change_array(container, value, seed);
    }
    json_decref(value);
    size_t len = json_dumpb(root, (char *)to, most, JSON_COMPACT | JSON_ENSURE_ASCII);
    return len <= most ? len : 0;
}

// The line of the input that the byte `at` is in.
static void line_around(size_t *first, size_t *end, const uint8_t *text, size_t len, size_t at)
{
    for (*first = at; *first > 0 && text[*first - 1] != '\n';) {
        --*first;
    }
    for (*end = at; *end < len && text[*end] != '\n';) {
        ++*end;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *at, size_t len, size_t most, unsigned seed)
{
    size_t first = 0, end = len;
    json_t *root = json_loadb((const char *)at, len, JSON_ALLOW_NUL, NULL);
    if (root == NULL && len > 0) {
        line_around(&first, &end, at, len, next(&seed) % len);
        root = json_loadb((const char *)at + first, end - first, JSON_ALLOW_NUL, NULL);
    }
    if (root == NULL || size_of(root) == 0 || next(&seed) % 4 == 0) {
        json_decref(root);
        return LLVMFuzzerMutate(at, len, most);
    }
    size_t tail = len - end, room = most - first - tail;
    uint8_t *changed = malloc(room + 1);
    size_t size = changed != NULL ? change(changed, room, root, &seed) : 0;
    if (size > 0) {
        memmove(at + first + size, at + end, tail);
        memcpy(at + first, changed, size);
        len = first + size + tail;
    }
    free(changed);
    json_decref(root);
    return len;
}
