// SPDX-License-Identifier: BSD-2-Clause
// The vector code against libsodium: every count of pages up to three times the widest vector, in
// several domains.
#include "bounds.h"
#include "crypto_pages.h"
#include "crypto_start.h"

#include "blake2b_lanes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <sys/platform/x86.h>

enum { MOST = 24 };

static uint8_t data[MOST * BOUND_PAGE];

static void fill(uint64_t seed)
{
    for (size_t i = 0; i < sizeof data; i++) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        data[i] = (uint8_t)(seed >> 56);
    }
}

static void equals_one_by_one(void **state)
{
    (void)state;
    static const struct crypto_domain domains[] = {
        {"kpkg.v1.page", 0, 0}, {"", 1, 2}, {"sixteen letters!", UINT64_MAX - 3, UINT64_MAX}};
    for (size_t d = 0; d < sizeof domains / sizeof domains[0]; d++) {
        fill(d);
        for (size_t count = 0; count <= MOST; count++) {
            uint8_t got[(MOST + 1) * CRYPTO_DIGEST] = {0};
            crypto_pages(got, domains[d], (struct bytes){data, count * BOUND_PAGE});
            struct crypto_domain domain = domains[d];
            for (size_t i = 0; i < count; i++, domain.a++) {
                uint8_t want[CRYPTO_DIGEST];
                crypto_blake2b(want, domain, (struct bytes){data + i * BOUND_PAGE, BOUND_PAGE});
                assert_memory_equal(got + i * CRYPTO_DIGEST, want, sizeof want);
            }
            assert_true(bytes_all_zero((struct bytes){got + count * CRYPTO_DIGEST, CRYPTO_DIGEST}));
        }
    }
}

// Each width that the processor has, not only the one that crypto_pages chooses.
static void every_width_equals(void **state)
{
    (void)state;
    struct crypto_domain domain = {"kpkg.v1.page", 1000, 9};
    uint8_t want[BLAKE2B_LANES_AVX512 * CRYPTO_DIGEST];
    uint8_t got[sizeof want];
    fill(99);
    for (size_t i = 0; i < BLAKE2B_LANES_AVX512; i++) {
        struct bytes page = {data + i * BOUND_PAGE, BOUND_PAGE};
        crypto_blake2b(want + i * CRYPTO_DIGEST,
                       (struct crypto_domain){domain.name, domain.a + i, domain.b}, page);
    }
    if (CPU_FEATURE_ACTIVE(AVX2)) {
        blake2b_lanes_avx2(got, domain, data);
        assert_memory_equal(got, want, (size_t)BLAKE2B_LANES_AVX2 * CRYPTO_DIGEST);
    }
    if (CPU_FEATURE_ACTIVE(AVX512F)) {
        blake2b_lanes_avx512(got, domain, data);
        assert_memory_equal(got, want, sizeof want);
    }
}

int main(void)
{
    if (crypto_start() != STATUS_OK) {
        return 1;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_one_by_one),
                                       cmocka_unit_test(every_width_equals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
