// SPDX-License-Identifier: BSD-2-Clause

// Options by table: each command says what it has and where in its structure a value goes. Operands
// and options mix freely, "--" ends the options; a word that is not understood, or an option that
// comes twice, is an error before anything is done.

#include "options.h"

#include <string.h>

// A command line while it is read: the next word and where the next operand goes.
struct line {
    struct operands words;
    size_t next;
    size_t kept;
};

static enum status usage(struct diag *diag, const char *what, const char *word)
{
    enum status status = diag_fail(diag, STATUS_USAGE, what, 0);
    diag_subject(diag, bytes_text(word));
    return status;
}

static const struct option_spec *find_long(const struct command *command, const char *name,
                                           size_t len)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const char *known = command->options[i].name;
        if (strlen(known) == len && memcmp(known, name, len) == 0) {
            return &command->options[i];
        }
    }
    return NULL;
}

static const struct option_spec *find_short(const struct command *command, char letter)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (command->options[i].letter == letter) {
            return &command->options[i];
        }
    }
    return NULL;
}

// Stores one option; `attached` is the value written in the same word, or NULL.
static enum status store(void *options, const struct option_spec *spec, const char *attached,
                         struct line *line, struct diag *diag)
{
    const char *word = line->words.at[line->next - 1];
    char *place = (char *)options + spec->offset;
    if (spec->value == NULL) {
        if (attached != NULL) {
            return usage(diag, "option takes no value", word);
        }
        *(bool *)place = true;
        return STATUS_OK;
    }
    if (*(const char **)place != NULL) {
        return usage(diag, "option given twice", word);
    }
    if (attached == NULL) {
        if (line->next == line->words.count) {
            return usage(diag, "option needs a value", word);
        }
        attached = line->words.at[line->next++];
    }
    if (attached[0] == '\0' && !spec->may_be_empty) {
        return usage(diag, "option with an empty value", word); // as of a variable that is unset
    }
    *(const char **)place = attached;
    return STATUS_OK;
}

static enum status parse_option(void *options, const struct command *command, struct line *line,
                                struct diag *diag)
{
    const char *word = line->words.at[line->next++];
    const struct option_spec *spec = NULL;
    const char *attached = NULL;
    if (word[1] == '-') {
        const char *name = word + 2;
        const char *equals = strchr(name, '=');
        spec = find_long(command, name, equals != NULL ? (size_t)(equals - name) : strlen(name));
        attached = equals != NULL ? equals + 1 : NULL;
    } else {
        spec = find_short(command, word[1]);
        attached = word[2] != '\0' ? word + 2 : NULL;
    }
    if (spec == NULL) {
        return usage(diag, "unknown option", word);
    }
    return store(options, spec, attached, line, diag);
}

enum status options_parse(struct parsed *out, void *options, const struct command *command,
                          struct operands words, struct diag *diag)
{
    struct line line = {.words = words};
    bool only_operands = false;
    while (line.next < words.count) {
        char *word = words.at[line.next];
        if (only_operands || word[0] != '-' || word[1] == '\0') {
            // Operands move to the front of the same array, in their order.
            words.at[line.kept++] = word;
            line.next++;
        } else if (strcmp(word, "--") == 0) {
            only_operands = true;
            line.next++;
        } else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            *out = (struct parsed){.help = true};
            return STATUS_OK;
        } else {
            enum status status = parse_option(options, command, &line, diag);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    if (line.kept < command->min_operands) {
        return usage(diag, "too few operands, wanted", command->operands);
    }
    if (line.kept > command->max_operands) {
        return usage(diag, "too many operands", words.at[command->max_operands]);
    }
    *out = (struct parsed){.operands = {.count = line.kept, .at = words.at}};
    return STATUS_OK;
}

enum status options_number(uint64_t *out, const char *text, uint64_t max, struct diag *diag)
{
    uint64_t value = 0;
    if (text[0] == '\0') {
        return usage(diag, "not a number", text);
    }
    for (const char *c = text; *c != '\0'; c++) {
        unsigned digit = (unsigned)(unsigned char)*c - '0';
        if (digit > 9 || digit > max || value > (max - digit) / 10) {
            return usage(diag, "not a number in range", text);
        }
        value = value * 10 + digit;
    }
    *out = value;
    return STATUS_OK;
}
