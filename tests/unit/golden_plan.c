// SPDX-License-Identifier: BSD-2-Clause

// Systems (tests/unit/support/system_fixture.h), each named by what it shows. The lines before the
// first section say what the compiler finds, one line for each instance that it refuses:
//
//   # INSTANCE NAME LINE:COLUMN WHAT DETAIL SUBJECT
//
// "system" stands for the system as a whole; `# KPKG_OK` when nothing is refused. The plan of a
// system that is not refused as a whole passes the checker. Of those named ok-*, NAME.txt and
// NAME.json are the plan. KPKG_GOLDEN_WRITE=1 writes these files instead of comparing them.

#include "dump.h"
#include "plan_check.h"
#include "support/system_fixture.h"
#include "text.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FOLDER TEST_DATA "/../golden/plan"

static uint8_t memory[32 << 20];
static struct system_fixture fixture;

static void put_finding(struct text *out, struct bytes instance, const struct diag *diag)
{
    text_put(out, "# ");
    text_put_bytes(out, instance);
    text_put(out, " ");
    text_put(out, status_name(diag->status));
    text_put(out, " ");
    text_put_u64(out, diag->line);
    text_put(out, ":");
    text_put_u64(out, diag->column);
    text_put(out, " ");
    text_put(out, diag->what);
    text_put(out, " ");
    text_put_u64(out, diag->detail);
    text_put(out, " ");
    text_put_json(out, (struct bytes){(const uint8_t *)diag->subject, diag->subject_len});
    while (out->len != 0 && out->at[out->len - 1] == ' ') {
        out->len--;
    }
    text_put(out, "\n");
}

// Compiles and checks; `out` becomes the lines that a case begins with.
static enum status compile(struct plan *plan, struct text *out)
{
    static struct diag refused[BOUND_TARGETS];
    struct diag diag = {0};
    memset(refused, 0, sizeof refused);
    enum status status = fixture.overridden.status;
    if (status == STATUS_OK) {
        status = policy_compile(plan, refused, &fixture.input, &fixture.arena, &diag);
    } else {
        diag = fixture.overridden;
    }
    if (status != STATUS_OK) {
        put_finding(out, bytes_text("system"), &diag);
        return status;
    }
    for (size_t i = 0; i < fixture.system.package_count; i++) {
        if (refused[i].status != STATUS_OK) {
            put_finding(out, fixture.instances[i].name, &refused[i]);
        }
    }
    if (out->len == 0) {
        text_put(out, "# KPKG_OK\n");
    }
    if (plan_check(plan, &fixture.input, &fixture.arena, &diag) != STATUS_OK) {
        fail_msg("the checker refuses: %s, %s %u, target %u", status_name(diag.status), diag.what,
                 (unsigned)diag.where, (unsigned)diag.detail);
    }
    return STATUS_OK;
}

static void into_text(void *to, struct bytes piece)
{
    text_put_bytes(to, piece);
}

// Compares with a file, or writes it.
static bool is_as_stored(const char *path, struct bytes got)
{
    if (getenv("KPKG_GOLDEN_WRITE") != NULL) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(got.at, 1, got.len, file), got.len);
        return fclose(file) == 0;
    }
    if (bytes_equal(got, system_fixture_load(path, &fixture.arena))) {
        return true;
    }
    print_error("%s: the plan differs; KPKG_GOLDEN_WRITE=1 writes it anew\n", path);
    return false;
}

static bool dumps_are_as_stored(const char *stem, const struct plan *plan)
{
    static char room[4 << 20];
    char path[4096];
    struct text out = text_of(room, sizeof room);
    dump_text(&(struct text_sink){into_text, &out}, plan);
    assert_false(out.cut);
    snprintf(path, sizeof path, "%s.txt", stem);
    bool text = is_as_stored(path, text_bytes(&out));
    out = text_of(room, sizeof room);
    dump_json(&(struct text_sink){into_text, &out}, plan);
    assert_false(out.cut);
    snprintf(path, sizeof path, "%s.json", stem);
    return is_as_stored(path, text_bytes(&out)) && text;
}

static bool says(const char *name, struct bytes head, const struct text *got)
{
    if (bytes_equal(head, text_bytes(got))) {
        return true;
    }
    print_error("%s\n  says\n%.*s  but\n%.*s", name, (int)head.len, (const char *)head.at,
                (int)got->len, got->at);
    return false;
}

static bool is_as_it_says(const char *name)
{
    char path[2048], room[4096];
    struct text got = text_of(room, sizeof room);
    struct plan plan = {0};
    struct arena arena = arena_of(memory, sizeof memory);
    snprintf(path, sizeof path, "%s/%s", FOLDER, name);
    struct bytes text = system_fixture_load(path, &arena);
    struct bytes head = system_fixture_head(&text);
    system_fixture_read(&fixture, text, arena);
    enum status status = compile(&plan, &got);
    bool right = says(name, head, &got);
    if (status != STATUS_OK || strncmp(name, "ok-", 3) != 0) {
        return right;
    }
    *strrchr(path, '.') = '\0';
    return dumps_are_as_stored(path, &plan) && right;
}

static void systems_compile_as_they_say(void **state)
{
    (void)state;
    DIR *dir = opendir(FOLDER);
    assert_non_null(dir);
    unsigned run = 0, wrong = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        size_t len = strlen(entry->d_name);
        if (len > 5 && strcmp(entry->d_name + len - 5, ".case") == 0) {
            run++;
            wrong += !is_as_it_says(entry->d_name);
        }
    }
    closedir(dir);
    assert_int_equal(wrong, 0);
    assert_true(run >= 20);
}

// The same input gives the same bytes, wherever its parts lie in memory.
static void plans_are_deterministic(void **state)
{
    (void)state;
    uint8_t digests[2][32];
    for (size_t i = 0; i < 2; i++) {
        struct plan plan;
        char room[256];
        struct text findings = text_of(room, sizeof room);
        struct arena arena = arena_of(memory + i * 4096, sizeof memory - i * 4096);
        memset(memory, (int)i * 0xff, sizeof memory);
        system_fixture_open(&fixture, FOLDER "/ok-four-packages.case", arena);
        assert_int_equal(compile(&plan, &findings), STATUS_OK);
        dump_digest(digests[i], &plan);
    }
    assert_memory_equal(digests[0], digests[1], sizeof digests[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(systems_compile_as_they_say),
        cmocka_unit_test(plans_are_deterministic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
