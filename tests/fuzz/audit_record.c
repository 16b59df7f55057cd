// SPDX-License-Identifier: BSD-2-Clause

// The reader of event records beside an independent JSON parser: what it accepts is JSON of the
// strict kind, and both find the same members in it. Any bytes as a log get a finding.

#include "audit_verify.h"

#include "fuzz.h"

#include <jansson.h>
#include <string.h>

static void check_count(uint64_t value, const json_t *object, const char *key, uint64_t otherwise)
{
    const json_t *member = json_object_get(object, key);
    FUZZ_CHECK(member == NULL
                   ? value == otherwise
                   : json_is_integer(member) && (uint64_t)json_integer_value(member) == value);
}

static void check_string(struct bytes inside, const json_t *member)
{
    char at[8 << 10];
    struct text text = text_of(at, sizeof at);
    audit_scan_unescape(&text, inside);
    FUZZ_CHECK(json_is_string(member) && !text.cut);
    FUZZ_CHECK(text.len == json_string_length(member));
    FUZZ_CHECK(memcmp(at, json_string_value(member), text.len) == 0);
}

// Each member of `data` is found under its name; names with escapes go by how they are written.
static void check_data(struct bytes data, const json_t *object)
{
    struct bytes name, value;
    size_t at = 1, count = 0;
    while (audit_scan_next(&name, &value, &at, data)) {
        char plain_at[8 << 10];
        struct text plain = text_of(plain_at, sizeof plain_at - 1);
        audit_scan_unescape(&plain, name);
        plain_at[plain.len] = '\0';
        struct bytes inside;
        const json_t *member = json_object_get(object, plain_at);
        if (audit_scan_string(&inside, value)) {
            check_string(inside, member);
        }
        count++;
    }
    FUZZ_CHECK(count == json_object_size(object));
}

static void check_record(struct bytes bytes)
{
    struct audit_record record;
    if (!audit_scan(&record, bytes)) {
        return;
    }
    json_t *object = json_loadb((const char *)bytes.at, bytes.len, 0, NULL);
    FUZZ_CHECK(json_is_object(object));
    check_count(record.seq, object, "seq", UINT64_MAX);
    check_count(record.time, object, "t", UINT64_MAX);
    check_count(record.folded, object, "n", 1);
    check_count(record.first_at, object, "t0", 0);
    check_count(record.incarnation, object, "inc", 0);
    check_string(record.type, json_object_get(object, "type"));
    check_data(record.data, json_object_get(object, "data"));
    json_decref(object);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct audit_verify_report report;
    struct audit_expected expected = {.has_nonce = false};
    struct bytes bytes = {at, len};
    check_record(bytes);
    audit_verify(&report, bytes, &expected, NULL);
    FUZZ_CHECK(report.check.tree.size <= len && report.line >= 1);
    return 0;
}
