// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The devices of the hosted board (spec/hosted-board.md), as a program on it sees them. What is not
// of the PC (COM1, the debug exit port) lies in one piece of device memory, four pages at the first
// physical address after RAM, in a device untyped of its own. A real machine has no such memory.

#include <stdint.h>

// Ports.
enum {
    BOARD_COM1 = 0x3f8, // to 0x3ff: a 16550, I/O APIC pin 4
    BOARD_COM2 = 0x2f8, // to 0x2ff: another, I/O APIC pin 3
    BOARD_COM_PORTS = 8,
    BOARD_EXIT = 0xf4, // to 0xf7: a write ends the run, its value is the outcome
    BOARD_EXIT_PORTS = 4,
    BOARD_RING_BELL = 0x510,    // 32-bit write of anything: the console ring has bytes
    BOARD_INSPECT_BELL = 0x514, // 32-bit write of anything: answer the inspection request
    BOARD_TAKE_BELL = 0x518,    // 32-bit write of anything: take what COM2 has received
    BOARD_GIVE_BELL = 0x51c,    // 32-bit write of N: give N bytes to COM2
    BOARD_BELL_PORTS = 16,      // all, from BOARD_RING_BELL
};

// Device memory.
enum {
    BOARD_DEVICE_SIZE = 0x4000,
    BOARD_RING_OFFSET = 0,
    BOARD_RING_SIZE = 0x1000,
    BOARD_RING_HEADER = 64,
    BOARD_RING_DATA = BOARD_RING_SIZE - BOARD_RING_HEADER, // bytes of data
    BOARD_INSPECT_OFFSET = 0x1000,
    BOARD_INSPECT_SIZE = 0x1000,
    BOARD_INSPECT_HEADER = 32,
    BOARD_CAPS = (BOARD_INSPECT_SIZE - BOARD_INSPECT_HEADER) / 32, // entries of one answer
    BOARD_LINE_OFFSET = 0x2000,
    BOARD_LINE_SIZE = 0x1000,
    BOARD_LINE_HEADER = 64,
    BOARD_LINE_DATA = (BOARD_LINE_SIZE - BOARD_LINE_HEADER) / 2, // bytes each way
};

#define BOARD_MAGIC UINT32_C(0x524b504b) // "KPKR", set by the board

// The console ring. Counters only grow; byte n is at data[n % BOARD_RING_DATA].
struct board_ring {
    uint32_t magic;
    uint32_t reserved;
    uint64_t head; // bytes produced, by the program
    uint64_t tail; // bytes consumed, by the board
    uint64_t pad[5];
    uint8_t data[BOARD_RING_DATA];
};

// One capability of a CNode.
struct board_cap {
    uint32_t slot;
    uint8_t kind;      // seL4's cap tag, as DebugCapIdentify returns it
    uint8_t rights;    // bit 0 write, 1 read, 2 grant, 3 grant reply
    uint8_t size_bits; // of an untyped, frame, CNode (radix) or scheduling context, else 0
    uint8_t pad;
    uint64_t badge;  // of an endpoint or notification; guard of a CNode; else 0
    uint64_t object; // physical address of the object, or its number where it has none
    uint64_t reserved;
};

// An inspection: the program writes `cptr`, `first` and `next`, rings, and finds the rest filled.
struct board_inspect {
    uint64_t cptr;  // a CNode, in the CSpace of the thread that rings
    uint64_t first; // slot to begin with
    uint64_t count; // entries: the slots that are not empty, in order; all ones = no such CNode, or
                    // an empty one
    uint64_t next;  // program: slot to stop before, 0 = the end; board: slot to go on with, 0 =
                    // complete
    struct board_cap cap[BOARD_CAPS];
};

// Bytes of COM2, many in one call. Both numbers are the board's answers to the bells.
struct board_line {
    uint32_t taken; // bytes in `in`, from its begin
    uint32_t given; // bytes of `out` that COM2 took, from its begin
    uint64_t pad[7];
    uint8_t in[BOARD_LINE_DATA];
    uint8_t out[BOARD_LINE_DATA];
};

_Static_assert(sizeof(struct board_line) == BOARD_LINE_SIZE, "line");
_Static_assert(sizeof(struct board_ring) == BOARD_RING_SIZE, "ring");
_Static_assert(sizeof(struct board_cap) == 32, "entry");
_Static_assert(sizeof(struct board_inspect) <= BOARD_INSPECT_SIZE, "inspection");
