// SPDX-License-Identifier: BSD-2-Clause
#include "audit_note.h"

#include "base64.h"
#include "crypto.h"

enum {
    ED25519 = 1, // algorithm byte of a verifier key
    KEY_ID = 4,
    NAME_BYTES = 8,  // of the key in its name
    KEY_TEXT = 44,   // base64 of algorithm and key
    ROOT_TEXT = 44,  // base64 of a tree head
    SIGNED_TEXT = 92 // base64 of key id and signature
};

static const char dash[] = "\xe2\x80\x94 "; // begins a signature line: U+2014 and a space

static void make_id(uint8_t id[static KEY_ID], struct bytes name, const uint8_t key[static 32])
{
    static const uint8_t between[2] = {'\n', ED25519};
    uint8_t digest[CRYPTO_DIGEST];
    struct crypto_sha256 hasher;
    crypto_sha256_start(&hasher);
    crypto_sha256_add(&hasher, name);
    crypto_sha256_add(&hasher, (struct bytes){between, sizeof between});
    crypto_sha256_add(&hasher, (struct bytes){key, 32});
    crypto_sha256_end(digest, &hasher);
    memcpy(id, digest, KEY_ID);
}

void audit_note_put_name(struct text *to, const uint8_t key[static 32])
{
    text_put(to, "kpkg.invalid/run/");
    text_put_hex(to, (struct bytes){key, NAME_BYTES});
}

void audit_note_put_vkey(struct text *to, const uint8_t run[static 32],
                         const uint8_t key[static 32])
{
    uint8_t id[KEY_ID], raw[33] = {ED25519};
    size_t from = to->len;
    audit_note_put_name(to, run);
    make_id(id, (struct bytes){(const uint8_t *)to->at + from, to->len - from}, key);
    memcpy(raw + 1, key, 32);
    text_char(to, '+');
    text_put_hex(to, (struct bytes){id, sizeof id});
    text_char(to, '+');
    base64_encode(to, (struct bytes){raw, sizeof raw});
}

bool audit_note_read_vkey(struct audit_note_key *out, struct bytes text)
{
    enum { TAIL = 1 + 2 * KEY_ID + 1 + KEY_TEXT };
    uint8_t raw[33];
    size_t len = 0;
    char hex[2 * KEY_ID];
    struct text id = text_of(hex, sizeof hex);
    if (text.len <= TAIL || text.len > AUDIT_NOTE_VKEY) {
        return false;
    }
    struct bytes name = bytes_part(text, 0, text.len - TAIL);
    if (!base64_decode(raw, sizeof raw, &len, bytes_part(text, text.len - KEY_TEXT, KEY_TEXT)) ||
        len != sizeof raw || raw[0] != ED25519 || text.at[name.len] != '+' ||
        text.at[text.len - KEY_TEXT - 1] != '+') {
        return false;
    }
    struct audit_note_key key = {.name = name};
    memcpy(key.key, raw + 1, sizeof key.key);
    make_id(key.id, name, key.key);
    text_put_hex(&id, (struct bytes){key.id, sizeof key.id});
    if (!bytes_equal(text_bytes(&id), bytes_part(text, name.len + 1, sizeof hex))) {
        return false;
    }
    *out = key;
    return true;
}

void audit_note_sign(struct text *to, const uint8_t run[static 32],
                     const struct crypto_signer *signer, const struct audit_tree *tree)
{
    uint8_t id_and_signature[KEY_ID + CRYPTO_SIGNATURE];
    char name_at[AUDIT_NOTE_NAME];
    struct text name = text_of(name_at, sizeof name_at);
    struct audit_digest root = audit_tree_root(tree);
    size_t from = to->len;
    audit_note_put_name(&name, run);
    text_put_bytes(to, text_bytes(&name));
    text_char(to, '\n');
    text_put_u64(to, tree->size);
    text_char(to, '\n');
    base64_encode(to, (struct bytes){root.at, sizeof root.at});
    text_char(to, '\n');
    struct bytes body = {(const uint8_t *)to->at + from, to->len - from};
    make_id(id_and_signature, text_bytes(&name), crypto_signer_key(signer));
    crypto_signer_sign(id_and_signature + KEY_ID, body, signer);
    text_char(to, '\n');
    text_put(to, dash);
    text_put_bytes(to, text_bytes(&name));
    text_char(to, ' ');
    base64_encode(to, (struct bytes){id_and_signature, sizeof id_and_signature});
    text_char(to, '\n');
}

// The next line without its LF; at the end, or where no LF comes, `*whole` is cleared.
static struct bytes take_line(struct bytes *rest, bool *whole)
{
    for (size_t i = 0; i < rest->len; i++) {
        if (rest->at[i] == '\n') {
            struct bytes line = bytes_part(*rest, 0, i);
            *rest = bytes_part(*rest, i + 1, rest->len - i - 1);
            return line;
        }
    }
    *whole = false;
    return (struct bytes){rest->at, 0};
}

// A decimal number as this project writes it: no sign, no leading zero.
static bool read_number(uint64_t *to, struct bytes digits)
{
    uint64_t value = 0;
    if (digits.len == 0 || digits.len > 16 || (digits.len > 1 && digits.at[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(digits.at[i] - '0');
    }
    *to = value;
    return true;
}

static bool read_signature_line(struct audit_note *out, struct bytes line)
{
    struct bytes mark = bytes_text(dash);
    size_t len = 0;
    if (line.len < mark.len + 1 + 1 + SIGNED_TEXT || !bytes_starts_with(line, mark)) {
        return false;
    }
    out->signer = bytes_part(line, mark.len, line.len - mark.len - 1 - SIGNED_TEXT);
    return line.at[line.len - SIGNED_TEXT - 1] == ' ' &&
           base64_decode(out->id_and_signature, sizeof out->id_and_signature, &len,
                         bytes_part(line, line.len - SIGNED_TEXT, SIGNED_TEXT)) &&
           len == sizeof out->id_and_signature;
}

static bool read_parts(struct audit_note *out, struct bytes note)
{
    struct bytes rest = note;
    bool whole = true;
    size_t len = 0;
    out->origin = take_line(&rest, &whole);
    struct bytes size = take_line(&rest, &whole);
    struct bytes root = take_line(&rest, &whole);
    out->body = bytes_part(note, 0, note.len - rest.len);
    struct bytes empty = take_line(&rest, &whole);
    struct bytes line = take_line(&rest, &whole);
    return whole && out->origin.len != 0 && empty.len == 0 && rest.len == 0 &&
           read_number(&out->size, size) && root.len == ROOT_TEXT &&
           base64_decode(out->root.at, sizeof out->root.at, &len, root) &&
           len == sizeof out->root.at && read_signature_line(out, line);
}

enum audit_note_verdict audit_note_read(struct audit_note *out, struct bytes note,
                                        const struct audit_note_key *key)
{
    if (!read_parts(out, note)) {
        return AUDIT_NOTE_FORM;
    }
    if (key == NULL) {
        return AUDIT_NOTE_SOUND;
    }
    if (!bytes_equal(out->origin, key->name) || !bytes_equal(out->signer, key->name)) {
        return AUDIT_NOTE_LOG;
    }
    bool same = memcmp(out->id_and_signature, key->id, sizeof key->id) == 0;
    return same ? AUDIT_NOTE_SOUND : AUDIT_NOTE_KEY;
}

enum audit_note_verdict audit_note_open(struct audit_note *out, struct bytes note,
                                        const struct audit_note_key *key)
{
    enum audit_note_verdict verdict = audit_note_read(out, note, key);
    if (verdict != AUDIT_NOTE_SOUND || key == NULL) {
        return verdict;
    }
    bool good =
        crypto_ed25519_verify(out->id_and_signature + KEY_ID, out->body, key->key) == STATUS_OK;
    return good ? AUDIT_NOTE_SOUND : AUDIT_NOTE_SIGNATURE;
}
