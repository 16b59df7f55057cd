// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The frames of the control channel (spec/control.md, 2), on a line that may lose, add and change
// bytes. Nothing here says what a frame means, or that its sender may have what it asks for. The
// digest finds damage; it is no authentication.

#include "bytes.h"

enum {
    CONTROL_PAYLOAD = 1024, // bytes of one message at most
    CONTROL_HEADER = 12,    // magic, version, type, length of the payload, number
    CONTROL_TRAILER = 8,    // of the BLAKE2b-256 digest of header and payload
    CONTROL_FRAME = CONTROL_HEADER + CONTROL_PAYLOAD + CONTROL_TRAILER,
};

struct control_frame {
    uint8_t type;         // enum control_type
    uint32_t number;      // of the request; its answers have the same
    struct bytes payload; // borrowed; at most CONTROL_PAYLOAD
};

// Writes a frame; returns its length.
size_t control_frame_write(uint8_t out[static CONTROL_FRAME], const struct control_frame *frame);

// What begins at `at`, of which `len` bytes have come.
enum control_look {
    CONTROL_LOOK_MORE,  // a frame may
    CONTROL_LOOK_FRAME, // a whole one
    CONTROL_LOOK_NOISE, // none
};
enum control_look control_frame_look(const uint8_t *at, size_t len);

// Reads a whole one; returns its length.
size_t control_frame_read(struct control_frame *frame, const uint8_t *at);
