// SPDX-License-Identifier: BSD-2-Clause
#include "line.h"

bool line_open(struct line *line, const struct objects_pool *pool, struct hosted_board *board)
{
    *line = (struct line){0};
    enum status status = uart_open(&line->uart, pool->kernel, pool->cspace, UART_COM2, NULL);
    if (status != STATUS_OK || !uart_is_there(&line->uart)) {
        return false;
    }
    uart_set_up(&line->uart);
    if (board != NULL &&
        hosted_board_open_line(board, &line->uart.kernel, pool->cspace, NULL) == STATUS_OK) {
        line->board = board;
    }
    return true;
}

bool line_get(uint8_t *byte, struct line *line)
{
    if (line->board == NULL) {
        return uart_get(byte, &line->uart);
    }
    if (line->came.len == 0) {
        line->came = hosted_board_take(line->board, &line->uart.kernel);
    }
    if (line->came.len == 0) {
        return false;
    }
    *byte = *line->came.at;
    line->came = bytes_from(line->came, 1);
    return true;
}

bool line_received(struct line *line)
{
    return line->came.len != 0 || uart_received(&line->uart);
}

void line_wait(struct line *line, bool waits)
{
    if (line->board == NULL && line->waits != waits) {
        line->waits = uart_interrupt_empty(&line->uart, waits, NULL) == STATUS_OK && waits;
    }
}

// A 16550 that the kernel refuses takes everything: nobody is left to tell.
size_t line_put(struct line *line, struct bytes bytes)
{
    size_t count = 0;
    if (line->board != NULL) {
        return hosted_board_give(line->board, &line->uart.kernel, bytes);
    }
    if (!uart_empty(&line->uart)) {
        return 0;
    }
    while (count < UART_FIFO_DEPTH && count < bytes.len) {
        (void)uart_put(&line->uart, bytes.at[count++]);
    }
    return count;
}
