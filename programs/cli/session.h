// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What comes out of a run and where it goes: events to files as they are, console text to stdout or
// a file, and a line on stderr for each finding.

#include "audit_frames.h"
#include "outcome.h"
#include "snapshot.h"

#include <stdio.h>

enum { SESSION_SINKS = 2 };

struct session {
    struct outcome outcome;
    struct audit_frames frames;
    FILE *events[SESSION_SINKS];  // unused ones are NULL
    FILE *console[SESSION_SINKS]; // likewise
    bool quiet;                   // no line on stderr for a finding
    bool any_program_prints;      // a debug kernel: console text may be anything
    struct snapshot snapshot;     // what that kernel says that the targets hold
};

// The sinks and expectations are set; the wire begins. They stay the caller's.
void session_start(struct session *session);
// The next bytes of the wire, in pieces of any size; `session` is a struct session.
void session_feed(void *session, struct bytes bytes);

// The end of the wire. Gives the exit code so far and says on stderr what was wrong with the wire.
int session_end(struct session *session);
