// SPDX-License-Identifier: BSD-2-Clause
#include "output.h"

#include "port.h"

// A 16550 UART on COM1.
enum {
    UART_BASE = 0x3f8,
    UART_LAST = 0x3ff,
    UART_DATA = UART_BASE,
    UART_INTERRUPTS = UART_BASE + 1,
    UART_FIFO = UART_BASE + 2,
    UART_LINE = UART_BASE + 3,
    UART_MODEM = UART_BASE + 4,
    UART_STATUS = UART_BASE + 5,
    UART_EMPTY = 0x20,      // status: everything handed over is sent
    UART_FIFO_DEPTH = 16,   // bytes it takes at once when it is empty
    DEBUG_EXIT_BASE = 0xf4, // QEMU's isa-debug-exit
    DEBUG_EXIT_LAST = 0xf7,
};

static enum status issue(cap_slot *ports, struct output *output, struct cspace *cspace,
                         const uint16_t range[2], struct diag *diag)
{
    cap_slot slot = SEL4_SLOT_NULL;
    enum status status = cspace_take(&slot, cspace, 1, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = port_issue(&output->kernel, cspace_slot(cspace, slot), range[0], range[1], diag);
    if (status == STATUS_OK) {
        *ports = slot;
    }
    return status;
}

// 115200 baud, 8N1, FIFOs on and empty, no interrupts: a release kernel leaves the UART as the
// firmware did.
static void set_up_uart(struct output *output)
{
    static const struct {
        uint16_t port;
        uint8_t value;
    } steps[] = {
        {UART_INTERRUPTS, 0}, {UART_LINE, 0x80}, {UART_DATA, 1},  {UART_INTERRUPTS, 0},
        {UART_LINE, 3},       {UART_FIFO, 7},    {UART_MODEM, 3},
    };
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        enum status set =
            port_out8(&output->kernel, output->ports, steps[i].port, steps[i].value, NULL);
        (void)set; // nobody is left to tell
    }
    output->uart_is_set_up = true;
}

enum status output_open(struct output *output, const struct sel4_kernel *kernel,
                        struct cspace *cspace, struct diag *diag)
{
    static const uint16_t uart[2] = {UART_BASE, UART_LAST};
    static const uint16_t debug_exit[2] = {DEBUG_EXIT_BASE, DEBUG_EXIT_LAST};
    *output = (struct output){.kernel = *kernel};
    enum status status = issue(&output->exit_port, output, cspace, debug_exit, diag);
    if (status != STATUS_OK) {
        return status;
    }
    return issue(&output->ports, output, cspace, uart, diag);
}

static bool uart_ready(struct output *output)
{
    uint64_t line = 0;
    return port_in8(&line, &output->kernel, output->ports, UART_STATUS, NULL) != STATUS_OK ||
           (line & UART_EMPTY) != 0;
}

void output_use_board(struct output *output, const struct hosted_board *board)
{
    output->board = board;
}

static void flush_uart(struct output *output)
{
    if (!output->uart_is_set_up) {
        set_up_uart(output);
    }
    for (size_t i = 0; i < output->len; i++) {
        while (i % UART_FIFO_DEPTH == 0 && !uart_ready(output)) {
        }
        if (port_out8(&output->kernel, output->ports, UART_DATA, output->buffer[i], NULL) !=
            STATUS_OK) {
            break;
        }
    }
}

void output_flush(struct output *output)
{
    if (output->len == 0) {
        return;
    }
    if (output->board != NULL) {
        hosted_board_print(output->board, &output->kernel,
                           (struct bytes){output->buffer, output->len});
    } else {
        flush_uart(output);
    }
    output->len = 0;
}

void output_put(struct output *output, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (output->len == OUTPUT_BUFFER) {
            output_flush(output);
        }
        output->buffer[output->len++] = bytes.at[i];
    }
}

void output_exit(struct output *output, uint8_t code)
{
    output_flush(output);
    enum status ignored =
        port_out8(&output->kernel, output->exit_port, DEBUG_EXIT_BASE, code, NULL);
    (void)ignored;
}
