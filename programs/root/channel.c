// SPDX-License-Identifier: BSD-2-Clause
#include "channel.h"

#include "irq.h"
#include "tcb.h"

enum {
    LEAST = 64,        // bytes that a turn may take: who paused the machine has used up its time
    VECTOR = 100,      // of the interrupt; those of targets count from 0
    DEBT_NS = 5000000, // the longest time that is charged at once
    SILENCE_NS = 500000000, // within a frame, and so many turns without a byte: then it does not
    SILENT_TURNS = 5,       // go on. Time alone may be that of a machine that was paused
    BURST_NS = 10000000,    // the longest time whose share is kept
    PATIENCE_NS = 300000,   // for the next byte after one; or, where each look is a call,
    PATIENCE_LOOKS = 8,     // so many of them
    ANSWERS_WAIT = CHANNEL_ANSWERS / 4, // bytes with which no further request is taken
};

// A notification bound to the calling thread, signalled under a badge that tells it from messages.
static enum status make_bell(cap_slot *bell, const struct objects_pool *pool, struct diag *diag)
{
    cap_slot plain = SEL4_SLOT_NULL;
    enum status status = objects_make(&plain, pool, SEL4_OBJECT_NOTIFICATION, 0, diag);
    if (status == STATUS_OK) {
        status = cspace_take(bell, pool->cspace, 1, diag);
    }
    struct cnode_derive mint = {
        .to = cspace_slot(pool->cspace, *bell),
        .from = cspace_slot(pool->cspace, plain),
        .rights = SEL4_RIGHT_WRITE,
        .data = (uint64_t)CHANNEL_BADGE << 56,
    };
    if (status == STATUS_OK) {
        status = cnode_mint(pool->kernel, &mint, diag);
    }
    return status == STATUS_OK ? tcb_bind_notification(pool->kernel, SEL4_SLOT_TCB, plain, diag)
                               : status;
}

static enum status take_interrupt(struct channel *channel, const struct objects_pool *pool,
                                  struct diag *diag)
{
    cap_slot bell = SEL4_SLOT_NULL;
    enum status status = make_bell(&bell, pool, diag);
    if (status == STATUS_OK) {
        status = cspace_take(&channel->handler, pool->cspace, 1, diag);
    }
    if (status == STATUS_OK) {
        status = irq_issue(pool->kernel, cspace_slot(pool->cspace, channel->handler),
                           (struct irq_line){.pin = PLAN_CONTROL_LINE, .vector = VECTOR}, diag);
    }
    if (status == STATUS_OK) {
        status = irq_set_notification(pool->kernel, channel->handler, bell, diag);
    }
    return status == STATUS_OK ? uart_interrupt(&channel->line.uart, diag) : status;
}

bool channel_open(struct channel *channel, const struct channel_place *place)
{
    channel->open = line_open(&channel->line, place->pool, place->board) &&
                    take_interrupt(channel, place->pool, NULL) == STATUS_OK;
    channel->clock = place->clock;
    channel->percent = place->percent;
    channel->counted_at = clock_now(place->clock);
    channel->held = channel->open;
    return channel->open;
}

// As much as the line takes. It interrupts when it takes more.
static void send_waiting(struct channel *channel)
{
    struct bytes rest = {channel->answer, channel->answers};
    size_t sent = 1;
    while (rest.len != 0 && sent != 0) {
        sent = line_put(&channel->line, rest);
        rest = bytes_from(rest, sent);
    }
    memmove(channel->answer, rest.at, rest.len);
    channel->answers = rest.len;
    line_wait(&channel->line, rest.len != 0);
}

void channel_begin(struct channel *channel)
{
    uint64_t now = clock_now(channel->clock);
    uint64_t earned = (now - channel->counted_at) * channel->percent / 100;
    int64_t most = (int64_t)(BURST_NS * channel->percent / 100);
    channel->credit += (int64_t)earned;
    channel->credit = channel->credit < most ? channel->credit : most;
    channel->counted_at = channel->began = now;
    channel->taken = 0;
    if (channel->silent >= SILENT_TURNS && now - channel->idle_since > SILENCE_NS) {
        control_decoder_cut(&channel->decoder);
    }
    send_waiting(channel);
}

static bool has_time(const struct channel *channel, uint64_t now)
{
    return (int64_t)(now - channel->began) < channel->credit ||
           (channel->credit > 0 && channel->taken < LEAST);
}

// A byte that comes after the last look, and before the line may interrupt again, rings for nobody:
// it is looked for once more.
void channel_end(struct channel *channel)
{
    uint64_t now = clock_now(channel->clock);
    channel->held = !has_time(channel, now) ||
                    irq_ack(&channel->line.uart.kernel, channel->handler, NULL) != STATUS_OK ||
                    line_received(&channel->line);
    uint64_t spent = now - channel->began;
    channel->credit -= (int64_t)(spent < DEBT_NS ? spent : DEBT_NS);
    channel->idle_since = channel->taken != 0 ? now : channel->idle_since;
    channel->silent = channel->taken != 0 || channel->held ? 0 : channel->silent + 1;
}

// A byte, waited for a little when others came just before it. What the board has given already
// costs no call.
static bool next_byte(uint8_t *byte, struct channel *channel)
{
    uint64_t since = clock_now(channel->clock);
    uint64_t now = since;
    uint32_t looks = 0;
    while (channel->line.came.len != 0 || has_time(channel, now)) {
        if (line_get(byte, &channel->line)) {
            channel->taken++;
            return true;
        }
        now = clock_now(channel->clock);
        bool patient =
            channel->line.board != NULL ? ++looks < PATIENCE_LOOKS : now - since <= PATIENCE_NS;
        if (channel->taken == 0 || !patient) {
            return false;
        }
    }
    return false;
}

bool channel_receive(struct control_frame *frame, struct channel *channel)
{
    uint8_t byte;
    if (channel->answers >= ANSWERS_WAIT) {
        return false;
    }
    if (control_decoder_next(frame, &channel->decoder)) {
        return true;
    }
    while (next_byte(&byte, channel)) {
        if (control_decoder_put(&channel->decoder, byte)) {
            return control_decoder_next(frame, &channel->decoder);
        }
    }
    return false;
}

// Only a whole frame is dropped, and only where requests are taken that have no room for answers.
void channel_send(struct channel *channel, const struct control_frame *frame)
{
    uint8_t room[CONTROL_FRAME];
    struct bytes bytes = {room, control_frame_write(room, frame)};
    if (bytes.len <= CHANNEL_ANSWERS - channel->answers) {
        memcpy(channel->answer + channel->answers, bytes.at, bytes.len);
        channel->answers += bytes.len;
    }
    send_waiting(channel);
}
