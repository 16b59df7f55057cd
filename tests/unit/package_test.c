// SPDX-License-Identifier: BSD-2-Clause
#include "package.h"

#include "package_digest.h"
#include "package_sign.h"
#include "package_write.h"
#include "support/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static enum status read_fixture(struct package *out, const struct fixture *f, struct diag *diag)
{
    struct bytes page0 = bytes_part(fixture_bytes(f), 0, BOUND_PAGE);
    return package_read(out, page0, f->len, PACKAGE_BINARY_MAX, diag);
}

static void what_was_written_is_read(void **state)
{
    (void)state;
    static struct fixture f;
    struct package package;
    fixture_build(&f, "ba");
    assert_int_equal(read_fixture(&package, &f, NULL), STATUS_OK);
    assert_true(bytes_is(package_name(&package), "com.example.test"));
    assert_int_equal(package.machine, PACKAGE_MACHINE_X86_64);
    assert_int_equal(package.abi, PACKAGE_ABI);
    assert_int_equal(package.counter, 12);
    assert_int_equal(package.binary_len, FIXTURE_BINARY);
    assert_int_equal(package.layout.pages, 3);
    assert_int_equal(package.layout.manifest_offset, FIXTURE_MANIFEST_AT);
    assert_int_equal(package.layout.table_len, 96);
    assert_int_equal(package.layout.file_len, f.len);
    assert_int_equal(package.slot_count, 2);
}

static void the_order_of_signing_does_not_matter(void **state)
{
    (void)state;
    static struct fixture one, other;
    fixture_build(&one, "abcde");
    fixture_build(&other, "dbeca");
    assert_memory_equal(one.file, other.file, one.len);
}

static void a_signature_does_not_change_the_id(void **state)
{
    (void)state;
    static struct fixture f;
    struct package unlike, package;
    fixture_build(&f, "a");
    assert_int_equal(read_fixture(&package, &f, NULL), STATUS_OK);
    fixture_build(&f, "bc");
    assert_int_equal(read_fixture(&unlike, &f, NULL), STATUS_OK);
    assert_memory_equal(package.id, unlike.id, sizeof package.id);
}

static void sixteen_signers_fit(void **state)
{
    (void)state;
    static struct fixture f;
    struct package package;
    uint8_t seed[CRYPTO_SEED];
    fixture_build(&f, "abcdefghijklmnop");
    assert_int_equal(read_fixture(&package, &f, NULL), STATUS_OK);
    assert_int_equal(package.slot_count, BOUND_SIGNATURES);
    fixture_seed(seed, 'q');
    assert_int_equal(package_sign(f.file, seed, NULL), STATUS_SIG_FULL);
}

static void a_refused_package_leaves_the_output_alone(void **state)
{
    (void)state;
    static struct fixture f;
    struct package before, after;
    fixture_build(&f, "a");
    f.file[PACKAGE_SLOTS_END] = 1;
    memset(&before, 0x5a, sizeof before);
    memset(&after, 0x5a, sizeof after);
    assert_int_equal(read_fixture(&after, &f, NULL), STATUS_SIG_AREA);
    assert_memory_equal(&before, &after, sizeof before);
}

// Lengths at and around every edge, up to the largest package.
static void layout_follows_from_two_lengths(void **state)
{
    (void)state;
    static const uint64_t manifests[] = {1, 31, 32, 33, 4095, 4096, 65535, 65536};
    static const uint64_t binaries[] = {64, 4095, 4096, 4097, PACKAGE_BINARY_MAX};
    for (size_t m = 0; m < sizeof manifests / sizeof manifests[0]; m++) {
        for (size_t b = 0; b < sizeof binaries / sizeof binaries[0]; b++) {
            struct package_layout l;
            assert_int_equal(
                package_layout(&l, manifests[m], binaries[b], PACKAGE_BINARY_MAX, NULL), STATUS_OK);
            assert_in_range(l.pages * 4096 - binaries[b], 0, 4095);
            assert_int_equal(l.manifest_offset, 4096 + l.pages * 4096);
            assert_in_range(l.table_offset - l.manifest_offset - manifests[m], 0, 31);
            assert_int_equal(l.table_offset % 32, 0);
            assert_in_range(l.file_len - l.table_offset - 32 * l.pages, 0, 4095);
            assert_int_equal(l.file_len % 4096, 0);
            assert_true(l.file_len <= package_layout_file_max(PACKAGE_BINARY_MAX));
        }
    }
}

static void a_lower_limit_is_obeyed(void **state)
{
    (void)state;
    struct package_layout l;
    assert_int_equal(package_layout(&l, 1, 8192, 8192, NULL), STATUS_OK);
    assert_int_equal(package_layout(&l, 1, 8193, 8192, NULL), STATUS_BINARY_TOO_LARGE);
    assert_true(package_layout_file_max(8192) < package_layout_file_max(12288));
    assert_true(package_layout_file_max(UINT64_MAX) == package_layout_file_max(PACKAGE_BINARY_MAX));
}

static void an_offline_signature_is_attached(void **state)
{
    (void)state;
    static struct fixture one, other;
    uint8_t seed[CRYPTO_SEED], key[CRYPTO_KEY];
    uint8_t payload[PACKAGE_DIGEST_MESSAGE], signature[CRYPTO_SIGNATURE];
    fixture_build(&one, "ab");
    fixture_build(&other, "a");
    fixture_seed(seed, 'b');
    fixture_key(key, 'b');
    package_sign_payload(payload, other.file, key);
    crypto_ed25519_sign(signature, (struct bytes){payload, sizeof payload}, seed);
    assert_int_equal(package_sign_attach(other.file, payload, signature, NULL), STATUS_OK);
    assert_memory_equal(one.file, other.file, one.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(the_order_of_signing_does_not_matter),
        cmocka_unit_test(a_signature_does_not_change_the_id),
        cmocka_unit_test(sixteen_signers_fit),
        cmocka_unit_test(a_refused_package_leaves_the_output_alone),
        cmocka_unit_test(layout_follows_from_two_lengths),
        cmocka_unit_test(a_lower_limit_is_obeyed),
        cmocka_unit_test(an_offline_signature_is_attached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
