// SPDX-License-Identifier: BSD-2-Clause
#include "diag.h"

enum status diag_fail(struct diag *diag, enum status status, const char *what, uint64_t where)
{
    if (diag != NULL) {
        *diag = (struct diag){.status = status, .what = what, .where = where};
    }
    return status;
}

void diag_subject(struct diag *diag, struct bytes subject)
{
    if (diag != NULL) {
        size_t len = subject.len < sizeof diag->subject ? subject.len : sizeof diag->subject;
        if (len != 0) {
            memcpy(diag->subject, subject.at, len);
        }
        diag->subject_len = len;
    }
}

void diag_detail(struct diag *diag, uint64_t detail)
{
    if (diag != NULL) {
        diag->detail = detail;
    }
}

void diag_position(struct diag *diag, uint32_t line, uint32_t column)
{
    if (diag != NULL) {
        diag->line = line;
        diag->column = column;
    }
}

enum status diag_fail_detail(struct diag *diag, enum status status, const char *what,
                             uint64_t where, uint64_t detail)
{
    (void)diag_fail(diag, status, what, where);
    diag_detail(diag, detail);
    return status;
}

enum status diag_fail_about(struct diag *diag, enum status status, const char *what, uint64_t where,
                            struct bytes subject)
{
    (void)diag_fail(diag, status, what, where);
    diag_subject(diag, subject);
    return status;
}
