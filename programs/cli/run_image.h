// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// From the words of a command line to a boot image, for `kpkg run`, `kpkg test` and `kpkg image`.

#include "command.h"
#include "file.h"
#include "run_request.h"

struct compose;
struct kernel;

// What an image is made of, as all of these commands are told.
struct run_image_words {
    const char *trust; // NULL: the system file's
    const char *kernel;
    const char *config;
    const char *nonce;
    const char *run_key;
    bool no_precheck; // leave every judgement to the root task
};

// The rows of an option table for the run_image_words that are `member` of `type`; what --kernel
// means is the command's.
// clang-format off
#define RUN_IMAGE_WORDS(type, member, kernel_help) \
    {.letter = 't', .name = "trust", .value = "FILE", \
     .help = "the trust file, instead of the system file's", \
     .offset = offsetof(type, member.trust)}, \
    {.letter = 'k', .name = "kernel", .value = "KERNEL", \
     .help = kernel_help, \
     .offset = offsetof(type, member.kernel)}, \
    {.name = "config", .value = "NAME", \
     .help = "of a real kernel: release (default), debug", \
     .offset = offsetof(type, member.config)}, \
    {.name = "nonce", .value = "HEX", \
     .help = "16 to 32 bytes for the log, which show that it is of this run", \
     .offset = offsetof(type, member.nonce), .may_be_empty = true}, \
    {.name = "run-key", .value = "KEY", \
     .help = "sign the log with this private key instead of a new one", \
     .offset = offsetof(type, member.run_key)}, \
    {.name = "no-precheck", .help = "leave every judgement to the root task", \
     .offset = offsetof(type, member.no_precheck)}
// clang-format on

struct run_image_options {
    const struct run_image_words *words;
    const struct kernel *kernel; // the real kernel it is for; NULL = not known
    const uint8_t *kernel_image; // SHA-256 of the kernel's file; NULL = not known
    const struct run_request *request;
};

// Reads the operands into `system`, which is new, judges it unless told not to, and builds the
// image. Prints what is refused; an exit code other than EXIT_CODE_OK means that there is no image.
int run_image(struct file_content *out, struct compose *system,
              const struct run_image_options *options, struct operands operands);
