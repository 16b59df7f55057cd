// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A package as a registry has it: an OCI image manifest (spec/oci.md) that names one layer, the
// file. A manifest that was read is a claim of the registry; only digest and size of the layer are
// taken from it, and both are checked against the bytes.

#include "crypto.h"
#include "diag.h"

#include <jansson.h>

#define ARTIFACT_TYPE          "application/vnd.kpkg.package.v1"
#define ARTIFACT_MANIFEST_TYPE "application/vnd.oci.image.manifest.v1+json"
#define ARTIFACT_CONFIG_TYPE   "application/vnd.oci.empty.v1+json"
#define ARTIFACT_CONFIG        "{}"

enum {
    ARTIFACT_DIGEST = 72,         // "sha256:", 64 hex digits, NUL
    ARTIFACT_MANIFEST_MAX = 65536 // bytes; ours have about a thousand
};

struct artifact {
    char digest[ARTIFACT_DIGEST]; // of the file
    uint64_t size;
};

void artifact_digest_text(char out[static ARTIFACT_DIGEST],
                          const uint8_t digest[static CRYPTO_DIGEST]);

// "sha256:" and 64 lower-case hex digits.
bool artifact_digest_is_valid(const char *text);

// The manifest's bytes: the same file and annotations (string to string) give the same. For free();
// NULL when out of memory.
char *artifact_write(const struct artifact *artifact, json_t *annotations);

// REGISTRY_ARTIFACT when `manifest` is not one package, or one larger than `size_max`.
enum status artifact_read(struct artifact *out, struct bytes manifest, uint64_t size_max,
                          struct diag *diag) MUST_CHECK;
