// SPDX-License-Identifier: BSD-2-Clause

// Page 0: what package_read accepts is canonical, lies in the file, and is written again as it was.

#include "package.h"
#include "name.h"
#include "package_write.h"

#include "fuzz.h"

#include <string.h>

static void check_layout(const struct package_layout *l, size_t len)
{
    FUZZ_CHECK(l->file_len == len && len % BOUND_PAGE == 0);
    FUZZ_CHECK(l->manifest_offset == (l->pages + 1) * BOUND_PAGE);
    FUZZ_CHECK(l->manifest_len <= l->table_offset - l->manifest_offset);
    FUZZ_CHECK(l->table_len == l->pages * PACKAGE_LEAF);
    FUZZ_CHECK(l->table_offset <= len && l->table_len <= len - l->table_offset);
}

// The slots, inserted again from the last to the first, give the same bytes.
static void check_slots(const struct package *p, struct bytes page0)
{
    uint8_t again[BOUND_PAGE];
    memcpy(again, page0.at, sizeof again);
    memset(again + PACKAGE_SLOTS_AT, 0, PACKAGE_SLOTS_END - PACKAGE_SLOTS_AT);
    for (size_t i = p->slot_count; i > 0; i--) {
        FUZZ_CHECK(package_write_slot(again, &p->slots[i - 1], NULL) == STATUS_OK);
    }
    FUZZ_CHECK(memcmp(again, page0.at, sizeof again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct bytes page0 = {at, len < BOUND_PAGE ? len : BOUND_PAGE};
    struct package package;
    struct diag diag = {0};
    enum status status = package_read(&package, page0, len, PACKAGE_BINARY_MAX, &diag);
    if (status != STATUS_OK) {
        FUZZ_CHECK(diag.status == status && diag.what != NULL);
        return 0;
    }
    FUZZ_CHECK(name_check(package_name(&package), NULL) == STATUS_OK);
    FUZZ_CHECK(package.slot_count >= 1 && package.slot_count <= BOUND_SIGNATURES);
    check_layout(&package.layout, len);
    check_slots(&package, page0);
    return 0;
}
