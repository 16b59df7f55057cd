// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What `kpkg` asks of this program, as one JSON object on stdin. The files come as descriptors:
// this program opens none, so no name from a registry can become a path.

#include "diag.h"

#include <jansson.h>

enum {
    REQUEST_FILE = 3,  // push: the package, to read; pull: where it goes, to read and write
    REQUEST_STATE = 4, // push: what an interrupted upload needs to go on, to read and write
};

struct request {
    json_t *document; // owns the strings below
    bool push;
    const char *origin;     // "https://HOST[:PORT]", or "http://" for loopback
    const char *repository; // "a/b"
    const char *reference;  // a tag or a digest
    const char *user;       // "user:password", or NULL
    const char *watched;    // what to call the file while somebody watches, or NULL
    json_t *annotations;    // push: of the manifest
    uint64_t size_max;      // pull: bytes
};

// Reads and checks it. BUG when it is not what the caller in programs/cli writes.
enum status request_read(struct request *out, struct diag *diag) MUST_CHECK;
void request_free(struct request *request);
