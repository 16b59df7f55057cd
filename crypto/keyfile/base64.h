// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Canonical base64 (RFC 4648, section 4): padded, no line breaks, unused bits zero. One byte string
// has one text.

#include "text.h"

// Decodes `text`; `*len` is the length of the whole result, of which the first `size` bytes are
// stored. Returns false for anything that is not canonical.
bool base64_decode(uint8_t *out, size_t size, size_t *len, struct bytes text);

// Appends the one text of `raw`, padded.
void base64_encode(struct text *out, struct bytes raw);
