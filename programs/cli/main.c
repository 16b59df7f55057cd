// SPDX-License-Identifier: BSD-2-Clause

// kpkg: the capability pipeline on the command line. Everything a command does is in its
// cmd_NAME.c; here is the table of them and what they share: dispatch, help, and an exit code that
// is right even when stdout cannot be written.

#include "command.h"
#include "crypto_start.h"
#include "describe.h"
#include "diag_print.h"
#include "options.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// In the order of use, as the overview lists them.
static const struct command *const COMMANDS[] = {
    &cmd_new,
    &cmd_key_generate,
    &cmd_key_show,
    &cmd_key_import,
    &cmd_pack,
    &cmd_sign,
    &cmd_payload,
    &cmd_attach,
    &cmd_inspect,
    &cmd_verify,
    &cmd_trust_sign,
    &cmd_trust_payload,
    &cmd_trust_attach,
    &cmd_trust_verify,
    &cmd_trust_update,
    &cmd_push,
    &cmd_pull,
    &cmd_plan,
    &cmd_image,
    &cmd_run,
    &cmd_ctl,
    &cmd_test,
    &cmd_audit_show,
    &cmd_audit_verify,
    &cmd_audit_attest,
    &cmd_audit_export,
    &cmd_audit_report,
    &cmd_audit_diff,
    &cmd_audit_import,
    &cmd_audit_query,
    &cmd_doctor,
    &cmd_hosted,
    // What authority there is, and what became of it.
    &cmd_explain,
    &cmd_check,
    &cmd_diff,
};
enum { COMMAND_COUNT = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

static void print_commands(FILE *to, const char *family)
{
    size_t len = strlen(family);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(COMMANDS[i]->name, family, len) == 0) {
            fprintf(to, "  %-14s %s\n", COMMANDS[i]->name, COMMANDS[i]->summary);
        }
    }
}

static void print_overview(FILE *to)
{
    fputs("usage: kpkg COMMAND [OPTION...] [OPERAND...]\n\n"
          "A capability pipeline for seL4: one signed file carries a program and the policy that\n"
          "bounds it; what was reviewed is what was signed is what the kernel enforces.\n\n"
          "commands:\n",
          to);
    print_commands(to, "");
    fputs("\n`kpkg COMMAND --help` explains one. Exit codes: 0 ok, 1 refused or a finding,\n"
          "2 usage or I/O, 3 evidence incomplete, 4 evidence invalid.\n",
          to);
}

static void print_option(const struct option_spec *spec)
{
    char left[64];
    snprintf(left, sizeof(left), "%c%c%c --%s%s%s", spec->letter != 0 ? '-' : ' ',
             spec->letter != 0 ? spec->letter : ' ', spec->letter != 0 ? ',' : ' ', spec->name,
             spec->value != NULL ? " " : "", spec->value != NULL ? spec->value : "");
    printf("  %-26s %s\n", left, spec->help);
}

static void print_help(const struct command *command)
{
    printf("usage: kpkg %s%s%s%s\n\n%s.\n", command->name,
           command->option_count > 0 ? " [OPTION...]" : "", command->operands[0] != '\0' ? " " : "",
           command->operands, command->summary);
    if (command->details != NULL) {
        printf("\n%s", command->details);
    }
    puts("\noptions:");
    for (size_t i = 0; i < command->option_count; i++) {
        print_option(&command->options[i]);
    }
    print_option(&(struct option_spec){.letter = 'h', .name = "help", .help = "this text"});
}

// The command that the first one or two words name, and how many words that took.
static const struct command *find_command(struct operands words, size_t *taken)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const char *name = COMMANDS[i]->name;
        const char *space = strchr(name, ' ');
        *taken = space != NULL ? 2 : 1;
        if (space == NULL && words.count >= 1 && strcmp(words.at[0], name) == 0) {
            return COMMANDS[i];
        }
        if (space != NULL && words.count >= 2 && strlen(words.at[0]) == (size_t)(space - name) &&
            memcmp(words.at[0], name, (size_t)(space - name)) == 0 &&
            strcmp(words.at[1], space + 1) == 0) {
            return COMMANDS[i];
        }
    }
    return NULL;
}

static bool is_family(const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strncmp(COMMANDS[i]->name, word, len) == 0 && COMMANDS[i]->name[len] == ' ') {
            return true;
        }
    }
    return false;
}

static int unknown_command(const char *word, const char *family)
{
    diag_command(family);
    return diag_usage("unknown command", word);
}

// `kpkg help`: of the command that follows, or of all.
static int run_help(struct operands words)
{
    size_t taken;
    const struct command *command = find_command(words, &taken);
    if (command != NULL) {
        print_help(command);
    } else if (words.count == 1 && strcmp(words.at[0], "--json") == 0) {
        describe_commands(COMMANDS, COMMAND_COUNT);
    } else {
        print_overview(stdout);
    }
    return EXIT_CODE_OK;
}

// A line that names no command: help where it was asked for, else what would have been right.
static int run_no_command(struct operands words)
{
    const char *word = words.count > 0 ? words.at[0] : "";
    if (strcmp(word, "help") == 0) {
        return run_help((struct operands){.count = words.count - 1, .at = words.at + 1});
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        print_overview(stdout);
        return EXIT_CODE_OK;
    }
    if (strcmp(word, "--version") == 0) {
        puts("kpkg " KPKG_VERSION);
        return EXIT_CODE_OK;
    }
    if (words.count > 0 && is_family(word)) {
        bool help = words.count > 1 && strcmp(words.at[1], "--help") == 0;
        if (words.count > 1 && !help) {
            return unknown_command(words.at[1], word);
        }
        fprintf(help ? stdout : stderr, "usage: kpkg %s COMMAND\n\ncommands:\n", word);
        print_commands(help ? stdout : stderr, word);
        return help ? EXIT_CODE_OK : EXIT_CODE_TROUBLE;
    }
    if (words.count == 0) {
        print_overview(stderr);
        return EXIT_CODE_TROUBLE;
    }
    return unknown_command(word, "");
}

static int run_command(const struct command *command, struct operands words)
{
    void *options = calloc(1, command->options_size + 1);
    struct parsed parsed;
    struct diag diag;
    diag_command(command->name);
    if (options == NULL) {
        return diag_no_memory("options");
    }
    int code = EXIT_CODE_TROUBLE;
    if (options_parse(&parsed, options, command, words, &diag) != STATUS_OK) {
        diag_print(NULL, &diag);
    } else if (parsed.help) {
        print_help(command);
        code = EXIT_CODE_OK;
    } else {
        code = command->run(options, parsed.operands);
    }
    free(options);
    return code;
}

int main(int argc, char **argv)
{
    struct operands words = {.count = argc > 0 ? (size_t)argc - 1 : 0, .at = argv + 1};
    size_t taken = 0;
    const struct command *command = find_command(words, &taken);
    int code = EXIT_CODE_OK;
    // A caller that ignores this signal hands that down, and Linux then keeps no child's exit
    // status: one that failed would look as if it had not.
    (void)signal(SIGCHLD, SIG_DFL);
    if (crypto_start() != STATUS_OK) {
        fputs("kpkg: the system gives no random numbers\n", stderr);
        return EXIT_CODE_TROUBLE;
    }
    if (command == NULL) {
        code = run_no_command(words);
    } else {
        words = (struct operands){.count = words.count - taken, .at = words.at + taken};
        code = run_command(command, words);
    }
    return diag_finish_output(code);
}
