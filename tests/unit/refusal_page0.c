// SPDX-License-Identifier: BSD-2-Clause
#include "refusal.h"

#include "support/fixture.h"
#include "support/trust_fixture.h"
#include "verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct fixture f;
static struct trust_fixture t;

static void expect(const char *fault, enum status wanted)
{
    struct verified verified;
    struct diag diag = {0};
    enum status found = verify_package(&verified, fixture_bytes(&f), &t.trust, &diag);
    refusal_expect(fault, wanted, found, &diag);
}

static void expect_length(const char *fault, enum status wanted, size_t len)
{
    fixture_build(&f, "ab");
    f.len = len;
    expect(fault, wanted);
}

static void file_lengths(void)
{
    expect_length("empty file", STATUS_TRUNCATED, 0);
    expect_length("one byte less than a page", STATUS_TRUNCATED, BOUND_PAGE - 1);
    expect_length("a byte missing", STATUS_LENGTH_UNALIGNED, 5 * BOUND_PAGE - 1);
    expect_length("a byte too many", STATUS_LENGTH_UNALIGNED, 5 * BOUND_PAGE + 1);
    expect_length("page 0 alone", STATUS_BODY_TRUNCATED, BOUND_PAGE);
    expect_length("a page missing", STATUS_BODY_TRUNCATED, 4 * BOUND_PAGE);
    expect_length("a page too many", STATUS_TRAILING_DATA, 6 * BOUND_PAGE);
}

static void file_too_large(void)
{
    struct verify v;
    struct diag diag = {0};
    fixture_build(&f, "ab");
    struct bytes page0 = bytes_part(fixture_bytes(&f), 0, BOUND_PAGE);
    uint64_t len = package_layout_file_max(PACKAGE_BINARY_MAX) + BOUND_PAGE;
    enum status found = verify_head(&v, page0, len, &t.trust, &diag);
    refusal_expect("one page over the limit", STATUS_FILE_TOO_LARGE, found, &diag);
}

struct edit {
    enum status status;
    const char *fault;
    size_t at;
    const char *bytes;
    size_t len;
};

#define EDIT(status, fault, at, bytes)                                                             \
    {                                                                                              \
        STATUS_##status, fault, at, bytes, sizeof bytes - 1                                        \
    }

// Nothing here depends on the signatures: each edit is tried as an attacker would make it and,
// signed again, as a signer would.
static const struct edit header_edits[] = {
    EDIT(MAGIC, "ELF file", 0x00, "\x7f\x45LF"),
    EDIT(MAGIC, "first byte changed", 0x00, "\x88"),
    EDIT(MAGIC, "letter changed", 0x01, "k"),
    EDIT(MAGIC_TEXT_MANGLED, "eighth bit stripped", 0x00, "\x09"),
    EDIT(MAGIC_TEXT_MANGLED, "CR became LF", 0x05, "\n\n"),
    EDIT(MAGIC_TEXT_MANGLED, "LF became CR LF", 0x05, "\r\r\n"),
    EDIT(MAGIC_TEXT_MANGLED, "CR LF became LF", 0x05, "\n\x1a"),
    EDIT(VERSION, "version 0", 0x08, "\0"),
    EDIT(VERSION, "version 2", 0x08, "\2"),
    EDIT(VERSION, "version 257", 0x09, "\1"),
    EDIT(MACHINE, "AArch64", 0x0a, "\xb7"),
    EDIT(FLAGS, "lowest flag", 0x0c, "\1"),
    EDIT(FLAGS, "highest flag", 0x0f, "\x80"),
    EDIT(ABI, "contract 0", 0x28, "\0"),
    EDIT(ABI, "contract 2", 0x28, "\2"),
    EDIT(RESERVED, "reserved word", 0x2c, "\1"),
    EDIT(RESERVED, "end of the reserved word", 0x2f, "\1"),
    EDIT(RESERVED, "reserved tail", 0xb0, "\1"),
    EDIT(RESERVED, "last byte of the header", 0xff, "\1"),
    EDIT(MANIFEST_EMPTY, "manifest of 0 bytes", 0x18, "\0"),
    EDIT(MANIFEST_TOO_LARGE, "manifest of 65537 bytes", 0x18, "\1\0\1"),
    EDIT(MANIFEST_TOO_LARGE, "manifest of 2^64 - 1 bytes", 0x18,
         "\xff\xff\xff\xff\xff\xff\xff\xff"),
    EDIT(BINARY_TOO_SMALL, "binary of 0 bytes", 0x20, "\0\0"),
    EDIT(BINARY_TOO_SMALL, "binary of 63 bytes", 0x20, "\x3f\0"),
    EDIT(BINARY_TOO_LARGE, "binary of 1 GiB and a byte", 0x20, "\1\0\0\x40"),
    EDIT(BINARY_TOO_LARGE, "binary of 2^64 - 1 bytes", 0x20, "\xff\xff\xff\xff\xff\xff\xff\xff"),
    EDIT(BODY_TRUNCATED, "binary a page longer", 0x20, "\x64\x30"),
    EDIT(TRAILING_DATA, "binary a page shorter", 0x20, "\x64\x10"),
    EDIT(NAME_EMPTY, "no name", 0x70, "\0"),
    EDIT(NAME_UNTERMINATED, "64 letters", 0x70,
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    EDIT(NAME_PADDING, "a letter after the NUL", 0x70, "com\0"),
    EDIT(NAME_PADDING, "last byte of the name", 0xaf, "a"),
    EDIT(NAME_CHAR, "upper case", 0x70, "C"),
    EDIT(NAME_CHAR, "control character", 0x70, "\x1b"),
    EDIT(NAME_CHAR, "underscore", 0x71, "_"),
    EDIT(NAME_CHAR, "not ASCII", 0x71, "\xc3\xa9"),
    EDIT(NAME_LABEL, "first label empty", 0x70, "."),
    EDIT(NAME_LABEL, "middle label empty", 0x74, "."),
    EDIT(NAME_LABEL, "last label empty", 0x80, "."),
    EDIT(NAME_LABEL, "label starts with a digit", 0x74, "1"),
    EDIT(NAME_LABEL, "label starts with a hyphen", 0x74, "-"),
    EDIT(NAME_LABEL, "label of 32 letters", 0x70, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"),
};

static void headers(void)
{
    for (size_t i = 0; i < sizeof header_edits / sizeof header_edits[0]; i++) {
        const struct edit *edit = &header_edits[i];
        fixture_build(&f, "ab");
        memcpy(f.file + edit->at, edit->bytes, edit->len);
        expect(edit->fault, edit->status);
        fixture_sign(&f, "ab");
        expect(edit->fault, edit->status);
    }
}

static uint8_t *slot(size_t index)
{
    return f.file + PACKAGE_SLOTS_AT + index * PACKAGE_SLOT;
}

static void swap_slots(size_t a, size_t b)
{
    uint8_t held[PACKAGE_SLOT];
    memcpy(held, slot(a), sizeof held);
    memcpy(slot(a), slot(b), sizeof held);
    memcpy(slot(b), held, sizeof held);
}

static void slot_order(void)
{
    fixture_build(&f, "");
    expect("no signature", STATUS_UNSIGNED);

    fixture_build(&f, "abc");
    memcpy(slot(3), slot(2), PACKAGE_SLOT);
    expect("last slot twice", STATUS_SIG_DUPLICATE);
    memcpy(slot(3), slot(0), PACKAGE_SLOT);
    expect("first slot again, out of order", STATUS_SIG_DUPLICATE);
    memset(slot(3) + CRYPTO_KEY, 0xff, CRYPTO_SIGNATURE);
    expect("same key, other signature", STATUS_SIG_DUPLICATE);

    fixture_build(&f, "abc");
    swap_slots(1, 2);
    expect("descending", STATUS_SIG_ORDER);
    fixture_build(&f, "ab");
    memset(slot(2) + CRYPTO_KEY, 1, 1);
    expect("no key but a signature", STATUS_SIG_ORDER);

    fixture_build(&f, "abc");
    swap_slots(2, 3);
    expect("hole before the last", STATUS_SIG_GAP);
    fixture_build(&f, "a");
    swap_slots(0, 15);
    expect("only the last slot used", STATUS_SIG_GAP);

    fixture_build(&f, "a");
    f.file[PACKAGE_SLOTS_END] = 1;
    expect("byte after slot 15", STATUS_SIG_AREA);
    fixture_build(&f, "a");
    f.file[BOUND_PAGE - 1] = 1;
    expect("last byte of page 0", STATUS_SIG_AREA);
}

// The other S with the same residue: what a lax verifier accepts as a second form of a signature.
static void add_group_order(uint8_t scalar[static 32])
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)scalar[i] + order[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

static void slot_signatures(void)
{
    static const uint8_t small_order[32] = {1};
    fixture_build(&f, "a");
    memcpy(slot(0), small_order, sizeof small_order);
    expect("key of small order", STATUS_SIG_KEY);
    fixture_build(&f, "a");
    memset(slot(0), 0xff, CRYPTO_KEY);
    expect("key above the field", STATUS_SIG_KEY);
    fixture_build(&f, "a");
    memset(slot(0), 0, CRYPTO_KEY);
    expect("key of zeros", STATUS_SIG_KEY);

    fixture_build(&f, "a");
    add_group_order(slot(0) + CRYPTO_KEY + 32);
    expect("S + L", STATUS_SIG_NONCANONICAL);
    fixture_build(&f, "a");
    memcpy(slot(0) + CRYPTO_KEY, small_order, sizeof small_order);
    expect("R of small order", STATUS_SIG_NONCANONICAL);

    fixture_build(&f, "ab");
    slot(1)[CRYPTO_KEY + 32] ^= 1;
    expect("bit of S in the second slot", STATUS_SIG_INVALID);
    fixture_build(&f, "a");
    f.file[0x10] ^= 1;
    expect("counter changed after signing", STATUS_SIG_INVALID);
    fixture_build(&f, "a");
    f.file[0x30] ^= 1;
    expect("manifest digest changed after signing", STATUS_SIG_INVALID);
    fixture_build(&f, "ab");
    fixture_key(slot(1), 'z');
    fixture_key(slot(0), 'z');
    memset(slot(1), 0, PACKAGE_SLOT);
    expect("signature under another key", STATUS_SIG_INVALID);
}

void refusal_page0(void **state)
{
    (void)state;
    trust_fixture_simple(&t, "ab", 1);
    file_lengths();
    file_too_large();
    headers();
    slot_order();
    slot_signatures();
}
