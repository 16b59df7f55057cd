// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "run_image.h"

// `kpkg image`: the boot image of a system, as `kpkg run` starts it, written to a file. On x86 it
// is the multiboot module that goes beside an seL4 kernel.

struct image_options {
    const char *trust;
    const char *output;
    bool no_precheck;
};

static int run(const void *given, struct operands operands)
{
    const struct image_options *options = given;
    struct diag diag;
    if (options->output == NULL) {
        return diag_usage("image needs --output FILE", NULL);
    }
    struct file_content image = {0};
    const struct run_image_options how = {.trust = options->trust,
                                          .no_precheck = options->no_precheck};
    int code = run_image(&image, &how, operands);
    if (code == EXIT_CODE_OK) {
        enum status status = file_write(options->output, file_bytes(&image), FILE_SECRET, &diag);
        code = diag_finish(status, options->output, &diag);
    }
    file_wipe(&image);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 'o',
     .name = "output",
     .value = "FILE",
     .help = "where to write the image",
     .offset = offsetof(struct image_options, output)},
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "the trust file, instead of the system file's",
     .offset = offsetof(struct image_options, trust)},
    {.name = "no-precheck",
     .help = "leave every judgement to the root task",
     .offset = offsetof(struct image_options, no_precheck)},
};

const struct command cmd_image = {
    .name = "image",
    .operands = "FILE...|SYSTEM.toml",
    .summary = "Write the boot image of a system: root task, trust file, packages",
    .details =
        "The image holds the private seed of this boot's log key: keep it as you keep a key, and\n"
        "make one for each boot.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct image_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
