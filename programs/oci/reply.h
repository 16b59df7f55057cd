// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a registry and its token service answer in JSON. The bodies are hostile: only these members
// are looked at, and what they say is never more than a text.

#include "text.h"

// The bearer token of a token service's answer, for free(); NULL where it has none.
char *reply_token(struct bytes body);

// Puts "code: message" of the first error that a registry names; nothing where it names none.
void reply_put_reason(struct text *to, struct bytes body);
