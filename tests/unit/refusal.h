// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Bad inputs, each named by its fault, and the error that each must give. refusal_test.c checks
// that no error of these stages is without one.

#include "diag.h"

// Fails the test unless `found`, which a call returned with `diag`, is `wanted`.
void refusal_expect(const char *fault, enum status wanted, enum status found,
                    const struct diag *diag);

// One test for each stage.
void refusal_page0(void **state);
void refusal_trust(void **state);
void refusal_content(void **state);
void refusal_policy(void **state);
void refusal_key(void **state);
