// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Replacing a trust file at run time: the next one must be newer and signed by enough root keys of
// the old one and of its own, as in TUF, so that neither can be skipped.

#include "trust.h"

enum { TRUST_UPDATE_MESSAGE = 96 };

// The bytes that `key` signs for a trust file with this counter.
void trust_update_message(uint8_t out[static TRUST_UPDATE_MESSAGE], struct bytes text,
                          uint64_t counter, const uint8_t key[static CRYPTO_KEY]);

// Whether `next`, which trust_read made from `text`, may follow `now`. `signatures` are records of
// 96 bytes, public key || signature, strictly ascending by key; every one must verify. Errors:
// POLICY_SIGNATURE (`where` is the record, or the number of root keys that signed),
// POLICY_ROLLBACK.
MUST_CHECK enum status trust_update_check(const struct trust *next, struct bytes text,
                                          struct bytes signatures, const struct trust *now,
                                          struct diag *diag);
