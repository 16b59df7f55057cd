// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// DSSE: a statement in an envelope under one Ed25519 signature, as one line of JSON. What is signed
// is the statement's bytes with their type before them (PAE), so no canonical JSON is needed.

#include "bytes.h"
#include "diag.h"

#include <stdio.h>

// What is signed: DSSEv1 SP LEN(type) SP type SP LEN(payload) SP payload. The caller frees it; NULL
// when memory is short.
char *attest_envelope_encode(size_t *len, struct bytes payload);

// Writes the envelope and LF. `payload` is an in-toto statement. The key id is the SHA-256 of the
// public key in hex. Error: NO_MEMORY.
enum status attest_envelope_write(FILE *to, struct bytes payload, const uint8_t seed[static 32],
                                  struct diag *diag) MUST_CHECK;
