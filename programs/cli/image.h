// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The boot image: the root task's ELF file with the boot bundle appended as one more segment. Real
// seL4 boots it as its multiboot module, the hosted kernel takes it as it is.

#include "bundle.h"
#include "file.h"

// The root task that this program carries.
struct bytes image_root(void);
// Its SHA-256 (CRYPTO_DIGEST bytes), from the build, so that no run has to hash it.
extern const uint8_t image_root_digest[];

// Makes the image. `root` is an ELF file with one empty (PT_NULL) program header, which becomes the
// bundle's: read-only, at the first page after everything else. Error: IMAGE when `root` has none.
enum status image_build(struct file_content *out, struct bytes root, const struct bundle *bundle,
                        struct diag *diag) MUST_CHECK;
