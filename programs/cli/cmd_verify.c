// SPDX-License-Identifier: BSD-2-Clause
#include "anchor.h"
#include "command.h"
#include "diag_print.h"
#include "json_bytes.h"
#include "print.h"
#include "verify_file.h"

#include <sys/stat.h>
#include <unistd.h>

// `kpkg verify`: the verifier. Page 0, trust and content of each file, in this order; nothing
// beyond page 0 is looked at before the signatures and the trust file agree.

struct verify_options {
    const char *trust;
    bool json;
    bool quiet;
};

enum { PROGRESS_SIZE = 64 << 20 };

static json_t *verified_json(const char *path, const struct verified *verified)
{
    const struct package *p = &verified->package;
    return json_pack("{s:o, s:b, s:o, s:I, s:s, s:o, s:o}", "file",
                     json_bytes_text(bytes_text(path)), "ok", 1, "name",
                     json_bytes_text(package_name(p)), "counter", (json_int_t)p->counter, "id",
                     print_hex(p->id, sizeof(p->id)), "signers", anchor_signers(verified), "rule",
                     json_bytes_text(verified->decision.rule->names));
}

static void show(const char *path, const struct verified *verified)
{
    struct bytes name = package_name(&verified->package);
    print_name(stdout, bytes_text(path));
    printf(": verified %.*s counter %llu, signed by", (int)name.len, (const char *)name.at,
           (unsigned long long)verified->package.counter);
    for (size_t i = 0; i < verified->trust->key_count; i++) {
        if ((verified->decision.signers >> i & 1) != 0) {
            putchar(' ');
            print_name(stdout, verified->trust->keys[i].id);
        }
    }
    putchar('\n');
}

static void show_progress(void *context, uint64_t done, uint64_t pages)
{
    fprintf(stderr, "\r%s: %3u %%", (const char *)context, (unsigned)(done * 100 / pages));
}

// A bar for files that take a moment, where somebody watches; gone when the result is there.
static enum status open_file(struct verify_file *file, const char *path, const struct trust *trust,
                             struct diag *diag)
{
    struct verify_file_progress progress = {.report = show_progress, .context = (void *)path};
    struct stat info;
    bool watched = isatty(STDERR_FILENO) && stat(path, &info) == 0 && info.st_size >= PROGRESS_SIZE;
    enum status status = verify_file_open(file, path, trust, watched ? &progress : NULL, diag);
    if (watched) {
        fputs("\r\033[K", stderr);
    }
    return status;
}

// One file; adds to `results` where there are any, else prints.
static int verify_one(const char *path, const struct trust *trust, bool quiet, json_t *results)
{
    struct verify_file file;
    struct diag diag;
    enum status status = open_file(&file, path, trust, &diag);
    if (status != STATUS_OK) {
        diag_print(path, &diag);
        json_array_append_new(results, json_pack("{s:o, s:b, s:o}", "file",
                                                 json_bytes_text(bytes_text(path)), "ok", 0,
                                                 "error", diag_json(&diag)));
        return diag_exit_code(status);
    }
    if (results != NULL) {
        json_array_append_new(results, verified_json(path, &file.verified));
    } else if (!quiet) {
        show(path, &file.verified);
    }
    verify_file_close(&file);
    return EXIT_CODE_OK;
}

static int run(const void *given, struct operands operands)
{
    const struct verify_options *options = given;
    struct anchor anchor = {0};
    struct diag diag;
    if (options->trust == NULL) {
        return diag_usage("verify needs --trust FILE", NULL);
    }
    int code = diag_finish(anchor_read(&anchor, options->trust, &diag), options->trust, &diag);
    if (code != EXIT_CODE_OK) {
        anchor_free(&anchor);
        return code;
    }
    json_t *results = options->json ? json_array() : NULL;
    for (size_t i = 0; i < operands.count; i++) {
        int one = verify_one(operands.at[i], &anchor.trust, options->quiet, results);
        code = one > code ? one : code;
    }
    if (results != NULL) {
        print_json(json_pack("{s:s, s:o, s:o}", "schema", "kpkg.verify/v1", "trust",
                             json_bytes_text(bytes_text(options->trust)), "files", results));
    }
    anchor_free(&anchor);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "the trust file: who may sign what",
     .offset = offsetof(struct verify_options, trust)},
    {.letter = 'q',
     .name = "quiet",
     .help = "print nothing but errors",
     .offset = offsetof(struct verify_options, quiet)},
    {.name = "json",
     .help = "write JSON kpkg.verify/v1",
     .offset = offsetof(struct verify_options, json)},
};

const struct command cmd_verify = {
    .name = "verify",
    .operands = "FILE...",
    .summary = "Decide whether packages are whole, signed and trusted",
    .details =
        "Checks page 0, the signatures, the trust file's decision and every byte of each file, as "
        "the\n"
        "root task does. The first error of a file is named; the other files are checked all the\n"
        "same.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct verify_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
