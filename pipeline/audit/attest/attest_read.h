// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the host said about a run when it ended: the evidence of run.intoto.jsonl, read back.

#include "audit_note.h"

// The time of the evidence that `key`, the run's, has signed for this boot, in seconds since 1970.
// False when `envelopes` has no such line. The time is the host's word.
bool attest_read_time(uint64_t *seconds, struct bytes envelopes, const struct audit_note_key *key,
                      struct bytes boot);
