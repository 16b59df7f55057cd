// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// An index in a PostgreSQL server, for fleets that outgrow one machine. Rows go in by COPY.

#include "index_store.h"

// Connects to `where`, as libpq reads it. Passwords are libpq's business (PGPASSFILE, PGPASSWORD).
// One import runs at a time; who reads, reads in a transaction that cannot write. Error: DATABASE.
enum status index_postgres_open(struct index_store **out, const char *where, enum index_mode mode,
                                struct diag *diag) MUST_CHECK;
