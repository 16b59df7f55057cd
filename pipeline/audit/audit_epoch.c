// SPDX-License-Identifier: BSD-2-Clause
#include "audit_epoch.h"

#include "audit_data.h"
#include "audit_note.h"

enum { DATA = 512 };

static const struct audit_subject nobody;

void audit_epoch_begin(struct audit_epoch *epoch, const uint8_t seed[static CRYPTO_SEED])
{
    *epoch = (struct audit_epoch){.number = 0};
    crypto_signer_make(&epoch->signer, seed);
    memcpy(epoch->run, crypto_signer_key(&epoch->signer), sizeof epoch->run);
}

static void put_checkpoint(struct audit_at at, const struct audit_epoch *epoch)
{
    char data[DATA], note_at[AUDIT_NOTE_LEN];
    struct json_text json = audit_data_open(data, sizeof data);
    struct text note = text_of(note_at, sizeof note_at);
    audit_note_sign(&note, epoch->run, &epoch->signer, &at.log->tree);
    json_text_int(&json, "size", at.log->tree.size);
    json_text_whole(&json, "note", text_bytes(&note));
    audit_data_put(at, AUDIT_LOG_CHECKPOINT, &nobody, &json);
}

static void put_key(struct audit_at at, const struct audit_epoch *next)
{
    char data[DATA], vkey_at[AUDIT_NOTE_VKEY];
    struct json_text json = audit_data_open(data, sizeof data);
    struct text vkey = text_of(vkey_at, sizeof vkey_at);
    audit_note_put_vkey(&vkey, next->run, crypto_signer_key(&next->signer));
    json_text_int(&json, "epoch", next->number);
    json_text_whole(&json, "vkey", text_bytes(&vkey));
    audit_data_put(at, AUDIT_LOG_KEY, &nobody, &json);
}

static void make_next(struct audit_epoch *next, const struct audit_epoch *epoch)
{
    uint8_t seed[CRYPTO_DIGEST];
    *next = *epoch;
    next->number++;
    crypto_blake2b(seed, (struct crypto_domain){"kpkg.epoch", next->number, 0},
                   (struct bytes){epoch->signer.secret, CRYPTO_SEED});
    crypto_signer_make(&next->signer, seed);
    crypto_wipe(seed, sizeof seed);
}

// The record that names the next key, and the last checkpoint of this one over it.
static void turn(struct audit_at at, struct audit_epoch *epoch)
{
    struct audit_epoch next;
    make_next(&next, epoch);
    put_key(at, &next);
    put_checkpoint(at, epoch);
    next.first = at.log->tree.size;
    next.since = at.now;
    *epoch = next;
    crypto_wipe(&next, sizeof next);
}

void audit_epoch_checkpoint(struct audit_at at, struct audit_epoch *epoch)
{
    if (at.log->tree.size - epoch->first >= AUDIT_EPOCH_RECORDS ||
        at.now - epoch->since >= AUDIT_EPOCH_NS) {
        turn(at, epoch);
    } else {
        put_checkpoint(at, epoch);
    }
}

void audit_epoch_seal(struct audit_at at, struct audit_epoch *epoch)
{
    put_checkpoint(at, epoch);
    crypto_wipe(&epoch->signer, sizeof epoch->signer);
}
