// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Bytes of unknown origin as JSON strings, for what hosts write with jansson. The caller owns what
// it gets; null where memory is short.

#include "bytes.h"

#include <jansson.h>

// The text itself; bytes that are not UTF-8 become U+FFFD.
json_t *json_bytes_text(struct bytes raw);

// A path as the URI that text_put_uri makes of it.
json_t *json_bytes_uri(struct bytes path);
