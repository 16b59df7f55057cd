// SPDX-License-Identifier: BSD-2-Clause
//
// A driver: carries bytes between the second serial line of a PC (a 16550, COM2) and one client. It
// has the line's eight ports and its interrupt, and nothing else of the machine. One thread waits
// for everything: the interrupt signals `stop`, which is bound to the thread and so arrives where
// the client's messages do.
#include "serial.h"
#include "kpkg.h"

// Registers of the 16550, and what is in them.
enum {
    DATA = 0x2f8,
    INTERRUPT_ENABLE = DATA + 1,
    IDENTITY = DATA + 2, // written: FIFO control
    LINE_CONTROL = DATA + 3,
    MODEM_CONTROL = DATA + 4,
    LINE_STATUS = DATA + 5,
    SCRATCH = DATA + 7,

    WANT_RECEIVED = 1, // interrupt enable
    WANT_EMPTY = 2,
    NONE_PENDING = 1,    // identity
    FIFO_FRESH = 0x07,   // FIFO control: on, both emptied, interrupt at the first byte
    EIGHT_BITS = 0x03,   // line control
    READY = 0x0b,        // modem control: terminal ready, request to send, interrupts let out
    HAS_RECEIVED = 0x01, // line status
    IS_EMPTY = 0x20,
};

struct line {
    uint64_t ports, handler, more;
    struct serial_ring *ring;
    uint64_t taken;         // of the ring, by the client
    uint64_t written, sent; // bytes of `out`, since the start
    uint8_t out[SERIAL_RING];
    uint8_t wanted; // interrupts that are enabled
};

static uint8_t get(const struct line *line, uint16_t port)
{
    return kpkg_port_in8(line->ports, port);
}

static void put(const struct line *line, uint16_t port, uint8_t value)
{
    kpkg_port_out8(line->ports, port, value);
}

// Without a line every port reads as all ones.
static bool is_there(const struct line *line)
{
    put(line, SCRATCH, 0x5a);
    return get(line, SCRATCH) == 0x5a;
}

static void start(struct line *line)
{
    put(line, INTERRUPT_ENABLE, 0);
    put(line, LINE_CONTROL, EIGHT_BITS);
    put(line, IDENTITY, FIFO_FRESH);
    put(line, MODEM_CONTROL, READY);
}

static uint64_t received(const struct line *line)
{
    return atomic_load_explicit(&line->ring->received, memory_order_relaxed);
}

static bool has_room(const struct line *line)
{
    return received(line) - line->taken < SERIAL_RING;
}

// What the client has no room for stays in the device.
static bool take_bytes(struct line *line)
{
    uint64_t count = received(line), before = count;
    while (count - line->taken < SERIAL_RING && (get(line, LINE_STATUS) & HAS_RECEIVED) != 0) {
        line->ring->byte[count++ % SERIAL_RING] = get(line, DATA);
    }
    atomic_store_explicit(&line->ring->received, count, memory_order_release);
    return count != before;
}

static bool send_bytes(struct line *line)
{
    uint64_t before = line->sent;
    while (line->sent != line->written && (get(line, LINE_STATUS) & IS_EMPTY) != 0) {
        put(line, DATA, line->out[line->sent++ % SERIAL_RING]);
    }
    return line->sent != before;
}

// Asks for the interrupts that there is a use for.
static void want(struct line *line)
{
    unsigned empty = line->sent != line->written ? WANT_EMPTY : 0;
    uint8_t wanted = (uint8_t)((has_room(line) ? WANT_RECEIVED : 0U) | empty);
    if (wanted != line->wanted) {
        put(line, INTERRUPT_ENABLE, wanted);
        line->wanted = wanted;
    }
}

// Serves the device until it wants nothing: then its line is low, and what comes next is an edge.
static void serve(struct line *line)
{
    bool moved = false;
    do {
        moved |= take_bytes(line);
        moved |= send_bytes(line);
        want(line);
    } while ((get(line, IDENTITY) & NONE_PENDING) == 0);
    if (moved) {
        kpkg_signal(line->more);
    }
}

static void on_interrupt(struct line *line)
{
    kpkg_irq_ack(line->handler);
    serve(line);
}

// How many of the client's bytes there is room for.
static uint64_t accept(struct line *line, const struct kpkg_message *message)
{
    const uint8_t *bytes = (const uint8_t *)&message->word[1];
    uint64_t len = message->word[0], room = SERIAL_RING - (line->written - line->sent);
    len = len < room ? len : room;
    for (uint64_t i = 0; i < len; i++) {
        line->out[line->written++ % SERIAL_RING] = bytes[i];
    }
    return len;
}

// What the client says about its message is checked against what the kernel and the ring say.
static bool is_sound(const struct line *line, const struct kpkg_message *message)
{
    uint64_t count = message->length != 0 ? message->word[0] : 0;
    switch (message->label) {
    case SERIAL_WRITE:
        return message->length != 0 && count <= 8 * (uint64_t)(message->length - 1);
    case SERIAL_TAKEN:
        return count - line->taken <= received(line) - line->taken;
    default:
        return false;
    }
}

static void on_message(struct line *line, struct kpkg_message *message)
{
    uint64_t accepted = 0;
    bool sound = is_sound(line, message);
    if (sound && message->label == SERIAL_WRITE) {
        accepted = accept(line, message);
    } else if (sound) {
        line->taken = message->word[0];
    }
    serve(line);
    message->label = sound ? 0 : SERIAL_REFUSED;
    message->length = 1;
    message->word[0] = accepted;
}

// Until the root task asks for the end. A signal has no answer.
static void carry(struct line *line)
{
    uint64_t endpoint = kpkg_cap("line"), reply = kpkg_reply_cap("line");
    struct kpkg_message message;
    bool end = false, answer = false;
    while (!end) {
        if (answer) {
            kpkg_reply_receive(endpoint, reply, &message);
        } else {
            kpkg_receive(endpoint, reply, &message);
        }
        bool interrupt = (message.badge & KPKG_BADGE_IRQ) != 0;
        end = (message.badge & ~KPKG_BADGE_IRQ) == KPKG_BADGE_STOP;
        answer = !interrupt && !end;
        if (interrupt) {
            on_interrupt(line);
        } else if (answer) {
            on_message(line, &message);
        }
    }
}

int main(void)
{
    static struct line line;
    line = (struct line){.ports = kpkg_cap("registers"),
                         .handler = kpkg_irq_handler("uart"),
                         .more = kpkg_cap("more"),
                         .ring = kpkg_region("received", NULL)};
    if (line.ring == NULL || !is_there(&line)) {
        kpkg_print(kpkg_cap("log"), "this machine has no second serial line");
        return 2;
    }
    line.taken = received(&line); // all, where an earlier life of this program had some
    start(&line);
    kpkg_irq_ack(line.handler);
    serve(&line);
    carry(&line);
    put(&line, INTERRUPT_ENABLE, 0);
    return 0;
}
