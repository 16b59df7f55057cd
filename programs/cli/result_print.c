// SPDX-License-Identifier: BSD-2-Clause

// Rows of a query as they come. JSON and CSV are written at once; a table waits, for its widths are
// known at the end. Cells of a table are for terminals and escaped; CSV is for programs and has the
// bytes as they are.

#include "result_print.h"

#include "json_bytes.h"
#include "print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIME = 40, GAP = 2 };

#define SECOND INT64_C(1000000000)

// A table is printed when all of it is known; its cells are kept one after the other.
struct result_print {
    enum result_format format;
    const char *query;
    size_t column_count;
    char *names[INDEX_RESULT_COLUMNS];
    size_t widths[INDEX_RESULT_COLUMNS];
    bool numbers[INDEX_RESULT_COLUMNS]; // no cell is text
    FILE *cells;                        // NUL after each
    char *kept;
    size_t kept_len;
    uint64_t rows;
    bool failed;
};

static void put_time(char text[static TIME], int64_t ns)
{
    time_t seconds = (time_t)(ns / SECOND);
    struct tm utc;
    size_t len = strftime(text, TIME, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &utc));
    snprintf(text + len, TIME - len, ".%03" PRId64 "Z", ns % SECOND / 1000000);
}

// What is shown of a value: times and evidence in words. `at` is room for it.
static struct index_value shown(const struct result_print *print, size_t column,
                                const struct index_value *value, char at[static TIME])
{
    enum index_column kind = index_query_column(print->names[column]);
    if (value->kind != INDEX_NUMBER || kind == INDEX_PLAIN || print->query == NULL) {
        return *value;
    }
    if (kind == INDEX_EVIDENCE) {
        return index_text(bytes_text(index_query_evidence(value->number)));
    }
    put_time(at, value->number);
    return index_text(bytes_text(at));
}

static json_t *json_of(const struct index_value *value)
{
    switch (value->kind) {
    case INDEX_NUMBER:
        return json_integer(value->number);
    case INDEX_TEXT:
        return json_bytes_text(value->text);
    case INDEX_NULL:
        break;
    }
    return json_null();
}

static void put_json_row(struct result_print *print, const struct index_value *values)
{
    json_t *row = json_object();
    for (size_t i = 0; i < print->column_count; i++) {
        json_object_set_new(row, print->names[i], json_of(&values[i]));
    }
    fputs(print->rows == 0 ? "\n" : ",\n", stdout);
    json_dumpf(row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(row);
}

// RFC 4180.
static void put_csv(struct bytes text, bool last)
{
    bool quoted = false;
    for (size_t i = 0; i < text.len; i++) {
        quoted |= strchr(",\"\r\n", text.at[i]) != NULL;
    }
    fputs(quoted ? "\"" : "", stdout);
    for (size_t i = 0; i < text.len; i++) {
        fputs(text.at[i] == '"' ? "\"" : "", stdout);
        putchar(text.at[i]);
    }
    fputs(quoted ? "\"" : "", stdout);
    fputs(last ? "\r\n" : ",", stdout);
}

static struct bytes plain(const struct index_value *value, char at[static TIME])
{
    if (value->kind == INDEX_NUMBER) {
        snprintf(at, TIME, "%" PRId64, value->number);
        return bytes_text(at);
    }
    return value->kind == INDEX_TEXT ? value->text : (struct bytes){0};
}

// A cell as a terminal may see it: one line of printable ASCII.
static void keep_cell(struct result_print *print, size_t column, struct bytes text)
{
    size_t width = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        bool printable = c >= 0x20 && c < 0x7f;
        fprintf(print->cells, printable ? "%c" : "\\x%02x", c);
        width += printable ? 1 : 4;
    }
    putc('\0', print->cells);
    print->widths[column] = width > print->widths[column] ? width : print->widths[column];
}

static void take_columns(void *context, const char *const *names, size_t count)
{
    struct result_print *print = context;
    if (print->format == RESULT_JSON) {
        printf("{\"schema\": \"kpkg.audit-query/v1\", \"query\": \"%s\", \"rows\": [",
               print->query != NULL ? print->query : "sql");
    }
    print->column_count = count;
    for (size_t i = 0; i < count; i++) {
        print->names[i] = strdup(names[i]);
        print->numbers[i] = true;
        if (print->names[i] == NULL) {
            print->failed = true;
            print->column_count = i;
            return;
        }
        if (print->format == RESULT_CSV) {
            put_csv(bytes_text(names[i]), i + 1 == count);
        } else if (print->format == RESULT_TABLE) {
            keep_cell(print, i, bytes_text(names[i]));
        }
    }
}

static void take_row(void *context, const struct index_value *values, size_t count)
{
    struct result_print *print = context;
    struct index_value row[INDEX_RESULT_COLUMNS];
    char times[INDEX_RESULT_COLUMNS][TIME];
    if (print->failed) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        char number[TIME];
        row[i] = shown(print, i, &values[i], times[i]);
        if (print->format == RESULT_CSV) {
            put_csv(plain(&row[i], number), i + 1 == count);
        } else if (print->format == RESULT_TABLE) {
            keep_cell(print, i, plain(&row[i], number));
            print->numbers[i] &= row[i].kind != INDEX_TEXT;
        }
    }
    if (print->format == RESULT_JSON) {
        put_json_row(print, row);
    }
    print->rows++;
}

static void put_cell(const struct result_print *print, size_t column, const char *cell)
{
    bool last = column + 1 == print->column_count;
    int width = (int)print->widths[column];
    if (print->numbers[column]) {
        printf("%*s", width, cell);
    } else {
        printf("%-*s", last ? 0 : width, cell);
    }
    printf("%*s", last ? 0 : GAP, "");
}

static void put_table(const struct result_print *print)
{
    const char *cell = print->kept;
    for (uint64_t i = 0; i <= print->rows; i++) {
        for (size_t column = 0; column < print->column_count; column++) {
            put_cell(print, column, cell);
            cell += strlen(cell) + 1;
        }
        putchar('\n');
    }
}

struct result_print *result_print_start(enum result_format format, const char *query)
{
    struct result_print *print = calloc(1, sizeof(*print));
    if (print == NULL) {
        return NULL;
    }
    print->format = format;
    print->query = query;
    print->cells = open_memstream(&print->kept, &print->kept_len);
    if (print->cells == NULL) {
        free(print);
        return NULL;
    }
    return print;
}

struct index_sink result_print_sink(struct result_print *print)
{
    return (struct index_sink){.columns = take_columns, .row = take_row, .context = print};
}

bool result_print_finish(struct result_print *print)
{
    bool good = fclose(print->cells) == 0 && !print->failed;
    bool begun = print->column_count != 0;
    if (print->format == RESULT_TABLE && good && begun) {
        put_table(print);
    } else if (print->format == RESULT_JSON && begun) {
        fputs("\n]}\n", stdout);
    }
    for (size_t i = 0; i < print->column_count; i++) {
        free(print->names[i]);
    }
    free(print->kept);
    free(print);
    return good;
}
