// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Finds frames in a stream (spec/control.md, 2). All zeros is a decoder at its start. After
// garbage, a cut or a change it goes on with the next whole frame, also when that begins inside
// what looked like one. CONTROL_FRAME zero bytes end whatever was begun.
#include "control_frame.h"

struct control_decoder {
    uint8_t room[CONTROL_FRAME];
    size_t len;     // bytes in `room`
    size_t shown;   // of these: the frame that was given out last
    uint64_t noise; // bytes that belonged to no frame, but for zeros
};

// Takes one byte. True when it completed a frame: then control_decoder_next until that is false,
// before the next byte.
bool control_decoder_put(struct control_decoder *decoder, uint8_t byte);

// Ends whatever was begun: the line was silent for too long.
void control_decoder_cut(struct control_decoder *decoder);

// The next whole frame; its payload is borrowed until the next call with this decoder.
bool control_decoder_next(struct control_frame *frame, struct control_decoder *decoder);
