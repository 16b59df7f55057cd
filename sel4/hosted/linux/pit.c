// SPDX-License-Identifier: BSD-2-Clause

// Nothing counts here: every value is computed from the ticks since the count was loaded. That
// keeps reads exact at any moment, and costs nothing while nobody looks. Intel 8254 data sheet:
// control word and modes; the read-back command is of the same chip.

#include "pit.h"

#define HZ UINT64_C(1193182)

enum {
    CONTROL = 3, // the port of the control word

    MODE_TERMINAL_COUNT = 0,
    MODE_ONE_SHOT = 1,
    MODE_RATE = 2,
    MODE_SQUARE = 3,
    MODE_STROBE = 4,

    ACCESS_LOW = 1,
    ACCESS_HIGH = 2,
    ACCESS_BOTH = 3,

    READ_BACK = 3,             // in place of a channel number
    READ_BACK_NO_COUNT = 0x20, // its bits
    READ_BACK_NO_STATUS = 0x10,

    STATUS_OUT = 0x80,
    STATUS_EMPTY = 0x40, // no count was loaded

    GATE_OPEN = 0x01, // port 0x61
    GATE_OUT = 0x20,
};

// Clocks that fit in so many ticks, and the first tick of a clock. Seconds and the rest apart, so
// that no product overflows 64 bits.
static uint64_t clocks_of(const struct pit *pit, uint64_t ticks)
{
    return ticks / pit->per_second * HZ + ticks % pit->per_second * HZ / pit->per_second;
}

static uint64_t ticks_of(const struct pit *pit, uint64_t clocks)
{
    return clocks / HZ * pit->per_second + (clocks % HZ * pit->per_second + HZ - 1) / HZ;
}

static uint64_t elapsed(const struct pit *pit, const struct pit_channel *c, uint64_t now)
{
    return c->gate ? clocks_of(pit, now - c->start) : 0;
}

static bool is_periodic(const struct pit_channel *c)
{
    return c->mode == MODE_RATE || c->mode == MODE_SQUARE;
}

// The OUT pin, by mode. A counter that was never loaded rests where its mode begins.
static bool output(const struct pit *pit, const struct pit_channel *c, uint64_t now)
{
    uint64_t clocks = elapsed(pit, c, now);
    if (c->count == 0) {
        return c->mode != MODE_TERMINAL_COUNT;
    }
    switch (c->mode) {
    case MODE_TERMINAL_COUNT:
        return clocks >= c->count;
    case MODE_ONE_SHOT:
        return !c->gate || clocks >= c->count;
    case MODE_RATE:
        return clocks % c->count != c->count - 1;
    case MODE_SQUARE:
        return clocks % c->count < (c->count + 1) / 2;
    default:
        return clocks != c->count;
    }
}

// The square wave counts down by two, twice in a period. The 16 bits wrap as the chip's do.
static uint16_t counter(const struct pit *pit, const struct pit_channel *c, uint64_t now)
{
    uint64_t clocks = elapsed(pit, c, now);
    if (c->count == 0) {
        return 0;
    }
    switch (c->mode) {
    case MODE_RATE:
        return (uint16_t)(c->count - clocks % c->count);
    case MODE_SQUARE:
        return (uint16_t)(c->count - 2 * clocks % c->count);
    default:
        return (uint16_t)(c->count - clocks);
    }
}

static void restart(struct pit_channel *c, uint64_t now)
{
    c->start = now;
    c->edges = 0;
}

static void load(struct pit_channel *c, uint32_t count, uint64_t now)
{
    c->count = count == 0 ? 0x10000 : count;
    restart(c, now);
}

static void hold_count(const struct pit *pit, struct pit_channel *c, uint64_t now)
{
    if (!c->latched) {
        c->latch = counter(pit, c, now);
        c->latched = true;
        c->read_high = c->access == ACCESS_HIGH;
    }
}

static void hold_status(const struct pit *pit, struct pit_channel *c, uint64_t now)
{
    c->status = (uint8_t)((output(pit, c, now) ? STATUS_OUT : 0) |
                          (c->count == 0 ? STATUS_EMPTY : 0) | c->access << 4 | c->mode << 1);
    c->has_status = true;
}

static void read_back(struct pit *pit, uint8_t word, uint64_t now)
{
    for (unsigned i = 0; i < PIT_CHANNELS; i++) {
        if ((word >> (i + 1) & 1) == 0) {
            continue;
        }
        if ((word & READ_BACK_NO_COUNT) == 0) {
            hold_count(pit, &pit->channel[i], now);
        }
        if ((word & READ_BACK_NO_STATUS) == 0) {
            hold_status(pit, &pit->channel[i], now);
        }
    }
}

static void control(struct pit *pit, uint8_t word, uint64_t now)
{
    unsigned number = word >> 6;
    unsigned access = word >> 4 & 3;
    if (number == READ_BACK) {
        read_back(pit, word, now);
        return;
    }
    struct pit_channel *c = &pit->channel[number];
    if (access == 0) {
        hold_count(pit, c, now);
        return;
    }
    // Modes 6 and 7 are 2 and 3 again: the chip ignores the highest bit there.
    unsigned mode = word >> 1 & 7;
    *c = (struct pit_channel){.access = (uint8_t)access,
                              .mode = (uint8_t)(mode > 5 ? mode - 4 : mode),
                              .read_high = access == ACCESS_HIGH,
                              .gate = c->gate};
}

void pit_start(struct pit *pit, uint32_t ticks_per_us)
{
    *pit = (struct pit){.per_second = (uint64_t)ticks_per_us * 1000000};
    for (unsigned i = 0; i < PIT_CHANNELS; i++) {
        pit->channel[i].access = ACCESS_BOTH;
        pit->channel[i].gate = i != 2;
    }
}

uint8_t pit_in(struct pit *pit, unsigned index, uint64_t now)
{
    if (index == CONTROL) {
        return 0xff;
    }
    struct pit_channel *c = &pit->channel[index];
    if (c->has_status) {
        c->has_status = false;
        return c->status;
    }
    uint16_t value = c->latched ? c->latch : counter(pit, c, now);
    bool high = c->read_high;
    c->read_high = c->access == ACCESS_BOTH ? !high : high;
    c->latched = c->latched && c->access == ACCESS_BOTH && !high;
    return (uint8_t)(high ? value >> 8 : value);
}

void pit_out(struct pit *pit, unsigned index, uint8_t value, uint64_t now)
{
    if (index == CONTROL) {
        control(pit, value, now);
        return;
    }
    struct pit_channel *c = &pit->channel[index];
    if (c->access == ACCESS_LOW) {
        load(c, value, now);
    } else if (c->access == ACCESS_HIGH) {
        load(c, (uint32_t)value << 8, now);
    } else if (c->second) {
        c->second = false;
        load(c, (uint32_t)value << 8 | c->low, now);
    } else {
        c->second = true;
        c->low = value;
    }
}

uint8_t pit_gate_in(const struct pit *pit, uint64_t now)
{
    const struct pit_channel *c = &pit->channel[2];
    return (uint8_t)((c->gate ? GATE_OPEN : 0) | (output(pit, c, now) ? GATE_OUT : 0));
}

void pit_gate_out(struct pit *pit, uint8_t value, uint64_t now)
{
    struct pit_channel *c = &pit->channel[2];
    bool gate = (value & GATE_OPEN) != 0;
    if (gate && !c->gate) {
        restart(c, now);
    }
    c->gate = gate;
}

uint64_t pit_deadline(const struct pit *pit)
{
    const struct pit_channel *c = &pit->channel[0];
    bool once = c->mode == MODE_TERMINAL_COUNT || c->mode == MODE_STROBE;
    if (c->count == 0 || !(is_periodic(c) || (once && c->edges == 0))) {
        return UINT64_MAX;
    }
    return c->start + ticks_of(pit, (c->edges + 1) * c->count);
}

bool pit_advance(struct pit *pit, uint64_t now)
{
    if (pit_deadline(pit) > now) {
        return false;
    }
    struct pit_channel *c = &pit->channel[0];
    c->edges = is_periodic(c) ? elapsed(pit, c, now) / c->count : 1;
    return true;
}
