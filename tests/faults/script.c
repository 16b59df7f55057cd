// SPDX-License-Identifier: BSD-2-Clause
#include "script.h"

#include "control_message.h"

static size_t frame_len(const uint8_t *frame)
{
    return CONTROL_HEADER + (size_t)(frame[6] | frame[7] << 8) + CONTROL_TRAILER;
}

static int receive(void *context, bool wait)
{
    struct script *script = context;
    (void)wait;
    if (script->at < script->end) {
        return script->frames.at[script->at++];
    }
    if (script->at == script->frames.len) {
        return SERIAL_END;
    }
    if (script->answered < script->sent) {
        return SERIAL_NONE;
    }
    script->sent++;
    script->end = script->at + frame_len(script->frames.at + script->at);
    return script->frames.at[script->at++];
}

static size_t take_answers(void *context, const uint8_t *at, size_t len, bool wait)
{
    struct script *script = context;
    struct control_frame frame;
    (void)wait;
    for (size_t i = 0; i < len; i++) {
        bool whole = control_decoder_put(&script->decoder, at[i]);
        while (whole && control_decoder_next(&frame, &script->decoder)) {
            script->answered += frame.type == CONTROL_DONE || frame.type == CONTROL_REFUSED;
        }
    }
    return len;
}

struct serial_end script_end(struct script *script)
{
    return (struct serial_end){.context = script, .send = take_answers, .receive = receive};
}
