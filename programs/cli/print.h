// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What several commands print the same way.

#include "bytes.h"

#include <jansson.h>
#include <stdio.h>

// A JSON document on stdout, and gives it up.
void print_json(json_t *document);

// Text of unknown origin: printable ASCII as it is, everything else escaped, so that it cannot
// steer a terminal. Line ends stay.
void print_plain(FILE *to, struct bytes raw);

// The same of what belongs on one line, such as a file's name or a target's: line ends are escaped
// as well, so that it cannot add a line that somebody takes for ours.
void print_name(FILE *to, struct bytes raw);

// Lower-case hex, as a string for printf; valid until `print_hex` has been called eight more times.
const char *print_hex(const uint8_t *at, size_t len);
