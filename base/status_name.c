// SPDX-License-Identifier: BSD-2-Clause
#include "diag.h"

// Apart from status.c, so that the root task has the names without the sentences: a program gets
// all string literals of a file or none.
const char *status_name(enum status status)
{
    static const char *const names[] = {"KPKG_OK",
#define STATUS_NAME(name, stage, text) "KPKG_E_" #name,
                                        STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    };
    return names[(size_t)status < STATUS_COUNT ? (size_t)status : STATUS_BUG];
}
