// SPDX-License-Identifier: BSD-2-Clause

// The wire of a run taken apart as it comes: frames that continue the log are events, everything
// else is console text. A program of the system can write what looks like a frame; only the chain
// of digests decides (spec/audit.md, 1).

#include "session.h"

#include "audit_show.h"
#include "diag_print.h"
#include "print.h"

#include <inttypes.h>
#include <unistd.h>

static void show_finding(struct bytes record)
{
    char line[AUDIT_SHOW_LINE];
    struct text t = text_of(line, sizeof(line));
    if (audit_show(&t, record, diag_colour(STDERR_FILENO)) == STATUS_OK) {
        fflush(stdout);
        fwrite(line, 1, t.len, stderr);
    }
}

static bool take_event(void *context, struct bytes record)
{
    struct session *s = context;
    bool finding = false;
    if (!outcome_take(&s->outcome, record, &finding)) {
        return false;
    }
    if (s->any_program_prints) {
        snapshot_event(&s->snapshot, record);
    }
    for (size_t i = 0; i < SESSION_SINKS; i++) {
        if (s->events[i] != NULL) {
            fwrite(record.at, 1, record.len, s->events[i]);
            putc('\n', s->events[i]);
        }
    }
    if (finding && !s->quiet) {
        show_finding(record);
    }
    return true;
}

static void take_difference(void *context, const char *finding)
{
    struct session *s = context;
    s->outcome.findings++;
    fprintf(stderr, "kpkg: %s\n", finding);
}

static void put_console(void *context, struct bytes text)
{
    const struct session *s = context;
    for (size_t i = 0; i < SESSION_SINKS; i++) {
        FILE *to = s->console[i];
        if (to == NULL) {
            continue;
        }
        if (s->any_program_prints && isatty(fileno(to))) {
            print_plain(to, text);
        } else {
            fwrite(text.at, 1, text.len, to);
        }
    }
}

static void take_console(void *context, struct bytes text)
{
    struct session *s = context;
    if (s->any_program_prints) {
        snapshot_text(&s->snapshot, text);
    } else {
        put_console(s, text);
    }
}

void session_start(struct session *session)
{
    session->snapshot.console = put_console;
    session->snapshot.differs = take_difference;
    session->snapshot.context = session;
    // Record by record and line by line: what happened before this process dies can be read.
    for (size_t i = 0; i < SESSION_SINKS; i++) {
        if (session->events[i] != NULL) {
            setvbuf(session->events[i], NULL, _IOLBF, 0);
        }
        if (session->console[i] != NULL) {
            setvbuf(session->console[i], NULL, _IOLBF, 0);
        }
    }
    session->frames = audit_frames_of((struct audit_frames_user){
        .event = take_event, .console = take_console, .context = session});
}

void session_feed(void *session, struct bytes bytes)
{
    audit_frames_feed(&((struct session *)session)->frames, bytes);
}

int session_end(struct session *session)
{
    audit_frames_end(&session->frames);
    snapshot_free(&session->snapshot);
    if (session->frames.bad > 0) {
        fprintf(stderr, "kpkg: %" PRIu64 " frames on the wire were no events of this log\n",
                session->frames.bad);
    }
    if (!session->outcome.check.ended) {
        fputs("kpkg: the event log has no end\n", stderr);
    }
    return outcome_code(&session->outcome);
}
