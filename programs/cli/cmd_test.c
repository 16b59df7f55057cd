// SPDX-License-Identifier: BSD-2-Clause
#include "audit_show.h"
#include "boot.h"
#include "command.h"
#include "compose.h"
#include "diag_print.h"
#include "evidence.h"
#include "expect.h"
#include "export_junit.h"
#include "json_bytes.h"
#include "print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// `kpkg test`: runs a system and holds its log against the [[expect]] lists of its manifests.

struct test_options {
    struct boot_options boot;
    const char *junit;
    const char *events;
    bool json;
};

enum { NAME = 128, DETAIL = EXPECT_NEAREST * AUDIT_SHOW_LINE };

// One line of the result; its texts are owned.
struct test_case {
    struct bytes target;
    char name[NAME], failure[NAME];
    char *detail;
    uint64_t took;
};

// Room for each target's list, and two rules for each target and for the log.
enum { CASES = 4096 };

struct test {
    struct compose *system;
    struct audit_verify_report report;
    struct bytes log;
    struct test_case cases[CASES];
    size_t count, failed;
};

static struct test_case *add_case(struct test *test, struct bytes target)
{
    struct test_case *one = &test->cases[test->count];
    // The last place is overwritten where the manifests expect more than there is room for.
    test->count += test->count < CASES - 1;
    *one = (struct test_case){.target = target};
    return one;
}

// Marks the case as failed and shows events with it.
static void fail(struct test *test, struct test_case *one, const char *why,
                 const struct bytes *events, size_t count)
{
    snprintf(one->failure, sizeof(one->failure), "%s", why);
    test->failed++;
    one->detail = malloc(DETAIL);
    if (one->detail == NULL) {
        return;
    }
    struct text detail = text_of(one->detail, DETAIL - 1);
    for (size_t i = 0; i < count; i++) {
        enum status shown = audit_show(&detail, events[i], false);
        (void)shown; // the log has been verified
    }
    one->detail[detail.len] = '\0';
}

static void name_expectation(struct test_case *one, const struct manifest_expect *expect)
{
    struct text name = text_of(one->name, sizeof(one->name) - 1);
    text_put_bytes(&name, expect->type.value);
    if (expect->has_code) {
        text_put(&name, " code ");
        text_put_u64(&name, expect->code.value);
    }
    if (expect->within.value != 0) {
        text_put(&name, " within ");
        text_put_u64(&name, expect->within.value / 1000);
        text_put(&name, " ms");
    }
    one->name[name.len] = '\0';
}

// Expectations are in order: each one looks on from where the last was met.
static void check_list(struct test *test, struct bytes target, const struct manifest *manifest)
{
    struct expect_state state = {.target = target, .log = test->log};
    for (size_t i = 0; i < manifest->expect_count; i++) {
        struct expect_result result;
        struct test_case *one = add_case(test, target);
        name_expectation(one, &manifest->expects[i]);
        expect_next(&result, &state, &manifest->expects[i]);
        one->took = result.took;
        if (result.verdict != EXPECT_MET) {
            fail(test, one, expect_text(result.verdict), result.nearest, result.nearest_count);
        }
    }
}

static void check_target(struct test *test, size_t index)
{
    const struct policy_instance *instance = &test->system->instances[index];
    const struct manifest *manifest = &test->system->manifests[index];
    check_list(test, instance->name, manifest);
    struct test_case *one = add_case(test, instance->name);
    struct bytes surprise = expect_surprise(test->log, instance->name, manifest);
    snprintf(one->name, sizeof(one->name), "nothing else denied, stopped or failed");
    if (surprise.len != 0) {
        fail(test, one, "something that the manifest does not expect", &surprise, 1);
    }
}

static void check_log(struct test *test)
{
    struct test_case *one = add_case(test, bytes_text("event log"));
    snprintf(one->name, sizeof(one->name), "whole and signed by the run's key");
    if (test->report.finding != AUDIT_FINDING_SOUND) {
        fail(test, one, audit_check_text(test->report.finding), NULL, 0);
    }
}

static void show_case(const struct test_case *one)
{
    bool failed = one->failure[0] != '\0';
    printf("%-4s ", failed ? "FAIL" : "ok");
    print_name(stdout, one->target);
    printf(": %s", one->name);
    if (one->took != 0) {
        printf(" (%" PRIu64 ".%03" PRIu64 " ms)", one->took / 1000000, one->took / 1000 % 1000);
    }
    printf("%s%s\n", failed ? ": " : "", one->failure);
    for (const char *line = one->detail; line != NULL && *line != '\0';) {
        size_t len = strcspn(line, "\n");
        printf("       %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void show_json(const struct test *test)
{
    json_t *cases = json_array();
    for (size_t i = 0; i < test->count; i++) {
        const struct test_case *one = &test->cases[i];
        json_array_append_new(cases, json_pack("{s:o, s:s, s:b, s:I, s:s, s:s}", "target",
                                               json_bytes_text(one->target), "name", one->name,
                                               "ok", one->failure[0] == '\0', "took_ns",
                                               (json_int_t)one->took, "failure", one->failure,
                                               "nearest", one->detail != NULL ? one->detail : ""));
    }
    print_json(json_pack("{s:s, s:I, s:I, s:o}", "schema", "kpkg.test/v1", "tests",
                         (json_int_t)test->count, "failures", (json_int_t)test->failed, "cases",
                         cases));
}

static int write_junit(const struct test *test, const char *path)
{
    struct diag diag;
    static struct export_junit_case cases[CASES];
    for (size_t i = 0; i < test->count; i++) {
        const struct test_case *one = &test->cases[i];
        cases[i] = (struct export_junit_case){
            .class = one->target,
            .name = bytes_text(one->name),
            .time = one->took,
            .failure = bytes_text(one->failure),
            .detail = bytes_text(one->detail != NULL ? one->detail : "")};
    }
    struct file_draft draft;
    enum status status = file_draft_open(&draft, &diag);
    if (status == STATUS_OK) {
        export_junit(draft.to, "kpkg test", cases, test->count);
        status = file_draft_write(&draft, path, &diag);
    }
    return diag_finish(status, path, &diag);
}

static int finish(struct test *test, const struct test_options *options)
{
    check_log(test);
    for (size_t i = 0; i < test->system->package_count; i++) {
        if (test->system->refused[i].status == STATUS_OK) {
            check_target(test, i);
        }
    }
    if (options->json) {
        show_json(test);
    } else {
        for (size_t i = 0; i < test->count; i++) {
            show_case(&test->cases[i]);
        }
        printf("%zu of %zu passed\n", test->count - test->failed, test->count);
    }
    int code = test->failed != 0 ? EXIT_CODE_REFUSED : EXIT_CODE_OK;
    int evidence = audit_verify_verdict(test->report.finding) == AUDIT_VERDICT_SOUND
                       ? EXIT_CODE_OK
                       : (int)evidence_code(&test->report);
    int junit = options->junit != NULL ? write_junit(test, options->junit) : EXIT_CODE_OK;
    code = evidence > code ? evidence : code;
    return junit > code ? junit : code;
}

// The system as the host sees it, for its manifests; boot_prepare has printed what is wrong with
// it.
static int judge(struct test *test, const struct boot *boot, const struct test_options *options)
{
    struct diag diag;
    test->system = boot->system;
    return options->boot.image.no_precheck
               ? diag_finish(compose_check(test->system, &diag), test->system->at_fault, &diag)
               : EXIT_CODE_OK;
}

static int keep_log(const struct test *test, const char *path)
{
    struct diag diag;
    return diag_finish(file_write(path, test->log, FILE_REPLACE, &diag), path, &diag);
}

// Boots, with the log kept in memory. Findings are not printed as they come: the list judges them.
static int collect(struct test *test, struct boot *boot, char **log)
{
    struct session session = {.quiet = true};
    size_t len = 0;
    session.events[0] = open_memstream(log, &len);
    if (session.events[0] == NULL) {
        return diag_no_memory("event log");
    }
    int code = boot_run(boot, &session);
    if (fclose(session.events[0]) != 0) {
        return diag_no_memory("event log");
    }
    const struct audit_expected expected = boot_expected(boot);
    test->log = (struct bytes){(const uint8_t *)*log, len};
    audit_verify(&test->report, test->log, &expected, NULL);
    return code == EXIT_CODE_TROUBLE ? code : EXIT_CODE_OK;
}

static int run(const void *given, struct operands operands)
{
    const struct test_options *options = given;
    static struct boot boot;
    static struct test test;
    char *log = NULL;
    int code = boot_prepare(&boot, &options->boot, operands);
    if (code == EXIT_CODE_OK) {
        code = judge(&test, &boot, options);
    }
    if (code == EXIT_CODE_OK) {
        code = collect(&test, &boot, &log);
    }
    if (code == EXIT_CODE_OK && options->events != NULL) {
        code = keep_log(&test, options->events);
    }
    if (code == EXIT_CODE_OK) {
        code = finish(&test, options);
    }
    for (size_t i = 0; i < test.count; i++) {
        free(test.cases[i].detail);
    }
    free(log);
    boot_free(&boot);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.name = "junit",
     .value = "FILE",
     .help = "write the result as JUnit XML",
     .offset = offsetof(struct test_options, junit)},
    {.letter = 'e',
     .name = "events",
     .value = "FILE",
     .help = "write the event log, JSON Lines",
     .offset = offsetof(struct test_options, events)},
    {.name = "json",
     .help = "write JSON kpkg.test/v1",
     .offset = offsetof(struct test_options, json)},
    BOOT_OPTIONS(struct test_options, boot),
};

const struct command cmd_test = {
    .name = "test",
    .operands = "FILE...|SYSTEM.toml",
    .summary = "Run packages and compare what happens with what their manifests expect",
    .details =
        "Each [[expect]] of a manifest is a test: an event of that target, after the one before,\n"
        "with the code and within the time it names. Another one for each target is that nothing "
        "else\n"
        "was denied, stopped or failed, and one that the log is whole. A failing test shows the\n"
        "nearest events. Exit code 1: a test failed; 3, 4: the log is cut or contradicted.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct test_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
