// SPDX-License-Identifier: BSD-2-Clause
#include "verify.h"

#include "crypto_start.h"
#include "support/fixture.h"
#include "support/trust_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

// Every byte of a package changed in three ways, and every other length: nothing is accepted, and
// each change has one of the names that belong to its place.

enum { NAMES_MAX = 6, EXTRA = 2 * BOUND_PAGE };

struct region {
    size_t end; // from the end of the region before
    enum status names[NAMES_MAX];
};

static struct fixture f;
static struct trust_fixture t;

static enum status verify(struct diag *diag)
{
    struct verified verified;
    return verify_package(&verified, fixture_bytes(&f), &t.trust, diag);
}

static const struct region page0_regions[] = {
    {0x001, {STATUS_MAGIC, STATUS_MAGIC_TEXT_MANGLED}},
    {0x005, {STATUS_MAGIC}},
    {0x008, {STATUS_MAGIC_TEXT_MANGLED}},
    {0x00a, {STATUS_VERSION}},
    {0x00c, {STATUS_MACHINE}},
    {0x010, {STATUS_FLAGS}},
    {0x018, {STATUS_SIG_INVALID}},
    {0x020,
     {STATUS_MANIFEST_TOO_LARGE, STATUS_TRAILING_DATA, STATUS_BODY_TRUNCATED, STATUS_SIG_INVALID}},
    {0x028,
     {STATUS_BINARY_TOO_LARGE, STATUS_TRAILING_DATA, STATUS_BODY_TRUNCATED, STATUS_SIG_INVALID}},
    {0x02c, {STATUS_ABI}},
    {0x030, {STATUS_RESERVED}},
    {0x070, {STATUS_SIG_INVALID}},
    {0x080, {STATUS_NAME_CHAR, STATUS_NAME_LABEL, STATUS_SIG_INVALID}},
    {0x081, {STATUS_NAME_CHAR, STATUS_SIG_INVALID}},
    {0x0b0, {STATUS_NAME_PADDING}},
    {0x100, {STATUS_RESERVED}},
    {0x120, {STATUS_SIG_KEY, STATUS_SIG_INVALID}},
    {0x160, {STATUS_SIG_NONCANONICAL, STATUS_SIG_INVALID}},
    {0x1c0, {STATUS_SIG_ORDER, STATUS_SIG_KEY, STATUS_SIG_NONCANONICAL}},
    {0x700, {STATUS_SIG_ORDER, STATUS_SIG_GAP}},
    {0x1000, {STATUS_SIG_AREA}},
};

static void expect_one_of(const struct region *region, size_t at, enum status found)
{
    for (size_t i = 0; i < NAMES_MAX && region->names[i] != STATUS_OK; i++) {
        if (region->names[i] == found) {
            return;
        }
    }
    fail_msg("byte 0x%zx: %s", at, status_name(found));
}

static void change_each_byte(size_t from, const struct region *region)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    for (size_t at = from; at < region->end; at++) {
        for (size_t i = 0; i < sizeof masks; i++) {
            struct diag diag = {0};
            f.file[at] ^= masks[i];
            expect_one_of(region, at, verify(&diag));
            if (diag.status == STATUS_PAGE_DIGEST) {
                assert_int_equal(diag.where, at / BOUND_PAGE - 1);
            }
            f.file[at] ^= masks[i];
        }
    }
}

static void no_changed_byte_is_accepted(void **state)
{
    (void)state;
    fixture_build(&f, "a");
    assert_int_equal(verify(NULL), STATUS_OK);
    size_t from = 0;
    for (size_t i = 0; i < sizeof page0_regions / sizeof page0_regions[0]; i++) {
        change_each_byte(from, &page0_regions[i]);
        from = page0_regions[i].end;
    }
    struct package p;
    struct bytes page0 = bytes_part(fixture_bytes(&f), 0, BOUND_PAGE);
    assert_int_equal(package_read(&p, page0, f.len, PACKAGE_BINARY_MAX, NULL), STATUS_OK);
    const struct region rest[] = {
        {p.layout.manifest_offset, {STATUS_PAGE_DIGEST}},
        {p.layout.manifest_offset + p.layout.manifest_len, {STATUS_MANIFEST_DIGEST}},
        {p.layout.table_offset, {STATUS_MANIFEST_PADDING}},
        {p.layout.table_offset + p.layout.table_len, {STATUS_TABLE_DIGEST}},
        {f.len, {STATUS_TABLE_PADDING}},
    };
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
        change_each_byte(from, &rest[i]);
        from = rest[i].end;
    }
    assert_int_equal(from, f.len);
    assert_int_equal(verify(NULL), STATUS_OK);
}

static enum status status_of_length(size_t len, size_t right)
{
    if (len < BOUND_PAGE) {
        return STATUS_TRUNCATED;
    }
    if (len % BOUND_PAGE != 0) {
        return STATUS_LENGTH_UNALIGNED;
    }
    if (len == right) {
        return STATUS_OK;
    }
    return len < right ? STATUS_BODY_TRUNCATED : STATUS_TRAILING_DATA;
}

static void no_other_length_is_accepted(void **state)
{
    (void)state;
    static uint8_t longer[FIXTURE_MAX + EXTRA];
    static const uint8_t fills[] = {0x00, 0xff};
    fixture_build(&f, "a");
    for (size_t i = 0; i < sizeof fills; i++) {
        memset(longer, fills[i], sizeof longer);
        memcpy(longer, f.file, f.len);
        for (size_t len = 0; len <= f.len + EXTRA; len++) {
            struct verified verified;
            struct bytes file = {longer, len};
            assert_int_equal(verify_package(&verified, file, &t.trust, NULL),
                             status_of_length(len, f.len));
        }
    }
}

// Any slot removed, or replaced by another's, never gives more than the whole set does, and the id
// stays: signatures can be stripped but not turned into anything.
static void a_stripped_signature_is_just_missing(void **state)
{
    (void)state;
    struct verified all, fewer;
    fixture_build(&f, "abc");
    trust_fixture_simple(&t, "abc", 2);
    assert_int_equal(verify_package(&all, fixture_bytes(&f), &t.trust, NULL), STATUS_OK);
    assert_int_equal(all.decision.signer_count, 3);
    for (size_t slot = 0; slot < 3; slot++) {
        fixture_build(&f, "abc");
        uint8_t *at = f.file + PACKAGE_SLOTS_AT + slot * PACKAGE_SLOT;
        memmove(at, at + PACKAGE_SLOT, (3 - slot) * PACKAGE_SLOT);
        assert_int_equal(verify_package(&fewer, fixture_bytes(&f), &t.trust, NULL), STATUS_OK);
        assert_int_equal(fewer.decision.signer_count, 2);
        assert_memory_equal(all.package.id, fewer.package.id, sizeof all.package.id);
    }
    trust_fixture_simple(&t, "a", 1);
}

static int start(void **state)
{
    (void)state;
    trust_fixture_simple(&t, "a", 1);
    return crypto_start() == STATUS_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_changed_byte_is_accepted),
        cmocka_unit_test(no_other_length_is_accepted),
        cmocka_unit_test(a_stripped_signature_is_just_missing),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
