// SPDX-License-Identifier: BSD-2-Clause
#include "assertions.h"
#include "authority_words.h"
#include "command.h"
#include "diag_print.h"
#include "json_bytes.h"
#include "print.h"
#include "reach_words.h"
#include "side.h"

#include <unistd.h>

// `kpkg check`: does a system compile, and do its assertions hold.

enum { WITNESS = 8192 };

struct check_options {
    const char *trust;
    bool json;
};

struct check {
    struct side side;
    struct reach reach;
    bool json, colour;
    json_t *answers;
    unsigned failed;
};

static void put_holder(struct text *t, const struct authority *a, uint32_t grant)
{
    const struct authority_grant *g = &a->grants[grant];
    text_put_bytes(t, a->targets[g->target].name);
    text_put(t, " has ");
    authority_words_put_rights(t, g);
    text_put(t, " on ");
    text_put_bytes(t, g->object);
    if (g->span.line != 0) {
        text_put(t, " (");
        text_put_bytes(t, a->targets[g->target].file);
        text_put(t, ":");
        text_put_u64(t, g->span.line);
        text_put(t, ")");
    }
}

// A proof in words, with the names of targets and objects from packages: shown through print_name.
static void put_witness(struct text *t, const struct authority *a, const struct reach_proof *proof)
{
    switch (proof->answer) {
    case REACH_HOLDS:
        break;
    case REACH_FLOW:
        reach_words_put_path(t, a, proof->steps, proof->step_count, REACH_STEPS);
        break;
    case REACH_HELD:
        put_holder(t, a, proof->grant);
        break;
    case REACH_HELD_TWICE:
        put_holder(t, a, proof->grant);
        text_put(t, "; ");
        put_holder(t, a, proof->other_grant);
        break;
    case REACH_UNKNOWN_SUBJECT:
        text_put(t, "the first name is of no package and no instance of this system");
        break;
    case REACH_UNKNOWN_OBJECT:
        text_put(t, "the last name is of nothing in this system");
        break;
    }
}

static void tell(void *context, const struct schema_text *assertion,
                 const struct reach_proof *proof)
{
    struct check *check = context;
    char raw[WITNESS];
    struct text witness = text_of(raw, sizeof(raw));
    bool holds = proof->answer == REACH_HOLDS;
    put_witness(&witness, &check->side.authority, proof);
    check->failed += !holds;
    if (check->json) {
        json_t *answer = json_pack(
            "{s:o, s:b, s:i, s:i}", "assertion", json_bytes_text(assertion->value), "holds",
            (int)holds, "line", (int)assertion->span.line, "column", (int)assertion->span.column);
        if (!holds) {
            json_object_set_new(answer, "witness", json_bytes_text(text_bytes(&witness)));
        }
        json_array_append_new(check->answers, answer);
        return;
    }
    const char *colour = !check->colour ? "" : holds ? "\033[32m" : "\033[31m";
    printf("%s%s%s  line %u: ", colour, holds ? "holds" : "FAILS",
           colour[0] != '\0' ? "\033[0m" : "", (unsigned)assertion->span.line);
    print_name(stdout, assertion->value);
    if (!holds) {
        fputs("\n         ", stdout);
        print_name(stdout, text_bytes(&witness));
    }
    putchar('\n');
}

static void summarise(const struct check *check)
{
    const struct authority *a = &check->side.authority;
    size_t asserts = check->side.compose->system.asserts.count;
    if (check->json) {
        print_json(json_pack("{s:s, s:i, s:i, s:i, s:O}", "schema", "kpkg.check/v1", "targets",
                             (int)a->target_count, "capabilities", (int)a->grant_count, "objects",
                             (int)check->reach.object_count, "assertions", check->answers));
        return;
    }
    printf("%u target%s, %u capabilit%s, %u object%s; %zu assertion%s, %u failed\n",
           (unsigned)a->target_count, a->target_count == 1 ? "" : "s", (unsigned)a->grant_count,
           a->grant_count == 1 ? "y" : "ies", (unsigned)check->reach.object_count,
           check->reach.object_count == 1 ? "" : "s", asserts, asserts == 1 ? "" : "s",
           check->failed);
}

static int run(const void *given, struct operands operands)
{
    const struct check_options *options = given;
    if (!side_is_system(operands.at[0])) {
        return diag_usage("only a system file, NAME.toml, has assertions", operands.at[0]);
    }
    struct check check = {
        .json = options->json, .colour = diag_colour(STDOUT_FILENO), .answers = json_array()};
    const struct side_options how = {.trust = options->trust};
    struct diag diag;
    enum status status = side_open(&check.side, operands.at[0], &how, &diag);
    if (status == STATUS_OK) {
        const struct assertions_user user = {.tell = tell, .context = &check};
        status =
            assertions_prove(&check.reach, check.side.compose, &check.side.authority, &user, &diag);
    }
    int code = diag_finish(status, check.side.at_fault, &diag);
    if (status == STATUS_OK) {
        summarise(&check);
        code = check.failed > 0 ? EXIT_CODE_REFUSED : EXIT_CODE_OK;
    }
    json_decref(check.answers);
    side_close(&check.side);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "judge by this trust file",
     .offset = offsetof(struct check_options, trust)},
    {.name = "json", .help = "kpkg.check/v1", .offset = offsetof(struct check_options, json)},
};

const struct command cmd_check = {
    .name = "check",
    .operands = "SYSTEM.toml",
    .summary = "Compose a system and decide its assertions",
    .details =
        "Takes the packages through verifier, compiler and checker, and decides what the system\n"
        "file asserts: `no-flow A -> B`, `only X has K`, `at-most-one holder of K`. One that does\n"
        "not hold is shown with the shortest way that breaks it, and the exit code is 1.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct check_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
