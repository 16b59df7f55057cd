// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a verifier concludes from a run: an in-toto statement with the predicate "simple
// verification result" (svr/v0.1). Only properties that hold are listed.

#include "audit_verify.h"

#include <jansson.h>

struct attest_result {
    const struct audit_verify_report *report;
    struct bytes log;
    bool key_given;    // the log was verified with a key from elsewhere
    bool nonce_given;  // and its nonce compared
    bool plan_matches; // every issued table was compared with a plan and is its
};

// The statement; NULL when memory is short. The caller owns it.
json_t *attest_result(const struct attest_result *result);
