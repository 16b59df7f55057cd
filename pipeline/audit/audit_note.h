// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Checkpoints of a log as C2SP signed notes (c2sp.org/tlog-checkpoint, c2sp.org/signed-note): a
// tree size and head under an Ed25519 signature, in lines of text that other tools read too. The
// keys belong to one run, so the log's origin is the name of all of them, and that is made from the
// first one; ids tell them apart.

#include "audit_tree.h"
#include "crypto.h"
#include "status.h"
#include "text.h"

enum {
    AUDIT_NOTE_NAME = 64, // longest name of a key
    AUDIT_NOTE_VKEY = AUDIT_NOTE_NAME + 1 + 8 + 1 + 44,
    AUDIT_NOTE_LEN = 384, // longest checkpoint
};

// A verifier key. `name` is borrowed: from the text it was read from.
struct audit_note_key {
    struct bytes name;
    uint8_t id[4]; // first bytes of SHA-256(name, LF, 0x01, key)
    uint8_t key[32];
};

// Appends the name of a run's key: "kpkg.invalid/run/" and the first 8 bytes of the key in hex.
void audit_note_put_name(struct text *to, const uint8_t key[static 32]);

// Appends the verifier key of one of a run's keys, NAME+ID+BASE64(0x01, key); `run` is its first.
void audit_note_put_vkey(struct text *to, const uint8_t run[static 32],
                         const uint8_t key[static 32]);

// Reads a verifier key; false for anything that is not one for Ed25519.
bool audit_note_read_vkey(struct audit_note_key *out, struct bytes text);

// Appends the checkpoint over a tree, signed with a key of the run.
void audit_note_sign(struct text *to, const uint8_t run[static 32],
                     const struct crypto_signer *signer, const struct audit_tree *tree);

// What a checkpoint can be refused for, in the order of the checks.
enum audit_note_verdict {
    AUDIT_NOTE_SOUND,
    AUDIT_NOTE_FORM,      // not one checkpoint with one signature line
    AUDIT_NOTE_LOG,       // of another log
    AUDIT_NOTE_KEY,       // by another key
    AUDIT_NOTE_SIGNATURE, // does not verify
};

// A checkpoint taken apart; borrows from it.
struct audit_note {
    struct bytes body, origin, signer;
    uint64_t size;
    struct audit_digest root;
    uint8_t id_and_signature[4 + CRYPTO_SIGNATURE];
};

// Reads a checkpoint, up to its signature. With a NULL `key` only its form is looked at.
enum audit_note_verdict audit_note_read(struct audit_note *out, struct bytes note,
                                        const struct audit_note_key *key);

// The same, and verifies the signature, with a key.
enum audit_note_verdict audit_note_open(struct audit_note *out, struct bytes note,
                                        const struct audit_note_key *key);
