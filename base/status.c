// SPDX-License-Identifier: BSD-2-Clause
#include "diag.h"

// What people are told about a status, on the host.

static size_t index_of(enum status status)
{
    return (size_t)status < STATUS_COUNT ? (size_t)status : STATUS_BUG;
}

const char *status_stage(enum status status)
{
    static const char *const stages[] = {"none",
#define STATUS_STAGE(name, stage, text) stage,
                                         STATUS_LIST(STATUS_STAGE)
#undef STATUS_STAGE
    };
    return stages[index_of(status)];
}

const char *status_text(enum status status)
{
    static const char *const texts[] = {"no error",
#define STATUS_TEXT(name, stage, text) text,
                                        STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    };
    return texts[index_of(status)];
}
