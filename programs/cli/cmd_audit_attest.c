// SPDX-License-Identifier: BSD-2-Clause
#include "attest.h"
#include "attest_result.h"
#include "attest_run.h"
#include "audit_plan.h"
#include "command.h"
#include "diag_print.h"
#include "evidence.h"
#include "file.h"
#include "key_read.h"

#include <stdlib.h>
#include <string.h>

// `kpkg audit attest`: signed statements about a log that was verified first. The run's key says
// what ran and what the log shows, a verifier's key says what was checked.

struct attest_options {
    struct evidence_options evidence;
    const char *plan;
    const char *run_key;
    const char *key;
    const char *output;
};

// Everything that a statement needs, judged.
struct subject {
    struct evidence evidence;
    struct file_content log, plan_file;
    struct audit_plan plan;
    struct audit_verify_report report;
};

static enum status judge(struct subject *subject, const struct attest_options *options,
                         const char *path, const char **at_fault, struct diag *diag)
{
    enum { PLAN_MAX = 1 << 26 };
    enum status status = evidence_expect(&subject->evidence, &options->evidence, diag);
    if (status == STATUS_OK && options->plan != NULL) {
        *at_fault = options->plan;
        status = file_read(&subject->plan_file, options->plan, PLAN_MAX, diag);
        if (status == STATUS_OK) {
            status = audit_plan_read(&subject->plan, file_bytes(&subject->plan_file), diag);
        }
    }
    if (status == STATUS_OK) {
        *at_fault = path;
        status = file_read(&subject->log, path, EVIDENCE_LOG_MAX, diag);
    }
    if (status == STATUS_OK) {
        struct audit_verify_plan plan = audit_plan_of(&subject->plan);
        audit_verify(&subject->report, file_bytes(&subject->log), &subject->evidence.expected,
                     options->plan != NULL ? &plan : NULL);
    }
    return status;
}

// The run's own key, and no other, may speak for the run.
static enum status check_run_key(const struct subject *subject, const uint8_t *seed,
                                 struct diag *diag)
{
    uint8_t key[CRYPTO_KEY];
    char at[AUDIT_NOTE_VKEY];
    struct text vkey = text_of(at, sizeof(at));
    crypto_ed25519_public_key(key, seed);
    audit_note_put_vkey(&vkey, key, key);
    return bytes_equal(text_bytes(&vkey), subject->report.vkey)
               ? STATUS_OK
               : diag_fail(diag, STATUS_USAGE, "the key is not the one that signed the log", 0);
}

static enum status write_evidence(FILE *to, const struct subject *subject, const char *path,
                                  struct diag *diag)
{
    uint8_t seed[CRYPTO_SEED];
    enum status status = key_read_private(seed, path, diag);
    if (status == STATUS_OK) {
        status = check_run_key(subject, seed, diag);
    }
    if (status == STATUS_OK) {
        status =
            attest_write(to, attest_run(&subject->report, file_bytes(&subject->log)), seed, diag);
    }
    crypto_wipe(seed, sizeof(seed));
    return status;
}

static enum status write_result(FILE *to, const struct subject *subject,
                                const struct attest_options *options, struct diag *diag)
{
    uint8_t seed[CRYPTO_SEED];
    const struct attest_result result = {
        .report = &subject->report,
        .log = file_bytes(&subject->log),
        .key_given = options->evidence.vkey != NULL,
        .nonce_given = options->evidence.nonce != NULL && options->evidence.nonce[0] != '\0',
        .plan_matches = options->plan != NULL,
    };
    enum status status = key_read_private(seed, options->key, diag);
    if (status == STATUS_OK) {
        status = attest_write(to, attest_result(&result), seed, diag);
    }
    crypto_wipe(seed, sizeof(seed));
    return status;
}

static int write_statements(const struct subject *subject, const struct attest_options *options)
{
    struct diag diag;
    char *lines = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&lines, &len);
    if (to == NULL) {
        return diag_no_memory("statements");
    }
    const char *at_fault = options->run_key;
    enum status status = STATUS_OK;
    if (options->run_key != NULL) {
        status = write_evidence(to, subject, options->run_key, &diag);
    }
    if (status == STATUS_OK && options->key != NULL) {
        at_fault = options->key;
        status = write_result(to, subject, options, &diag);
    }
    if (fclose(to) != 0) {
        free(lines);
        return diag_no_memory("statements");
    }
    struct bytes bytes = {(const uint8_t *)lines, len};
    if (status == STATUS_OK && options->output != NULL) {
        at_fault = options->output;
        status = file_write(options->output, bytes, FILE_REPLACE, &diag);
    } else if (status == STATUS_OK) {
        fwrite(lines, 1, len, stdout);
    }
    free(lines);
    return diag_finish(status, at_fault, &diag);
}

static int run(const void *given, struct operands operands)
{
    const struct attest_options *options = given;
    // Static: the report holds tables of the log's length limits, too large for a stack.
    static struct subject subject;
    const char *path = operands.at[0], *at_fault = NULL;
    struct diag diag;
    if (options->run_key == NULL && options->key == NULL) {
        return diag_usage("audit attest needs --run-key or --key", NULL);
    }
    enum status status = judge(&subject, options, path, &at_fault, &diag);
    int code = diag_finish(status, at_fault, &diag);
    if (status == STATUS_OK && subject.report.finding != AUDIT_FINDING_SOUND) {
        evidence_explain(path, &subject.report);
        code = (int)evidence_code(&subject.report);
    } else if (status == STATUS_OK) {
        code = write_statements(&subject, options);
    }
    file_free(&subject.plan_file);
    file_free(&subject.log);
    evidence_free(&subject.evidence);
    return code;
}

static const struct option_spec OPTIONS[] = {
    EVIDENCE_OPTIONS(struct attest_options, evidence),
    {.name = "plan",
     .value = "FILE",
     .help = "compare what was issued with this plan (kpkg plan --json)",
     .offset = offsetof(struct attest_options, plan)},
    {.name = "run-key",
     .value = "KEY",
     .help = "sign the evidence with the key of the run (kpkg run --run-key)",
     .offset = offsetof(struct attest_options, run_key)},
    {.name = "key",
     .value = "KEY",
     .help = "sign the result with the verifier's key",
     .offset = offsetof(struct attest_options, key)},
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the envelopes, instead of stdout",
     .offset = offsetof(struct attest_options, output)},
};

const struct command cmd_audit_attest = {
    .name = "audit attest",
    .operands = "FILE",
    .summary = "Sign in-toto statements about a run whose log verifies",
    .details =
        "Verifies the log first, as `audit verify` does, and writes nothing unless it is whole. "
        "One\n"
        "DSSE envelope a line: with --run-key the evidence (capability-run/v0.1), with --key the "
        "result\n"
        "(svr/v0.1), which lists what was checked. $SOURCE_DATE_EPOCH sets the time of both.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct attest_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
