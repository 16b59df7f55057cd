// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a command of `kpkg` is: an entry of the table in main.c, defined in its cmd_NAME.c. The
// table drives dispatch, option parsing and help; a command only sees what was parsed.

#include <stdbool.h>
#include <stddef.h>

// One option. Its place in the command's own options struct is `offset`: a `const char *` when it
// takes a value, a `bool` when it does not.
struct option_spec {
    char letter;       // short form, 0 = none
    const char *name;  // long form, without dashes
    const char *value; // what the value is called in the help; NULL = a flag
    const char *help;  // one line
    size_t offset;
    bool may_be_empty; // "" says something
};

// The words of a command line that are not options, in order.
struct operands {
    size_t count;
    char **at;
};

struct command {
    const char *name;     // "verify"; two words for a family: "key generate"
    const char *operands; // "FILE..." as the usage line shows it
    const char *summary;  // one line, for the list of commands
    const char *details;  // paragraphs of the command's help
    const struct option_spec *options;
    size_t option_count;
    size_t options_size; // bytes of the command's options struct, zeroed before parsing
    size_t min_operands, max_operands;
    int (*run)(const void *options, struct operands operands); // gives the exit code
};

// Exit codes of every command. The highest that applies wins.
enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_REFUSED = 1,    // a named error or a finding in what was looked at
    EXIT_CODE_TROUBLE = 2,    // usage, files that cannot be read or written
    EXIT_CODE_INCOMPLETE = 3, // evidence is missing
    EXIT_CODE_INVALID = 4,    // evidence is contradicted
};

extern const struct command cmd_attach;
extern const struct command cmd_audit_attest;
extern const struct command cmd_audit_diff;
extern const struct command cmd_audit_export;
extern const struct command cmd_audit_import;
extern const struct command cmd_audit_query;
extern const struct command cmd_audit_report;
extern const struct command cmd_audit_show;
extern const struct command cmd_audit_verify;
extern const struct command cmd_ctl;
extern const struct command cmd_doctor;
extern const struct command cmd_check;
extern const struct command cmd_diff;
extern const struct command cmd_explain;
extern const struct command cmd_hosted;
extern const struct command cmd_image;
extern const struct command cmd_inspect;
extern const struct command cmd_key_generate;
extern const struct command cmd_key_import;
extern const struct command cmd_key_show;
extern const struct command cmd_new;
extern const struct command cmd_pack;
extern const struct command cmd_payload;
extern const struct command cmd_plan;
extern const struct command cmd_pull;
extern const struct command cmd_push;
extern const struct command cmd_run;
extern const struct command cmd_sign;
extern const struct command cmd_test;
extern const struct command cmd_trust_attach;
extern const struct command cmd_trust_payload;
extern const struct command cmd_trust_sign;
extern const struct command cmd_trust_update;
extern const struct command cmd_trust_verify;
extern const struct command cmd_verify;
