// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where a real seL4 kernel is. The first of these places that holds one is it: the PATH of
// --kernel, else $KPKG_KERNEL, else $MICROKIT_SDK, else /opt/microkit-sdk* in order of names. A
// place is an SDK, its folder of a board, its folder of one configuration, or a kernel's ELF file.

#include "kernel_config.h"

#include <limits.h>

enum { KERNELS_MAX = 16, KERNEL_NAME = 32 };

struct kernel {
    char elf[PATH_MAX];     // the ELF file that is booted: 32-bit, as multiboot loaders want it
    char name[KERNEL_NAME]; // of the configuration's folder: "release"
    char sdk[KERNEL_NAME];  // Microkit's version, from the SDK's VERSION; "" = unknown
    uint8_t digest[32];     // SHA-256 of the ELF file
    struct kernel_config config;
    struct diag refused; // status OK: supported
};

struct kernel_list {
    struct kernel at[KERNELS_MAX];
    size_t count; // in order of names
};

// All configurations at the first place that has any. `path` is that of --kernel or NULL.
// KERNEL_ABSENT when no place has one, KERNEL_FILE when `path` is given and has none.
enum status kernel_find_all(struct kernel_list *out, const char *path,
                            struct diag *diag) MUST_CHECK;

// The one to boot: the configuration `name` of them; NULL = the only one, or else "release".
// What is wrong with it when it is not supported.
enum status kernel_find(struct kernel *out, const char *path, const char *name,
                        struct diag *diag) MUST_CHECK;

// The seL4 release of this kernel, as far as its files tell.
const char *kernel_find_release(const struct kernel *kernel);

// What is proven about every kernel that is supported so far.
#define KERNEL_PROOF "none: seL4's proofs do not cover the MCS configuration on x86_64"
