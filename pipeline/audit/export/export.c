// SPDX-License-Identifier: BSD-2-Clause

// The forms that a log can be written in. Every one of them shows only records that audit_verify
// accepted, and says when that is not all of the file.

#include "export.h"

#include "export_cases.h"
#include "export_code.h"
#include "export_fields.h"
#include "export_markdown.h"
#include "export_trace.h"

#include <string.h>

// Only records that audit_verify has accepted, byte for byte.
static void write_lines(FILE *to, const struct export_input *input)
{
    struct bytes rest = input->log;
    for (uint64_t i = 0; i < input->report->check.tree.size && rest.len != 0; i++) {
        bool whole;
        struct bytes line = audit_check_line(&rest, &whole);
        fwrite(line.at, 1, line.len, to);
        putc('\n', to);
    }
}

const struct export_format export_formats[] = {
    {"jsonl", "the records that verify", write_lines},
    {"sarif", "SARIF 2.1.0, for code scanning", export_code_sarif},
    {"junit", "JUnit XML, a case for each target and rule", export_cases},
    {"markdown", "a comment or job summary", export_markdown},
    {"github", "GitHub workflow commands; --console is wrapped", export_code_github},
    {"gitlab", "GitLab code quality", export_code_gitlab},
    {"perfetto", "trace events for ui.perfetto.dev", export_trace},
    {"ecs", "Elastic Common Schema, JSON Lines", export_fields_ecs},
    {"otel", "OpenTelemetry OTLP/JSON logs", export_fields_otel},
    {NULL, NULL, NULL},
};

const struct export_format *export_find(const char *name)
{
    for (size_t i = 0; export_formats[i].name != NULL; i++) {
        if (strcmp(export_formats[i].name, name) == 0) {
            return &export_formats[i];
        }
    }
    return NULL;
}
