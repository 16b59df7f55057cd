// SPDX-License-Identifier: BSD-2-Clause
#include "audit_note.h"
#include "command.h"
#include "compose.h"
#include "diag_print.h"
#include "iso.h"
#include "run_image.h"

#include <string.h>

// `kpkg image`: the boot image of a system, as `kpkg run` starts it, written to a file. On x86 it
// is the multiboot module that goes beside an seL4 kernel.

struct image_options {
    struct run_image_words words;
    const char *output;
    const char *vkey;
    bool iso;
};

// The kernel that the image is for, when one is named or needed. NULL = none.
static enum status find_kernel(const struct kernel **out, struct kernel *kernel,
                               const struct image_options *options, struct diag *diag)
{
    const char *path = options->words.kernel, *config = options->words.config;
    *out = NULL;
    if (path == NULL && config == NULL && !options->iso) {
        return STATUS_OK;
    }
    bool search = path == NULL || strcmp(path, "sel4") == 0;
    *out = kernel;
    return kernel_find(kernel, search ? NULL : path, config, diag);
}

static int write_image(const struct image_options *options, const struct kernel *kernel,
                       struct bytes image)
{
    struct file_content disk = {0};
    struct diag diag;
    enum status status = STATUS_OK;
    if (options->iso) {
        status = iso_build(&disk, kernel, image, &diag);
        if (status != STATUS_OK) {
            return diag_finish(status, NULL, &diag);
        }
        image = file_bytes(&disk);
    }
    // The seed of the log's key is inside.
    status = file_write(options->output, image, FILE_SECRET, &diag);
    file_wipe(&disk);
    return diag_finish(status, options->output, &diag);
}

static int write_vkey(const char *path, const struct run_request *request)
{
    char at[AUDIT_NOTE_VKEY + 1];
    uint8_t key[CRYPTO_KEY];
    struct diag diag;
    struct text vkey = text_of(at, sizeof(at));
    crypto_ed25519_public_key(key, request->seed);
    audit_note_put_vkey(&vkey, key, key);
    text_char(&vkey, '\n');
    return diag_finish(file_write(path, text_bytes(&vkey), FILE_REPLACE, &diag), path, &diag);
}

static int build(const struct image_options *options, const struct run_request *request,
                 struct operands operands)
{
    static struct kernel found;
    struct file_content image = {0};
    struct diag diag;
    struct run_image_options how = {.words = &options->words, .request = request};
    enum status status = find_kernel(&how.kernel, &found, options, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, options->words.kernel, &diag);
    }
    struct compose *system = compose_new();
    if (system == NULL) {
        return EXIT_CODE_TROUBLE;
    }
    how.kernel_image = how.kernel != NULL ? how.kernel->digest : NULL;
    int code = run_image(&image, system, &how, operands);
    compose_free(system);
    // The key first: an image that nobody could judge, with a seed in it, is not left behind.
    if (code == EXIT_CODE_OK && options->vkey != NULL) {
        code = write_vkey(options->vkey, request);
    }
    if (code == EXIT_CODE_OK) {
        code = write_image(options, how.kernel, file_bytes(&image));
    }
    file_wipe(&image);
    return code;
}

static int run(const void *given, struct operands operands)
{
    const struct image_options *options = given;
    struct diag diag;
    if (options->output == NULL) {
        return diag_usage("image needs --output FILE", NULL);
    }
    struct run_request request;
    const struct run_request_options ask = {.nonce = options->words.nonce,
                                            .run_key = options->words.run_key};
    enum status status = run_request_make(&request, &ask, &diag);
    int code = status == STATUS_OK ? build(options, &request, operands)
                                   : diag_finish(status, options->words.run_key, &diag);
    crypto_wipe(&request, sizeof(request));
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the image",
     .offset = offsetof(struct image_options, output)},
    RUN_IMAGE_WORDS(struct image_options, words,
                    "the kernel it is for: sel4 = the one found, or a path to one"),
    {.name = "iso",
     .help = "write a disk that boots a PC, UEFI or BIOS: GRUB, the kernel, the image",
     .offset = offsetof(struct image_options, iso)},
    {.name = "vkey",
     .value = "FILE",
     .help = "write the verifier key of the log there",
     .offset = offsetof(struct image_options, vkey)},
};

const struct command cmd_image = {
    .name = "image",
    .operands = "FILE...|SYSTEM.toml",
    .summary = "Write the boot image of a system: root task, trust file, packages",
    .details =
        "The image holds the private seed of this boot's log key: keep it as you keep a key, and\n"
        "make one for each boot. The same input and --run-key give the same bytes. Without --iso "
        "it\n"
        "is the multiboot module that goes beside an seL4 kernel; with --kernel the log says "
        "which.\n"
        "--iso needs GRUB and xorriso; `kpkg doctor` says which packages are missing.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct image_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
