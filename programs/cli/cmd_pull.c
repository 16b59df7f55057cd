// SPDX-License-Identifier: BSD-2-Clause
#include "anchor.h"
#include "command.h"
#include "diag_print.h"
#include "json_bytes.h"
#include "package_file.h"
#include "partial.h"
#include "print.h"
#include "registry.h"
#include "verify_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// `kpkg pull`: a package from an OCI registry (spec/oci.md). Nothing that the registry sends
// becomes a path, and nothing has its final name before it is judged.

struct pull_options {
    const char *output;
    const char *trust;
    bool plain_http;
    bool json;
};

// What was found out about a package that came.
struct pulled {
    struct package header;
    json_t *signers; // the trusted ones; NULL: no trust file, nothing was decided
    json_t *answer;  // of registry_run
};

// Without a trust file: whole and signed by somebody, no more.
static enum status judge_whole(struct pulled *out, const char *path, struct diag *diag)
{
    struct package_file file;
    enum status status = package_file_read_whole(&file, path, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = package_file_signed(&file, diag);
    out->header = file.header;
    package_file_free(&file);
    return status;
}

static enum status judge(struct pulled *out, const char *path, const struct anchor *anchor,
                         struct diag *diag)
{
    struct verify_file file;
    if (anchor == NULL) {
        return judge_whole(out, path, diag);
    }
    enum status status = verify_file_open(&file, path, &anchor->trust, NULL, diag);
    if (status == STATUS_OK) {
        out->header = file.verified.package;
        out->signers = anchor_signers(&file.verified);
        verify_file_close(&file);
    }
    return status;
}

// From the registry to `path`; `anchor` is NULL where nobody is to be trusted.
static enum status fetch(struct pulled *out, const struct registry_peer *peer, const char *path,
                         const struct anchor *anchor, struct diag *diag)
{
    struct partial part;
    json_t *request = NULL;
    enum status status = registry_request(&request, peer, false, diag);
    if (status != STATUS_OK) {
        return status;
    }
    json_object_set_new(request, "size_max",
                        json_integer((json_int_t)package_layout_file_max(PACKAGE_BINARY_MAX)));
    status = partial_open(&part, path, ".part", 0666, diag);
    if (status != STATUS_OK) {
        json_decref(request);
        return status;
    }
    status = registry_run(&out->answer, request, part.fd, -1, diag);
    if (status == STATUS_OK) {
        status = judge(out, part.path, anchor, diag);
        if (status != STATUS_OK) {
            // A package that was refused is not kept for a next try.
            partial_remove(&part);
        }
    }
    if (status == STATUS_OK) {
        status = partial_publish(&part, path, diag);
    }
    partial_close(&part);
    return status;
}

static json_t *to_json(const struct pulled *pulled, const char *path)
{
    const struct package *p = &pulled->header;
    json_t *own = json_pack("{s:s, s:o, s:o, s:I, s:s, s:O?}", "schema", "kpkg.pull/v1", "file",
                            json_bytes_text(bytes_text(path)), "name",
                            json_bytes_text(package_name(p)), "counter", (json_int_t)p->counter,
                            "id", print_hex(p->id, sizeof(p->id)), "signers", pulled->signers);
    json_object_update(own, pulled->answer);
    return own;
}

static void show(const struct pulled *pulled, const char *path)
{
    struct bytes name = package_name(&pulled->header);
    print_name(stdout, bytes_text(path));
    printf(": pulled %.*s counter %llu", (int)name.len, (const char *)name.at,
           (unsigned long long)pulled->header.counter);
    fputs(pulled->signers != NULL ? ", verified, signed by" : ", whole but not judged: no --trust",
          stdout);
    for (size_t i = 0; i < json_array_size(pulled->signers); i++) {
        putchar(' ');
        print_name(stdout, bytes_text(json_string_value(json_array_get(pulled->signers, i))));
    }
    putchar('\n');
    print_name(stdout, bytes_text(json_string_value(json_object_get(pulled->answer, "digest"))));
    putchar('\n');
}

// The last word of the repository, as it was typed, with ".kpkg".
static char *default_output(const struct reference *reference)
{
    const char *slash = strrchr(reference->repository, '/');
    char *path = NULL;
    return asprintf(&path, "%s.kpkg", slash != NULL ? slash + 1 : reference->repository) < 0 ? NULL
                                                                                             : path;
}

// No link: it would be replaced, which is not what who made it meant.
static bool is_replaceable(const char *path)
{
    struct stat info;
    return lstat(path, &info) != 0 || S_ISREG(info.st_mode);
}

static int pull_to(const char *path, const struct pull_options *options,
                   const struct registry_peer *peer, const char *text, const struct anchor *anchor)
{
    struct pulled pulled = {0};
    struct diag diag;
    enum status status = STATUS_OK;
    if (!is_replaceable(path)) {
        return diag_usage("--output is not a regular file", path);
    }
    status = fetch(&pulled, peer, path, anchor, &diag);
    if (status == STATUS_OK && options->json) {
        print_json(to_json(&pulled, path));
    } else if (status == STATUS_OK) {
        show(&pulled, path);
    }
    json_decref(pulled.answer);
    json_decref(pulled.signers);
    return diag_finish(status, text, &diag);
}

static int run(const void *given, struct operands operands)
{
    const struct pull_options *options = given;
    const char *text = operands.at[0];
    struct registry_peer peer = {.plain_http = options->plain_http};
    struct anchor anchor = {0};
    struct diag diag;
    if (reference_read(&peer.reference, text, &diag) != STATUS_OK) {
        return diag_finish(diag.status, NULL, &diag);
    }
    enum status status =
        options->trust != NULL ? anchor_read(&anchor, options->trust, &diag) : STATUS_OK;
    int code = diag_finish(status, options->trust, &diag);
    if (code != EXIT_CODE_OK) {
        anchor_free(&anchor);
        return code;
    }
    char *made = options->output == NULL ? default_output(&peer.reference) : NULL;
    const char *path = made != NULL ? made : options->output;
    if (path == NULL) {
        code = diag_no_memory("file name");
    } else {
        peer.watched = isatty(STDERR_FILENO) ? path : NULL;
        code = pull_to(path, options, &peer, text, options->trust != NULL ? &anchor : NULL);
    }
    free(made);
    anchor_free(&anchor);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write it, instead of the repository's last word and .kpkg",
     .offset = offsetof(struct pull_options, output)},
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "the trust file: verify, and keep nothing that is refused",
     .offset = offsetof(struct pull_options, trust)},
    {.name = "plain-http",
     .help = "without TLS: for a registry on this machine",
     .offset = offsetof(struct pull_options, plain_http)},
    {.name = "json",
     .help = "write JSON kpkg.pull/v1",
     .offset = offsetof(struct pull_options, json)},
};

const struct command cmd_pull = {
    .name = "pull",
    .operands = "REGISTRY/REPOSITORY:TAG|@DIGEST",
    .summary = "Get a package from an OCI registry",
    .details = "The file is checked against its digest and to be whole, and verified where there "
               "is a trust\n"
               "file, before it gets its name; what is refused is not kept. After an interruption "
               "the same\n"
               "command goes on with FILE.part. Credentials are those of `podman login` or `docker "
               "login`.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct pull_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
