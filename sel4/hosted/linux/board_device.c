// SPDX-License-Identifier: BSD-2-Clause
#include "board_device.h"

#include "board.h"
#include "machine_linux.h"

#include <string.h>

// Pins of the I/O APIC.
enum { PIN_TIMER = 2, PIN_COM1 = 4 };

// What a PC has and this board lacks: a program that reaches for it is told of.
static const struct {
    uint16_t first, last;
    const char *what;
} absent[] = {
    {0x20, 0x21, "interrupt controller 8259 (0x20)"},
    {0x60, 0x60, "keyboard controller (0x60)"},
    {0x64, 0x64, "keyboard controller (0x64)"},
    {0x70, 0x71, "real-time clock and CMOS memory (0x70)"},
    {0xa0, 0xa1, "interrupt controller 8259 (0xa0)"},
    {0x2f8, 0x2ff, "second serial line (0x2f8)"},
    {0xcf8, 0xcff, "PCI configuration (0xcf8)"},
};

void board_device_start(struct board_device *board, const struct machine_options *options,
                        uint8_t *memory, uint32_t ticks_per_us)
{
    *board = (struct board_device){.options = options, .memory = memory};
    uart_start(&board->uart, options, ticks_per_us);
    pit_start(&board->pit, ticks_per_us);
    struct board_ring *ring = (struct board_ring *)(void *)(memory + BOARD_RING_OFFSET);
    ring->magic = BOARD_MAGIC;
}

static void put(const struct board_device *board, const uint8_t *at, size_t len)
{
    if (board->options->output != NULL && len != 0) {
        board->options->output(board->options->context, at, len);
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

static bool is_in(uint16_t port, unsigned first, unsigned count)
{
    return port >= first && port < first + count;
}

static void tell_absent(const struct board_device *board, uint16_t port)
{
    const struct machine_options *options = board->options;
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]) && options->unsupported != NULL;
         i++) {
        if (port >= absent[i].first && port <= absent[i].last) {
            options->unsupported(options->context, absent[i].what);
        }
    }
}

static uint8_t byte_in(struct board_device *board, uint16_t port, uint64_t now)
{
    if (is_in(port, BOARD_COM1, BOARD_COM1_PORTS)) {
        return uart_in(&board->uart, port - BOARD_COM1, now);
    }
    if (is_in(port, PIT_PORT, PIT_PORTS)) {
        return pit_in(&board->pit, port - PIT_PORT, now);
    }
    return port == PIT_GATE_PORT ? pit_gate_in(&board->pit, now) : UINT8_MAX;
}

static void byte_out(struct board_device *board, uint16_t port, uint8_t value, uint64_t now)
{
    if (is_in(port, BOARD_COM1, BOARD_COM1_PORTS)) {
        // A byte that is sent takes the transmit interrupt down for a moment.
        ioapic_set(&board->ioapic, PIN_COM1, false);
        uart_out(&board->uart, port - BOARD_COM1, value, now);
    } else if (is_in(port, PIT_PORT, PIT_PORTS)) {
        pit_out(&board->pit, port - PIT_PORT, value, now);
    } else if (port == PIT_GATE_PORT) {
        pit_gate_out(&board->pit, value, now);
    }
}

uint32_t board_device_in(struct board_device *board, uint16_t port, unsigned width, uint64_t now)
{
    if (width != 1) {
        tell_absent(board, port);
        return width >= 4 ? UINT32_MAX : UINT16_MAX;
    }
    uint8_t value = byte_in(board, port, now);
    tell_absent(board, port);
    ioapic_set(&board->ioapic, PIN_COM1, uart_line(&board->uart));
    return value;
}

void board_device_out(struct board_device *board, uint16_t port, unsigned width, uint32_t value,
                      uint64_t now)
{
    if (is_in(port, BOARD_EXIT, BOARD_EXIT_PORTS)) {
        board->exited = true;
        board->exit_value = value;
    } else if (port == BOARD_RING_BELL && width == 4) {
        drain_ring(board);
    } else if (port == BOARD_INSPECT_BELL && width == 4) {
        inspect(board);
    } else if (width == 1) {
        byte_out(board, port, (uint8_t)value, now);
        ioapic_set(&board->ioapic, PIN_COM1, uart_line(&board->uart));
    }
    tell_absent(board, port);
}

void board_device_mask(struct board_device *board, unsigned pin, bool masked)
{
    ioapic_mask(&board->ioapic, pin, masked);
}

bool board_device_advance(struct board_device *board, uint64_t now)
{
    if (now >= uart_deadline(&board->uart)) {
        uart_advance(&board->uart, now);
        ioapic_set(&board->ioapic, PIN_COM1, uart_line(&board->uart));
    }
    if (pit_advance(&board->pit, now)) {
        ioapic_set(&board->ioapic, PIN_TIMER, true);
        ioapic_set(&board->ioapic, PIN_TIMER, false);
    }
    return board->ioapic.pending != 0;
}

uint64_t board_device_deadline(const struct board_device *board)
{
    uint64_t input = uart_deadline(&board->uart);
    uint64_t timer =
        ioapic_is_open(&board->ioapic, PIN_TIMER) ? pit_deadline(&board->pit) : UINT64_MAX;
    return input < timer ? input : timer;
}
