// SPDX-License-Identifier: BSD-2-Clause

// The boot bundle: what is accepted is exactly what the writer would write.

#include "bundle.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct bytes from = {at, len};
    struct bundle bundle;
    struct diag diag = {0};
    enum status status = bundle_read(&bundle, from, &diag);
    if (status != STATUS_OK) {
        FUZZ_CHECK(status == STATUS_BUNDLE && diag.status == status && diag.what != NULL);
        return 0;
    }
    FUZZ_CHECK(bundle_size(&bundle) == len);
    uint8_t *again = malloc(len);
    FUZZ_CHECK(again != NULL);
    bundle_write(again, &bundle);
    FUZZ_CHECK(memcmp(again, at, len) == 0);
    free(again);
    return 0;
}
