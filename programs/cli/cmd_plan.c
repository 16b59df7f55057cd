// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "compose.h"
#include "diag_print.h"
#include "dump.h"

#include <string.h>

// `kpkg plan`: the policy compiler. What would exist and who would hold what, before anything runs.

struct plan_options {
    const char *trust;
    const char *format;
    bool json;
};

static void put(void *to, struct bytes piece)
{
    fwrite(piece.at, 1, piece.len, to);
}

static int finish(struct compose *c, bool json)
{
    struct diag diag;
    enum status status = compose_check(c, &diag);
    int code = compose_report(c);
    if (status != STATUS_OK) {
        return diag_finish(status, c->at_fault, &diag);
    }
    const struct dump_sink sink = {.put = put, .to = stdout};
    (json ? dump_json : dump_text)(&sink, &c->plan);
    return code;
}

static int run(const void *given, struct operands operands)
{
    const struct plan_options *options = given;
    const char *format = options->format != NULL ? options->format : "text";
    struct diag diag;
    bool json = options->json || strcmp(format, "json") == 0;
    if (!json && strcmp(format, "text") != 0) {
        return diag_usage("--format is text or json, not", format);
    }
    struct compose *c = compose_new();
    if (c == NULL) {
        return EXIT_CODE_TROUBLE;
    }
    enum status status = compose_read(c, operands, options->trust, COMPOSE_TRUST_TRIAL, &diag);
    int code = diag_finish(status, c->at_fault, &diag);
    if (status == STATUS_OK) {
        code = finish(c, json);
    }
    compose_free(c);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "judge by this trust file",
     .offset = offsetof(struct plan_options, trust)},
    {.name = "format",
     .value = "FORMAT",
     .help = "text (default) or json",
     .offset = offsetof(struct plan_options, format)},
    {.name = "json",
     .help = "the same as --format json: kpkg.plan/v1",
     .offset = offsetof(struct plan_options, json)},
};

const struct command cmd_plan = {
    .name = "plan",
    .operands = "FILE...|SYSTEM.toml",
    .summary = "Compile packages to what will exist and who will hold what",
    .details =
        "Takes packages, or one system file. Without --trust, packages are judged as if they were\n"
        "trusted with everything, so an author sees the plan before anybody signs. A package that\n"
        "is refused is left out of the plan and makes the exit code 1.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct plan_options),
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .run = run,
};
