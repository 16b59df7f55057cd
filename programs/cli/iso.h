// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A disk image that boots a PC by its BIOS or its UEFI firmware, from a CD or a USB stick: GRUB in
// both forms, a real seL4 kernel and a boot image as its multiboot2 module. The same kernel, boot
// image and tools give the same bytes.

#include "file.h"
#include "kernel_find.h"

// Needs grub-mkimage, GRUB's modules for both firmwares, and xorriso: TOOL names the Debian package
// of one that is missing.
enum status iso_build(struct file_content *out, const struct kernel *kernel, struct bytes image,
                      struct diag *diag) MUST_CHECK;

// What GRUB is made of for a firmware, which no PATH leads to.
struct iso_grub {
    const char *name;   // of it, to people
    const char *format; // as grub-mkimage calls the firmware
    const char *folder;
    const char *probe; // a file that is there if the folder's package is
    const char *next;  // what to do when it is not
    const char *disks; // a module, of those that both need not: how it finds the disk
};
enum { ISO_BIOS, ISO_UEFI, ISO_GRUBS };
extern const struct iso_grub iso_grubs[ISO_GRUBS];
