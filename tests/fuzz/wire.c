// SPDX-License-Identifier: BSD-2-Clause

// What comes from a real kernel's line once events are taken out: records, one a line, and the text
// of programs and of a debug kernel between them. A list of capabilities is read and compared;
// what is no list's is console text, byte for byte.

#include "audit_check.h"
#include "snapshot.h"

#include "fuzz.h"

struct seen {
    size_t given, console;
};

static void take_console(void *context, struct bytes text)
{
    struct seen *seen = context;
    seen->console += text.len;
    FUZZ_CHECK(seen->console <= seen->given);
}

static void take_finding(void *context, const char *finding)
{
    (void)context;
    FUZZ_CHECK(finding[0] != '\0');
}

static void take_text(struct snapshot *s, struct seen *seen, struct bytes text)
{
    bool list = s->state != SNAPSHOT_NONE && s->state != SNAPSHOT_WHOLE;
    seen->given += text.len;
    size_t before = seen->console;
    snapshot_text(s, text);
    FUZZ_CHECK(list || seen->console - before == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct bytes rest = {at, len};
    struct seen seen = {0};
    struct snapshot s = {.console = take_console, .differs = take_finding, .context = &seen};
    while (rest.len != 0) {
        bool whole;
        struct audit_record record;
        struct bytes line = audit_check_line(&rest, &whole);
        if (audit_scan(&record, line)) {
            snapshot_event(&s, line);
        } else {
            take_text(&s, &seen, (struct bytes){line.at, line.len + whole});
        }
    }
    snapshot_free(&s);
    return 0;
}
