// SPDX-License-Identifier: BSD-2-Clause
#include "upload_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATE_MAX = 2 * URL_MAX };

void upload_state_write(const struct request *request, const struct artifact *artifact,
                        const char *location)
{
    json_t *state = json_pack("{s:s, s:s, s:s, s:s}", "origin", request->origin, "repository",
                              request->repository, "blob", artifact->digest, "location", location);
    char *text = json_dumps(state, JSON_COMPACT);
    if (text != NULL && ftruncate(REQUEST_STATE, 0) == 0) {
        (void)!pwrite(REQUEST_STATE, text, strlen(text), 0);
    }
    free(text);
    json_decref(state);
}

bool upload_state_read(char location[static URL_MAX], const struct request *request,
                       const struct artifact *artifact)
{
    char text[STATE_MAX];
    const char *origin, *repository, *blob, *place;
    ssize_t len = pread(REQUEST_STATE, text, sizeof(text), 0);
    json_t *state = len > 0 ? json_loadb(text, (size_t)len, 0, NULL) : NULL;
    bool same =
        json_unpack(state, "{s:s, s:s, s:s, s:s}", "origin", &origin, "repository", &repository,
                    "blob", &blob, "location", &place) == 0 &&
        strcmp(origin, request->origin) == 0 && strcmp(repository, request->repository) == 0 &&
        strcmp(blob, artifact->digest) == 0 && snprintf(location, URL_MAX, "%s", place) < URL_MAX;
    json_decref(state);
    return same;
}
