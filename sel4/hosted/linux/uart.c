// SPDX-License-Identifier: BSD-2-Clause

// As much of a 16550 as drivers use: data, interrupt enable and identity, FIFO and line control,
// line status. The FIFO holds one byte each way; what a real one would hold is held by the other
// end (a pipe or socket), which is never waited for in real time. Modem lines say that the peer is
// ready, always.

#include "uart.h"

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

void uart_start(struct uart *uart, const struct serial_end *end, bool wait, uint32_t ticks_per_us)
{
    *uart = (struct uart){.end = end, .wait = wait, .ticks_per_us = ticks_per_us, .divisor = 1};
}

static bool latch_is_open(const struct uart *uart)
{
    return (uart->line_control & LATCH) != 0;
}

static bool receives(const struct uart *uart)
{
    return (uart->interrupt_enable & ENABLE_RECEIVED) != 0;
}

static bool may_look(const struct uart *uart, bool idle)
{
    return !uart->ended && !uart->has_received && (idle || !uart->wait);
}

static void look(struct uart *uart, uint64_t now)
{
    int byte = uart->end->receive(uart->end->context, uart->wait);
    uart->has_received = byte >= 0;
    uart->received = (uint8_t)byte;
    uart->ended = byte == SERIAL_END;
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

static void offer(struct uart *uart, uint64_t now)
{
    if (uart->holds && uart->end->send(uart->end->context, &uart->held, 1, uart->wait) == 1) {
        uart->holds = false;
        uart->sent = true;
    }
    uart->next_offer = now + (uint64_t)LOOK_US * uart->ticks_per_us;
}

// A byte that is still held is lost, as on a 16550.
static void send(struct uart *uart, uint8_t byte, uint64_t now)
{
    uart->held = byte;
    uart->holds = true;
    uart->sent = false;
    offer(uart, now);
}

bool uart_take(uint8_t *byte, struct uart *uart, uint64_t now)
{
    if (!uart->wait && may_look(uart, true)) {
        look(uart, now);
    }
    if (!uart->has_received) {
        return false;
    }
    *byte = take_byte(uart, now);
    return true;
}

size_t uart_give(struct uart *uart, const uint8_t *at, size_t len, uint64_t now)
{
    if (uart->holds) {
        offer(uart, now);
    }
    return uart->holds ? 0 : uart->end->send(uart->end->context, at, len, uart->wait);
}

static uint8_t identity(struct uart *uart)
{
    uint8_t fifo = uart->fifo ? IDENTITY_FIFO : 0;
    if (uart->has_received && receives(uart)) {
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
        if (uart->fifo && !uart->wait && may_look(uart, true)) {
            look(uart, now); // a FIFO has what has come, however fast that was
        }
        uart_advance(uart, now, !receives(uart)); // who polls waits
        return (uart->holds ? 0 : STATUS_SENT) | (uart->has_received ? STATUS_RECEIVED : 0);
    case REGISTER_MODEM_STATUS:
        return PEER_READY;
    default:
        return uart->scratch;
    }
}

// Enabling the transmit interrupt of an empty transmitter raises it.
static void enable(struct uart *uart, uint8_t value)
{
    bool enables = (value & ~uart->interrupt_enable & ENABLE_SENT) != 0;
    uart->sent = uart->sent || (enables && !uart->holds);
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
            send(uart, value, now);
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

void uart_advance(struct uart *uart, uint64_t now, bool idle)
{
    if (now >= uart->next_byte && may_look(uart, idle)) {
        look(uart, now);
    }
    if (uart->holds && now >= uart->next_offer) {
        offer(uart, now);
    }
}

uint64_t uart_deadline(const struct uart *uart, bool idle)
{
    bool sends = (uart->interrupt_enable & ENABLE_SENT) != 0 && uart->holds;
    uint64_t input = receives(uart) && may_look(uart, idle) ? uart->next_byte : UINT64_MAX;
    uint64_t output = sends ? uart->next_offer : UINT64_MAX;
    return input < output ? input : output;
}

bool uart_line(const struct uart *uart)
{
    bool received = uart->has_received && receives(uart);
    bool sent = uart->sent && (uart->interrupt_enable & ENABLE_SENT) != 0;
    return (received || sent) && (uart->modem_control & OUT2) != 0;
}
