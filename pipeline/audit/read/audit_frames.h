// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The wire of a run, taken apart: RS record LF (RFC 7464) is an event, everything else is console.
// The bytes are hostile: on a kernel with printing any program can write to the wire. A frame that
// is malformed, or that its taker refuses, is counted and becomes console text, never an event.

#include "bounds.h"
#include "bytes.h"

struct audit_frames_user {
    // A frame of 1 to BOUND_EVENT printable ASCII bytes; false refuses it.
    bool (*event)(void *context, struct bytes record);
    void (*console)(void *context,
                    struct bytes text); // as it came, RS left out; may be cut anywhere
    void *context;
};

struct audit_frames {
    struct audit_frames_user user;
    uint64_t bad;           // frames that were none, or were refused
    uint64_t console_bytes; // bytes outside frames
    bool inside;
    size_t len;
    uint8_t frame[BOUND_EVENT];
};

// Outside of any frame. Feed it all bytes in their order, in pieces of any size.
struct audit_frames audit_frames_of(struct audit_frames_user user);
void audit_frames_feed(struct audit_frames *frames, struct bytes bytes);

// The end of the stream: an unfinished frame is a bad one.
void audit_frames_end(struct audit_frames *frames);
