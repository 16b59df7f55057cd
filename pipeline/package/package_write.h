// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The writer's side: an unsigned package out of its parts, and signatures into its slots.

#include "package.h"

// What the author decides; everything else is derived.
struct package_parts {
    struct bytes name;
    uint64_t counter;
    struct bytes manifest;
    struct bytes binary;
};

// The length of the file for `parts`, or an error of package_layout.
MUST_CHECK enum status package_write_length(uint64_t *out, const struct package_parts *parts,
                                            struct diag *diag);

// Fills `file`, which has exactly package_write_length bytes, with the unsigned package. The same
// parts give the same bytes. Errors: those of name_check.
MUST_CHECK enum status package_write(uint8_t *file, const struct package_parts *parts,
                                     struct diag *diag);

// Puts a slot where its key belongs; moves nothing but slots. `page0` holds slots that package_read
// accepts, or none. Errors: SIG_DUPLICATE when the key has signed, SIG_FULL when all slots are
// used.
MUST_CHECK enum status package_write_slot(uint8_t page0[static BOUND_PAGE],
                                          const struct package_slot *slot, struct diag *diag);

// The same in any list of such records, ascending by key: `records` has `count` of them and room
// for `most`.
MUST_CHECK enum status package_write_record(uint8_t *records, size_t count, size_t most,
                                            const struct package_slot *slot, struct diag *diag);
