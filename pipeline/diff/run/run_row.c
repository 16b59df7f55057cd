// SPDX-License-Identifier: BSD-2-Clause
#include "run_row.h"

// "0x" and up to 16 hex digits, as events have words.
static bool read_word(uint64_t *out, struct bytes inside)
{
    uint64_t word = 0;
    if (inside.len < 3 || inside.len > 18 || !bytes_starts_with(inside, bytes_text("0x"))) {
        return false;
    }
    for (size_t i = 2; i < inside.len; i++) {
        uint8_t c = inside.at[i];
        bool digit = c >= '0' && c <= '9', letter = c >= 'a' && c <= 'f';
        if (!digit && !letter) {
            return false;
        }
        word = word << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    *out = word;
    return true;
}

static uint8_t read_type(struct bytes inside)
{
    uint8_t type = 0;
    while (type < PLAN_TYPE_COUNT && !bytes_is(inside, plan_type_name((enum plan_type)type))) {
        type++;
    }
    return type;
}

static bool read_rights(uint8_t *out, struct bytes inside)
{
    uint8_t rights = 0;
    if (bytes_is(inside, "none")) {
        *out = 0;
        return true;
    }
    for (size_t i = 0; i < inside.len; i++) {
        switch (inside.at[i]) {
        case 'R':
            rights |= PLAN_READ;
            break;
        case 'W':
            rights |= PLAN_WRITE;
            break;
        case 'G':
            rights |= PLAN_GRANT;
            break;
        case 'P':
            rights |= PLAN_GRANT_REPLY;
            break;
        default:
            return false;
        }
    }
    *out = rights;
    return inside.len > 0;
}

bool run_row_read(struct run_row *out, struct bytes row)
{
    struct bytes cells[5], name, value;
    size_t count = 0, at = 1;
    while (audit_scan_next(&name, &value, &at, row)) {
        if (count == 5 || !audit_scan_string(&cells[count], value)) {
            return false;
        }
        count++;
    }
    uint64_t slot = 0;
    *out = (struct run_row){0};
    if (count != 5 || !read_word(&slot, cells[0]) || slot > UINT32_MAX ||
        !read_rights(&out->rights, cells[3]) || !read_word(&out->badge, cells[4])) {
        return false;
    }
    out->slot = (uint32_t)slot;
    out->type = read_type(cells[1]);
    out->object = cells[2];
    return true;
}

struct run_row run_row_of(const struct plan *plan, const struct plan_cap *cap)
{
    return (struct run_row){
        .slot = cap->slot,
        .type = (uint8_t)cap->type,
        .rights = cap->rights & 0xf,
        .badge = cap->badge,
        .object = plan_cap_object(plan, cap),
        .span = cap->span,
    };
}

bool run_row_same_object(const struct run_row *a, const struct run_row *b)
{
    return a->type == b->type && bytes_equal(a->object, b->object);
}
