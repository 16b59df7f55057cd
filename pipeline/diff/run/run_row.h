// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One capability of a target in the form in which caps.issued shows it, from a log or from a plan.

#include "audit_scan.h"
#include "plan.h"

struct run_row {
    uint32_t slot;
    uint8_t type;   // enum plan_type; PLAN_TYPE_COUNT: a word that is none
    uint8_t rights; // enum plan_rights
    uint64_t badge;
    struct bytes object; // the name alone
    struct plan_span span;
};

// A row [slot, kind, object, rights, badge] of a record that audit_scan took; false when it is
// none.
bool run_row_read(struct run_row *out, struct bytes row);

// What is shown of a planned capability that is not a tripwire.
struct run_row run_row_of(const struct plan *plan, const struct plan_cap *cap);

// Kind and object, whatever the rights.
bool run_row_same_object(const struct run_row *a, const struct run_row *b);
