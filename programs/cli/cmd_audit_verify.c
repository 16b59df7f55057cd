// SPDX-License-Identifier: BSD-2-Clause
#include "audit_plan.h"
#include "command.h"
#include "diag_print.h"
#include "evidence.h"
#include "file.h"
#include "json_bytes.h"
#include "print.h"

#include <inttypes.h>
#include <stdlib.h>

// `kpkg audit verify`: a log offline, from its first record, by nothing but a key and a nonce.

struct verify_options {
    struct evidence_options evidence;
    const char *plan;
    bool json;
};

static const char *const VERDICTS[] = {
    [AUDIT_VERDICT_SOUND] = "sound",
    [AUDIT_VERDICT_DIFFERS] = "differs",
    [AUDIT_VERDICT_INCOMPLETE] = "incomplete",
    [AUDIT_VERDICT_INVALID] = "invalid",
};

static json_t *counts_json(const struct audit_verify_counts *counts)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "refused",
                     (json_int_t)counts->refused, "denied", (json_int_t)counts->denied, "faults",
                     (json_int_t)counts->faults, "resumed", (json_int_t)counts->resumed, "killed",
                     (json_int_t)counts->killed, "restarted", (json_int_t)counts->restarted,
                     "failed", (json_int_t)counts->failed, "leaked", (json_int_t)counts->leaked,
                     "lost", (json_int_t)counts->lost);
}

static void show_json(const char *path, const struct audit_verify_report *report)
{
    const struct audit_check *check = &report->check;
    print_json(json_pack(
        "{s:s, s:o, s:s, s:s, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:o}",
        "schema", "kpkg.audit-verify/v1", "file", json_bytes_text(bytes_text(path)), "verdict",
        VERDICTS[audit_verify_verdict(report->finding)], "finding",
        audit_check_name(report->finding), "line", (json_int_t)report->line, "boot",
        json_bytes_text(report->boot), "nonce", json_bytes_text(report->nonce), "vkey",
        json_bytes_text(report->vkey), "records", (json_int_t)check->tree.size, "signed",
        (json_int_t)report->signed_count, "epochs", (json_int_t)check->epoch + 1, "checkpoints",
        (json_int_t)check->checkpoints, "dropped", (json_int_t)check->dropped, "suppressed",
        (json_int_t)check->suppressed, "conforms", audit_verify_conforms(report), "counts",
        counts_json(&report->counts)));
}

static void show_text(const struct audit_verify_report *report)
{
    const struct audit_check *check = &report->check;
    const struct audit_verify_counts *c = &report->counts;
    printf("%s: %" PRIu64 " records, %" PRIu64 " signed, %" PRIu64 " checkpoints, %" PRIu64
           " lost, %" PRIu64 " folded\n",
           VERDICTS[audit_verify_verdict(report->finding)], check->tree.size, report->signed_count,
           check->checkpoints, check->dropped, check->suppressed);
    if (report->boot.len != 0) {
        fputs("  boot ", stdout);
        print_name(stdout, report->boot);
        fputs("  nonce ", stdout);
        print_name(stdout, report->nonce.len != 0 ? report->nonce : bytes_text("none"));
        printf("  epochs %" PRIu64 "\n", check->epoch + 1);
    }
    printf("  refused %" PRIu64 "  denied %" PRIu64 "  faults %" PRIu64 "  killed %" PRIu64
           "  restarted %" PRIu64 "  failed %" PRIu64 "  leaked %" PRIu64 "\n",
           c->refused, c->denied, c->faults, c->killed, c->restarted, c->failed, c->leaked);
}

static enum status read_plan(struct audit_plan **out, struct file_content *file, const char *path,
                             struct diag *diag)
{
    enum { PLAN_MAX = 1 << 26 };
    enum status status = file_read(file, path, PLAN_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    *out = malloc(sizeof **out);
    if (*out == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "plan", sizeof **out);
    }
    return audit_plan_read(*out, file_bytes(file), diag);
}

// A log of another run proves nothing about it, but whoever was given the wrong file wants to see
// which it is.
static void tell_start(struct audit_verify_report *report, struct bytes log)
{
    bool whole;
    struct audit_record start;
    bool other = report->finding == AUDIT_FINDING_KEY || report->finding == AUDIT_FINDING_NONCE ||
                 report->finding == AUDIT_FINDING_BOOT;
    if (other && report->line == 1 && audit_scan(&start, audit_check_line(&log, &whole))) {
        (void)audit_scan_string(&report->boot, audit_scan_member(start.data, "boot"));
        (void)audit_scan_string(&report->nonce, audit_scan_member(start.data, "nonce"));
    }
}

// The exit code is the verdict's; how it is shown changes nothing about it.
static int judge(const struct verify_options *options, const char *path, struct bytes log,
                 const struct evidence *evidence, struct audit_plan *plan)
{
    static struct audit_verify_report report;
    struct audit_verify_plan with = audit_plan_of(plan);
    audit_verify(&report, log, &evidence->expected, plan != NULL ? &with : NULL);
    tell_start(&report, log);
    if (options->json) {
        show_json(path, &report);
    } else {
        show_text(&report);
    }
    evidence_explain(path, &report);
    return (int)evidence_code(&report);
}

static int run(const void *given, struct operands operands)
{
    const struct verify_options *options = given;
    const char *path = operands.at[0], *at_fault = path;
    struct evidence evidence = {0};
    struct file_content log = {0}, plan_file = {0};
    struct audit_plan *plan = NULL;
    struct diag diag;
    int code = EXIT_CODE_TROUBLE;
    if (options->evidence.vkey == NULL) {
        return diag_usage("audit verify needs --vkey KEY", NULL);
    }
    enum status status = evidence_expect(&evidence, &options->evidence, &diag);
    if (status == STATUS_OK && options->plan != NULL) {
        at_fault = options->plan;
        status = read_plan(&plan, &plan_file, options->plan, &diag);
    }
    if (status == STATUS_OK) {
        at_fault = path;
        status = file_read(&log, path, EVIDENCE_LOG_MAX, &diag);
    }
    if (status == STATUS_OK) {
        code = judge(options, path, file_bytes(&log), &evidence, plan);
    } else {
        code = diag_finish(status, at_fault, &diag);
    }
    free(plan);
    file_free(&plan_file);
    file_free(&log);
    evidence_free(&evidence);
    return code;
}

static const struct option_spec OPTIONS[] = {
    EVIDENCE_OPTIONS(struct verify_options, evidence),
    {.name = "plan",
     .value = "FILE",
     .help = "compare what was issued with this plan (kpkg plan --json)",
     .offset = offsetof(struct verify_options, plan)},
    {.name = "json",
     .help = "write JSON kpkg.audit-verify/v1",
     .offset = offsetof(struct verify_options, json)},
};

const struct command cmd_audit_verify = {
    .name = "audit verify",
    .operands = "FILE",
    .summary = "Verify an event log offline, from its first record, with the run's key",
    .details =
        "`kpkg run --report DIR` writes the key to DIR/run.vkey; keep it apart from the log. "
        "Without\n"
        "--nonce a log of an earlier run with the same key is not told from a new one. Exit code "
        "0:\n"
        "whole, authentic, and nothing was refused, denied or stopped; 1: something was, or the "
        "plan\n"
        "is another; 3: a part is missing; 4: the log is contradicted.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct verify_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
