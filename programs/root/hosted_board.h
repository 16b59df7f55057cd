// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The devices that only the hosted board has (spec/hosted-board.md): a console ring and a page of
// COM2, which take many bytes in one call, and the inspection, which shows what the kernel holds in
// a CNode.

#include "board.h"
#include "cspace.h"
#include "memory.h"

struct hosted_board {
    struct board_ring *ring;
    struct board_inspect *inspect;
    struct board_line *line; // NULL until hosted_board_open_line
    cap_slot untyped;        // of its device memory
    cap_slot bells;          // I/O ports
};

// Finds and maps the board's device memory. True when there is such a board and all of it works.
bool hosted_board_open(struct hosted_board *board, const struct sel4_bootinfo *bootinfo,
                       struct sel4_kernel *kernel, struct cspace *cspace);

// Prints at once; at most one ring of bytes.
void hosted_board_print(const struct hosted_board *board, struct sel4_kernel *kernel,
                        struct bytes bytes);

// Maps the page of COM2. Without it, the line has its ports only.
enum status hosted_board_open_line(struct hosted_board *board, struct sel4_kernel *kernel,
                                   struct cspace *cspace, struct diag *diag) MUST_CHECK;

// Bytes that COM2 has received, valid until the next call; and how many of these it takes to send.
struct bytes hosted_board_take(const struct hosted_board *board, struct sel4_kernel *kernel);
size_t hosted_board_give(const struct hosted_board *board, struct sel4_kernel *kernel,
                         struct bytes bytes);

// Slots [first, end) of the CNode at `cnode`; `end` 0 = to its end.
struct hosted_board_slots {
    cap_slot cnode;
    uint64_t first, end;
};

// Fills `board->inspect` with the live ones of these slots.
enum status hosted_board_inspect(const struct hosted_board *board, struct sel4_kernel *kernel,
                                 struct hosted_board_slots slots, struct diag *diag) MUST_CHECK;
