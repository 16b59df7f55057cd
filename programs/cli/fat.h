// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A file system that UEFI firmware starts a program from: FAT12 (UEFI 2.10, 13.3) with this one
// file, \EFI\BOOT\BOOTX64.EFI. No time and no number in it is drawn: the same program gives the
// same bytes.

#include "file.h"

// The image is the caller's, for file_free. FILE_TOO_LARGE when the program does not fit FAT12,
// which ends at 16 MiB.
enum status fat_build(struct file_content *out, struct bytes program, struct diag *diag) MUST_CHECK;
