// SPDX-License-Identifier: BSD-2-Clause
#include "refusal.h"

#include "support/fixture.h"
#include "support/trust_fixture.h"
#include "verify.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

// A package of com.example.test, counter 12, against one trust file each.
struct fault {
    enum status status;
    const char *fault;
    const char *signers;
    const char *trust;
};

#define HEAD        "schema = 1\ncounter = 1\n"
#define RULE        "[[rule]]\nnames = \"*\"\nthreshold = 1\n"
#define KEY(l, etc) "[[key]]\nid = \"key-" l "\"\ned25519 = \"@" l "\"\n" etc
#define ANY         "names = [\"*\"]\n"
#define REVOKED     "state = \"revoked\"\n"
#define WINDOW(w)   "counters = " w "\n"

static const struct fault faults[] = {
    {STATUS_SIGNER_UNKNOWN, "one stranger", "b", HEAD RULE KEY("a", ANY)},
    {STATUS_SIGNER_UNKNOWN, "two strangers", "bc", HEAD RULE KEY("a", ANY)},
    {STATUS_KEY_REVOKED, "the only signer is revoked", "a",
     HEAD RULE KEY("a", ANY REVOKED) KEY("b", ANY)},
    {STATUS_KEY_REVOKED, "both signers are revoked", "ab",
     HEAD RULE KEY("a", ANY REVOKED) KEY("b", ANY REVOKED)},
    {STATUS_KEY_REVOKED, "a revoked key and a stranger", "ac", HEAD RULE KEY("a", ANY REVOKED)},
    {STATUS_KEY_SCOPE, "other name", "a",
     HEAD RULE KEY("a", "names = [\"com.example\", \"net.*\"]\n")},
    {STATUS_KEY_SCOPE, "a prefix is not its own member", "a",
     HEAD RULE KEY("a", "names = [\"com.example.test.*\"]\n")},
    {STATUS_KEY_SCOPE, "one out of scope, one revoked", "ab",
     HEAD RULE KEY("a", "names = [\"net.*\"]\n") KEY("b", ANY REVOKED)},
    {STATUS_KEY_WINDOW, "counter above", "a", HEAD RULE KEY("a", ANY WINDOW("[0, 11]"))},
    {STATUS_KEY_WINDOW, "counter below", "a", HEAD RULE KEY("a", ANY WINDOW("[13, 20]"))},
    {STATUS_KEY_WINDOW, "retired before", "a",
     HEAD RULE KEY("a", ANY "state = \"retired\"\n" WINDOW("[0, 11]"))},
    {STATUS_NO_RULE, "a rule for others", "a",
     HEAD "[[rule]]\nnames = \"net.*\"\nthreshold = 1\n" KEY("a", ANY)},
    {STATUS_THRESHOLD, "one of two", "a",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 2\n" KEY("a", ANY) KEY("b", ANY)},
    {STATUS_THRESHOLD, "a stranger does not count", "ac",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 2\n" KEY("a", ANY) KEY("b", ANY)},
    {STATUS_THRESHOLD, "a revoked key does not count", "ab",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 2\n" KEY("a", ANY) KEY("b", ANY REVOKED)},
    {STATUS_THRESHOLD, "a key out of its window does not count", "ab",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 2\n" KEY("a", ANY) KEY("b", ANY WINDOW("[0, 1]"))},
    {STATUS_THRESHOLD, "the narrowest rule decides", "a",
     HEAD RULE "[[rule]]\nnames = \"com.example.test\"\nthreshold = 2\n"
               "[[rule]]\nnames = \"com.*\"\nthreshold = 1\n" KEY("a", ANY) KEY("b", ANY)},
    {STATUS_ROLLBACK, "floor above the counter", "a",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 1\nfloor = 13\n" KEY("a", ANY)},
    {STATUS_PACKAGE_DENIED, "id on the deny list", "a",
     HEAD "deny = [\"@a\", \"@#\"]\n" RULE KEY("a", ANY)},
};

static struct fixture f;
static struct trust_fixture t;

static void a_mark_is_a_floor(void)
{
    struct verified verified;
    struct diag diag = {0};
    struct high_water marks = {0};
    trust_fixture_simple(&t, "a", 1);
    fixture_build(&f, "a");
    t.trust.marks = &marks;
    assert_int_equal(high_water_raise(&marks, bytes_text("com.example.test"), 12), STATUS_OK);
    assert_int_equal(verify_package(&verified, fixture_bytes(&f), &t.trust, NULL), STATUS_OK);
    assert_int_equal(high_water_raise(&marks, bytes_text("com.example.test"), 13), STATUS_OK);
    enum status found = verify_package(&verified, fixture_bytes(&f), &t.trust, &diag);
    refusal_expect("a newer version has run", STATUS_ROLLBACK, found, &diag);
    assert_int_equal(diag.detail, 13);
}

void refusal_trust(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct verified verified;
        struct diag diag = {0};
        assert_int_equal(trust_fixture_read(&t, faults[i].trust, NULL), STATUS_OK);
        fixture_build(&f, faults[i].signers);
        enum status found = verify_package(&verified, fixture_bytes(&f), &t.trust, &diag);
        refusal_expect(faults[i].fault, faults[i].status, found, &diag);
    }
    a_mark_is_a_floor();
}
