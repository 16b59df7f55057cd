// SPDX-License-Identifier: BSD-2-Clause

// Manifests and system files, each named by the fault it shows. Their first line is the whole
// error:
//     # NAME LINE:COLUMN SUBJECT (escaped as in JSON)
// or `# KPKG_OK`.

#include "assertion.h"
#include "bounds.h"
#include "manifest.h"
#include "system.h"
#include "text.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t memory[4 << 20];

static size_t read_file(uint8_t *buffer, size_t size, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(buffer, 1, size, file);
    fclose(file);
    assert_true(len < size);
    return len;
}

static void format(char *line, size_t size, enum status status, const struct diag *diag)
{
    char escaped[256];
    if (status == STATUS_OK) {
        snprintf(line, size, "# %s", status_name(status));
        return;
    }
    assert_int_equal(diag->status, status);
    assert_non_null(diag->what);
    struct text subject = text_of(escaped, sizeof escaped);
    text_put_json(&subject, (struct bytes){(const uint8_t *)diag->subject, diag->subject_len});
    snprintf(line, size, "# %s %u:%u %.*s", status_name(status), diag->line, diag->column,
             (int)subject.len, escaped);
}

typedef enum status read_text(struct bytes text, struct arena *arena, struct diag *diag);

static enum status read_manifest(struct bytes text, struct arena *arena, struct diag *diag)
{
    struct manifest manifest;
    return manifest_read(&manifest, text, arena, diag);
}

static enum status read_system(struct bytes text, struct arena *arena, struct diag *diag)
{
    struct system system;
    enum status status = system_read(&system, text, arena, diag);
    return status == STATUS_OK ? assertion_check(&system, diag) : status;
}

static bool is_as_it_says(const char *path, read_text *read)
{
    static uint8_t buffer[BOUND_TOML];
    struct diag diag = {0};
    char got[512];
    size_t len = read_file(buffer, sizeof buffer, path);
    struct arena arena = arena_of(memory, sizeof memory);
    format(got, sizeof got, read((struct bytes){buffer, len}, &arena, &diag), &diag);
    size_t want_len = (size_t)((uint8_t *)memchr(buffer, '\n', len) - buffer);
    if (strlen(got) == want_len && memcmp(got, buffer, want_len) == 0) {
        return true;
    }
    print_error("%s\n  says %.*s\n  but  %s\n", path, (int)want_len, (const char *)buffer, got);
    return false;
}

static void check_folder(const char *folder, read_text *read, unsigned least)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    unsigned run = 0;
    unsigned wrong = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, ".toml") != NULL) {
            run++;
            wrong += !is_as_it_says(path, read);
        }
    }
    closedir(dir);
    assert_int_equal(wrong, 0);
    assert_true(run >= least);
}

static void manifests_show_their_fault(void **state)
{
    (void)state;
    check_folder(TEST_DATA "/../golden/manifest", read_manifest, 60);
}

static void system_files_show_their_fault(void **state)
{
    (void)state;
    check_folder(TEST_DATA "/../golden/system", read_system, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifests_show_their_fault),
        cmocka_unit_test(system_files_show_their_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
