// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "json_bytes.h"
#include "package_file.h"
#include "print.h"

// `kpkg inspect`: what a package says it is and asks for. Nothing of it is a decision about trust.

struct inspect_options {
    bool json;
    bool manifest;
};

static const char *const SIGNATURE_WORD[] = {"does not verify", "verifies"};

// The name has passed the header's check (spec/package.md, 3): letters, digits, dots. The manifest
// is anybody's text.
static void show(const struct package_file *file, const char *path)
{
    const struct package *p = &file->header;
    struct bytes name = package_name(p);
    print_name(stdout, bytes_text(path));
    printf("\n  name       %.*s\n", (int)name.len, (const char *)name.at);
    printf("  counter    %llu\n", (unsigned long long)p->counter);
    printf("  id         %s\n", print_hex(p->id, sizeof(p->id)));
    printf("  size       %zu bytes: binary %llu, manifest %llu\n", file->content.len,
           (unsigned long long)p->binary_len, (unsigned long long)p->layout.manifest_len);
    printf("  for        x86_64, start contract %u\n", p->abi);
    for (size_t i = 0; i < p->slot_count; i++) {
        printf("  signed by  %s (%s)\n", print_hex(p->slots[i].key, CRYPTO_KEY),
               SIGNATURE_WORD[package_file_signature_valid(file, i)]);
    }
    if (p->slot_count == 0) {
        printf("  signed by  nobody yet\n");
    }
    printf("\nmanifest:\n\n");
    print_plain(stdout, package_file_manifest(file));
}

static json_t *to_json(const struct package_file *file, const char *path)
{
    const struct package *p = &file->header;
    json_t *signatures = json_array();
    for (size_t i = 0; i < p->slot_count; i++) {
        json_array_append_new(signatures, json_pack("{s:s, s:b}", "ed25519",
                                                    print_hex(p->slots[i].key, CRYPTO_KEY), "valid",
                                                    (int)package_file_signature_valid(file, i)));
    }
    json_t *document = json_pack(
        "{s:s, s:o, s:o, s:I, s:s, s:I, s:I, s:I, s:i, s:o, s:o}", "schema", "kpkg.inspect/v1",
        "file", json_bytes_text(bytes_text(path)), "name", json_bytes_text(package_name(p)),
        "counter", (json_int_t)p->counter, "id", print_hex(p->id, sizeof(p->id)), "size",
        (json_int_t)file->content.len, "binary_len", (json_int_t)p->binary_len, "manifest_len",
        (json_int_t)p->layout.manifest_len, "abi", (int)p->abi, "signatures", signatures,
        "manifest", json_bytes_text(package_file_manifest(file)));
    return document;
}

static int run(const void *given, struct operands operands)
{
    const struct inspect_options *options = given;
    const char *path = operands.at[0];
    struct package_file file;
    struct diag diag;
    enum status status = package_file_read_whole(&file, path, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, path, &diag);
    }
    if (options->manifest) {
        struct bytes manifest = package_file_manifest(&file);
        // The exact bytes, for tools that check the digest: the one place where a file's text goes
        // out raw.
        fwrite(manifest.at, 1, manifest.len, stdout);
    } else if (options->json) {
        print_json(to_json(&file, path));
    } else {
        show(&file, path);
    }
    package_file_free(&file);
    return EXIT_CODE_OK;
}

static const struct option_spec OPTIONS[] = {
    {.name = "manifest",
     .help = "write the manifest's bytes alone, as they were signed",
     .offset = offsetof(struct inspect_options, manifest)},
    {.name = "json",
     .help = "write JSON kpkg.inspect/v1",
     .offset = offsetof(struct inspect_options, json)},
};

const struct command cmd_inspect = {
    .name = "inspect",
    .operands = "FILE",
    .summary = "Show what a package is and what it asks for",
    .details =
        "Works on signed and unsigned packages. What it shows is what the file claims: whether\n"
        "to believe it is the business of `kpkg verify`.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct inspect_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
