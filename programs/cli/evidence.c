// SPDX-License-Identifier: BSD-2-Clause
#include "evidence.h"

#include "print.h"

#include <stdio.h>
#include <string.h>

static struct bytes first_line(struct bytes text)
{
    bool whole;
    return text.len == 0 ? text : audit_check_line(&text, &whole);
}

static enum status read_key(struct evidence *out, const char *vkey, struct diag *diag)
{
    struct bytes text = bytes_text(vkey);
    if (strchr(vkey, '+') == NULL) {
        enum status status = file_read(&out->vkey_file, vkey, BOUND_PAGE, diag);
        if (status != STATUS_OK) {
            diag_subject(diag, bytes_text(vkey));
            return status;
        }
        text = first_line(file_bytes(&out->vkey_file));
    }
    if (!audit_note_read_vkey(&out->key, text)) {
        enum status status = diag_fail(diag, STATUS_USAGE, "--vkey is no verifier key", 0);
        diag_subject(diag, text);
        return status;
    }
    out->expected.vkey = text;
    out->expected.key = &out->key;
    return STATUS_OK;
}

enum status evidence_expect(struct evidence *out, const struct evidence_options *options,
                            struct diag *diag)
{
    if (options->nonce != NULL) {
        out->expected.has_nonce = true;
        out->expected.nonce = bytes_text(options->nonce);
    }
    if (options->boot != NULL) {
        out->expected.boot = bytes_text(options->boot);
    }
    return options->vkey != NULL ? read_key(out, options->vkey, diag) : STATUS_OK;
}

void evidence_free(struct evidence *evidence)
{
    file_free(&evidence->vkey_file);
}

void evidence_tell(const char *path, size_t line, enum audit_finding finding)
{
    if (finding != AUDIT_FINDING_SOUND) {
        fputs("kpkg: ", stderr);
        print_name(stderr, bytes_text(path));
        fprintf(stderr, ":%zu: %s: %s\n", line, audit_check_name(finding),
                audit_check_text(finding));
    }
}

void evidence_explain(const char *path, const struct audit_verify_report *report)
{
    evidence_tell(path, report->line, report->finding);
}

int evidence_code(const struct audit_verify_report *report)
{
    switch (audit_verify_verdict(report->finding)) {
    case AUDIT_VERDICT_SOUND:
        return audit_verify_conforms(report) ? EXIT_CODE_OK : EXIT_CODE_REFUSED;
    case AUDIT_VERDICT_DIFFERS:
        return EXIT_CODE_REFUSED;
    case AUDIT_VERDICT_INCOMPLETE:
        return EXIT_CODE_INCOMPLETE;
    case AUDIT_VERDICT_INVALID:
        break;
    }
    return EXIT_CODE_INVALID;
}
