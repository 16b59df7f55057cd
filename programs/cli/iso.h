// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A disk image that boots a PC's BIOS, from a CD or a USB stick: GRUB, a real seL4 kernel and a
// boot image as its multiboot module. The same kernel, boot image and tools give the same bytes.

#include "file.h"
#include "kernel_find.h"

// Needs grub-mkimage, GRUB's modules for i386-pc, and xorriso: TOOL names the Debian package of
// one that is missing.
enum status iso_build(struct file_content *out, const struct kernel *kernel, struct bytes image,
                      struct diag *diag) MUST_CHECK;

// GRUB's modules, which no PATH leads to.
#define ISO_GRUB_MODULES "/usr/lib/grub/i386-pc"
#define ISO_GRUB_PACKAGE "grub-pc-bin"
