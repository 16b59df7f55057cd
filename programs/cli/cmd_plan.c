// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "compose.h"
#include "diag_print.h"
#include "dump.h"
#include "graph.h"

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

static enum status put_text(const struct text_sink *sink, struct compose *c, struct diag *diag)
{
    (void)diag;
    dump_text(sink, &c->plan);
    return STATUS_OK;
}

static enum status put_json(const struct text_sink *sink, struct compose *c, struct diag *diag)
{
    (void)diag;
    dump_json(sink, &c->plan);
    return STATUS_OK;
}

static enum status put_cdl(const struct text_sink *sink, struct compose *c, struct diag *diag)
{
    (void)diag;
    dump_cdl(sink, &c->plan);
    return STATUS_OK;
}

static enum status put_dot(const struct text_sink *sink, struct compose *c, struct diag *diag)
{
    struct authority authority;
    enum status status = authority_plan(&authority, &c->plan, &c->arena, diag);
    if (status == STATUS_OK) {
        graph_dot(sink, &authority);
    }
    return status;
}

static enum status put_svg(const struct text_sink *sink, struct compose *c, struct diag *diag)
{
    struct authority authority;
    enum status status = authority_plan(&authority, &c->plan, &c->arena, diag);
    return status == STATUS_OK ? graph_svg(sink, &authority, NULL, &c->arena, diag) : status;
}

static const struct form {
    const char *name;
    enum status (*put)(const struct text_sink *sink, struct compose *c, struct diag *diag);
} FORMS[] = {
    {"text", put_text}, {"json", put_json}, {"cdl", put_cdl}, {"dot", put_dot}, {"svg", put_svg},
};

static const struct form *find_form(const struct plan_options *options)
{
    const char *name = options->json ? "json" : options->format != NULL ? options->format : "text";
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        if (strcmp(FORMS[i].name, name) == 0) {
            return &FORMS[i];
        }
    }
    return NULL;
}

static int finish(struct compose *c, const struct form *form)
{
    struct diag diag;
    enum status status = compose_check(c, &diag);
    int code = compose_report(c);
    const struct text_sink sink = {.put = put, .to = stdout};
    if (status == STATUS_OK) {
        status = form->put(&sink, c, &diag);
    }
    return status == STATUS_OK ? code : diag_finish(status, c->at_fault, &diag);
}

static int run(const void *given, struct operands operands)
{
    const struct plan_options *options = given;
    const struct form *form = find_form(options);
    struct diag diag;
    if (form == NULL) {
        return diag_usage("--format is text, json, cdl, dot or svg, not", options->format);
    }
    struct compose *c = compose_new();
    if (c == NULL) {
        return EXIT_CODE_TROUBLE;
    }
    enum status status = compose_read(c, operands, options->trust, COMPOSE_TRUST_TRIAL, &diag);
    int code = diag_finish(status, c->at_fault, &diag);
    if (status == STATUS_OK) {
        code = finish(c, form);
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
     .help = "text (default), json, cdl (capDL), dot or svg",
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
