// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// One run of a system on a kernel, for `kpkg run` and `kpkg test`: which kernel, what the run is
// asked for with, the boot image, and the boot.

#include "audit_note.h"
#include "backend.h"
#include "command.h"
#include "compose.h"
#include "kernel_find.h"
#include "run_image.h"
#include "serial_socket.h"
#include "session.h"

struct boot_options {
    struct run_image_words image;
    const char *as;
    const char *time_limit;
    const char *fail_invocation;
    const char *com2;
    const char *control; // the same line
    bool deterministic;
};

// The rows of an option table for the boot_options that are `member` of `type`.
// clang-format off
#define BOOT_OPTIONS(type, member) \
    RUN_IMAGE_WORDS(type, member.image, \
                    "hosted (default), sel4 = the one found, or a path to one"), \
    {.name = "as", .value = "CONFIG", \
     .help = "hosted: the kernel to be like: 2.3.0 (default), 2.3.0-debug, ...", \
     .offset = offsetof(type, member.as)}, \
    {.name = "time-limit", .value = "S", .help = "end the run after S seconds (default 0: never)", \
     .offset = offsetof(type, member.time_limit)}, \
    {.name = "com2", .value = "SOCKET", \
     .help = "a second serial line, connected to a Unix socket made there", \
     .offset = offsetof(type, member.com2)}, \
    {.name = "control", .value = "SOCKET", \
     .help = "the same line, as the channel of `kpkg ctl` (a system with [control])", \
     .offset = offsetof(type, member.control)}, \
    {.name = "deterministic", \
     .help = "hosted: virtual time, the same input gives the same log", \
     .offset = offsetof(type, member.deterministic)}, \
    {.name = "fail-invocation", .value = "N[=ERROR]", \
     .help = "hosted: the root task's Nth kernel call fails (seL4 error)", \
     .offset = offsetof(type, member.fail_invocation)}
// clang-format on

struct boot {
    const struct backend *backend;
    struct kernel kernel;   // where the backend is a real one
    struct run_request ask; // nonce and seed
    struct compose *system; // as the host read it; judged unless --no-precheck
    struct file_content image;
    struct backend_machine *machine; // NULL where the backend needs none
    struct backend_request request;
    struct serial_socket com2;
    struct audit_note_key key; // of the run
    char vkey[AUDIT_NOTE_VKEY];
    size_t vkey_len;
    bool any_program_prints; // a debug kernel
};

// Chooses the kernel, makes the machine and builds the image. Prints what is refused; an exit code
// other than EXIT_CODE_OK means that there is nothing to run. boot_free is the caller's in any
// case.
int boot_prepare(struct boot *boot, const struct boot_options *options, struct operands operands);

// Runs it. The session takes only records and checkpoints of this run's key.
int boot_run(struct boot *boot, struct session *session);

// What its log has to be of; borrows from `boot`.
struct audit_expected boot_expected(const struct boot *boot);

// Wipes the seed and the image and ends the machine; also after a failure.
void boot_free(struct boot *boot);
