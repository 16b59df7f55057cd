// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The devices of the hosted board (spec/hosted-board.md): who answers at which port, and which pin
// of the I/O APIC each one drives. What user code wrote into device memory is hostile; no stub runs
// while a device reads it.

#include "ioapic.h"
#include "pit.h"
#include "uart.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board_device {
    const struct machine_options *options; // where output goes
    uint8_t *memory;                       // BOARD_DEVICE_SIZE bytes, shared with user code
    struct serial_end end;                 // COM1's: the output and input of the machine
    struct uart com1;
    struct uart com2; // answers where options->com2 is given
    struct pit pit;
    struct ioapic ioapic;
    bool exited;
    uint32_t exit_value;
};

void board_device_start(struct board_device *board, const struct machine_options *options,
                        uint8_t *memory, uint32_t ticks_per_us);
// A port without a device reads as all ones and ignores writes, as on a PC. `width` is 1, 2 or 4
// bytes, `now` in ticks.
uint32_t board_device_in(struct board_device *board, uint16_t port, unsigned width, uint64_t now);
void board_device_out(struct board_device *board, uint16_t port, unsigned width, uint32_t value,
                      uint64_t now);

void board_device_mask(struct board_device *board, unsigned pin, bool masked);
// Lets the devices do what is due by `now`; true = an interrupt waits. `idle`: no thread can run
// (uart.h).
bool board_device_advance(struct board_device *board, uint64_t now, bool idle);
// Ticks at which a device has something to do that could be noticed; UINT64_MAX = never.
uint64_t board_device_deadline(const struct board_device *board, bool idle);
