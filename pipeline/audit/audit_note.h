// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Checkpoints of a log as C2SP signed notes (c2sp.org/tlog-checkpoint, c2sp.org/signed-note): a
// tree size and head under an Ed25519 signature, in lines of text that other tools read too. The
// key belongs to one run, so the log's origin is the key's name, and that is made from the key.

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

// Appends the run's verifier key: NAME+ID+BASE64(0x01, key).
void audit_note_put_vkey(struct text *to, const uint8_t key[static 32]);

// Reads a verifier key; false for anything that is not one for Ed25519.
bool audit_note_read_vkey(struct audit_note_key *out, struct bytes text);

// Appends the checkpoint over a tree, signed with the run's key.
void audit_note_sign(struct text *to, const struct crypto_signer *signer,
                     const struct audit_tree *tree);

// What a checkpoint can be refused for, in the order of the checks.
enum audit_note_verdict {
    AUDIT_NOTE_SOUND,
    AUDIT_NOTE_FORM,      // not one checkpoint with one signature line
    AUDIT_NOTE_KEY,       // of another log, or by another key
    AUDIT_NOTE_SIGNATURE, // does not verify
};

// A checkpoint's size and root, once its form, origin, key and signature are as `key` wants them;
// with a NULL `key` only the form is looked at.
enum audit_note_verdict audit_note_open(uint64_t *size, struct audit_digest *root,
                                        struct bytes note, const struct audit_note_key *key);
