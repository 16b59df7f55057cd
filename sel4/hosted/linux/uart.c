// SPDX-License-Identifier: BSD-2-Clause
#include "uart.h"

#include <stddef.h>

// Registers, as offsets from the base.
enum {
    REGISTER_DATA = 0,             // divisor low while the latch is open
    REGISTER_INTERRUPT_ENABLE = 1, // divisor high while the latch is open
    REGISTER_IDENTITY = 2,         // interrupt identity; written: FIFO control
    REGISTER_LINE_CONTROL = 3,
    REGISTER_MODEM_CONTROL = 4,
    REGISTER_LINE_STATUS = 5,
    REGISTER_MODEM_STATUS = 6,
    REGISTER_SCRATCH = 7,

    LATCH = 0x80,           // line control: the divisor latch is open
    ENABLE_RECEIVED = 0x01, // interrupt enable
    ENABLE_SENT = 0x02,     //
    IDENTITY_NONE = 0x01,   // interrupt identity
    IDENTITY_SENT = 0x02,   //
    IDENTITY_RECEIVED = 0x04,
    IDENTITY_FIFO = 0xc0,
    FIFO_ENABLE = 0x01,     // FIFO control
    FIFO_CLEAR = 0x02,      //
    STATUS_RECEIVED = 0x01, // line status
    STATUS_SENT = 0x60,     // both send registers are empty
    OUT2 = 0x08,            // modem control: lets interrupts out on a PC
    PEER_READY = 0xb0,      // modem status: carrier, data set ready, clear to send

    BYTE_US = 87,    // ten bits at 115200 baud
    LOOK_US = 10000, // how often real input is looked for
};

void uart_start(struct uart *uart, const struct machine_options *options, uint32_t ticks_per_us)
{
    *uart = (struct uart){.options = options,
                          .ticks_per_us = ticks_per_us,
                          .divisor = 1,
                          .ended = options->input == NULL};
}

static bool latch_is_open(const struct uart *uart)
{
    return (uart->line_control & LATCH) != 0;
}

static void look(struct uart *uart, uint64_t now)
{
    if (uart->ended || uart->has_received) {
        return;
    }
    const struct machine_options *options = uart->options;
    int byte = options->input(options->context, options->deterministic);
    uart->has_received = byte >= 0;
    uart->received = (uint8_t)byte;
    uart->ended = byte == MACHINE_INPUT_END;
    uart->next_byte = now + (uint64_t)LOOK_US * uart->ticks_per_us;
}

static uint8_t take_byte(struct uart *uart, uint64_t now)
{
    if (uart->has_received) {
        uart->has_received = false;
        uart->next_byte = now + (uint64_t)BYTE_US * uart->ticks_per_us;
        return uart->received;
    }
    return 0;
}

static void send(struct uart *uart, uint8_t byte)
{
    const struct machine_options *options = uart->options;
    if (options->output != NULL) {
        options->output(options->context, &byte, 1);
    }
    uart->sent = true;
}

static uint8_t identity(struct uart *uart)
{
    uint8_t fifo = uart->fifo ? IDENTITY_FIFO : 0;
    if (uart->has_received && (uart->interrupt_enable & ENABLE_RECEIVED) != 0) {
        return fifo | IDENTITY_RECEIVED;
    }
    if (uart->sent && (uart->interrupt_enable & ENABLE_SENT) != 0) {
        uart->sent = false;
        return fifo | IDENTITY_SENT;
    }
    return fifo | IDENTITY_NONE;
}

uint8_t uart_in(struct uart *uart, unsigned index, uint64_t now)
{
    bool latch = latch_is_open(uart);
    switch (index) {
    case REGISTER_DATA:
        return latch ? (uint8_t)uart->divisor : take_byte(uart, now);
    case REGISTER_INTERRUPT_ENABLE:
        return latch ? (uint8_t)(uart->divisor >> 8) : uart->interrupt_enable;
    case REGISTER_IDENTITY:
        return identity(uart);
    case REGISTER_LINE_CONTROL:
        return uart->line_control;
    case REGISTER_MODEM_CONTROL:
        return uart->modem_control;
    case REGISTER_LINE_STATUS:
        uart_advance(uart, now);
        return STATUS_SENT | (uart->has_received ? STATUS_RECEIVED : 0);
    case REGISTER_MODEM_STATUS:
        return PEER_READY;
    default:
        return uart->scratch;
    }
}

// Enabling the transmit interrupt of an empty transmitter raises it.
static void enable(struct uart *uart, uint8_t value)
{
    uart->sent = uart->sent || (value & ~uart->interrupt_enable & ENABLE_SENT) != 0;
    uart->interrupt_enable = value & 0x0f;
}

void uart_out(struct uart *uart, unsigned index, uint8_t value, uint64_t now)
{
    bool latch = latch_is_open(uart);
    switch (index) {
    case REGISTER_DATA:
        if (latch) {
            uart->divisor = (uint16_t)((uart->divisor & 0xff00U) | value);
        } else {
            send(uart, value);
        }
        return;
    case REGISTER_INTERRUPT_ENABLE:
        if (latch) {
            uart->divisor = (uint16_t)((uart->divisor & 0xffU) | (uint32_t)value << 8);
        } else {
            enable(uart, value);
        }
        return;
    case REGISTER_IDENTITY:
        uart->fifo = (value & FIFO_ENABLE) != 0;
        if ((value & FIFO_CLEAR) != 0) {
            (void)take_byte(uart, now);
        }
        return;
    case REGISTER_LINE_CONTROL:
        uart->line_control = value;
        return;
    case REGISTER_MODEM_CONTROL:
        uart->modem_control = value & 0x1f;
        return;
    case REGISTER_SCRATCH:
        uart->scratch = value;
        return;
    default:
        return;
    }
}

void uart_advance(struct uart *uart, uint64_t now)
{
    if (now >= uart->next_byte) {
        look(uart, now);
    }
}

uint64_t uart_deadline(const struct uart *uart)
{
    bool waits = (uart->interrupt_enable & ENABLE_RECEIVED) != 0 && !uart->has_received;
    return waits && !uart->ended ? uart->next_byte : UINT64_MAX;
}

bool uart_line(const struct uart *uart)
{
    bool received = uart->has_received && (uart->interrupt_enable & ENABLE_RECEIVED) != 0;
    bool sent = uart->sent && (uart->interrupt_enable & ENABLE_SENT) != 0;
    return (received || sent) && (uart->modem_control & OUT2) != 0;
}
