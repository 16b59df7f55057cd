// SPDX-License-Identifier: BSD-2-Clause
//
// A driver: the real-time clock of a PC interrupts it some times, and it reads the maker of the
// high-precision timer. It has two ports, one interrupt line and one page of device memory, and
// nothing else of the machine.
#include "kpkg.h"

// Registers of the clock (MC146818): an index port and a data port.
enum {
    INDEX = 0x70,
    DATA = 0x71,
    REGISTER_A = 10, // low four bits: the rate, 6 = 1024 Hz
    REGISTER_B = 11, // bit 6: periodic interrupts
    REGISTER_C = 12, // what has happened; reading it forgets
    RATE = 6,
    PERIODIC = 0x40,
    TICKS = 16,
};

static uint8_t read_clock(uint64_t ports, uint8_t index)
{
    kpkg_port_out8(ports, INDEX, index);
    return kpkg_port_in8(ports, DATA);
}

static void write_clock(uint64_t ports, uint8_t index, uint8_t value)
{
    kpkg_port_out8(ports, INDEX, index);
    kpkg_port_out8(ports, DATA, value);
}

static void set_periodic(uint64_t ports, bool on)
{
    uint8_t control = read_clock(ports, REGISTER_B);
    write_clock(ports, REGISTER_B, (uint8_t)(on ? control | PERIODIC : control & ~PERIODIC));
}

// The rate of the clock on no machine is all ones.
static bool is_there(uint64_t ports)
{
    return read_clock(ports, REGISTER_A) != UINT8_MAX;
}

static unsigned count_ticks(uint64_t ports)
{
    uint64_t tick = kpkg_cap("tick"), handler = kpkg_irq_handler("tick");
    unsigned ticks = 0;
    uint8_t rate = read_clock(ports, REGISTER_A);
    write_clock(ports, REGISTER_A, (uint8_t)((rate & 0xf0) | RATE));
    set_periodic(ports, true);
    read_clock(ports, REGISTER_C);
    kpkg_irq_ack(handler);
    while (ticks < TICKS) {
        kpkg_wait(tick);
        ticks += (read_clock(ports, REGISTER_C) & PERIODIC) != 0;
        kpkg_irq_ack(handler);
    }
    set_periodic(ports, false);
    return ticks;
}

int main(void)
{
    uint64_t log = kpkg_cap("log"), ports = kpkg_cap("registers");
    const volatile uint32_t *timer = kpkg_region("timer", NULL);
    if (!is_there(ports) || timer == NULL) {
        kpkg_print(log, "this machine has no such clock");
        return 2;
    }
    kpkg_print(log, "the timer is by %x", timer[0] >> 16);
    kpkg_print(log, "%u ticks", count_ticks(ports));
    return 0;
}
