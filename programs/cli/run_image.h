// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From the words of a command line to a boot image, for `kpkg run` and `kpkg image`.

#include "command.h"
#include "file.h"

struct kernel;

struct run_image_options {
    const char *trust;           // NULL: the system file's
    const struct kernel *kernel; // the real kernel it is for; NULL = not known
    const char *seed;            // file with the attestation key's seed; NULL = random
    bool no_precheck;            // leave every judgement to the root task
    bool fixed_seed;             // the seed is zero: same input, same image
};

// Builds the image. Prints what is refused; an exit code other than EXIT_CODE_OK means that there
// is no image.
int run_image(struct file_content *out, const struct run_image_options *options,
              struct operands operands);
