// SPDX-License-Identifier: BSD-2-Clause
#include "show.h"

#include "json_bytes.h"

#include <stdlib.h>
#include <string.h>

// What CI services read: GitHub's workflow commands and GitLab's code quality report. Both get what
// grew and was not approved.

static bool is_told(const struct diff_change *c)
{
    return c->verdict == DIFF_GREW && !c->approved;
}

// In a workflow command '%', CR and LF are escaped, in a property also ':' and ','. Whatever else
// is not printable ASCII is dropped to '?', so that no name starts a command of its own.
static void put_command_text(FILE *to, struct bytes raw, bool property)
{
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.at[i];
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','))) {
            fprintf(to, "%%%02X", c);
        } else {
            fputc(c < 0x20 || c >= 0x7f ? '?' : c, to);
        }
    }
}

void show_github(FILE *to, const struct show *show)
{
    static const char *const commands[] = {"notice", "warning", "error", "error"};
    for (uint32_t i = 0; i < show->diff->change_count; i++) {
        const struct diff_change *c = &show->diff->changes[i];
        if (!is_told(c)) {
            continue;
        }
        char *message = show_words(diff_words_put_message, show, c);
        fprintf(to, "::%s ", commands[diff_severity_of(c->rule)]);
        if (c->span.line != 0 && show_file(c).len != 0) {
            fputs("file=", to);
            put_command_text(to, show_file(c), true);
            fprintf(to, ",line=%u,col=%u,", (unsigned)c->span.line, (unsigned)c->span.column);
        }
        fprintf(to, "title=%s %s::", diff_words_rule(c->rule), diff_words_rule_name(c->rule));
        put_command_text(to, bytes_text(message != NULL ? message : "?"), false);
        fputc('\n', to);
        free(message);
    }
}

void show_gitlab(FILE *to, const struct show *show)
{
    static const char *const severities[] = {"info", "minor", "major", "critical"};
    json_t *report = json_array();
    for (uint32_t i = 0; i < show->diff->change_count; i++) {
        const struct diff_change *c = &show->diff->changes[i];
        if (!is_told(c)) {
            continue;
        }
        char fingerprint[17];
        char *message = show_words(diff_words_put_message, show, c);
        struct bytes file = show_file(c);
        show_fingerprint(fingerprint, c);
        json_array_append_new(
            report, json_pack("{s:o, s:s, s:s, s:s, s:{s:o, s:{s:i}}}", "description",
                              json_bytes_text(bytes_text(message != NULL ? message : "?")),
                              "check_name", diff_words_rule(c->rule), "fingerprint", fingerprint,
                              "severity", severities[diff_severity_of(c->rule)], "location", "path",
                              json_bytes_text(file.len != 0 ? file : bytes_text("plan.json")),
                              "lines", "begin", c->span.line != 0 ? (int)c->span.line : 1));
        free(message);
    }
    json_dumpf(report, to, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    fputc('\n', to);
    json_decref(report);
}
