// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the serial driver and its client agree on. Bytes that were received are in a ring that the
// driver writes and the client only reads; counters only grow, and byte n is at n % SERIAL_RING.
// Everything else is a message to the driver's endpoint `line`. The notification `more` says that
// there is more: bytes received, or room for bytes to send.

#include <stdatomic.h>
#include <stdint.h>

enum { SERIAL_RING = 2048 };

struct serial_ring {
    _Atomic uint64_t received;
    uint8_t byte[SERIAL_RING];
};

enum {
    SERIAL_WRITE = 1, // word 0: count, then the bytes; answer: word 0: how many were taken
    SERIAL_TAKEN = 2, // word 0: received bytes that the client needs no more, since the start
    SERIAL_REFUSED = 1,
};
