// SPDX-License-Identifier: BSD-2-Clause
#include "report_calls.h"

#include "bounds.h"
#include "export_finding.h"
#include "export_text.h"

#include <inttypes.h>
#include <string.h>

// A row: client, via, server; answered, denied, failed; records, and their durations in ns.
static const char *const names[] = {"client", "via", "server"};
static const char *const verdicts[] = {"answered", "denied", "failed"};

enum { NAMES = 3, VERDICTS = 3 };

// Rows are known by all three names, told apart by their lengths. A record has room for no more.
static json_t *row_of(json_t *calls, const char *const key[NAMES])
{
    char all[BOUND_EVENT + 64];
    snprintf(all, sizeof(all), "%zu %zu %s %s %s", strlen(key[0]), strlen(key[1]), key[0], key[1],
             key[2]);
    json_t *row = json_object_get(calls, all);
    if (row == NULL) {
        row = json_pack("{s:s, s:s, s:s}", names[0], key[0], names[1], key[1], names[2], key[2]);
        json_object_set_new(calls, all, row);
    }
    return row;
}

static void set(json_t *row, const char *name, uint64_t value)
{
    json_object_set_new(row, name, json_integer((json_int_t)value));
}

void report_calls_take(json_t *calls, const json_t *event)
{
    const json_t *data = json_object_get(event, "data");
    const char *const key[NAMES] = {export_finding_text(event, "tgt"),
                                    export_finding_text(data, "via"),
                                    export_finding_text(data, "dst")};
    json_t *row = row_of(calls, key);
    const char *verdict = export_finding_text(data, "verdict");
    uint64_t times = json_object_get(event, "n") != NULL ? export_finding_count(event, "n") : 1;
    uint64_t took = export_finding_count(data, "dur_ns");
    uint64_t records = export_finding_count(row, "records");
    uint64_t least = export_finding_count(row, "least"), most = export_finding_count(row, "most");
    set(row, verdict, export_finding_count(row, verdict) + times);
    set(row, "records", records + 1);
    set(row, "sum", export_finding_count(row, "sum") + took);
    set(row, "least", records == 0 || took < least ? took : least);
    set(row, "most", took > most ? took : most);
}

static void put_cell(FILE *to, const char *text)
{
    fputs("<td>", to);
    export_text_xml(to, bytes_text(text));
    fputs("</td>", to);
}

static void put_microseconds(FILE *to, uint64_t ns)
{
    fprintf(to, "<td class=\"number\">%" PRIu64 ".%" PRIu64 "</td>", ns / 1000, ns / 100 % 10);
}

static void put_row(FILE *to, const json_t *row)
{
    fputs("<tr>", to);
    for (size_t i = 0; i < NAMES; i++) {
        put_cell(to, export_finding_text(row, names[i]));
    }
    for (size_t i = 0; i < VERDICTS; i++) {
        fprintf(to, "<td class=\"number\">%" PRIu64 "</td>",
                export_finding_count(row, verdicts[i]));
    }
    put_microseconds(to, export_finding_count(row, "least"));
    put_microseconds(to, export_finding_count(row, "sum") / export_finding_count(row, "records"));
    put_microseconds(to, export_finding_count(row, "most"));
    fputs("</tr>\n", to);
}

void report_calls(FILE *to, json_t *calls)
{
    const char *key;
    const json_t *row;
    if (json_object_size(calls) == 0) {
        return;
    }
    fputs("<h2>Traced calls</h2>\n<div class=\"wide\"><table><thead><tr><th>client</th>"
          "<th>through</th><th>server</th><th>answered</th><th>denied</th><th>failed</th>"
          "<th>shortest, &#181;s</th><th>mean</th><th>longest</th></tr></thead><tbody>\n",
          to);
    json_object_foreach(calls, key, row)
    {
        put_row(to, row);
    }
    fputs("</tbody></table></div>\n<p class=\"soft\">From the call to its answer, of calls with a "
          "record of their own; of those that were folded, the first.</p>\n",
          to);
}
