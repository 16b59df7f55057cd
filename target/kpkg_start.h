// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Between crt0 and the program.

#include "record.h"

// Called once by crt0 with what was in RDI; runs main and exits with its value. Stops the program
// at once (an invalid instruction, which the auditor reports) when this is not a record of our ABI.
_Noreturn void kpkg_start(const struct kpkg_record *record);
