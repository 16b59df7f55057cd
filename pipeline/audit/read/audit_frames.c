// SPDX-License-Identifier: BSD-2-Clause

// Frames on a serial line that anybody of the system may write to: a separator, a record, a line
// end (RFC 7464). A frame counts only if its user takes it for the log's next record; all else is
// given back as console text, byte for byte and in order.

#include "audit_frames.h"

enum { SEPARATOR = 0x1e };

struct audit_frames audit_frames_of(struct audit_frames_user user)
{
    return (struct audit_frames){.user = user};
}

static void console(struct audit_frames *frames, struct bytes text)
{
    if (text.len != 0) {
        frames->console_bytes += text.len;
        frames->user.console(frames->user.context, text);
    }
}

static void spoil(struct audit_frames *frames)
{
    frames->bad++;
    frames->inside = false;
    console(frames, (struct bytes){frames->frame, frames->len});
}

static void finish(struct audit_frames *frames)
{
    static const uint8_t end = '\n';
    struct bytes record = {frames->frame, frames->len};
    if (record.len == 0 || !frames->user.event(frames->user.context, record)) {
        spoil(frames);
        console(frames, (struct bytes){&end, 1});
    }
    frames->inside = false;
}

// One byte inside a frame. False when it does not belong there and is console text.
static bool take(struct audit_frames *frames, uint8_t byte)
{
    if (byte == '\n') {
        finish(frames);
        return true;
    }
    if (byte < 0x20 || byte > 0x7e || frames->len == sizeof frames->frame) {
        spoil(frames);
        return false;
    }
    frames->frame[frames->len++] = byte;
    return true;
}

void audit_frames_feed(struct audit_frames *frames, struct bytes bytes)
{
    size_t from = 0; // of the console text that has not been handed over
    for (size_t i = 0; i < bytes.len; i++) {
        bool separator = bytes.at[i] == SEPARATOR;
        if (frames->inside && take(frames, bytes.at[i])) {
            from = i + 1;
        } else if (separator) {
            console(frames, bytes_part(bytes, from, i - from));
            frames->inside = true;
            frames->len = 0;
            from = i + 1;
        }
    }
    console(frames, bytes_part(bytes, from, bytes.len - from));
}

void audit_frames_end(struct audit_frames *frames)
{
    if (frames->inside) {
        spoil(frames);
    }
}
