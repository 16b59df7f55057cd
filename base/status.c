// SPDX-License-Identifier: BSD-2-Clause
#include "diag.h"

struct status_row {
    const char *name;
    const char *stage;
    const char *text;
};

static const struct status_row rows[] = {{"KPKG_OK", "none", "no error"},
#define STATUS_ROW(name, stage, text) {"KPKG_E_" #name, stage, text},
                                         STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row *row_of(enum status status)
{
    size_t index = (size_t)status;
    return &rows[index < sizeof rows / sizeof rows[0] ? index : STATUS_BUG];
}

const char *status_name(enum status status)
{
    return row_of(status)->name;
}

const char *status_stage(enum status status)
{
    return row_of(status)->stage;
}

const char *status_text(enum status status)
{
    return row_of(status)->text;
}
