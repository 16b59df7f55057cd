// SPDX-License-Identifier: BSD-2-Clause
#include "refusal.h"

#include "support/fixture.h"
#include "support/trust_fixture.h"
#include "verify.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct fixture f;
static struct trust_fixture t;

// Flips one bit, seals again when a signer is to blame, and expects the error at `where`.
static void expect(const char *fault, enum status wanted, size_t at, bool sealed, uint64_t where)
{
    struct verified verified;
    struct diag diag = {0};
    fixture_build(&f, "ab");
    f.file[at] ^= 0x10;
    if (sealed) {
        fixture_seal(&f, "ab");
    }
    enum status found = verify_package(&verified, fixture_bytes(&f), &t.trust, &diag);
    refusal_expect(fault, wanted, found, &diag);
    assert_int_equal(diag.where, where);
}

void refusal_content(void **state)
{
    (void)state;
    struct package p;
    trust_fixture_simple(&t, "ab", 2);
    fixture_build(&f, "ab");
    struct bytes page0 = bytes_part(fixture_bytes(&f), 0, BOUND_PAGE);
    assert_int_equal(package_read(&p, page0, f.len, PACKAGE_BINARY_MAX, NULL), STATUS_OK);
    size_t manifest = p.layout.manifest_offset;
    size_t manifest_end = manifest + p.layout.manifest_len;
    size_t table = p.layout.table_offset;
    size_t table_end = table + p.layout.table_len;
    size_t binary_end = BOUND_PAGE + p.binary_len;

    expect("first byte of the manifest", STATUS_MANIFEST_DIGEST, manifest, false, manifest);
    expect("last byte of the manifest", STATUS_MANIFEST_DIGEST, manifest_end - 1, false, manifest);
    expect("first byte of the table", STATUS_TABLE_DIGEST, table, false, table);
    expect("last byte of the table", STATUS_TABLE_DIGEST, table_end - 1, false, table);
    expect("first byte of the binary", STATUS_PAGE_DIGEST, BOUND_PAGE, false, 0);
    expect("last byte of page 1", STATUS_PAGE_DIGEST, 3 * BOUND_PAGE - 1, false, 1);
    expect("padding of the binary, by an attacker", STATUS_PAGE_DIGEST, binary_end, false, 2);
    expect("byte after the manifest", STATUS_MANIFEST_PADDING, manifest_end, true, manifest_end);
    expect("byte before the table", STATUS_MANIFEST_PADDING, table - 1, false, table - 1);
    expect("byte after the table", STATUS_TABLE_PADDING, table_end, true, table_end);
    expect("last byte of the file", STATUS_TABLE_PADDING, f.len - 1, false, f.len - 1);
    expect("byte after the binary", STATUS_BINARY_PADDING, binary_end, true, binary_end);
    expect("last byte of the last page", STATUS_BINARY_PADDING, manifest - 1, true, manifest - 1);
}
