// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The keys that sign a log (spec/audit.md, section 4). A log is divided into epochs, each with a
// key of its own: the old key signs the record that names the next one and is then erased. The next
// key is made from the old one by a one-way function, so who takes the machine can sign what is
// still to come, and nothing of the epochs before.

#include "audit_event.h"

enum { AUDIT_EPOCH_RECORDS = 512 };

#define AUDIT_EPOCH_NS UINT64_C(10000000000)

struct audit_epoch {
    struct crypto_signer signer; // of this epoch: a secret
    uint8_t run[CRYPTO_KEY];     // the key of epoch 0, by which the run is known
    uint64_t number;             // from 0
    uint64_t first;              // records before this epoch
    uint64_t since;              // ns
};

// Epoch 0, with the run's seed; the caller erases its own copies of that.
void audit_epoch_begin(struct audit_epoch *epoch, const uint8_t seed[static CRYPTO_SEED]);

// Writes a checkpoint over all records stored so far. Where the epoch is full, or has lasted, its
// key signs over to the next one in it, and is gone. The caller has flushed the log: this takes one
// place in it, or two.
void audit_epoch_checkpoint(struct audit_at at, struct audit_epoch *epoch);

// The same for the checkpoint that ends the log; no key is left.
void audit_epoch_seal(struct audit_at at, struct audit_epoch *epoch);
