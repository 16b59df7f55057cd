// SPDX-License-Identifier: BSD-2-Clause

// kpkg-oci: talks to an OCI registry for `kpkg push` and `kpkg pull`, which start it and judge what
// it brings. Apart, because what reads answers of strangers should hold as little as can be: a
// request on stdin, an answer on stdout, a package's file, a socket. Not for people.

#include "crypto_start.h"
#include "pull.h"
#include "push.h"

static json_t *error_json(const struct diag *diag)
{
    json_t *subject = json_stringn(diag->subject, diag->subject_len);
    return json_pack("{s:s, s:s, s:I, s:I, s:o}", "error", status_name(diag->status), "what",
                     diag->what, "where", (json_int_t)diag->where, "detail",
                     (json_int_t)diag->detail, "subject",
                     subject != NULL ? subject : json_string("")); // not UTF-8: not shown
}

static enum status serve(json_t **answer, const struct request *request, struct diag *diag)
{
    struct session session;
    enum status status = session_start(&session, request, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = (request->push ? push : pull)(answer, &session, diag);
    session_finish(&session);
    return status;
}

int main(void)
{
    struct request request;
    struct diag diag;
    json_t *answer = NULL;
    enum status status = crypto_start();
    if (status == STATUS_OK) {
        status = request_read(&request, &diag);
    } else {
        diag_fail(&diag, status, "random numbers", 0);
    }
    if (status == STATUS_OK) {
        status = serve(&answer, &request, &diag);
        request_free(&request);
    }
    answer = status == STATUS_OK ? answer : error_json(&diag);
    int bad = json_dumpf(answer, stdout, JSON_COMPACT);
    json_decref(answer);
    return bad == 0 && fflush(stdout) == 0 ? 0 : 1;
}
