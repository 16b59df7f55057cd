// SPDX-License-Identifier: BSD-2-Clause
#include "verify_file.h"

#include "crypto_start.h"
#include "package_sign.h"
#include "package_write.h"
#include "support/trust_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

// Enough pages for many chunks of many workers.
enum { PAGES = 1000, BINARY = PAGES * BOUND_PAGE - 5 };

static struct trust_fixture t;
static uint8_t *file;
static uint64_t file_len;
static char path[] = "/tmp/kpkg-verify-XXXXXX";

static void write_out(void)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(file, 1, file_len, out), file_len);
    assert_int_equal(fclose(out), 0);
}

static void large_package(void)
{
    uint8_t seed[CRYPTO_SEED];
    uint8_t *binary = calloc(1, BINARY);
    assert_non_null(binary);
    for (size_t i = 0; i < BINARY; i += 64) {
        binary[i] = (uint8_t)(i >> 6);
    }
    const struct package_parts parts = {
        .name = bytes_text("a.b"),
        .manifest = bytes_text("schema = 1\n"),
        .binary = {binary, BINARY},
    };
    assert_int_equal(package_write_length(&file_len, &parts, NULL), STATUS_OK);
    file = malloc(file_len);
    assert_non_null(file);
    assert_int_equal(package_write(file, &parts, NULL), STATUS_OK);
    fixture_seed(seed, 'a');
    assert_int_equal(package_sign(file, seed, NULL), STATUS_OK);
    free(binary);
}

// The file and the same bytes in memory give the same status, place and detail.
static enum status both(uint64_t *where)
{
    struct verify_file from_file;
    struct verified in_memory;
    struct diag file_diag = {0};
    struct diag memory_diag = {0};
    write_out();
    enum status found = verify_file_open(&from_file, path, &t.trust, NULL, &file_diag);
    assert_int_equal(
        verify_package(&in_memory, (struct bytes){file, file_len}, &t.trust, &memory_diag), found);
    assert_int_equal(file_diag.where, memory_diag.where);
    assert_int_equal(file_diag.detail, memory_diag.detail);
    if (found == STATUS_OK) {
        assert_int_equal(from_file.verified.binary.len, 0);
        assert_true(bytes_equal(from_file.verified.manifest, in_memory.manifest));
        assert_memory_equal(from_file.verified.package.id, in_memory.package.id, CRYPTO_DIGEST);
        verify_file_close(&from_file);
    }
    *where = file_diag.where;
    return found;
}

static void a_file_verifies_as_memory_does(void **state)
{
    (void)state;
    uint64_t where;
    assert_int_equal(both(&where), STATUS_OK);
    static const size_t places[] = {0, 0x10, 0x110, 0xfff};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        file[places[i]] ^= 1;
        assert_int_not_equal(both(&where), STATUS_OK);
        file[places[i]] ^= 1;
    }
    file[file_len - 1] ^= 1;
    assert_int_equal(both(&where), STATUS_TABLE_PADDING);
    file[file_len - 1] ^= 1;
    file_len -= BOUND_PAGE;
    assert_int_equal(both(&where), STATUS_BODY_TRUNCATED);
    file_len += BOUND_PAGE;
}

// However the threads run, the lowest bad page is the one that is named.
static void the_first_bad_page_is_reported(void **state)
{
    (void)state;
    static const size_t bad[][2] = {{0, 999},   {63, 64},   {64, 127},
                                    {500, 501}, {640, 700}, {998, 999}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t where;
        file[(bad[i][0] + 1) * BOUND_PAGE] ^= 1;
        file[(bad[i][1] + 1) * BOUND_PAGE] ^= 1;
        assert_int_equal(both(&where), STATUS_PAGE_DIGEST);
        assert_int_equal(where, bad[i][0]);
        file[(bad[i][0] + 1) * BOUND_PAGE] ^= 1;
        file[(bad[i][1] + 1) * BOUND_PAGE] ^= 1;
    }
}

static void note(void *context, uint64_t done, uint64_t pages)
{
    uint64_t *last = context;
    assert_int_equal(pages, PAGES);
    assert_true(done >= *last);
    *last = done;
}

// How often it is told is up to the scheduler: the caller's thread may find no chunk left.
static void progress_rises_to_the_end(void **state)
{
    (void)state;
    struct verify_file opened;
    uint64_t last = 0;
    const struct verify_file_progress progress = {note, &last};
    write_out();
    assert_int_equal(verify_file_open(&opened, path, &t.trust, &progress, NULL), STATUS_OK);
    verify_file_close(&opened);
    assert_int_equal(last, PAGES);
}

// `what` is NULL where the system's word for a missing file says it.
static void expect_io(const char *name, const char *what)
{
    struct verify_file opened;
    struct diag diag = {0};
    assert_int_equal(verify_file_open(&opened, name, &t.trust, NULL, &diag), STATUS_IO);
    assert_int_equal(diag.status, STATUS_IO);
    if (what != NULL) {
        assert_string_equal(diag.what, what);
    } else {
        assert_null(diag.what);
        assert_int_equal(diag.detail, ENOENT);
    }
}

static void what_is_no_regular_file_is_refused(void **state)
{
    (void)state;
    assert_int_equal(unlink(path), 0);
    expect_io(path, NULL);
    expect_io("/tmp", "not a regular file");
    expect_io("/dev/zero", "not a regular file");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_io(path, "not a regular file");
}

static int start(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0 || crypto_start() != STATUS_OK) {
        return -1;
    }
    trust_fixture_simple(&t, "a", 1);
    large_package();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    free(file);
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_verifies_as_memory_does),
        cmocka_unit_test(the_first_bad_page_is_reported),
        cmocka_unit_test(progress_rises_to_the_end),
        cmocka_unit_test(what_is_no_regular_file_is_refused),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
