// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Files that `kpkg hosted` is given by mistake, told by name before anything runs: seL4's boot code
// itself would load most of them and let them fault.

#include "diag.h"

// FOREIGN with what the file is as the subject, when it is known to be no root task of this board.
// What passes is not shown to be one, nor to be built for MCS: seL4's build marks neither.
enum status foreign_check(struct bytes file, struct diag *diag) MUST_CHECK;
