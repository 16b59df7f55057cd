// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The words of golden files, both ways.

#include "authority.h"

#include <jansson.h>

json_t *golden_words_rights(uint8_t rights); // "RWGP" or "none"
bool golden_words_read_rights(uint8_t *out, const char *text);

// The index of `text` among word(0) .. word(count - 1); false when it is none.
bool golden_words_find(unsigned *out, const char *text, unsigned count,
                       const char *(*word)(unsigned index));
