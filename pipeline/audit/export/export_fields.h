// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Each record in the field names of log stores: Elastic Common Schema 8.11 as JSON Lines, and
// OpenTelemetry's OTLP/JSON. Nothing is left out: `data` stays as it is below a name of our own.

#include "export.h"

// A line for each record, or one document with all of them; what `to` cannot take shows in ferror.
void export_fields_ecs(FILE *to, const struct export_input *input);
void export_fields_otel(FILE *to, const struct export_input *input);
