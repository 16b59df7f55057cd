// SPDX-License-Identifier: BSD-2-Clause

// Golden files: what is accepted, written and read again is the same authority, and written once
// more the same bytes; what its transitional capabilities allow is never growth.

#include "golden_diff.h"

#include <string.h>

#include "fuzz.h"

static uint8_t memory[64 << 20];
static const char TODAY[] = "2026-06-30";

static struct bytes write_golden(const struct authority *a, const struct golden *before)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    FUZZ_CHECK(to != NULL);
    golden_write(to, a, before);
    fclose(to);
    return (struct bytes){(const uint8_t *)text, len};
}

static void check_writing(const struct golden *golden, struct arena *arena)
{
    struct golden copy;
    struct diag diag = {0};
    struct bytes first = write_golden(&golden->loose, golden);
    FUZZ_CHECK(golden_read(&copy, first, TODAY, arena, &diag) == STATUS_OK);
    struct bytes again = write_golden(&copy.loose, &copy);
    FUZZ_CHECK(bytes_equal(first, again));
    free((void *)first.at);
    free((void *)again.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct arena arena = arena_of(memory, sizeof memory);
    struct diag diag = {0};
    struct golden golden;
    struct diff diff;
    enum status status = golden_read(&golden, (struct bytes){at, len}, TODAY, &arena, &diag);
    if (status != STATUS_OK) {
        FUZZ_CHECK(status == STATUS_PLAN_SHAPE || status == STATUS_INSTANCE_NAME);
        FUZZ_CHECK(diag.status == status && diag.what != NULL);
        return 0;
    }
    check_writing(&golden, &arena);
    FUZZ_CHECK(golden_diff(&diff, &golden, &golden.strict, &arena, &diag) == STATUS_OK);
    FUZZ_CHECK(diff.verdict == DIFF_SAME);
    FUZZ_CHECK(golden_diff(&diff, &golden, &golden.loose, &arena, &diag) == STATUS_OK);
    FUZZ_CHECK(diff.verdict != DIFF_GREW);
    return 0;
}
