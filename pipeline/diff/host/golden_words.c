// SPDX-License-Identifier: BSD-2-Clause

// Words of a golden file, for writing and reading alike: what one writes, the other takes.

#include "golden_words.h"

#include <string.h>

static const struct {
    char letter;
    uint8_t right;
} letters[] = {{'R', PLAN_READ}, {'W', PLAN_WRITE}, {'G', PLAN_GRANT}, {'P', PLAN_GRANT_REPLY}};
enum { LETTERS = sizeof(letters) / sizeof(letters[0]) };

json_t *golden_words_rights(uint8_t rights)
{
    char text[LETTERS + 1];
    size_t len = 0;
    for (size_t i = 0; i < LETTERS; i++) {
        if (rights & letters[i].right) {
            text[len++] = letters[i].letter;
        }
    }
    return len != 0 ? json_stringn(text, len) : json_string("none");
}

bool golden_words_read_rights(uint8_t *out, const char *text)
{
    *out = 0;
    if (strcmp(text, "none") == 0) {
        return true;
    }
    for (size_t i = 0; i < LETTERS; i++) {
        if (*text == letters[i].letter) {
            *out |= letters[i].right;
            text++;
        }
    }
    return *text == '\0' && *out != 0;
}

bool golden_words_find(unsigned *out, const char *text, unsigned count,
                       const char *(*word)(unsigned index))
{
    for (unsigned i = 0; text != NULL && i < count; i++) {
        if (strcmp(word(i), text) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}
