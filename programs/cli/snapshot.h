// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a debug kernel itself says that the targets hold, beside what the log says that they were
// given (spec/audit.md, section 6). After the event caps.shown the kernel prints every thread's
// CSpace as capDL, with rights and badges. No program runs between that event and the end of the
// list, so that none can print into it; text anywhere else is console text, whatever it looks like.

#include "bytes.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

enum { SNAPSHOT_LINE = 256 };

enum snapshot_state {
    SNAPSHOT_NONE,    // no list is due
    SNAPSHOT_DUE,     // it comes next
    SNAPSHOT_OBJECTS, // its first part
    SNAPSHOT_IRQS,    // its last part
    SNAPSHOT_WHOLE,
};

struct snapshot {
    // Text that belongs to no list, and each finding, a line without its end.
    void (*console)(void *context, struct bytes text);
    void (*differs)(void *context, const char *finding);
    void *context;
    FILE *copy; // every list as it came; NULL = none

    json_t *tables; // instance -> its number, radix and rows, by the log
    json_t *cnodes; // name -> slot -> capability, by the kernel
    json_t *cnode;  // the one being read, borrowed
    char *only;     // the instance that was just made; NULL = all that are up
    enum snapshot_state state;
    unsigned compared; // CSpaces found equal
    size_t len;        // of the line so far
    char line[SNAPSHOT_LINE];
};

// Takes a record of the log, after it was checked.
void snapshot_event(struct snapshot *snapshot, struct bytes record);

// Takes console text; what is no list's goes to `console`.
void snapshot_text(struct snapshot *snapshot, struct bytes text);

void snapshot_free(struct snapshot *snapshot);
