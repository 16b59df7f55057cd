// SPDX-License-Identifier: BSD-2-Clause

// The statements that go beside a run's log (spec/audit.md, 9): DSSE envelopes, signed by the run's
// own key. A statement exists only for a log that was verified here and found sound; one that an
// earlier run left is removed before anything else can fail.

#include "attest.h"

#include "attest_envelope.h"
#include "attest_run.h"
#include "evidence.h"
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum status attest_write(FILE *to, json_t *statement, const uint8_t seed[static 32],
                         struct diag *diag)
{
    // Compact and ASCII: the bytes that are signed do not depend on the locale or on jansson's
    // spacing.
    char *payload = json_dumps(statement, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(statement);
    if (payload == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "statement", 0);
    }
    enum status status = attest_envelope_write(to, bytes_text(payload), seed, diag);
    free(payload);
    return status;
}

static enum status write_in(const char *folder, const char *name, struct bytes content,
                            struct diag *diag)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    enum status status = file_write(path, content, FILE_REPLACE, diag);
    free(path);
    return status;
}

// A statement of an earlier run must not stand beside this one's log.
static enum status drop_statement(const char *folder, struct diag *diag)
{
    char *path = NULL;
    if (asprintf(&path, "%s/run.intoto.jsonl", folder) < 0) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    bool gone = unlink(path) == 0 || errno == ENOENT;
    enum status status = gone ? STATUS_OK : file_trouble(path, diag);
    free(path);
    return status;
}

static enum status read_log(struct file_content *out, const char *folder, struct diag *diag)
{
    char *path = NULL;
    if (asprintf(&path, "%s/events.jsonl", folder) < 0) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    enum status status = file_read(out, path, EVIDENCE_LOG_MAX, diag);
    free(path);
    return status;
}

static enum status write_statement(const char *folder, const struct audit_verify_report *report,
                                   struct bytes log, const uint8_t seed[static 32],
                                   struct diag *diag)
{
    char *envelope = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&envelope, &len);
    if (to == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "statement", 0);
    }
    enum status status = attest_write(to, attest_run(report, log), seed, diag);
    if (fclose(to) != 0 && status == STATUS_OK) {
        status = diag_fail(diag, STATUS_NO_MEMORY, "statement", 0);
    }
    if (status == STATUS_OK) {
        struct bytes bytes = {(const uint8_t *)envelope, len};
        status = write_in(folder, "run.intoto.jsonl", bytes, diag);
    }
    free(envelope);
    return status;
}

enum status attest_folder(const char *folder, const struct audit_expected *expected,
                          const uint8_t seed[static 32], struct diag *diag)
{
    static struct audit_verify_report report;
    struct file_content log;
    char line[AUDIT_NOTE_VKEY + 1];
    struct text vkey = text_of(line, sizeof(line));
    text_put_bytes(&vkey, expected->vkey);
    text_char(&vkey, '\n');
    enum status status = drop_statement(folder, diag);
    if (status == STATUS_OK) {
        status = write_in(folder, "run.vkey", text_bytes(&vkey), diag);
    }
    if (status == STATUS_OK) {
        status = read_log(&log, folder, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    audit_verify(&report, file_bytes(&log), expected, NULL);
    if (report.finding == AUDIT_FINDING_SOUND) {
        status = write_statement(folder, &report, file_bytes(&log), seed, diag);
    }
    file_free(&log);
    return status;
}
