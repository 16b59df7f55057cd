// SPDX-License-Identifier: BSD-2-Clause
#include "uart.h"

#include "port.h"

// Registers, as offsets from the base.
enum {
    REGISTERS = 8,
    DATA = 0,
    INTERRUPTS = 1,
    FIFO = 2,
    LINE = 3,
    MODEM = 4,
    STATUS = 5,
    SCRATCH = 7,

    STATUS_RECEIVED = 0x01,
    STATUS_EMPTY = 0x20,
    PATTERN = 0x5a,
    INTERRUPT_RECEIVED = 0x01,
    INTERRUPT_EMPTY = 0x02,
    MODEM_READY = 0x03,
    MODEM_OUT2 = 0x08, // lets interrupts out on a PC
};

static enum status write(struct uart *uart, uint16_t index, uint8_t value, struct diag *diag)
{
    return port_out8(&uart->kernel, uart->ports, (uint16_t)(uart->base + index), value, diag);
}

// 0xff, as from an empty bus, where the kernel refuses.
static uint8_t read(struct uart *uart, uint16_t index)
{
    uint64_t value = UINT8_MAX;
    enum status status =
        port_in8(&value, &uart->kernel, uart->ports, (uint16_t)(uart->base + index), NULL);
    return status == STATUS_OK ? (uint8_t)value : UINT8_MAX;
}

enum status uart_open(struct uart *uart, const struct sel4_kernel *kernel, struct cspace *cspace,
                      uint16_t base, struct diag *diag)
{
    *uart = (struct uart){.kernel = *kernel, .base = base};
    cap_slot slot = SEL4_SLOT_NULL;
    enum status status = cspace_take(&slot, cspace, 1, diag);
    if (status == STATUS_OK) {
        status = port_issue(&uart->kernel, cspace_slot(cspace, slot), base,
                            (uint16_t)(base + REGISTERS - 1), diag);
    }
    uart->ports = status == STATUS_OK ? slot : SEL4_SLOT_NULL;
    return status;
}

// FIFOs on and empty, no interrupts: a release kernel leaves the line as the firmware did.
void uart_set_up(struct uart *uart)
{
    static const struct {
        uint8_t index;
        uint8_t value;
    } steps[] = {
        {INTERRUPTS, 0}, {LINE, 0x80},         {DATA, 1}, {INTERRUPTS, 0}, {LINE, 3},
        {FIFO, 7},       {MODEM, MODEM_READY},
    };
    for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        enum status status = write(uart, steps[i].index, steps[i].value, NULL);
        (void)status;
    }
}

bool uart_is_there(struct uart *uart)
{
    return write(uart, SCRATCH, PATTERN, NULL) == STATUS_OK && read(uart, SCRATCH) == PATTERN;
}

enum status uart_interrupt(struct uart *uart, struct diag *diag)
{
    enum status status = write(uart, MODEM, MODEM_READY | MODEM_OUT2, diag);
    return status == STATUS_OK ? write(uart, INTERRUPTS, INTERRUPT_RECEIVED, diag) : status;
}

enum status uart_interrupt_empty(struct uart *uart, bool wanted, struct diag *diag)
{
    uint8_t also = wanted ? INTERRUPT_EMPTY : 0;
    return write(uart, INTERRUPTS, INTERRUPT_RECEIVED | also, diag);
}

bool uart_empty(struct uart *uart)
{
    return (read(uart, STATUS) & STATUS_EMPTY) != 0;
}

bool uart_put(struct uart *uart, uint8_t byte)
{
    return write(uart, DATA, byte, NULL) == STATUS_OK;
}

bool uart_received(struct uart *uart)
{
    uint8_t status = read(uart, STATUS);
    return status != UINT8_MAX && (status & STATUS_RECEIVED) != 0;
}

bool uart_get(uint8_t *byte, struct uart *uart)
{
    if (!uart_received(uart)) {
        return false;
    }
    *byte = read(uart, DATA);
    return true;
}
