// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// An index in a file of SQLite's.

#include "index_store.h"

// Opens the file `where`; for INDEX_WRITE makes it where there is none. Who reads can do nothing
// but read: the file is open so, and every statement is refused that would do more. Error:
// DATABASE.
enum status index_sqlite_open(struct index_store **out, const char *where, enum index_mode mode,
                              struct diag *diag) MUST_CHECK;
