// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "compose.h"
#include "diag_print.h"
#include "elf_image.h"
#include "elf_trim.h"
#include "file.h"
#include "json_bytes.h"
#include "manifest.h"
#include "package_digest.h"
#include "package_write.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

// `kpkg pack`: manifest + binary -> unsigned package. What the target would refuse is refused here,
// with the place in the author's own file.

enum { MANIFEST_ARENA = 1 << 24 };

struct pack_options {
    const char *output;
    bool json;
};

// What a package is made from; `at_fault` is the file that an error is about.
struct pack {
    struct file_content text;
    struct file_content binary;
    struct file_content file;
    struct manifest manifest;
    char *binary_path;
    const char *at_fault;
};

static enum status read_manifest(struct pack *pack, const char *path, struct arena *arena,
                                 struct diag *diag)
{
    pack->at_fault = path;
    enum status status = file_read(&pack->text, path, BOUND_MANIFEST, diag);
    if (status == STATUS_FILE_TOO_LARGE) {
        return diag_fail(diag, STATUS_MANIFEST_TOO_LARGE, "bytes allowed", BOUND_MANIFEST);
    }
    if (status == STATUS_OK) {
        status = manifest_read(&pack->manifest, file_bytes(&pack->text), arena, diag);
    }
    return status;
}

static enum status read_binary(struct pack *pack, const char *manifest_path, struct diag *diag)
{
    struct bytes relative = pack->manifest.binary_path.value;
    char *name = strndup((const char *)relative.at, relative.len);
    pack->binary_path = name != NULL ? file_beside(manifest_path, name) : NULL;
    free(name);
    if (pack->binary_path == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    pack->at_fault = pack->binary_path;
    enum status status = file_read(&pack->binary, pack->binary_path, PACKAGE_BINARY_MAX, diag);
    if (status == STATUS_OK) {
        elf_trim(&pack->binary);
        struct elf_image image;
        status = elf_image_read(&image, file_bytes(&pack->binary), PACKAGE_MACHINE_X86_64, diag);
    }
    return status;
}

static enum status assemble(struct pack *pack, const char *manifest_path, struct diag *diag)
{
    pack->at_fault = manifest_path;
    struct package_parts parts = {
        .name = pack->manifest.name.value,
        .counter = pack->manifest.counter.value,
        .manifest = file_bytes(&pack->text),
        .binary = file_bytes(&pack->binary),
    };
    uint64_t len;
    enum status status = package_write_length(&len, &parts, diag);
    if (status != STATUS_OK) {
        return status;
    }
    pack->file.at = aligned_alloc(BOUND_PAGE, len);
    if (pack->file.at == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "package", len);
    }
    pack->file.len = len;
    return package_write(pack->file.at, &parts, diag);
}

// Compiles the package as a system of its own. Peers are somebody else's packages: that they are
// not there yet is no fault of this one.
static enum status try_plan(const struct pack *pack, struct diag *diag)
{
    struct compose *c = compose_new();
    if (c == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "trial", 0);
    }
    enum status status = compose_read_memory(c, file_bytes(&pack->file), diag);
    if (status == STATUS_OK) {
        status = compose_check(c, diag);
    }
    if (status == STATUS_OK && c->refused[0].status != STATUS_PEER_ABSENT) {
        *diag = c->refused[0];
        status = c->refused[0].status;
    }
    compose_free(c);
    return status;
}

static enum status make(struct pack *pack, const char *manifest_path, struct arena *arena,
                        struct diag *diag)
{
    enum status status = read_manifest(pack, manifest_path, arena, diag);
    if (status == STATUS_OK) {
        status = read_binary(pack, manifest_path, diag);
    }
    if (status == STATUS_OK) {
        status = assemble(pack, manifest_path, diag);
    }
    if (status == STATUS_OK) {
        status = try_plan(pack, diag);
    }
    return status;
}

static void show(const struct pack *pack, const char *output)
{
    uint8_t id[CRYPTO_DIGEST];
    package_digest_id(id, file_bytes(&pack->file));
    print_json(json_pack("{s:s, s:o, s:o, s:I, s:s, s:I}", "schema", "kpkg.pack/v1", "file",
                         json_bytes_text(bytes_text(output)), "name",
                         json_bytes_text(pack->manifest.name.value), "counter",
                         (json_int_t)pack->manifest.counter.value, "id", print_hex(id, sizeof(id)),
                         "size", (json_int_t)pack->file.len));
}

static int run(const void *given, struct operands operands)
{
    const struct pack_options *options = given;
    struct diag diag;
    if (options->output == NULL) {
        return diag_usage("pack needs --output FILE", NULL);
    }
    void *memory = malloc(MANIFEST_ARENA);
    struct arena arena = arena_of(memory, memory != NULL ? MANIFEST_ARENA : 0);
    struct pack pack = {0};
    enum status status = make(&pack, operands.at[0], &arena, &diag);
    if (status == STATUS_OK) {
        pack.at_fault = options->output;
        status = file_write(options->output, file_bytes(&pack.file), FILE_REPLACE, &diag);
    }
    if (status == STATUS_OK && options->json) {
        show(&pack, options->output);
    }
    int code = diag_finish(status, pack.at_fault, &diag);
    file_free(&pack.text);
    file_free(&pack.binary);
    file_free(&pack.file);
    free(pack.binary_path);
    free(memory);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the package",
     .offset = offsetof(struct pack_options, output)},
    {.name = "json",
     .help = "write JSON kpkg.pack/v1",
     .offset = offsetof(struct pack_options, json)},
};

const struct command cmd_pack = {
    .name = "pack",
    .operands = "MANIFEST",
    .summary = "Make a package of a manifest and the binary it names",
    .details =
        "The manifest's binary.path is looked up from the manifest's folder. Manifest, ELF file "
        "and\n"
        "plan are checked as a target would, so that a package that cannot run is not made. The\n"
        "same input gives the same bytes. The package is not signed: see `kpkg sign`.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct pack_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
