// SPDX-License-Identifier: BSD-2-Clause
#include "trust_report.h"

#include "json_bytes.h"
#include "print.h"
#include "trust_changes.h"

static json_t *ids_of(const struct trust *trust, uint64_t keys)
{
    json_t *ids = json_array();
    for (size_t i = 0; i < trust->key_count; i++) {
        if ((keys >> i & 1) != 0) {
            json_array_append_new(ids, json_bytes_text(trust->keys[i].id));
        }
    }
    return ids;
}

static json_t *side_of(const struct trust_file *file, struct bytes signatures)
{
    const struct trust *trust = &file->anchor.trust;
    return json_pack("{s:o, s:I, s:I, s:o, s:o}", "file", json_bytes_text(bytes_text(file->path)),
                     "counter", (json_int_t)trust->counter, "threshold",
                     (json_int_t)trust->root_threshold, "root", ids_of(trust, trust->root_keys),
                     "signed", ids_of(trust, trust_update_signers(trust, signatures)));
}

static json_t *others_of(const struct trust_file *now, const struct trust_file *next)
{
    struct bytes records = trust_file_records(next);
    json_t *others = json_array();
    for (size_t at = 0; at < records.len; at += PACKAGE_SLOT) {
        struct bytes record = bytes_part(records, at, PACKAGE_SLOT);
        if (trust_update_signers(&now->anchor.trust, record) == 0 &&
            trust_update_signers(&next->anchor.trust, record) == 0) {
            json_array_append_new(others, json_string(print_hex(record.at, CRYPTO_KEY)));
        }
    }
    return others;
}

json_t *trust_report(const struct trust_file *now, const struct trust_file *next)
{
    struct bytes signatures = trust_file_records(next);
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "schema", "kpkg.trust/v1", "in_use",
                     side_of(now, signatures), "next", side_of(next, signatures), "others",
                     others_of(now, next), "changes",
                     trust_changes(&now->anchor.trust, &next->anchor.trust));
}

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

// Ids, digests and paths of values are ASCII, as trust_read has checked.
static void print_list(const char *head, const json_t *list)
{
    size_t i;
    json_t *value;
    fputs(json_array_size(list) != 0 ? head : "", stdout);
    json_array_foreach(list, i, value)
    {
        printf(" %s", json_string_value(value));
    }
}

static void print_side(const json_t *side)
{
    print_name(stdout, bytes_text(text_at(side, "file")));
    printf(": counter %" JSON_INTEGER_FORMAT ", root %" JSON_INTEGER_FORMAT " of",
           json_integer_value(json_object_get(side, "counter")),
           json_integer_value(json_object_get(side, "threshold")));
    print_list("", json_object_get(side, "root"));
    print_list(", signed by", json_object_get(side, "signed"));
    putchar('\n');
}

static void print_change(const json_t *change)
{
    const char *was = text_at(change, "was"), *now = text_at(change, "now");
    bool both = was != NULL && now != NULL;
    printf("%c %s: %s%s%s\n",
           both          ? '~'
           : was != NULL ? '-'
                         : '+',
           text_at(change, "where"), was != NULL ? was : "", both ? " -> " : "",
           now != NULL ? now : "");
}

void trust_report_print(const json_t *report)
{
    const json_t *others = json_object_get(report, "others");
    size_t i;
    json_t *change;
    print_side(json_object_get(report, "in_use"));
    print_side(json_object_get(report, "next"));
    if (json_array_size(others) != 0) {
        print_list("signed as well, by no root key:", others);
        putchar('\n');
    }
    json_array_foreach(json_object_get(report, "changes"), i, change)
    {
        print_change(change);
    }
}
