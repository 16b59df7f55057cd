// SPDX-License-Identifier: BSD-2-Clause
#include "bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t big[2 * BOUND_PAGE + 1];

static struct bundle sample(void)
{
    struct bundle bundle = {.nonce_len = 20, .package_count = 3};
    bundle.built = (struct bundle_kernel){.known = true, .debug = true, .sdk = "2.3.0"};
    memset(bundle.nonce, 0x5a, 20);
    memset(bundle.seed, 0xa5, sizeof bundle.seed);
    memset(bundle.kernel, 0x33, sizeof bundle.kernel);
    memset(bundle.root, 0x44, sizeof bundle.root);
    memset(big, 'p', sizeof big);
    bundle.trust = bytes_text("schema = 1\n");
    bundle.system = bytes_text("name = \"demo\"\n");
    bundle.packages[0] = (struct bytes){big, BOUND_PAGE};
    bundle.packages[2] = (struct bytes){big, sizeof big};
    return bundle;
}

// A malloc of exactly the size, so that a sanitizer sees every read past the end.
static struct bytes written(const struct bundle *bundle)
{
    size_t size = bundle_size(bundle);
    uint8_t *at = malloc(size);
    assert_non_null(at);
    bundle_write(at, bundle);
    return (struct bytes){at, size};
}

static enum status read_bundle(struct bundle *out, struct bytes from)
{
    struct diag diag = {0};
    enum status status = bundle_read(out, from, &diag);
    assert_int_equal(diag.status, status);
    return status;
}

static void reads_what_was_written(void **state)
{
    (void)state;
    struct bundle in = sample(), out;
    struct bytes file = written(&in);
    assert_int_equal(file.len, (1 + 1 + 1 + 1 + 0 + 3) * BOUND_PAGE);
    assert_int_equal(read_bundle(&out, file), STATUS_OK);
    assert_memory_equal(out.nonce, in.nonce, sizeof in.nonce);
    assert_memory_equal(out.seed, in.seed, sizeof in.seed);
    assert_int_equal(out.nonce_len, 20);
    bundle_forget((uint8_t *)file.at);
    memset(in.seed, 0, sizeof in.seed); // and nothing else is gone
    struct bytes forgotten = written(&in);
    assert_true(bytes_equal(file, forgotten));
    free((uint8_t *)forgotten.at);
    assert_true(out.built.known && out.built.debug && !out.built.printing);
    assert_string_equal((const char *)out.built.sdk, "2.3.0");
    assert_true(bytes_equal(out.trust, in.trust));
    assert_true(bytes_equal(out.system, in.system));
    assert_int_equal(out.package_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(bytes_equal(out.packages[i], in.packages[i]));
        assert_int_equal((out.packages[i].at - file.at) % BOUND_PAGE, 0);
    }
    free((void *)file.at);
}

static void holds_as_many_packages_as_targets(void **state)
{
    (void)state;
    struct bundle in = sample(), out;
    in.package_count = BOUND_TARGETS;
    struct bytes file = written(&in);
    assert_int_equal(read_bundle(&out, file), STATUS_OK);
    assert_int_equal(out.package_count, BOUND_TARGETS);
    free((void *)file.at);
}

// One content has one byte string: what is read from a changed file writes that changed file.
static void has_one_form(void **state)
{
    (void)state;
    struct bundle in = sample();
    struct bytes file = written(&in);
    uint8_t *at = (uint8_t *)file.at;
    uint8_t *again = malloc(file.len);
    size_t accepted = 0;
    for (size_t i = 0; i < file.len; i++) {
        struct bundle out;
        at[i] ^= 0x01;
        if (read_bundle(&out, file) == STATUS_OK) {
            accepted++;
            assert_int_equal(bundle_size(&out), file.len);
            bundle_write(again, &out);
            assert_memory_equal(again, file.at, file.len);
        }
        at[i] ^= 0x01;
    }
    // Nonce, seed, digests and contents may be anything, the SDK's version any text, and a length
    // may count zeros that follow.
    size_t free_bytes = 20 + 3 * 32 + 5 + in.trust.len + in.system.len + BOUND_PAGE + sizeof big;
    assert_in_range(accepted, free_bytes, free_bytes + 24);
    free(again);
    free(at);
}

static void keeps_equal_packages_once(void **state)
{
    (void)state;
    struct bundle in = sample(), out;
    size_t size = bundle_size(&in);
    in.packages[1] = in.packages[0];
    assert_int_equal(bundle_size(&in), size);
    struct bytes file = written(&in);
    assert_int_equal(read_bundle(&out, file), STATUS_OK);
    assert_ptr_equal(out.packages[1].at, out.packages[0].at);
    assert_int_equal(out.packages[1].len, in.packages[0].len);
    assert_true(bytes_equal(out.packages[2], in.packages[2]));
    free((void *)file.at);
}

static void refuses_any_other_length(void **state)
{
    (void)state;
    struct bundle in = sample(), out;
    struct bytes file = written(&in);
    for (size_t len = 0; len < file.len; len += len % BOUND_PAGE == 0 ? 1 : BOUND_PAGE - 1) {
        assert_int_equal(read_bundle(&out, bytes_part(file, 0, len)), STATUS_BUNDLE);
    }
    uint8_t *longer = calloc(1, file.len + BOUND_PAGE);
    memcpy(longer, file.at, file.len);
    assert_int_equal(read_bundle(&out, (struct bytes){longer, file.len + BOUND_PAGE}),
                     STATUS_BUNDLE);
    free(longer);
    free((void *)file.at);
}

static void refuses_lengths_that_wrap(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {UINT64_MAX, UINT64_MAX - BOUND_PAGE, UINT64_MAX / 2,
                                       1ULL << 32};
    struct bundle in = sample(), out;
    struct bytes file = written(&in);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memcpy((uint8_t *)file.at + 0xc0 + 16, &lengths[i], 8);
        assert_int_equal(read_bundle(&out, file), STATUS_BUNDLE);
    }
    free((void *)file.at);
}

static void refuses_facts_about_no_kernel(void **state)
{
    (void)state;
    struct bundle in = sample(), out;
    struct bytes file = written(&in);
    ((uint8_t *)file.at)[0x98] = 0;
    assert_int_equal(read_bundle(&out, file), STATUS_BUNDLE);
    ((uint8_t *)file.at)[0x98] = 9;
    assert_int_equal(read_bundle(&out, file), STATUS_BUNDLE);
    free((void *)file.at);

    in.built = (struct bundle_kernel){0};
    file = written(&in);
    assert_int_equal(read_bundle(&out, file), STATUS_OK);
    assert_false(out.built.known);
    free((void *)file.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(holds_as_many_packages_as_targets),
        cmocka_unit_test(keeps_equal_packages_once),
        cmocka_unit_test(has_one_form),
        cmocka_unit_test(refuses_any_other_length),
        cmocka_unit_test(refuses_facts_about_no_kernel),
        cmocka_unit_test(refuses_lengths_that_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
