// SPDX-License-Identifier: BSD-2-Clause

// Ports and doorbells of the board. Three parts of device memory are shared with user code
// (spec/hosted-board.md): the console ring, the inspect page and the page of the second line. They
// are hostile input that is read while no stub runs, so a value cannot change between check and
// use; still each is read once, and every index is reduced before use.

#include "board_device.h"

#include "board.h"
#include "machine_linux.h"

#include <string.h>

// Pins of the I/O APIC.
enum { PIN_TIMER = 2, PIN_COM2 = 3, PIN_COM1 = 4 };

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

static void put(const struct board_device *board, const uint8_t *at, size_t len)
{
    if (board->options->output != NULL && len != 0) {
        board->options->output(board->options->context, at, len);
    }
}

static size_t send(void *context, const uint8_t *at, size_t len, bool wait)
{
    (void)wait;
    put(context, at, len);
    return len;
}

static int receive(void *context, bool wait)
{
    const struct machine_options *options = ((const struct board_device *)context)->options;
    return options->input != NULL ? options->input(options->context, wait) : SERIAL_END;
}

void board_device_start(struct board_device *board, const struct machine_options *options,
                        uint8_t *memory, uint32_t ticks_per_us)
{
    *board = (struct board_device){.options = options, .memory = memory};
    board->end = (struct serial_end){.context = board, .send = send, .receive = receive};
    uart_start(&board->com1, &board->end, options->deterministic, ticks_per_us);
    uart_start(&board->com2, options->com2, options->deterministic, ticks_per_us);
    pit_start(&board->pit, ticks_per_us);
    struct board_ring *ring = (struct board_ring *)(void *)(memory + BOARD_RING_OFFSET);
    ring->magic = BOARD_MAGIC;
}

// Hands on [tail, head). A head that claims more than the ring holds loses everything in between.
static void drain_ring(const struct board_device *board)
{
    struct board_ring *ring = (struct board_ring *)(void *)(board->memory + BOARD_RING_OFFSET);
    // `head - tail` wraps as the counters do; both are what user code wrote.
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

// The line's page, or NULL where there is no second line.
static struct board_line *line_page(const struct board_device *board)
{
    return board->options->com2 == NULL
               ? NULL
               : (struct board_line *)(void *)(board->memory + BOARD_LINE_OFFSET);
}

static void take_line(struct board_device *board, uint64_t now)
{
    struct board_line *line = line_page(board);
    uint32_t count = 0;
    while (line != NULL && count < BOARD_LINE_DATA &&
           uart_take(&line->in[count], &board->com2, now)) {
        count++;
    }
    if (line != NULL) {
        line->taken = count;
    }
}

static void give_line(struct board_device *board, uint32_t len, uint64_t now)
{
    struct board_line *line = line_page(board);
    if (line != NULL) {
        size_t most = len < BOARD_LINE_DATA ? len : BOARD_LINE_DATA;
        line->given = (uint32_t)uart_give(&board->com2, line->out, most, now);
    }
}

static bool is_in(uint16_t port, unsigned first, unsigned count)
{
    return port >= first && port < first + count;
}

// The serial line that has this port; NULL = none.
static struct uart *line_at(struct board_device *board, uint16_t port)
{
    if (is_in(port, BOARD_COM1, BOARD_COM_PORTS)) {
        return &board->com1;
    }
    bool second = board->options->com2 != NULL && is_in(port, BOARD_COM2, BOARD_COM_PORTS);
    return second ? &board->com2 : NULL;
}

static void tell_absent(struct board_device *board, uint16_t port)
{
    const struct machine_options *options = board->options;
    if (options->unsupported == NULL || line_at(board, port) != NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        if (port >= absent[i].first && port <= absent[i].last) {
            options->unsupported(options->context, absent[i].what);
        }
    }
}

static uint8_t byte_in(struct board_device *board, uint16_t port, uint64_t now)
{
    struct uart *line = line_at(board, port);
    if (line != NULL) {
        return uart_in(line, port % BOARD_COM_PORTS, now);
    }
    if (is_in(port, PIT_PORT, PIT_PORTS)) {
        return pit_in(&board->pit, port - PIT_PORT, now);
    }
    return port == PIT_GATE_PORT ? pit_gate_in(&board->pit, now) : UINT8_MAX;
}

static void byte_out(struct board_device *board, uint16_t port, uint8_t value, uint64_t now)
{
    struct uart *line = line_at(board, port);
    if (line != NULL) {
        // A byte that is sent takes the transmit interrupt down for a moment.
        ioapic_set(&board->ioapic, line == &board->com1 ? PIN_COM1 : PIN_COM2, false);
        uart_out(line, port % BOARD_COM_PORTS, value, now);
    } else if (is_in(port, PIT_PORT, PIT_PORTS)) {
        pit_out(&board->pit, port - PIT_PORT, value, now);
    } else if (port == PIT_GATE_PORT) {
        pit_gate_out(&board->pit, value, now);
    }
}

// After each access: a register that is read or written can raise or lower a line.
static void drive_pins(struct board_device *board)
{
    ioapic_set(&board->ioapic, PIN_COM1, uart_line(&board->com1));
    ioapic_set(&board->ioapic, PIN_COM2, uart_line(&board->com2));
}

static void advance_line(struct uart *uart, uint64_t now, bool idle)
{
    if (now >= uart_deadline(uart, idle)) {
        uart_advance(uart, now, idle);
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
    drive_pins(board);
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
    } else if (port == BOARD_TAKE_BELL && width == 4) {
        take_line(board, now);
        drive_pins(board);
    } else if (port == BOARD_GIVE_BELL && width == 4) {
        give_line(board, value, now);
    } else if (width == 1) {
        byte_out(board, port, (uint8_t)value, now);
        drive_pins(board);
    }
    tell_absent(board, port);
}

void board_device_mask(struct board_device *board, unsigned pin, bool masked)
{
    ioapic_mask(&board->ioapic, pin, masked);
}

bool board_device_advance(struct board_device *board, uint64_t now, bool idle)
{
    advance_line(&board->com1, now, idle);
    advance_line(&board->com2, now, idle);
    drive_pins(board);
    if (pit_advance(&board->pit, now)) {
        ioapic_set(&board->ioapic, PIN_TIMER, true);
        ioapic_set(&board->ioapic, PIN_TIMER, false);
    }
    return board->ioapic.pending != 0;
}

uint64_t board_device_deadline(const struct board_device *board, bool idle)
{
    uint64_t first = uart_deadline(&board->com1, idle), second = uart_deadline(&board->com2, idle);
    uint64_t input = first < second ? first : second;
    uint64_t timer =
        ioapic_is_open(&board->ioapic, PIN_TIMER) ? pit_deadline(&board->pit) : UINT64_MAX;
    return input < timer ? input : timer;
}
