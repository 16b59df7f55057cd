// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Passwords that another program keeps: Docker's credential helpers, docker-credential-NAME, one of
// which a login file may name (spec/oci.md, section 5). The program is started without a shell,
// told a registry on its stdin and believed what it answers; it may take its time, for it may ask a
// person, and dies with this process.

#include "diag.h"

// "user:password" of `registry` as the helper NAME has it, for login_free; NULL when it has none.
// CREDENTIAL_HELPER when the name is none, when there is no such program, when it fails, and when
// it answers with anything else: an identity token, too.
enum status credential_get(char **out, const char *name, const char *registry,
                           struct diag *diag) MUST_CHECK;
