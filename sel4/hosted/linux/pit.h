// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The programmable interval timer of a PC (Intel 8254) at 1193182 Hz. Channel 0 makes edges on I/O
// APIC pin 2; channel 2 is gated and read through port 0x61. Counting is computed from the time
// that passed, nothing runs in between. BCD counting is taken for binary.

#include <stdbool.h>
#include <stdint.h>

enum {
    PIT_PORT = 0x40, // to 0x43
    PIT_PORTS = 4,
    PIT_GATE_PORT = 0x61,
    PIT_CHANNELS = 3,
};

struct pit_channel {
    uint64_t start;  // ticks at which the count was loaded or the gate opened
    uint64_t edges;  // events since then that were told
    uint32_t count;  // 1..65536; 0 = never loaded
    uint16_t latch;  // count held for reading
    uint8_t mode;    // 0..5
    uint8_t access;  // 1 low byte, 2 high byte, 3 low then high
    uint8_t low;     // first byte of a two-byte write
    uint8_t status;  // held for reading
    bool second;     // the next byte written is the high one
    bool read_high;  // the next byte read is the high one
    bool latched;    // `latch` is held
    bool has_status; // `status` is held
    bool gate;
};

struct pit {
    struct pit_channel channel[PIT_CHANNELS];
    uint64_t per_second; // ticks
};

void pit_start(struct pit *pit, uint32_t ticks_per_us);
// `index` 0..3 is the port above PIT_PORT.
uint8_t pit_in(struct pit *pit, unsigned index, uint64_t now);
void pit_out(struct pit *pit, unsigned index, uint8_t value, uint64_t now);
uint8_t pit_gate_in(const struct pit *pit, uint64_t now);
void pit_gate_out(struct pit *pit, uint8_t value, uint64_t now);

// Ticks of the next edge of channel 0 that was not told; UINT64_MAX = there is none.
uint64_t pit_deadline(const struct pit *pit);
// True when an edge has come by `now`; edges that were missed count as one.
bool pit_advance(struct pit *pit, uint64_t now);
