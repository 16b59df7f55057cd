// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The control channel's line: frames from COM2 and back (spec/control.md, 1). An interrupt says
// that bytes have come. What taking them costs is bounded: the root task runs before every target,
// so the channel has a share of the processor, as a target has, and whatever comes beyond it waits
// in the line, whose interrupt stays masked meanwhile.

#include "clock.h"
#include "control_decoder.h"
#include "line.h"
#include "objects.h"

enum {
    CHANNEL_BADGE = 8,       // kind of its interrupt's badge, after those of the plan
    CHANNEL_ANSWERS = 16384, // bytes of answers that the line has not taken yet: the longest fit
};

struct channel {
    bool open; // a system file that allows it, and a line that is there
    bool held; // the interrupt is masked until there is time again
    struct line line;
    cap_slot handler; // of the line's interrupt
    const struct clock *clock;
    uint64_t percent;    // of the processor
    uint64_t counted_at; // ns: when `credit` was last added to
    int64_t credit;      // ns that the channel may still take
    uint64_t began;      // ns: the last begin
    uint64_t idle_since; // ns: when the last bytes came
    uint32_t silent;     // turns since then
    uint32_t taken;      // bytes since the begin
    struct control_decoder decoder;
    size_t answers; // bytes in `answer`
    uint8_t answer[CHANNEL_ANSWERS];
};

// Where a channel begins: what it is made from, and its share of the processor.
struct channel_place {
    const struct objects_pool *pool;
    struct hosted_board *board; // NULL = there is none
    const struct clock *clock;
    uint64_t percent;
};

// Opens the line if the machine has one; its interrupts come to the calling thread with
// CHANNEL_BADGE. False when it has not: then nobody controls this run.
bool channel_open(struct channel *channel, const struct channel_place *place);

// Between these two the channel may be read and written; the time from one to the other is charged.
// The end lets the line interrupt again if it was read to its end.
void channel_begin(struct channel *channel);
void channel_end(struct channel *channel);

// The next frame, borrowed until the next call. False when none is complete or the time is over.
bool channel_receive(struct control_frame *frame, struct channel *channel);

// Answers, as soon as the line takes it. While much waits no request is received, so that each has
// room for its answers.
void channel_send(struct channel *channel, const struct control_frame *frame);
