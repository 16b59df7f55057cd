// SPDX-License-Identifier: BSD-2-Clause
#include "name.h"

#include "bounds.h"

enum { LABEL_MAX = 31 };

static bool is_label_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

// The length of the label that starts at `from`: up to a dot or the end.
static size_t label_len(struct bytes name, size_t from)
{
    size_t len = 0;
    while (from + len < name.len && name.at[from + len] != '.') {
        len++;
    }
    return len;
}

bool name_is_label(struct bytes label)
{
    if (label.len == 0 || label.len > LABEL_MAX || label.at[0] < 'a' || label.at[0] > 'z') {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!is_label_char(label.at[i])) {
            return false;
        }
    }
    return true;
}

enum status name_check(struct bytes name, struct diag *diag)
{
    if (name.len == 0) {
        return diag_fail_about(diag, STATUS_NAME_EMPTY, "name", 0, name);
    }
    if (name.len > BOUND_NAME) {
        return diag_fail_about(diag, STATUS_NAME_UNTERMINATED, "name", BOUND_NAME, name);
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] != '.' && !is_label_char(name.at[i])) {
            return diag_fail_about(diag, STATUS_NAME_CHAR, "name", i, name);
        }
    }
    for (size_t from = 0; from <= name.len; from += label_len(name, from) + 1) {
        if (!name_is_label(bytes_part(name, from, label_len(name, from)))) {
            return diag_fail_about(diag, STATUS_NAME_LABEL, "name", from, name);
        }
    }
    return STATUS_OK;
}

struct bytes name_last_label(struct bytes name)
{
    size_t from = name.len;
    while (from > 0 && name.at[from - 1] != '.') {
        from--;
    }
    return bytes_from(name, from);
}

static bool ends_in_star(struct bytes pattern)
{
    return pattern.len >= 2 && pattern.at[pattern.len - 2] == '.' &&
           pattern.at[pattern.len - 1] == '*';
}

enum status name_pattern_check(struct bytes pattern, struct diag *diag)
{
    struct bytes name = pattern;
    if (bytes_is(pattern, "*")) {
        return STATUS_OK;
    }
    if (ends_in_star(pattern)) {
        name = bytes_part(pattern, 0, pattern.len - 2);
    }
    if (name_check(name, NULL) != STATUS_OK || pattern.len > BOUND_NAME) {
        return diag_fail_about(diag, STATUS_POLICY_PATTERN, "name", 0, pattern);
    }
    return STATUS_OK;
}

bool name_matches(struct bytes pattern, struct bytes name)
{
    if (bytes_is(pattern, "*")) {
        return true;
    }
    if (ends_in_star(pattern)) {
        struct bytes prefix = bytes_part(pattern, 0, pattern.len - 1);
        return bytes_starts_with(name, prefix);
    }
    return bytes_equal(pattern, name);
}

// Two patterns that match one name are prefixes of each other, so the longer one says more.
size_t name_pattern_rank(struct bytes pattern)
{
    if (bytes_is(pattern, "*") || ends_in_star(pattern)) {
        return pattern.len;
    }
    return BOUND_NAME + 1;
}
