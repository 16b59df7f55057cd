// SPDX-License-Identifier: BSD-2-Clause
#include "request.h"

#include <stdio.h>

enum status request_read(struct request *out, struct diag *diag)
{
    struct request request = {0};
    int push = 0;
    json_int_t size_max = 0;
    request.document = json_loadf(stdin, 0, NULL);
    int bad =
        json_unpack(request.document, "{s:b, s:s, s:s, s:s, s?s, s?s, s?o, s?I}", "push", &push,
                    "origin", &request.origin, "repository", &request.repository, "reference",
                    &request.reference, "user", &request.user, "watched", &request.watched,
                    "annotations", &request.annotations, "size_max", &size_max);
    if (request.document == NULL || bad != 0) {
        json_decref(request.document);
        return diag_fail(diag, STATUS_BUG, "request", 0);
    }
    request.push = push != 0;
    request.size_max = (uint64_t)size_max;
    *out = request;
    return STATUS_OK;
}

void request_free(struct request *request)
{
    json_decref(request->document);
}
