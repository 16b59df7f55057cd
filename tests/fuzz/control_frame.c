// SPDX-License-Identifier: BSD-2-Clause

// The frames of the control channel: what is given out is exactly what a writer would write, and
// after any input at all, silence and a frame, that frame is given out.

#include "control_decoder.h"
#include "control_message.h"

#include <string.h>

#include "fuzz.h"

static void read_message(const struct control_frame *frame)
{
    struct control_instance instance;
    struct control_cap cap;
    struct control_offer offer;
    struct control_refusal refusal;
    struct control_system system;
    (void)control_message_read_instance(&instance, frame->payload);
    (void)control_message_read_cap(&cap, frame->payload);
    (void)control_message_read_offer(&offer, frame->payload);
    (void)control_message_read_refusal(&refusal, frame->payload);
    (void)control_message_read_system(&system, frame->payload);
}

// Gives how many frames it took.
static unsigned take(struct control_decoder *decoder, uint8_t byte)
{
    uint8_t again[CONTROL_FRAME];
    struct control_frame frame;
    unsigned frames = 0;
    if (!control_decoder_put(decoder, byte)) {
        return 0;
    }
    while (control_decoder_next(&frame, decoder)) {
        size_t len = control_frame_write(again, &frame);
        FUZZ_CHECK(memcmp(again, decoder->room, len) == 0);
        read_message(&frame);
        frames++;
    }
    FUZZ_CHECK(frames > 0);
    return frames;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct control_decoder decoder;
    uint8_t last[CONTROL_FRAME];
    unsigned frames = 0;
    memset(&decoder, 0, sizeof decoder);
    for (size_t i = 0; i < len; i++) {
        (void)take(&decoder, at[i]);
    }
    for (unsigned i = 0; i < CONTROL_FRAME; i++) {
        (void)take(&decoder, 0);
    }
    FUZZ_CHECK(decoder.noise <= len);
    struct control_frame frame = {.type = CONTROL_HELLO, .number = 7};
    size_t size = control_frame_write(last, &frame);
    for (size_t i = 0; i < size; i++) {
        frames += take(&decoder, last[i]);
    }
    FUZZ_CHECK(frames == 1);
    return 0;
}
