// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "json_bytes.h"
#include "manifest.h"
#include "package_file.h"
#include "partial.h"
#include "print.h"
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// `kpkg push`: a signed package to an OCI registry (spec/oci.md).

struct push_options {
    bool plain_http;
    bool json;
};

enum { MANIFEST_ARENA = 1 << 20 };

static void annotate(json_t *annotations, const char *key, json_t *value)
{
    json_object_set_new(annotations, key, value);
}

// What the package says of itself, for people who look into the registry. `kpkg pull` reads none of
// it.
static json_t *make_annotations(const struct package *header, const struct manifest *manifest)
{
    json_t *annotations = json_object();
    char counter[24];
    snprintf(counter, sizeof(counter), "%llu", (unsigned long long)header->counter);
    annotate(annotations, "org.opencontainers.image.title", json_bytes_text(package_name(header)));
    annotate(annotations, "org.opencontainers.image.version",
             json_bytes_text(manifest->version.value));
    annotate(annotations, "org.opencontainers.image.description",
             json_bytes_text(manifest->summary.value));
    annotate(annotations, "org.kpkg.package.counter", json_string(counter));
    annotate(annotations, "org.kpkg.package.id",
             json_string(print_hex(header->id, sizeof(header->id))));
    return annotations;
}

static enum status read_annotations(json_t **out, const char *path, struct diag *diag)
{
    struct package_file file;
    struct manifest manifest;
    enum status status = package_file_read_whole(&file, path, diag);
    if (status != STATUS_OK) {
        return status;
    }
    void *memory = malloc(MANIFEST_ARENA);
    struct arena arena = arena_of(memory, memory != NULL ? MANIFEST_ARENA : 0);
    status = package_file_signed(&file, diag);
    if (status == STATUS_OK) {
        status = manifest_read(&manifest, package_file_manifest(&file), &arena, diag);
    }
    if (status == STATUS_OK) {
        status = manifest_matches(&manifest, package_name(&file.header), file.header.counter, diag);
    }
    if (status == STATUS_OK) {
        *out = make_annotations(&file.header, &manifest);
    }
    free(memory);
    package_file_free(&file);
    return status;
}

// Sends `path`. What an interruption leaves is beside it, where the folder can be written.
static enum status send(json_t **answer, json_t *request, const char *path, struct diag *diag)
{
    struct partial state = {.fd = -1};
    int file = open(path, O_RDONLY | O_CLOEXEC);
    enum status status = file >= 0 ? STATUS_OK : file_trouble(path, diag);
    if (status == STATUS_OK) {
        status = partial_open(&state, path, ".upload", S_IRUSR | S_IWUSR, diag);
    }
    if (status == STATUS_OK) {
        status = registry_run(answer, request, file, state.fd, diag);
        if (status == STATUS_OK) {
            partial_remove(&state);
        }
        partial_close(&state);
    } else {
        json_decref(request);
    }
    if (file >= 0) {
        (void)close(file);
    }
    return status;
}

static void show(json_t *answer, const char *path, const char *reference, bool json)
{
    if (json) {
        json_object_set_new(answer, "schema", json_string("kpkg.push/v1"));
        json_object_set_new(answer, "file", json_bytes_text(bytes_text(path)));
        json_object_set_new(answer, "reference", json_string(reference));
        print_json(answer);
        return;
    }
    print_name(stdout, bytes_text(path));
    printf(": pushed to %s\n", reference);
    print_name(stdout, bytes_text(json_string_value(json_object_get(answer, "digest"))));
    putchar('\n');
    json_decref(answer);
}

static int run(const void *given, struct operands operands)
{
    const struct push_options *options = given;
    const char *path = operands.at[0];
    const char *text = operands.at[1];
    struct registry_peer peer = {.plain_http = options->plain_http,
                                 .watched = isatty(STDERR_FILENO) ? path : NULL};
    json_t *request = NULL, *annotations = NULL, *answer = NULL;
    struct diag diag;
    if (reference_read(&peer.reference, text, &diag) != STATUS_OK || peer.reference.is_digest) {
        return diag_usage("a package is pushed to REGISTRY/REPOSITORY:TAG", text);
    }
    enum status status = read_annotations(&annotations, path, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, path, &diag);
    }
    status = registry_request(&request, &peer, true, &diag);
    if (status == STATUS_OK) {
        json_object_set(request, "annotations", annotations);
        status = send(&answer, request, path, &diag);
    }
    json_decref(annotations);
    if (status == STATUS_OK) {
        show(answer, path, text, options->json);
    }
    return diag_finish(status, text, &diag);
}

static const struct option_spec OPTIONS[] = {
    {.name = "plain-http",
     .help = "without TLS: for a registry on this machine",
     .offset = offsetof(struct push_options, plain_http)},
    {.name = "json",
     .help = "write JSON kpkg.push/v1",
     .offset = offsetof(struct push_options, json)},
};

const struct command cmd_push = {
    .name = "push",
    .operands = "FILE REGISTRY/REPOSITORY:TAG",
    .summary = "Put a signed package into an OCI registry",
    .details =
        "The file becomes the one layer of an artifact of type application/vnd.kpkg.package.v1; "
        "the\n"
        "signatures are in the file. Credentials are those of `podman login` or `docker login`.\n"
        "After an interruption the same command goes on: FILE.upload says where.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct push_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
