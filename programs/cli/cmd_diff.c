// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "diag_print.h"
#include "show.h"
#include "side.h"

#include <string.h>
#include <unistd.h>

// `kpkg diff`: what authority was gained between two versions, for people and for gates.

struct diff_options {
    const char *trust;
    const char *manifest;
    const char *format;
    const char *fail_on;
    bool json;
    bool warn_only;
};

static const struct form {
    const char *name;
    void (*show)(FILE *to, const struct show *show);
} FORMS[] = {
    {"text", show_text},     {"json", show_json},   {"markdown", show_markdown},
    {"sarif", show_sarif},   {"junit", show_junit}, {"github", show_github},
    {"gitlab", show_gitlab},
};
enum { FORM_COUNT = sizeof(FORMS) / sizeof(FORMS[0]) };

static const struct form *find_form(const struct diff_options *options)
{
    const char *name = options->json ? "json" : options->format != NULL ? options->format : "text";
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (strcmp(FORMS[i].name, name) == 0) {
            return &FORMS[i];
        }
    }
    return NULL;
}

// Rules as bits, from a list such as "KPD005,KPD007"; "grew" stands for all. 0: not understood.
static uint32_t rules_of(const char *list)
{
    uint32_t rules = 0;
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        uint32_t before = rules;
        at += *at == ',';
        size_t len = strcspn(at, ",");
        rules |= len == 4 && strncmp(at, "grew", len) == 0 ? UINT32_MAX : 0;
        for (unsigned i = DIFF_ADDED; i < DIFF_RULES; i++) {
            const char *rule = diff_words_rule((enum diff_rule)i);
            rules |= len == strlen(rule) && strncmp(at, rule, len) == 0 ? 1U << i : 0;
        }
        if (rules == before) {
            return 0;
        }
    }
    return rules;
}

static bool fails(const struct diff *diff, const struct diff_options *options)
{
    uint32_t rules = options->fail_on != NULL ? rules_of(options->fail_on) : UINT32_MAX;
    for (uint32_t i = 0; i < diff->change_count && !options->warn_only; i++) {
        const struct diff_change *c = &diff->changes[i];
        if (c->verdict == DIFF_GREW && !c->approved && rules >> c->rule & 1) {
            return true;
        }
    }
    return false;
}

// What cannot be read cannot be compared: that is trouble, not a finding.
static int trouble(const struct side *side, enum status status, const struct diag *diag)
{
    (void)diag_finish(status, side->at_fault, diag);
    return EXIT_CODE_TROUBLE;
}

static int compare(struct side sides[static 2], struct operands operands,
                   const struct diff_options *options)
{
    struct diff diff;
    struct diag diag;
    enum status status =
        diff_make(&diff, &sides[0].authority, &sides[1].authority, side_arena(&sides[1]), &diag);
    if (status != STATUS_OK) {
        return trouble(&sides[1], status, &diag);
    }
    const struct show show = {.diff = &diff,
                              .was = operands.at[0],
                              .now = operands.at[1],
                              .colour = diag_colour(STDOUT_FILENO)};
    find_form(options)->show(stdout, &show);
    return fails(&diff, options) ? EXIT_CODE_REFUSED : EXIT_CODE_OK;
}

static int run(const void *given, struct operands operands)
{
    const struct diff_options *options = given;
    const struct side_options how = {.trust = options->trust, .manifest = options->manifest};
    struct side sides[2] = {0};
    struct diag diag;
    if (find_form(options) == NULL) {
        return diag_usage("--format is not", options->format);
    }
    if (options->fail_on != NULL && rules_of(options->fail_on) == 0) {
        return diag_usage("--fail-on is a list of KPD001 .. KPD014, or grew, not",
                          options->fail_on);
    }
    int code = EXIT_CODE_OK;
    for (size_t i = 0; i < 2 && code == EXIT_CODE_OK; i++) {
        enum status status = side_open(&sides[i], operands.at[i], &how, &diag);
        code = status == STATUS_OK ? EXIT_CODE_OK : trouble(&sides[i], status, &diag);
    }
    if (code == EXIT_CODE_OK) {
        code = compare(sides, operands, options);
    }
    side_close(&sides[0]);
    side_close(&sides[1]);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "judge systems by this trust file",
     .offset = offsetof(struct diff_options, trust)},
    {.name = "format",
     .value = "FORMAT",
     .help = "text (default), json, markdown, sarif, junit, github or gitlab",
     .offset = offsetof(struct diff_options, format)},
    {.name = "json",
     .help = "the same as --format json: kpkg.diff/v1",
     .offset = offsetof(struct diff_options, json)},
    {.name = "manifest",
     .value = "FILE",
     .help = "what findings call a package's manifest; else PACKAGE.toml",
     .offset = offsetof(struct diff_options, manifest)},
    {.name = "fail-on",
     .value = "RULES",
     .help = "fail only for these, as KPD005,KPD007; grew (default) is all",
     .offset = offsetof(struct diff_options, fail_on)},
    {.name = "warn-only",
     .help = "report growth, and exit with 0 all the same",
     .offset = offsetof(struct diff_options, warn_only)},
};

const struct command cmd_diff = {
    .name = "diff",
    .operands = "OLD NEW",
    .summary = "Compare the authority of two versions; growth is a finding",
    .details =
        "OLD and NEW are packages (x.kpkg), systems (x.toml) or plans (x.json, as `kpkg plan\n"
        "--json` writes them). Exit code 0 when nothing grew, 1 when something did, 2 when an\n"
        "input cannot be read. Two sides that cannot be ordered have grown.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct diff_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
