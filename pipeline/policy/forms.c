// SPDX-License-Identifier: BSD-2-Clause
#include "forms.h"

#include "bounds.h"
#include "manifest.h"
#include "number.h"

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
    struct bytes package, name;
    return bytes_split(&package, &name, text, '/') && is_name(package) && name_is_label(name);
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

bool forms_ports_of(uint64_t *first, uint64_t *last, struct bytes text)
{
    return number_hex_range(first, last, text, PORT_DIGITS);
}

static bool is_ports(struct bytes text)
{
    uint64_t first, last;
    return forms_ports_of(&first, &last, text);
}

bool forms_address_of(uint64_t *address, struct bytes text)
{
    return number_hex(address, text, ADDRESS_DIGITS) && *address % BOUND_PAGE == 0 &&
           *address < 1ULL << 47;
}

static bool is_address(struct bytes text)
{
    uint64_t address;
    return forms_address_of(&address, text);
}

bool forms_percent_of(uint64_t *percent, struct bytes text)
{
    bool ends = text.len != 0 && text.at[text.len - 1] == '%';
    return ends && number_decimal(percent, bytes_part(text, 0, text.len - 1)) && *percent >= 1 &&
           *percent <= 100;
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
