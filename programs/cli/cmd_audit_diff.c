// SPDX-License-Identifier: BSD-2-Clause
#include "audit_check.h"
#include "audit_diff.h"
#include "audit_show.h"
#include "command.h"
#include "diag_print.h"
#include "evidence.h"
#include "json_bytes.h"
#include "print.h"

#include <inttypes.h>
#include <unistd.h>

// `kpkg audit diff`: whether two runs had the same outcome.

struct diff_options {
    bool json;
};

// A log that is not sound says nothing.
static int read_log(struct file_content *out, const char *path)
{
    struct diag diag;
    enum status status = file_read(out, path, EVIDENCE_LOG_MAX, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, path, &diag);
    }
    struct audit_check check = {0};
    size_t line = 0;
    enum audit_finding finding = audit_check_lines(&line, &check, file_bytes(out));
    if (finding == AUDIT_FINDING_SOUND) {
        return EXIT_CODE_OK;
    }
    evidence_tell(path, line, finding);
    return finding == AUDIT_FINDING_NO_END ? EXIT_CODE_INCOMPLETE : EXIT_CODE_INVALID;
}

static void print_record(char side, struct bytes record)
{
    char line[AUDIT_SHOW_LINE];
    struct text t = text_of(line, sizeof(line));
    printf("  %c ", side);
    if (record.len == 0) {
        puts("(no more events)");
    } else if (audit_show(&t, record, diag_colour(STDOUT_FILENO)) == STATUS_OK) {
        fwrite(line, 1, t.len, stdout);
    }
}

static void print_text(const struct audit_diff *diff)
{
    for (size_t i = 0; i < diff->count; i++) {
        const struct audit_difference *d = &diff->first[i];
        print_name(stdout, d->target.len == 0 ? bytes_text("the run") : d->target);
        printf(", event %" PRIu64 ": %s differs\n", d->event, d->member);
        print_record('<', d->records[0]);
        print_record('>', d->records[1]);
    }
    printf("%s: %" PRIu64 " events equal, %" PRIu64 " refilled budgets left out\n",
           diff->count == 0 ? "the same outcome" : "another outcome", diff->compared, diff->paced);
}

static json_t *record_json(struct bytes record)
{
    return record.len == 0 ? json_null() : json_loadb((const char *)record.at, record.len, 0, NULL);
}

static void print_diff_json(const struct audit_diff *diff)
{
    json_t *list = json_array();
    for (size_t i = 0; i < diff->count; i++) {
        const struct audit_difference *d = &diff->first[i];
        json_array_append_new(
            list, json_pack("{s:o, s:I, s:s, s:o, s:o}", "target", json_bytes_text(d->target),
                            "event", (json_int_t)d->event, "member", d->member, "a",
                            record_json(d->records[0]), "b", record_json(d->records[1])));
    }
    print_json(json_pack("{s:s, s:b, s:I, s:I, s:o}", "schema", "kpkg.audit-diff/v1", "equal",
                         diff->count == 0, "compared", (json_int_t)diff->compared, "paced",
                         (json_int_t)diff->paced, "differences", list));
}

static int compare(const struct file_content files[2], bool json)
{
    const struct bytes logs[2] = {file_bytes(&files[0]), file_bytes(&files[1])};
    static struct audit_diff diff;
    struct audit_diff_logs *names = NULL;
    struct diag diag;
    enum status status = audit_diff(&diff, &names, logs, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, NULL, &diag);
    }
    if (json) {
        print_diff_json(&diff);
    } else {
        print_text(&diff);
    }
    audit_diff_free(names);
    return diff.count == 0 ? EXIT_CODE_OK : EXIT_CODE_REFUSED;
}

static int run(const void *given, struct operands operands)
{
    const struct diff_options *options = given;
    struct file_content files[2] = {0};
    int code = read_log(&files[0], operands.at[0]);
    int other = read_log(&files[1], operands.at[1]);
    code = other > code ? other : code;
    if (code == EXIT_CODE_OK) {
        code = compare(files, options->json);
    }
    file_free(&files[0]);
    file_free(&files[1]);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.name = "json",
     .help = "write JSON kpkg.audit-diff/v1",
     .offset = offsetof(struct diff_options, json)},
};

const struct command cmd_audit_diff = {
    .name = "audit diff",
    .operands = "A B",
    .summary = "Say whether two runs had the same outcome",
    .details =
        "Compares the events of two logs target by target: order, types, slots, reasons, tables "
        "of\n"
        "capabilities, digests of plans. Left out is what belongs to one run: time, numbers and\n"
        "digests of the log, names of the run and its kernel, budgets that were used up and\n"
        "refilled. Exit code 1: the outcomes differ; 3: a log is cut; 4: one contradicts itself.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct diff_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
