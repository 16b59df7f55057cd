// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Who we are at a registry: what `podman login` and `docker login` leave in their files, or with
// the credential helper that a file names.

#include "reference.h"

// "user:password", for login_free; NULL when no file has an entry for the registry or the
// repository. Looked for in $REGISTRY_AUTH_FILE alone where that is set; else in
// $XDG_RUNTIME_DIR/containers/ auth.json, ~/.config/containers/auth.json and $DOCKER_CONFIG or
// ~/.docker/config.json; in each with its credential helper first (spec/oci.md, section 5). IO when
// the named file cannot be read; REGISTRY_AUTH when a file or an entry is not what these programs
// write; those of credential_get.
enum status login_find(char **out, const struct reference *reference, struct diag *diag) MUST_CHECK;
void login_free(char *login);
