// SPDX-License-Identifier: BSD-2-Clause
#include "forms.h"

#include "bounds.h"
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

enum { ADDRESS_DIGITS = 12, PORT_DIGITS = 4 };

// "0x" and 1 to `digits` hexadecimal digits in lower case.
static bool hex_of(uint64_t *value, struct bytes text, size_t digits)
{
    if (text.len < 3 || text.len > digits + 2 || text.at[0] != '0' || text.at[1] != 'x') {
        return false;
    }
    *value = 0;
    for (size_t i = 2; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (!is_digit(c) && (c < 'a' || c > 'f')) {
            return false;
        }
        *value = *value << 4 | (uint64_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return true;
}

bool forms_ports_of(uint64_t *first, uint64_t *last, struct bytes text)
{
    size_t dash = 0;
    while (dash < text.len && text.at[dash] != '-') {
        dash++;
    }
    return dash < text.len && hex_of(first, bytes_part(text, 0, dash), PORT_DIGITS) &&
           hex_of(last, bytes_part(text, dash + 1, text.len - dash - 1), PORT_DIGITS) &&
           *first <= *last;
}

static bool is_ports(struct bytes text)
{
    uint64_t first, last;
    return forms_ports_of(&first, &last, text);
}

bool forms_address_of(uint64_t *address, struct bytes text)
{
    return hex_of(address, text, ADDRESS_DIGITS) && *address % BOUND_PAGE == 0 &&
           *address < 1ULL << 47;
}

static bool is_address(struct bytes text)
{
    uint64_t address;
    return forms_address_of(&address, text);
}

bool forms_percent_of(uint64_t *percent, struct bytes text)
{
    uint64_t value = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || (i > 0 && value == 0) || i == 3) {
            return false;
        }
        value = value * 10 + (uint64_t)(text.at[i] - '0');
    }
    *percent = value;
    return value >= 1 && value <= 100 && text.at[text.len - 1] == '%';
}

static bool is_percent(struct bytes text)
{
    uint64_t ignored;
    return forms_percent_of(&ignored, text);
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
const struct schema_form forms_ports = {is_ports, "ports such as \"0x3f8-0x3ff\""};
const struct schema_form forms_address = {is_address,
                                          "the address of a page such as \"0xfed00000\""};
const struct schema_form forms_percent = {is_percent, "a percentage, \"1%\" to \"100%\""};
