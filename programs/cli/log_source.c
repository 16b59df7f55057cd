// SPDX-License-Identifier: BSD-2-Clause

// A log and what lies beside it: `kpkg run --report` leaves the verifier key and a statement there.
// A key from the same folder proves only that the parts of the folder belong together, so the index
// keeps where the key came from (spec/audit-index.md, 2).

#include "log_source.h"

#include "attest_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { STATEMENTS_MAX = 1 << 24 };

#define SECOND UINT64_C(1000000000)

static bool exists(const char *path)
{
    struct stat about;
    return path != NULL && stat(path, &about) == 0;
}

static char *within(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

enum status log_source_find(struct log_source *out, const char *path, struct diag *diag)
{
    struct stat about;
    *out = (struct log_source){0};
    if (stat(path, &about) != 0) {
        return file_trouble(path, diag);
    }
    bool folder = S_ISDIR(about.st_mode);
    out->log = folder ? within(path, "events.jsonl") : strdup(path);
    if (folder) {
        out->vkey = within(path, "run.vkey");
        out->statements = within(path, "run.intoto.jsonl");
    }
    if (out->log == NULL || (folder && (out->vkey == NULL || out->statements == NULL))) {
        return diag_fail(diag, STATUS_NO_MEMORY, "path", 0);
    }
    if (stat(out->log, &about) != 0) {
        return file_trouble(out->log, diag);
    }
    if (about.st_mtim.tv_sec > 0) {
        out->modified = (uint64_t)about.st_mtim.tv_sec * SECOND + (uint64_t)about.st_mtim.tv_nsec;
    }
    return STATUS_OK;
}

void log_source_free(struct log_source *source)
{
    free(source->log);
    free(source->vkey);
    free(source->statements);
}

// When the run ended: by the statement that its key has signed, else by the file.
static enum status date(struct log_judged *judged, const struct log_source *source,
                        struct diag *diag)
{
    struct file_content statements = {0};
    const struct audit_note_key *key = judged->evidence.expected.key;
    uint64_t seconds;
    judged->log.clock = INDEX_CLOCK_FILE;
    judged->log.ended = source->modified;
    if (key == NULL || !exists(source->statements)) {
        return STATUS_OK;
    }
    enum status status = file_read(&statements, source->statements, STATEMENTS_MAX, diag);
    if (status == STATUS_OK &&
        attest_read_time(&seconds, file_bytes(&statements), key, judged->report.boot)) {
        judged->log.clock = INDEX_CLOCK_STATEMENT;
        judged->log.ended = seconds * SECOND;
    }
    file_free(&statements);
    return status;
}

enum status log_source_judge(struct log_judged *out, const struct log_source *source,
                             const struct evidence_options *options, struct diag *diag)
{
    struct evidence_options with = *options;
    *out = (struct log_judged){.log.key_from = INDEX_KEY_GIVEN};
    if (with.vkey == NULL) {
        with.vkey = exists(source->vkey) ? source->vkey : NULL;
        out->log.key_from = with.vkey != NULL ? INDEX_KEY_REPORT : INDEX_KEY_NONE;
    }
    enum status status = evidence_expect(&out->evidence, &with, diag);
    if (status == STATUS_OK) {
        status = file_read(&out->file, source->log, EVIDENCE_LOG_MAX, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    out->log.log = file_bytes(&out->file);
    out->log.report = &out->report;
    audit_verify(&out->report, out->log.log, &out->evidence.expected, NULL);
    return date(out, source, diag);
}

void log_judged_free(struct log_judged *judged)
{
    file_free(&judged->file);
    evidence_free(&judged->evidence);
}
