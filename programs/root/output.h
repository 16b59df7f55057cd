// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where the root task's bytes go: COM1 through an I/O-port capability, or the console ring of the
// hosted board, whichever the boot info offers. One stream carries console lines and event frames
// (RS object LF, RFC 7464), told apart by that framing. Bytes gather in a buffer until
// output_flush.

#include "hosted_board.h"
#include "uart.h"

enum { OUTPUT_BUFFER = 2048 };

struct output {
    struct uart uart;                 // COM1
    cap_slot exit_port;               // the machine's debug-exit device, or 0
    const struct hosted_board *board; // whose console ring takes the bytes instead, or NULL
    bool uart_is_set_up;              // at the first byte that goes there
    size_t len;
    uint8_t buffer[OUTPUT_BUFFER];
};

// Opens what the board has. `kernel` needs the labels of I/O ports only, so that even a kernel that
// is not understood can be told so.
enum status output_open(struct output *output, const struct sel4_kernel *kernel,
                        struct cspace *cspace, struct diag *diag) MUST_CHECK;

// From now on through the console ring of a board that is there.
void output_use_board(struct output *output, const struct hosted_board *board);

void output_put(struct output *output, struct bytes bytes);
void output_flush(struct output *output);

// Ends the machine with `code` where it has a debug-exit port; else returns.
void output_exit(struct output *output, uint8_t code);
