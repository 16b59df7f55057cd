// SPDX-License-Identifier: BSD-2-Clause
#include "board_device.h"

#include "board.h"
#include "machine_linux.h"

#include <string.h>

// Registers of a 16550, as offsets from its base.
enum {
    UART_DATA = 0,             // divisor low while the latch is open
    UART_INTERRUPT_ENABLE = 1, // divisor high while the latch is open
    UART_INTERRUPT_IDENTITY = 2,
    UART_LINE_CONTROL = 3,
    UART_MODEM_CONTROL = 4,
    UART_LINE_STATUS = 5,
    UART_MODEM_STATUS = 6,
    UART_SCRATCH = 7,

    UART_LATCH = 0x80,        // line control: the divisor latch is open
    UART_NO_INTERRUPT = 0x01, // interrupt identity
    UART_SENT = 0x60,         // line status: both send registers are empty
    UART_PEER_READY = 0xb0,   // modem status: carrier, data set ready, clear to send
};

void board_device_start(struct board_device *board, const struct machine_options *options,
                        uint8_t *memory)
{
    *board = (struct board_device){.options = options, .memory = memory, .divisor = 1};
    struct board_ring *ring = (struct board_ring *)(void *)(memory + BOARD_RING_OFFSET);
    ring->magic = BOARD_MAGIC;
}

static void put(const struct board_device *board, const uint8_t *at, size_t len)
{
    if (board->options->output != NULL && len != 0) {
        board->options->output(board->options->context, at, len);
    }
}

static uint32_t uart_in(const struct board_device *board, unsigned index)
{
    bool latch = (board->line_control & UART_LATCH) != 0;
    switch (index) {
    case UART_DATA:
        return latch ? board->divisor & 0xffU : 0;
    case UART_INTERRUPT_ENABLE:
        return latch ? board->divisor >> 8 : board->interrupt_enable;
    case UART_INTERRUPT_IDENTITY:
        return UART_NO_INTERRUPT;
    case UART_LINE_CONTROL:
        return board->line_control;
    case UART_MODEM_CONTROL:
        return board->modem_control;
    case UART_LINE_STATUS:
        return UART_SENT;
    case UART_MODEM_STATUS:
        return UART_PEER_READY;
    default:
        return board->scratch;
    }
}

static void uart_out(struct board_device *board, unsigned index, uint8_t value)
{
    bool latch = (board->line_control & UART_LATCH) != 0;
    switch (index) {
    case UART_DATA:
        if (latch) {
            board->divisor = (uint16_t)((board->divisor & 0xff00U) | value);
        } else {
            put(board, &value, 1);
        }
        return;
    case UART_INTERRUPT_ENABLE:
        if (latch) {
            board->divisor = (uint16_t)((board->divisor & 0xffU) | (uint32_t)value << 8);
        } else {
            board->interrupt_enable = value & 0x0f;
        }
        return;
    case UART_LINE_CONTROL:
        board->line_control = value;
        return;
    case UART_MODEM_CONTROL:
        board->modem_control = value & 0x1f;
        return;
    case UART_SCRATCH:
        board->scratch = value;
        return;
    default:
        return;
    }
}

// Hands on [tail, head). A head that claims more than the ring holds loses everything in between.
static void drain_ring(const struct board_device *board)
{
    struct board_ring *ring = (struct board_ring *)(void *)(board->memory + BOARD_RING_OFFSET);
    uint64_t head = ring->head;
    uint64_t tail = ring->tail;
    uint64_t len = head - tail;
    if (len <= BOARD_RING_DATA) {
        size_t from = (size_t)(tail % BOARD_RING_DATA);
        size_t first = BOARD_RING_DATA - from;
        first = first < len ? first : (size_t)len;
        put(board, ring->data + from, first);
        put(board, ring->data, (size_t)len - first);
    }
    ring->tail = head;
}

static void inspect(const struct board_device *board)
{
    const struct machine_options *options = board->options;
    struct board_inspect *request =
        (struct board_inspect *)(void *)(board->memory + BOARD_INSPECT_OFFSET);
    request->count = UINT64_MAX;
    if (options->inspect != NULL) {
        options->inspect(options->context, request->cptr, request->first, request);
    }
}

uint32_t board_device_in(const struct board_device *board, uint16_t port, unsigned width)
{
    if (port >= BOARD_COM1 && port < BOARD_COM1 + BOARD_COM1_PORTS && width == 1) {
        return uart_in(board, port - BOARD_COM1);
    }
    return width >= 4 ? UINT32_MAX : (UINT32_C(1) << (8 * width)) - 1;
}

void board_device_out(struct board_device *board, uint16_t port, unsigned width, uint32_t value)
{
    if (port >= BOARD_COM1 && port < BOARD_COM1 + BOARD_COM1_PORTS && width == 1) {
        uart_out(board, port - BOARD_COM1, (uint8_t)value);
    } else if (port >= BOARD_EXIT && port < BOARD_EXIT + BOARD_EXIT_PORTS) {
        board->exited = true;
        board->exit_value = value;
    } else if (port == BOARD_RING_BELL && width == 4) {
        drain_ring(board);
    } else if (port == BOARD_INSPECT_BELL && width == 4) {
        inspect(board);
    }
}
