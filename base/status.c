// SPDX-License-Identifier: BSD-2-Clause
#include "diag.h"

// One table for each question, so that a program has only the texts that it asks for.

static size_t index_of(enum status status)
{
    return (size_t)status < STATUS_COUNT ? (size_t)status : STATUS_BUG;
}

const char *status_name(enum status status)
{
    static const char *const names[] = {"KPKG_OK",
#define STATUS_NAME(name, stage, text) "KPKG_E_" #name,
                                        STATUS_LIST(STATUS_NAME)
#undef STATUS_NAME
    };
    return names[index_of(status)];
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
