// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The result of a query on stdout: for people, or for programs. In a table and in JSON what came
// from a log or a database cannot steer a terminal; CSV has the bytes as they are.

#include "index_query.h"

enum result_format { RESULT_TABLE, RESULT_JSON, RESULT_CSV };

struct result_print;

// NULL when memory is short. `query` is what the JSON names it.
struct result_print *result_print_start(enum result_format format, const char *query);

// Where its rows go.
struct index_sink result_print_sink(struct result_print *print);

// Writes what is left and releases it. False when memory was short on the way.
bool result_print_finish(struct result_print *print);
