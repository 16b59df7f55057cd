// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A 16550 serial line of the PC, 115200 baud 8N1, without interrupts unless asked.

#include "cspace.h"

enum { UART_COM1 = 0x3f8, UART_COM2 = 0x2f8, UART_FIFO_DEPTH = 16 };

struct uart {
    struct sel4_kernel kernel; // own context: these calls are not those of a spawn
    cap_slot ports;
    uint16_t base;
};

// Takes the ports. `kernel` needs the labels of I/O ports only.
enum status uart_open(struct uart *uart, const struct sel4_kernel *kernel, struct cspace *cspace,
                      uint16_t base, struct diag *diag) MUST_CHECK;

// Sets the line up. What the kernel refuses, nobody is left to tell of.
void uart_set_up(struct uart *uart);

// Whether there is such a device at all.
bool uart_is_there(struct uart *uart);

// From now on the line interrupts when bytes have come.
enum status uart_interrupt(struct uart *uart, struct diag *diag) MUST_CHECK;

// Also when everything is sent, or not any more.
enum status uart_interrupt_empty(struct uart *uart, bool wanted, struct diag *diag) MUST_CHECK;

// Everything handed over is sent: UART_FIFO_DEPTH bytes fit. True also where nobody can tell.
bool uart_empty(struct uart *uart);
bool uart_put(struct uart *uart, uint8_t byte);

// Whether a byte has come, and the next one; false when none has.
bool uart_received(struct uart *uart);
bool uart_get(uint8_t *byte, struct uart *uart);
