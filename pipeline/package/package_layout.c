// SPDX-License-Identifier: BSD-2-Clause
#include "package_layout.h"

#include "bounds.h"

static uint64_t round_up(uint64_t len, uint64_t unit)
{
    return (len + unit - 1) / unit * unit;
}

// Both lengths are at most 2^31, so that no sum here wraps.
static struct package_layout layout_of(uint64_t manifest_len, uint64_t binary_len)
{
    struct package_layout l = {.manifest_len = manifest_len};
    l.pages = round_up(binary_len, BOUND_PAGE) / BOUND_PAGE;
    l.manifest_offset = BOUND_PAGE + l.pages * BOUND_PAGE;
    l.table_offset = l.manifest_offset + round_up(manifest_len, PACKAGE_LEAF);
    l.table_len = l.pages * PACKAGE_LEAF;
    l.file_len = round_up(l.table_offset + l.table_len, BOUND_PAGE);
    return l;
}

enum status package_layout(struct package_layout *out, uint64_t manifest_len, uint64_t binary_len,
                           uint64_t binary_max, struct diag *diag)
{
    if (manifest_len == 0) {
        return diag_fail_detail(diag, STATUS_MANIFEST_EMPTY, "header", 0x18, manifest_len);
    }
    if (manifest_len > BOUND_MANIFEST) {
        return diag_fail_detail(diag, STATUS_MANIFEST_TOO_LARGE, "header", 0x18, manifest_len);
    }
    if (binary_len < PACKAGE_BINARY_MIN) {
        return diag_fail_detail(diag, STATUS_BINARY_TOO_SMALL, "header", 0x20, binary_len);
    }
    if (binary_len > binary_max || binary_len > PACKAGE_BINARY_MAX) {
        return diag_fail_detail(diag, STATUS_BINARY_TOO_LARGE, "header", 0x20, binary_len);
    }
    *out = layout_of(manifest_len, binary_len);
    return STATUS_OK;
}

uint64_t package_layout_file_max(uint64_t binary_max)
{
    uint64_t max = binary_max < PACKAGE_BINARY_MAX ? binary_max : PACKAGE_BINARY_MAX;
    return layout_of(BOUND_MANIFEST, max).file_len;
}
