// SPDX-License-Identifier: BSD-2-Clause
#include "output.h"

#include "port.h"

// QEMU's isa-debug-exit.
enum { DEBUG_EXIT_BASE = 0xf4, DEBUG_EXIT_LAST = 0xf7 };

static enum status issue_exit(struct output *output, struct cspace *cspace, struct diag *diag)
{
    cap_slot slot = SEL4_SLOT_NULL;
    enum status status = cspace_take(&slot, cspace, 1, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = port_issue(&output->uart.kernel, cspace_slot(cspace, slot), DEBUG_EXIT_BASE,
                        DEBUG_EXIT_LAST, diag);
    if (status == STATUS_OK) {
        output->exit_port = slot;
    }
    return status;
}

enum status output_open(struct output *output, const struct sel4_kernel *kernel,
                        struct cspace *cspace, struct diag *diag)
{
    *output = (struct output){.uart = {.kernel = *kernel}};
    enum status status = issue_exit(output, cspace, diag);
    return status == STATUS_OK ? uart_open(&output->uart, kernel, cspace, UART_COM1, diag) : status;
}

void output_use_board(struct output *output, const struct hosted_board *board)
{
    output->board = board;
}

static void flush_uart(struct output *output)
{
    if (!output->uart_is_set_up) {
        uart_set_up(&output->uart);
        output->uart_is_set_up = true;
    }
    for (size_t i = 0; i < output->len; i++) {
        while (i % UART_FIFO_DEPTH == 0 && !uart_empty(&output->uart)) {
        }
        if (!uart_put(&output->uart, output->buffer[i])) {
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
        hosted_board_print(output->board, &output->uart.kernel,
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
        port_out8(&output->uart.kernel, output->exit_port, DEBUG_EXIT_BASE, code, NULL);
    (void)ignored;
}
