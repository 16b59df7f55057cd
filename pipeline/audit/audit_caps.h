// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The capability table of a target as caps.issued shows it: the issued and built-in slots in
// ascending order. Every other slot of the CNode holds a tripwire.

#include "audit_tree.h"
#include "json_text.h"
#include "plan.h"

enum { AUDIT_CAPS_PER_PART = 4 }; // rows of one record: the longest rows still fit

// How many capabilities that is.
uint32_t audit_caps_count(const struct plan *plan, uint32_t target);

// How many of them are traced.
uint32_t audit_caps_traced(const struct plan *plan, uint32_t target);

// SHA-256 over the lines "slot kind object rights badge LF" of the whole table.
struct audit_digest audit_caps_table(const struct plan *plan, uint32_t target);

// Writes the member "caps" with the rows of part `part` (from 0).
void audit_caps_part(struct json_text *json, const struct plan *plan, uint32_t target,
                     uint32_t part);
