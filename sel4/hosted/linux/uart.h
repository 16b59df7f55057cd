// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A serial line of the hosted board: a 16550 that sends as fast as the other end takes it and
// receives a byte in the time that it takes at 115200 baud. Its interrupt line is for the I/O APIC
// to take.

#include "serial.h"

#include <stdbool.h>
#include <stdint.h>

struct uart {
    const struct serial_end *end; // what the line is connected to
    bool wait;                    // for the other end: virtual time
    uint32_t ticks_per_us;
    uint64_t next_byte;       // ticks before which no byte is looked for
    uint64_t next_offer;      // ticks before which a held byte is not offered again
    uint8_t line_control;     // registers that read back what was written
    uint8_t interrupt_enable; //
    uint8_t modem_control;    //
    uint8_t scratch;          //
    uint16_t divisor;         //
    uint8_t received;         // valid while has_received
    uint8_t held;             // valid while holds: the other end did not take it yet
    bool has_received;
    bool holds;
    bool ended; // no input will come any more
    bool fifo;  // enabled: bytes that have come need no time of their own
    bool sent;  // the transmitter became empty since the identity was read
};

// `end` is the caller's and stays.
void uart_start(struct uart *uart, const struct serial_end *end, bool wait, uint32_t ticks_per_us);
// `index` 0..7 is the register.
uint8_t uart_in(struct uart *uart, unsigned index, uint64_t now);
void uart_out(struct uart *uart, unsigned index, uint8_t value, uint64_t now);

// The same for who takes and gives many at once. The next byte that has come, false when there is
// none; how many bytes of `len` are sent, from the first on. Nothing is waited for.
bool uart_take(uint8_t *byte, struct uart *uart, uint64_t now);
size_t uart_give(struct uart *uart, const uint8_t *at, size_t len, uint64_t now);

// Looks for input that is due, and offers what is held. `idle`: no thread can run. In virtual time
// input comes only then: a thread that runs may be about to send what the other end waits for.
void uart_advance(struct uart *uart, uint64_t now, bool idle);
// Ticks at which uart_advance could raise an interrupt; UINT64_MAX = nobody waits for any.
uint64_t uart_deadline(const struct uart *uart, bool idle);
// The level of the interrupt line.
bool uart_line(const struct uart *uart);
