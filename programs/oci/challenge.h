// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a registry says it wants before it answers: the WWW-Authenticate header (RFC 9110, 11.6.1)
// in the two forms that registries use.

#include "diag.h"

enum { CHALLENGE_VALUE = 1024 }; // bytes of one value, NUL included

enum challenge_kind { CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
    enum challenge_kind kind;
    char realm[CHALLENGE_VALUE];   // bearer: where tokens are made
    char service[CHALLENGE_VALUE]; // may be empty
    char scope[CHALLENGE_VALUE];   // may be empty
};

// REGISTRY_ANSWER when `header` is neither form, or a value is too long.
enum status challenge_read(struct challenge *out, const char *header, struct diag *diag) MUST_CHECK;
