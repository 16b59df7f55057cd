// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Replacing a trust file: the next one must be newer and signed by enough root keys of the old one
// and of its own, as in TUF, so that neither can be skipped (spec/package.md 7).

#include "package_digest.h"
#include "trust.h"

enum { TRUST_UPDATE_MESSAGE = PACKAGE_DIGEST_MESSAGE };

// The bytes that `key` signs for a trust file with this counter; the key is at
// PACKAGE_DIGEST_MESSAGE_KEY.
void trust_update_message(uint8_t out[static TRUST_UPDATE_MESSAGE], struct bytes text,
                          uint64_t counter, const uint8_t key[static CRYPTO_KEY]);

// Whether `signatures` are records of 96 bytes, public key || signature, at most BOUND_KEYS,
// strictly ascending by key, each of them over `text`, of which trust_read made `next`; whose keys
// they are is not looked at. Errors, with the number of the record: POLICY_SIGNATURE (not whole
// records, or too many), SIG_DUPLICATE, SIG_ORDER, and those of crypto_ed25519_verify.
MUST_CHECK enum status trust_update_signatures(const struct trust *next, struct bytes text,
                                               struct bytes signatures, struct diag *diag);

// The active root keys of `trust` that are among the records: bit i is keys[i].
uint64_t trust_update_signers(const struct trust *trust, struct bytes signatures);

// Whether `next`, which trust_read made from `text`, may follow `now`. Errors: those of
// trust_update_signatures; POLICY_NO_ROOT; POLICY_SIGNATURE (`what` says whose root keys, `where`
// how many have yet to sign, the subject which could); POLICY_ROLLBACK.
MUST_CHECK enum status trust_update_check(const struct trust *next, struct bytes text,
                                          struct bytes signatures, const struct trust *now,
                                          struct diag *diag);
