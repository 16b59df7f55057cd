// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "diff_run.h"
#include "evidence.h"
#include "gate.h"
#include "golden_diff.h"
#include "plan_read.h"
#include "side.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// `kpkg diff`: what authority was gained between two versions, for people and for gates.

struct diff_options {
    struct evidence_options evidence;
    const char *trust;
    const char *manifest;
    const char *format;
    const char *fail_on;
    const char *golden;
    bool accept;
    bool json;
    bool warn_only;
};

static const struct form {
    const char *name;
    void (*show)(FILE *to, const struct show *show);
} FORMS[] = {
    {"text", show_text},     {"json", show_json},     {"markdown", show_markdown},
    {"svg", show_svg},       {"sarif", show_sarif},   {"junit", show_junit},
    {"github", show_github}, {"gitlab", show_gitlab},
};
enum { FORM_COUNT = sizeof(FORMS) / sizeof(FORMS[0]) };

static const struct form *find_form(const struct diff_options *options)
{
    const char *name = options->json ? "json" : options->format != NULL ? options->format : "text";
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (strcmp(FORMS[i].name, name) == 0) {
            return &FORMS[i];
        }
    }
    return NULL;
}

// What cannot be read cannot be compared: that is trouble, not a finding.
static int trouble(const struct side *side, enum status status, const struct diag *diag)
{
    (void)diag_finish(status, side->at_fault, diag);
    return EXIT_CODE_TROUBLE;
}

// The comparison and what it is shown as.
struct comparison {
    struct side sides[2]; // the new one is the last; with a golden file the only one
    struct golden golden;
    struct diff diff;
    struct show show;
};

// The page is the same whatever the gate says; only the exit code is the gate's.
static int finish(struct comparison *c, const struct diff_options *options)
{
    c->show.diff = &c->diff;
    c->show.arena = side_arena(&c->sides[c->sides[1].compose != NULL ? 1 : 0]);
    c->show.colour = diag_colour(STDOUT_FILENO);
    find_form(options)->show(stdout, &c->show);
    return options->warn_only ? EXIT_CODE_OK : gate_code(&c->diff, options->fail_on);
}

static int compare(struct comparison *c, struct operands operands,
                   const struct diff_options *options)
{
    const struct side_options how = {.trust = options->trust, .manifest = options->manifest};
    struct diag diag;
    for (size_t i = 0; i < 2; i++) {
        enum status status = side_open(&c->sides[i], operands.at[i], &how, &diag);
        if (status != STATUS_OK) {
            return trouble(&c->sides[i], status, &diag);
        }
    }
    enum status status = diff_make(&c->diff, &c->sides[0].authority, &c->sides[1].authority,
                                   side_arena(&c->sides[1]), &diag);
    if (status != STATUS_OK) {
        return trouble(&c->sides[1], status, &diag);
    }
    c->show.was = operands.at[0];
    c->show.now = operands.at[1];
    return finish(c, options);
}

static bool is_log(const char *path)
{
    static const char end[] = ".jsonl";
    size_t len = strlen(path), tail = sizeof(end) - 1;
    return len > tail && strcmp(path + len - tail, end) == 0;
}

// A plan against the log of a run of it. The log lies in the second side, which has no more.
static enum status read_run(struct comparison *c, struct operands operands,
                            const struct diff_options *options, struct diag *diag)
{
    const struct side_options how = {.trust = options->trust};
    struct evidence evidence = {0};
    struct side *planned = &c->sides[0], *run = &c->sides[1];
    enum status status = side_open(planned, operands.at[0], &how, diag);
    run->at_fault = planned->at_fault;
    if (status == STATUS_OK) {
        run->at_fault = options->evidence.vkey;
        status = evidence_expect(&evidence, &options->evidence, diag);
    }
    if (status == STATUS_OK) {
        run->at_fault = operands.at[1];
        status = file_read(&run->document, operands.at[1], EVIDENCE_LOG_MAX, diag);
    }
    if (status == STATUS_OK && planned->plan != NULL) {
        const struct diff_run_input input = {.plan = planned->plan,
                                             .planned = &planned->authority,
                                             .log = file_bytes(&run->document),
                                             .file = bytes_text(operands.at[1]),
                                             .expected = &evidence.expected};
        status = diff_run(&c->diff, &input, side_arena(planned), diag);
    }
    evidence_free(&evidence);
    return status;
}

static int compare_run(struct comparison *c, struct operands operands,
                       const struct diff_options *options)
{
    struct diag diag;
    enum status status = read_run(c, operands, options, &diag);
    if (status == STATUS_OK && c->sides[0].plan == NULL) {
        return diag_usage("a log is compared with a plan or a system, not", operands.at[0]);
    }
    if (status != STATUS_OK) {
        return trouble(&c->sides[1], status, &diag);
    }
    c->show.was = operands.at[0];
    c->show.now = operands.at[1];
    c->show.run = true;
    return finish(c, options);
}

// The day, in UTC; SOURCE_DATE_EPOCH stands in for the clock where a result must be reproducible.
static void today(char out[static 11])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t now = epoch != NULL ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm day;
    if (gmtime_r(&now, &day) == NULL || strftime(out, 11, "%Y-%m-%d", &day) == 0) {
        memcpy(out, "9999-12-31", 11); // no clock: what expires has expired
    }
}

// The golden file lies in the first side, which has no more.
static enum status read_golden(struct comparison *c, const char *path, struct diag *diag)
{
    struct side *side = &c->sides[1];
    char day[11];
    today(day);
    side->at_fault = path;
    enum status status = file_read(&c->sides[0].document, path, PLAN_READ_MAX, diag);
    if (status == STATUS_OK) {
        status =
            golden_read(&c->golden, file_bytes(&c->sides[0].document), day, side_arena(side), diag);
    }
    return status;
}

static enum status accept(struct comparison *c, const char *path, bool known, struct diag *diag)
{
    struct file_draft draft;
    enum status status = file_draft_open(&draft, diag);
    if (status == STATUS_OK) {
        golden_write(draft.to, &c->sides[1].authority, known ? &c->golden : NULL);
        status = file_draft_write(&draft, path, diag);
    }
    return status;
}

static int compare_golden(struct comparison *c, struct operands operands,
                          const struct diff_options *options)
{
    const struct side_options how = {.trust = options->trust, .manifest = options->manifest};
    struct side *side = &c->sides[1];
    struct diag diag;
    enum status status = side_open(side, operands.at[0], &how, &diag);
    if (status != STATUS_OK) {
        return trouble(side, status, &diag);
    }
    // Approvals that stand in the old file stay with what they approve.
    if (options->accept) {
        bool known = access(options->golden, F_OK) == 0;
        status = known ? read_golden(c, options->golden, &diag) : STATUS_OK;
        if (status == STATUS_OK) {
            return diag_finish(accept(c, options->golden, known, &diag), options->golden, &diag);
        }
        return trouble(side, status, &diag);
    }
    status = read_golden(c, options->golden, &diag);
    if (status == STATUS_OK) {
        status = golden_diff(&c->diff, &c->golden, &side->authority, side_arena(side), &diag);
    }
    if (status != STATUS_OK) {
        return trouble(side, status, &diag);
    }
    c->show.was = options->golden;
    c->show.now = operands.at[0];
    return finish(c, options);
}

static int run(const void *given, struct operands operands)
{
    const struct diff_options *options = given;
    size_t wanted = options->golden != NULL ? 1 : 2;
    if (find_form(options) == NULL) {
        return diag_usage("--format is not", options->format);
    }
    if (options->fail_on != NULL && !gate_knows(options->fail_on)) {
        return diag_usage("--fail-on is a list of grew, denial, drop and KPD001 .. KPD014, not",
                          options->fail_on);
    }
    if (options->accept && options->golden == NULL) {
        return diag_usage("--accept needs --golden FILE", NULL);
    }
    if (operands.count != wanted) {
        return diag_usage(wanted == 1 ? "--golden FILE takes one operand: NEW"
                                      : "two operands are needed: OLD NEW",
                          NULL);
    }
    if (is_log(operands.at[0])) {
        return diag_usage("a log is compared with a plan: PLAN.json LOG.jsonl, not",
                          operands.at[0]);
    }
    struct comparison c = {0};
    int code = options->golden != NULL  ? compare_golden(&c, operands, options)
               : is_log(operands.at[1]) ? compare_run(&c, operands, options)
                                        : compare(&c, operands, options);
    side_close(&c.sides[0]);
    side_close(&c.sides[1]);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "judge systems, and packages too, by this trust file",
     .offset = offsetof(struct diff_options, trust)},
    {.name = "format",
     .value = "FORMAT",
     .help = "text (default), json, markdown, svg, sarif, junit, github or gitlab",
     .offset = offsetof(struct diff_options, format)},
    {.name = "json",
     .help = "the same as --format json: kpkg.diff/v1",
     .offset = offsetof(struct diff_options, json)},
    {.name = "manifest",
     .value = "FILE",
     .help = "what findings call a package's manifest; else PACKAGE.toml",
     .offset = offsetof(struct diff_options, manifest)},
    {.name = "fail-on",
     .value = "RULES",
     .help = "fail only for these, as KPD005,KPD007 or grew,denial,drop; default: all",
     .offset = offsetof(struct diff_options, fail_on)},
    {.name = "golden",
     .value = "FILE",
     .help = "compare NEW with what was accepted in this file",
     .offset = offsetof(struct diff_options, golden)},
    {.name = "accept",
     .help = "accept NEW: write it to the golden file",
     .offset = offsetof(struct diff_options, accept)},
    {.name = "vkey",
     .value = "KEY",
     .help = "of a log: the run's verifier key, or a file with it",
     .offset = offsetof(struct diff_options, evidence.vkey)},
    {.name = "nonce",
     .value = "HEX",
     .help = "of a log: the nonce that the run was asked with",
     .offset = offsetof(struct diff_options, evidence.nonce),
     .may_be_empty = true},
    {.name = "warn-only",
     .help = "report what is found, and exit with 0 all the same",
     .offset = offsetof(struct diff_options, warn_only)},
};

const struct command cmd_diff = {
    .name = "diff",
    .operands = "OLD NEW | --golden FILE NEW | PLAN LOG",
    .summary = "Compare the authority of two versions, or of a plan and a run",
    .details =
        "OLD and NEW are packages (x.kpkg), systems (x.toml) or plans (x.json, as `kpkg plan\n"
        "--json` writes them). Two sides that cannot be ordered have grown. PLAN is a plan or a\n"
        "system, LOG the event log of a run of it (x.jsonl): what the run had beyond the plan or\n"
        "without it, what it denied, and whether the log can be believed.\n"
        "\n"
        "Exit code 0 when nothing grew, 1 when something did, or was denied; 2 when an input\n"
        "cannot be read; 3 when the log is not whole, 4 when it is contradicted.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct diff_options),
    .min_operands = 1,
    .max_operands = 2,
    .run = run,
};
