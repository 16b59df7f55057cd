// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From the words of a command line to a boot image, for `kpkg run` and `kpkg image`.

#include "command.h"
#include "file.h"
#include "run_request.h"

struct kernel;

struct run_image_options {
    const char *trust;           // NULL: the system file's
    const struct kernel *kernel; // the real kernel it is for; NULL = not known
    const uint8_t *kernel_image; // SHA-256 of the kernel's file; NULL = not known
    const struct run_request *request;
    bool no_precheck; // leave every judgement to the root task
};

// Builds the image. Prints what is refused; an exit code other than EXIT_CODE_OK means that there
// is no image.
int run_image(struct file_content *out, const struct run_image_options *options,
              struct operands operands);
