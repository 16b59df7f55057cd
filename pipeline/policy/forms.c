// SPDX-License-Identifier: BSD-2-Clause
#include "forms.h"

#include "manifest.h"

static bool is_name(struct bytes text)
{
    return name_check(text, NULL) == STATUS_OK;
}

static bool is_package_name(struct bytes text)
{
    return is_name(text) && !bytes_is(text, MANIFEST_ROOT) &&
           !bytes_starts_with(text, bytes_text(MANIFEST_ROOT "."));
}

static bool is_pattern(struct bytes text)
{
    return name_pattern_check(text, NULL) == STATUS_OK;
}

static bool is_peer(struct bytes text)
{
    size_t slash = 0;
    while (slash < text.len && text.at[slash] != '/') {
        slash++;
    }
    return slash < text.len && is_name(bytes_part(text, 0, slash)) &&
           name_is_label(bytes_part(text, slash + 1, text.len - slash - 1));
}

static bool has_no_nul(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == 0) {
            return false;
        }
    }
    return true;
}

static bool is_path(struct bytes text)
{
    return text.len > 0 && has_no_nul(text);
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

// Passes a number without leading zeros.
static bool pass_number(struct bytes text, size_t *pos)
{
    size_t from = *pos;
    while (*pos < text.len && is_digit(text.at[*pos])) {
        (*pos)++;
    }
    return *pos == from + 1 || (*pos > from && text.at[from] != '0');
}

// MAJOR.MINOR.PATCH, then a pre-release or build tag. The tag's inner grammar is left to people:
// nothing orders versions, the counter does.
static bool is_version(struct bytes text)
{
    size_t pos = 0;
    for (unsigned part = 0; part < 3; part++) {
        if (part > 0 && (pos == text.len || text.at[pos++] != '.')) {
            return false;
        }
        if (!pass_number(text, &pos)) {
            return false;
        }
    }
    if (pos < text.len && (text.at[pos] == '-' || text.at[pos] == '+') && pos + 1 < text.len) {
        for (pos++; pos < text.len; pos++) {
            uint8_t c = text.at[pos];
            bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && !is_digit(c) && c != '-' && c != '+' && c != '.') {
                return false;
            }
        }
    }
    return pos == text.len;
}

const struct schema_form forms_package_name = {
    is_package_name, "a package name such as \"com.example.sensor\", not kpkg.root"};
const struct schema_form forms_label = {name_is_label, "a name of letters a-z, digits and '-'"};
const struct schema_form forms_pattern = {is_pattern, "a package name, \"prefix.*\" or \"*\""};
const struct schema_form forms_peer = {is_peer, "\"package/name\""};
const struct schema_form forms_version = {is_version, "a version such as \"1.4.2\""};
const struct schema_form forms_path = {is_path, "a path"};
const struct schema_form forms_argument = {has_no_nul, "text without NUL"};
const struct schema_form forms_event = {is_name, "an event type such as \"target.exited\""};
