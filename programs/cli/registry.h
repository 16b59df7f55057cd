// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The way to a registry: kpkg-oci, a program of its own, is handed a request and descriptors, and
// what it answers is checked. This program opens no socket.

#include "reference.h"

#include <jansson.h>

// What both commands say of the registry.
struct registry_peer {
    struct reference reference;
    bool plain_http;
    const char *watched; // what to call the file while somebody watches; NULL = nobody does
};

// The request that both commands begin with: origin, repository, reference, login.
enum status registry_request(json_t **out, const struct registry_peer *peer, bool push,
                             struct diag *diag) MUST_CHECK;

// Has `request` done with the package's `file` and, for a push, the upload's `state` (else -1), and
// gives up the request. The answer has "digest", "blob", "size" and "moved", and is the caller's.
// Errors: what kpkg-oci says (REGISTRY_*, or USAGE when --plain-http would leave this machine),
// with texts that live as long as this process; TOOL when it is not installed.
enum status registry_run(json_t **answer, json_t *request, int file, int state,
                         struct diag *diag) MUST_CHECK;
