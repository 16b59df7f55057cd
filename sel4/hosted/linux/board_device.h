// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The devices of the hosted board (spec/hosted-board.md). What user code wrote into device memory
// is hostile; no stub runs while a device reads it.

#include "machine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine_options;

struct board_device {
    const struct machine_options *options; // where output goes
    uint8_t *memory;                       // BOARD_DEVICE_SIZE bytes, shared with user code
    uint8_t line_control;                  // COM1 registers that read back what was written
    uint8_t interrupt_enable;
    uint8_t modem_control;
    uint8_t scratch;
    uint16_t divisor;
    bool exited;
    uint32_t exit_value;
};

void board_device_start(struct board_device *board, const struct machine_options *options,
                        uint8_t *memory);
// A port without a device reads as all ones and ignores writes, as on a PC.
uint32_t board_device_in(const struct board_device *board, uint16_t port, unsigned width);
void board_device_out(struct board_device *board, uint16_t port, unsigned width, uint32_t value);
