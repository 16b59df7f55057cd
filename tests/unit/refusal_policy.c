// SPDX-License-Identifier: BSD-2-Clause
#include "refusal.h"

#include "support/trust_fixture.h"
#include "trust_update.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fault {
    enum status status;
    const char *fault;
    const char *trust;
};

#define HEAD        "schema = 1\ncounter = 1\n"
#define RULE        "[[rule]]\nnames = \"*\"\nthreshold = 1\n"
#define KEY(l, etc) "[[key]]\nid = \"key-" l "\"\ned25519 = \"@" l "\"\n" etc
#define ANY         "names = [\"*\"]\n"
#define ZEROS       "00000000000000000000000000000000"

static const struct fault faults[] = {
    {STATUS_POLICY_SCHEMA, "empty file", ""},
    {STATUS_POLICY_SCHEMA, "schema 2", "schema = 2\ncounter = 1\n" RULE KEY("a", ANY)},
    {STATUS_POLICY_SCHEMA, "no counter", "schema = 1\n" RULE KEY("a", ANY)},
    {STATUS_POLICY_SCHEMA, "unknown key", HEAD "extra = 1\n" RULE KEY("a", ANY)},
    {STATUS_POLICY_SCHEMA, "unknown key of a key", HEAD RULE KEY("a", ANY "extra = 1\n")},
    {STATUS_POLICY_SCHEMA, "no keys", HEAD RULE},
    {STATUS_POLICY_SCHEMA, "no rules", HEAD KEY("a", ANY)},
    {STATUS_POLICY_SCHEMA, "key without names", HEAD RULE KEY("a", "")},
    {STATUS_POLICY_SCHEMA, "key with no pattern", HEAD RULE KEY("a", "names = []\n")},
    {STATUS_POLICY_SCHEMA, "unknown state", HEAD RULE KEY("a", ANY "state = \"lost\"\n")},
    {STATUS_POLICY_SCHEMA, "negative counter", HEAD RULE KEY("a", ANY "counters = [-1, 1]\n")},
    {STATUS_POLICY_SCHEMA, "key of 63 digits",
     HEAD RULE "[[key]]\nid = \"a\"\ned25519 = \"" ZEROS "0000000000000000000000000000000\"\n" ANY},
    {STATUS_POLICY_SCHEMA, "id that is no digest", HEAD "deny = [\"00\"]\n" RULE KEY("a", ANY)},
    {STATUS_POLICY_SCHEMA, "unknown class of a threshold",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 1\nthreshold-for = { sound = 1 }\n" KEY("a", ANY)},
    {STATUS_POLICY_SCHEMA, "unknown key of a ceiling",
     HEAD RULE KEY("a", ANY) "[ceiling.net]\nspeed = 1\n"},
    {STATUS_POLICY_SCHEMA, "ports from high to low",
     HEAD RULE KEY("a", ANY) "[ceiling.net]\nioport = [\"0x10-0x0f\"]\n"},
    {STATUS_POLICY_SCHEMA, "port of five digits",
     HEAD RULE KEY("a", ANY) "[ceiling.net]\nioport = [\"0x10-0x10000\"]\n"},
    {STATUS_POLICY_DUP_KEY, "id twice",
     HEAD RULE KEY("a", ANY) "[[key]]\nid = \"key-a\"\ned25519 = \"@b\"\n" ANY},
    {STATUS_POLICY_DUP_KEY, "public key twice",
     HEAD RULE KEY("a", ANY) "[[key]]\nid = \"key-b\"\ned25519 = \"@a\"\n" ANY},
    {STATUS_POLICY_DUP_KEY, "root key twice",
     HEAD "[root]\nkeys = [\"key-a\", \"key-a\"]\nthreshold = 1\n" RULE KEY("a", ANY)},
    {STATUS_POLICY_DUP_RULE, "pattern twice", HEAD RULE RULE KEY("a", ANY)},
    {STATUS_POLICY_PATTERN, "star in the middle", HEAD RULE KEY("a", "names = [\"a.*.b\"]\n")},
    {STATUS_POLICY_PATTERN, "star without a dot", HEAD RULE KEY("a", "names = [\"*\", \"a*\"]\n")},
    {STATUS_POLICY_PATTERN, "empty pattern of a rule",
     HEAD "[[rule]]\nnames = \"\"\nthreshold = 1\n" KEY("a", ANY)},
    {STATUS_POLICY_PATTERN, "pattern of a ceiling",
     HEAD RULE KEY("a", ANY) "[ceiling.net]\nendpoints = [\"Net\"]\n"},
    {STATUS_POLICY_UNKNOWN_KEY, "root key that is not listed",
     HEAD "[root]\nkeys = [\"key-b\"]\nthreshold = 1\n" RULE KEY("a", ANY)},
    {STATUS_POLICY_UNKNOWN_CEILING, "no ceilings", HEAD RULE KEY("a", ANY "ceiling = \"net\"\n")},
    {STATUS_POLICY_UNKNOWN_CEILING, "another ceiling",
     HEAD RULE KEY("a", ANY "ceiling = \"net\"\n") "[ceiling.disk]\n"},
    {STATUS_POLICY_THRESHOLD, "zero",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 0\n" KEY("a", ANY)},
    {STATUS_POLICY_THRESHOLD, "more than there are keys",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 2\n" KEY("a", ANY)},
    {STATUS_POLICY_THRESHOLD, "more than there are keys in scope",
     HEAD "[[rule]]\nnames = \"net.*\"\nthreshold = 2\n" KEY("a", ANY)
         KEY("b", "names = [\"disk.*\", \"network\"]\n")},
    {STATUS_POLICY_THRESHOLD, "class below its rule",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 2\nthreshold-for = { irq = 1 }\n" KEY("a", ANY)
         KEY("b", ANY)},
    {STATUS_POLICY_THRESHOLD, "class above the keys",
     HEAD "[[rule]]\nnames = \"*\"\nthreshold = 1\nthreshold-for = { dma = 2 }\n" KEY("a", ANY)},
    {STATUS_POLICY_THRESHOLD, "root threshold above the root keys",
     HEAD "[root]\nkeys = [\"key-a\"]\nthreshold = 2\n" RULE KEY("a", ANY) KEY("b", ANY)},
    {STATUS_POLICY_WINDOW, "least above greatest", HEAD RULE KEY("a", ANY "counters = [2, 1]\n")},
    {STATUS_POLICY_WINDOW, "one end", HEAD RULE KEY("a", ANY "counters = [2]\n")},
    {STATUS_POLICY_WINDOW, "retired without an end",
     HEAD RULE KEY("a", ANY "state = \"retired\"\n")},
    {STATUS_KEY_WEAK, "key of small order",
     HEAD RULE "[[key]]\nid = \"a\"\ned25519 = \"01" ZEROS
               "000000000000000000000000000000\"\n" ANY},
    {STATUS_KEY_WEAK, "key of mixed order",
     HEAD RULE "[[key]]\nid = \"a\"\ned25519 = "
               "\"09f3a915ff9a7d4351ce49f84f7c982a3e5ec88bcb3e632dd853499b195d7525\"\n" ANY},
};

static void files(void)
{
    static struct trust_fixture t;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        struct diag diag = {0};
        enum status found = trust_fixture_read(&t, faults[i].trust, &diag);
        refusal_expect(faults[i].fault, faults[i].status, found, &diag);
    }
}

// Updates: a and b are the old root, b and c the new one.

#define ROOT(counter, keys)                                                                        \
    "schema = 1\ncounter = " counter "\n[root]\nkeys = " keys                                      \
    "\nthreshold = 2\n" RULE KEY("a", ANY) KEY("b", ANY) KEY("c", ANY)

static struct trust_fixture now, next;

static struct bytes next_text(void)
{
    return (struct bytes){(const uint8_t *)next.text, strlen(next.text)};
}

// Signs the next file with each letter; `letters` must name keys in ascending order of their bytes.
static size_t sign(uint8_t records[static 4 * PACKAGE_SLOT], const char *letters, uint64_t counter)
{
    size_t len = 0;
    for (; *letters != '\0'; letters++, len += PACKAGE_SLOT) {
        uint8_t seed[CRYPTO_SEED], message[TRUST_UPDATE_MESSAGE];
        fixture_seed(seed, *letters);
        fixture_key(records + len, *letters);
        trust_update_message(message, next_text(), counter, records + len);
        crypto_ed25519_sign(records + len + CRYPTO_KEY, (struct bytes){message, sizeof message},
                            seed);
    }
    return len;
}

static enum status update(const char *letters, uint64_t counter, struct diag *diag)
{
    uint8_t records[4 * PACKAGE_SLOT];
    size_t len = sign(records, letters, counter);
    return trust_update_check(&next.trust, next_text(), (struct bytes){records, len}, &now.trust,
                              diag);
}

static void expect_update(const char *fault, enum status wanted, const char *letters)
{
    struct diag diag = {0};
    enum status found = update(letters, next.trust.counter, &diag);
    refusal_expect(fault, wanted, found, &diag);
}

// One signature is lacking, and `who` could make it.
static void expect_short(const char *letters, const char *what, const char *who)
{
    struct diag diag = {0};
    assert_int_equal(update(letters, next.trust.counter, &diag), STATUS_POLICY_SIGNATURE);
    assert_string_equal(diag.what, what);
    assert_int_equal(diag.where, 1);
    assert_int_equal(diag.subject_len, strlen(who));
    assert_memory_equal(diag.subject, who, diag.subject_len);
}

static void read_both(const char *next_file)
{
    memset(&next, 0, sizeof next);
    assert_int_equal(trust_fixture_read(&now, ROOT("7", "[\"key-a\", \"key-b\"]"), NULL),
                     STATUS_OK);
    assert_int_equal(trust_fixture_read(&next, next_file, NULL), STATUS_OK);
}

// The letters below are in the order of their public keys: c, b, a.
static void updates(void)
{
    struct diag diag = {0};
    read_both(ROOT("8", "[\"key-b\", \"key-c\"]"));
    assert_int_equal(update("cba", 8, NULL), STATUS_OK);
    expect_update("no signature", STATUS_POLICY_SIGNATURE, "");
    expect_update("the old root alone", STATUS_POLICY_SIGNATURE, "ba");
    expect_update("the new root alone", STATUS_POLICY_SIGNATURE, "cb");
    expect_update("not in order", STATUS_SIG_ORDER, "abc");
    expect_update("one key twice", STATUS_SIG_DUPLICATE, "cbba");
    refusal_expect("signed for another counter", STATUS_SIG_INVALID, update("cba", 9, &diag),
                   &diag);
    assert_int_equal(diag.where, 0);
    refusal_expect("half a record", STATUS_POLICY_SIGNATURE,
                   trust_update_signatures(&next.trust, next_text(),
                                           (struct bytes){(const uint8_t *)"x", 1}, &diag),
                   &diag);
    expect_short("ba", "root keys of the new file still to sign:", "key-c");
    expect_short("ca", "root keys in use still to sign:", "key-b");
    read_both(ROOT("7", "[\"key-b\", \"key-c\"]"));
    expect_update("the same counter", STATUS_POLICY_ROLLBACK, "cba");
    read_both(ROOT("6", "[\"key-b\", \"key-c\"]"));
    expect_update("an older counter", STATUS_POLICY_ROLLBACK, "cba");
    read_both(HEAD RULE KEY("a", ANY) KEY("b", ANY) KEY("c", ANY));
    expect_update("a new file without root keys", STATUS_POLICY_NO_ROOT, "cba");
    assert_int_equal(trust_fixture_read(&now, HEAD RULE KEY("a", ANY), NULL), STATUS_OK);
    expect_update("a file in use without root keys", STATUS_POLICY_NO_ROOT, "cba");
}

void refusal_policy(void **state)
{
    (void)state;
    files();
    updates();
}
