// SPDX-License-Identifier: BSD-2-Clause
#include "control_decoder.h"

static void drop(struct control_decoder *decoder, size_t count)
{
    if (count != 0) {
        decoder->len -= count;
        memmove(decoder->room, decoder->room + count, decoder->len);
    }
}

// Drops what begins no frame, so that the room begins with one or with the begin of one.
static enum control_look seek(struct control_decoder *decoder)
{
    size_t at = decoder->shown;
    enum control_look found = CONTROL_LOOK_MORE;
    decoder->shown = 0;
    while (at < decoder->len) {
        found = control_frame_look(decoder->room + at, decoder->len - at);
        if (found != CONTROL_LOOK_NOISE) {
            break;
        }
        decoder->noise += decoder->room[at] != 0;
        at++;
    }
    drop(decoder, at);
    return decoder->len == 0 ? CONTROL_LOOK_MORE : found;
}

void control_decoder_cut(struct control_decoder *decoder)
{
    drop(decoder, decoder->shown);
    decoder->noise += decoder->len;
    decoder->len = decoder->shown = 0;
}

bool control_decoder_put(struct control_decoder *decoder, uint8_t byte)
{
    drop(decoder, decoder->shown);
    decoder->shown = 0;
    if (decoder->len == CONTROL_FRAME) { // a frame that its owner did not take
        decoder->len = 0;
    }
    decoder->room[decoder->len++] = byte;
    return seek(decoder) == CONTROL_LOOK_FRAME;
}

bool control_decoder_next(struct control_frame *frame, struct control_decoder *decoder)
{
    if (seek(decoder) != CONTROL_LOOK_FRAME) {
        return false;
    }
    decoder->shown = control_frame_read(frame, decoder->room);
    return true;
}
