// SPDX-License-Identifier: BSD-2-Clause

// A file as `kpkg hosted` takes it: what is accepted as a root task is loaded within the memory
// that was measured, from bytes of the file, and is the same without what no boot code reads.

#include "foreign.h"
#include "image.h"

#include "fuzz.h"

static bool load(struct machine *m, uint64_t paddr, struct bytes data)
{
    FUZZ_CHECK(paddr <= m->memory_size && data.len <= m->memory_size - paddr);
    uint64_t sum = 0;
    for (size_t i = 0; i < data.len; i++) {
        sum += data.at[i];
    }
    return sum != UINT64_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct machine_operations operations = {.load = load};
    struct bytes file = {at, len};
    struct image image;
    struct diag diag = {0};
    enum status foreign = foreign_check(file, &diag);
    FUZZ_CHECK(foreign == STATUS_OK || (foreign == STATUS_FOREIGN && diag.subject[0] != '\0'));
    if (image_measure(&image, file, &diag) != STATUS_OK) {
        FUZZ_CHECK(diag.status == STATUS_IMAGE && diag.what != NULL);
        return 0;
    }
    FUZZ_CHECK(image.start <= image.entry && image.entry < image.end);
    struct machine machine = {.operations = &operations, .memory_size = image.end - image.start};
    FUZZ_CHECK(image_load(&machine, 0, &image, &diag) == STATUS_OK);
    return 0;
}
