// SPDX-License-Identifier: BSD-2-Clause
#include "audit_check.h"
#include "audit_show.h"
#include "command.h"
#include "diag_print.h"
#include "evidence.h"
#include "json_bytes.h"
#include "print.h"

#include <string.h>
#include <unistd.h>

// `kpkg audit show`: an event log for people, or as one JSON document; with what its own bytes say
// about whether it is whole.

struct audit_options {
    bool json;
};

static struct bytes take_line(struct bytes *rest)
{
    const uint8_t *end = memchr(rest->at, '\n', rest->len);
    size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;
    struct bytes line = {rest->at, len};
    size_t taken = end != NULL ? len + 1 : len;
    *rest = bytes_part(*rest, taken, rest->len - taken);
    return line;
}

static void show_line(struct bytes line, bool colour)
{
    char shown[AUDIT_SHOW_LINE];
    struct text t = text_of(shown, sizeof(shown));
    if (audit_show(&t, line, colour) == STATUS_OK) {
        fwrite(shown, 1, t.len, stdout);
    } else {
        fputs("not an event: ", stdout);
        print_plain(stdout, line);
        putchar('\n');
    }
}

static json_t *events_json(struct bytes log)
{
    json_t *events = json_array();
    while (log.len > 0) {
        struct bytes line = take_line(&log);
        json_t *event = json_loadb((const char *)line.at, line.len, 0, NULL);
        // What is no JSON is shown all the same, as text: the reader is to see what the file holds.
        json_array_append_new(events, event != NULL ? event : json_bytes_text(line));
    }
    return events;
}

// A log that is cut is incomplete evidence, one that contradicts itself is no evidence.
static int code_of(enum audit_finding finding)
{
    if (finding == AUDIT_FINDING_SOUND) {
        return EXIT_CODE_OK;
    }
    bool cut = finding == AUDIT_FINDING_NO_END || finding == AUDIT_FINDING_NO_SEAL ||
               finding == AUDIT_FINDING_TRUNCATED;
    return cut ? EXIT_CODE_INCOMPLETE : EXIT_CODE_INVALID;
}

static int run(const void *given, struct operands operands)
{
    const struct audit_options *options = given;
    const char *path = operands.at[0];
    struct file_content file;
    struct diag diag;
    enum status status = file_read(&file, path, EVIDENCE_LOG_MAX, &diag);
    if (status != STATUS_OK) {
        return diag_finish(status, path, &diag);
    }
    struct audit_check check = {0};
    size_t line = 0;
    enum audit_finding finding = audit_check_lines(&line, &check, file_bytes(&file));
    if (options->json) {
        print_json(json_pack("{s:s, s:o, s:s, s:I, s:o}", "schema", "kpkg.audit/v1", "file",
                             json_bytes_text(bytes_text(path)), "finding",
                             audit_check_name(finding), "line", (json_int_t)line, "events",
                             events_json(file_bytes(&file))));
    } else {
        struct bytes rest = file_bytes(&file);
        while (rest.len > 0) {
            show_line(take_line(&rest), diag_colour(STDOUT_FILENO));
        }
    }
    evidence_tell(path, line, finding);
    file_free(&file);
    return code_of(finding);
}

static const struct option_spec OPTIONS[] = {
    {.name = "json",
     .help = "write JSON kpkg.audit/v1",
     .offset = offsetof(struct audit_options, json)},
};

const struct command cmd_audit_show = {
    .name = "audit show",
    .operands = "FILE",
    .summary = "Show an event log, and whether it is whole",
    .details =
        "Checks form, chain, numbers, time, losses, counters and end. Exit code 3: the log is "
        "cut;\n"
        "4: it contradicts itself. Whether somebody wrote the whole log anew it cannot tell.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct audit_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
