// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The registers of a stub as Linux shows them.

#include <sys/user.h>

struct arch_frame {
    struct user_regs_struct user;
};
