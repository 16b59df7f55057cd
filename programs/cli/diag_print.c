// SPDX-License-Identifier: BSD-2-Clause

// The one place where a diagnosis becomes text: a line on stderr that names the file, the status
// and what is known of the place, and a hint. Everything in it that is no literal goes through
// text_put_json: it may be of a package, a peer or another program.

#include "diag_print.h"

#include "file.h"
#include "hint.h"
#include "json_bytes.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A longer file name is cut, for what is wrong stands behind it; escaped, a byte is six characters.
enum { FILE_SHOWN = 4096, LINE = 6 * FILE_SHOWN + 4096 };

// Whose help an error of usage points to.
static const char *command_name = "";

void diag_command(const char *name)
{
    command_name = name;
}

bool diag_colour(int stream)
{
    const char *off = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(stream) && (off == NULL || off[0] == '\0') &&
           (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

int diag_exit_code(enum status status)
{
    if (status == STATUS_OK) {
        return EXIT_CODE_OK;
    }
    const char *stage = status_stage(status);
    bool trouble = strcmp(stage, "program") == 0 || strcmp(stage, "hosted") == 0 ||
                   strcmp(stage, "kernel") == 0 || strcmp(stage, "registry") == 0 ||
                   status == STATUS_CONTROL_SILENT;
    // Refused is a verdict about the input; trouble says that there is none.
    return trouble ? EXIT_CODE_TROUBLE : EXIT_CODE_REFUSED;
}

static struct bytes subject_of(const struct diag *diag)
{
    return (struct bytes){(const uint8_t *)diag->subject, diag->subject_len};
}

// The mode of a file is known by its octal digits.
static void put_where(struct text *t, const struct diag *diag)
{
    if (diag->status != STATUS_KEY_PERMISSIONS) {
        text_put_u64(t, diag->where);
        return;
    }
    for (int shift = 9; shift >= 0; shift -= 3) {
        text_char(t, (char)('0' + (diag->where >> shift & 7)));
    }
}

// What `detail` says in words, where it is a number that helps.
static void put_detail(struct text *t, const struct diag *diag)
{
    static const struct {
        enum status status;
        const char *before, *after;
        unsigned unit;
    } words[] = {
        {STATUS_MEMORY_LIMIT, ", needs ", " KiB", 1024},
        {STATUS_BUDGET, ", needs ", " %", 1},
        {STATUS_THRESHOLD, ", needs ", "", 1},
        {STATUS_ROLLBACK, ", at least ", "", 1},
        {STATUS_MANIFEST_VALUE, ", ", "", 1},
        {STATUS_SYSTEM_VALUE, ", ", "", 1},
        {STATUS_POLICY_SCHEMA, ", ", "", 1},
    };
    // The range of a size or a time is in another unit than the file's.
    bool quantity = diag->subject_len > 0 && diag->subject[diag->subject_len - 1] == '"';
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].status == diag->status && diag->detail != 0 && !quantity) {
            text_put(t, words[i].before);
            text_put_u64(t, (diag->detail + words[i].unit - 1) / words[i].unit);
            text_put(t, words[i].after);
        }
    }
}

// What stands in the line already need not be said once more.
static bool is_said(const struct diag *diag, const char *file)
{
    return diag->subject_len == 0 ||
           (diag->what != NULL && bytes_is(subject_of(diag), diag->what)) ||
           (file != NULL && bytes_is(subject_of(diag), file));
}

// "(signature slot 3, "text")": whatever of it is known.
static void put_place(struct text *t, const char *file, const struct diag *diag)
{
    const char *separator = " (";
    if (diag->what != NULL) {
        text_put(t, separator);
        text_put(t, diag->status == STATUS_TOML_TYPE ? "wanted " : "");
        text_put_json(t, bytes_text(diag->what)); // another program may have said it
        separator = ", ";
        if (diag->line == 0 && diag->where != 0) {
            text_char(t, ' ');
            put_where(t, diag);
        }
        put_detail(t, diag);
    }
    if (diag->status == STATUS_IO && diag->detail != 0) {
        text_put(t, separator);
        text_put(t, strerrordesc_np((int)diag->detail));
        separator = ", ";
    }
    if (!is_said(diag, file)) {
        text_put(t, separator);
        text_char(t, '"');
        text_put_json(t, subject_of(diag));
        text_char(t, '"');
        separator = ", ";
    }
    if (separator[0] == ',') {
        text_char(t, ')');
    }
}

// "kpkg: FILE: ", or as compilers say it, so that editors find the place: "FILE:12:3: ". A line
// without a file is one of a system that was made up for the packages of the command line.
static void put_file(struct text *t, const char *file, const char *ending, const struct diag *diag)
{
    text_put(t, file == NULL || diag->line == 0 ? "kpkg: " : "");
    if (file == NULL) {
        return;
    }
    struct bytes name = bytes_text(file);
    bool cut = name.len > FILE_SHOWN;
    text_put_json(t, cut ? bytes_part(name, 0, FILE_SHOWN) : name);
    text_put(t, cut ? "..." : ending);
    if (diag->line != 0) {
        text_char(t, ':');
        text_put_u64(t, diag->line);
        text_char(t, ':');
        text_put_u64(t, diag->column);
    }
    text_put(t, ": ");
}

static void print_hint(enum status status)
{
    if (status == STATUS_USAGE) {
        fprintf(stderr, "hint: kpkg %s%s--help\n", command_name,
                command_name[0] != '\0' ? " " : "");
    } else if (hint_for(status) != NULL) {
        fprintf(stderr, "hint: %s\n", hint_for(status));
    }
}

static void print_of(const char *file, const char *ending, const struct diag *diag)
{
    char line[LINE];
    struct text t = text_of(line, sizeof(line));
    bool colour = diag_colour(STDERR_FILENO);
    put_file(&t, file, ending, diag);
    text_put(&t, colour ? "\033[31m" : "");
    text_put(&t, status_name(diag->status));
    text_put(&t, colour ? "\033[0m: " : ": ");
    text_put(&t, status_text(diag->status));
    put_place(&t, file, diag);
    fprintf(stderr, "%.*s\n", (int)t.len, line);
    print_hint(diag->status);
}

void diag_print(const char *file, const struct diag *diag)
{
    bool by_command = file == NULL && diag->status == STATUS_USAGE && command_name[0] != '\0';
    print_of(by_command ? command_name : file, "", diag);
}

void diag_print_package(const char *file, const struct diag *diag)
{
    print_of(file, diag->line != 0 ? ".toml" : "", diag);
}

int diag_finish(enum status status, const char *file, const struct diag *diag)
{
    if (status != STATUS_OK) {
        diag_print(file, diag);
    }
    return diag_exit_code(status);
}

int diag_usage(const char *what, const char *word)
{
    struct diag diag;
    enum status status = diag_fail(&diag, STATUS_USAGE, what, 0);
    if (word != NULL) {
        diag_subject(&diag, bytes_text(word));
    }
    return diag_finish(status, NULL, &diag);
}

int diag_no_memory(const char *what)
{
    struct diag diag;
    return diag_finish(diag_fail(&diag, STATUS_NO_MEMORY, what, 0), NULL, &diag);
}

int diag_finish_output(int code)
{
    struct diag diag;
    enum status status = STATUS_OK;
    bool lost = ferror(stdout) != 0; // what could not be written is no longer in the buffer
    if (fflush(stdout) != 0) {
        status = file_trouble("stdout", &diag);
    } else if (lost) {
        status = diag_fail(&diag, STATUS_IO, "a part of it was lost", 0);
        diag_subject(&diag, bytes_text("stdout"));
    }
    int trouble = diag_finish(status, NULL, &diag);
    return trouble > code ? trouble : code;
}

json_t *diag_json(const struct diag *diag)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "name", status_name(diag->status), "stage",
                               status_stage(diag->status), "text", status_text(diag->status));
    if (diag->what != NULL) {
        json_object_set_new(object, "what", json_bytes_text(bytes_text(diag->what)));
        json_object_set_new(object, "where", json_integer((json_int_t)diag->where));
    }
    if (diag->detail != 0) {
        json_object_set_new(object, "detail", json_integer((json_int_t)diag->detail));
    }
    if (diag->line != 0) {
        json_object_set_new(object, "line", json_integer(diag->line));
        json_object_set_new(object, "column", json_integer(diag->column));
    }
    if (diag->subject_len > 0) {
        json_object_set_new(object, "subject", json_bytes_text(subject_of(diag)));
    }
    if (hint_for(diag->status) != NULL) {
        json_object_set_new(object, "hint", json_string(hint_for(diag->status)));
    }
    return object;
}
