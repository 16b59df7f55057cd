// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A package from REQUEST_FILE to a registry: the file, the empty config, then the manifest under
// its tag, so that nobody finds a tag whose package is not there.

#include "session.h"

// Fills `*answer` (digest, blob, size, moved). Errors: those of session_call; IO.
enum status push(json_t **answer, struct session *session, struct diag *diag) MUST_CHECK;
