// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// REQUEST_STATE: where an upload stands, so that a later process can go on with it. A state that is
// torn, or of another package or repository, is no state.

#include "artifact.h"
#include "request.h"
#include "url.h"

// Never fails: without the state the next process begins anew, that is all.
void upload_state_write(const struct request *request, const struct artifact *artifact,
                        const char *location);

bool upload_state_read(char location[static URL_MAX], const struct request *request,
                       const struct artifact *artifact);
