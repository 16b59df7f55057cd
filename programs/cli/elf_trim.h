// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "file.h"

// Drops from an ELF64 file in memory what is not loaded and lies behind everything that is: section
// headers, symbols, debug information. Without it they would share pages with the last read-only
// segment, which is mapped as it is in the file. A file that is not laid out like that stays as it
// is, for elf_image_read to judge.
void elf_trim(struct file_content *file);
