// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A package from a registry into REQUEST_FILE, which may hold the beginning of it already.

#include "session.h"

// Fills `*answer` (kpkg owns what it means: digest, blob, size, received) when the file holds
// exactly the bytes that the manifest names. Errors: those of session_call; REGISTRY_ARTIFACT;
// REGISTRY_DIGEST; IO.
enum status pull(json_t **answer, struct session *session, struct diag *diag) MUST_CHECK;
