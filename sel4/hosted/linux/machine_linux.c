// SPDX-License-Identifier: BSD-2-Clause

// The operations of machine.h over memfd, ptrace and the devices, and the order in which a machine
// is made and ended: memory, seed (which takes longest and strips itself meanwhile), the monitor's
// mapping, clock, devices. Everything is owned by one thread, the tracer; machine_destroy takes
// back what of it was made, in the other order, stubs before the memory that they map.

#include "machine_linux.h"

#include "board.h"
#include "host.h"
#include "monitor.h"
#include "trap.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static bool machine_load(struct machine *m, uint64_t paddr, struct bytes data)
{
    int file = monitor_of(m)->memory;
    while (data.len != 0) {
        ssize_t put = pwrite(file, data.at, data.len, (off_t)paddr);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        size_t done = put < 0 ? 0 : (size_t)put;
        paddr += done;
        data = bytes_part(data, done, data.len - done);
    }
    return true;
}

static struct machine_event machine_run(struct machine *m, uint64_t root, struct registers *regs,
                                        struct machine_fpu *fpu, uint64_t deadline)
{
    return trap_run(monitor_of(m), root, regs, fpu, deadline);
}

static void machine_fpu_forget(struct machine *m, const struct machine_fpu *fpu)
{
    space_fpu_forget(&monitor_of(m)->spaces, fpu);
}

static struct machine_event machine_idle(struct machine *m, uint64_t deadline)
{
    struct monitor *monitor = monitor_of(m);
    while (!trap_is_over(monitor)) {
        uint64_t now = ticks_now(&monitor->ticks);
        if (board_device_advance(&monitor->board, now, true)) {
            return (struct machine_event){.kind = MACHINE_INTERRUPT};
        }
        if (now >= deadline) {
            return (struct machine_event){.kind = MACHINE_DEADLINE};
        }
        if (deadline == TICKS_NEVER &&
            board_device_deadline(&monitor->board, true) == TICKS_NEVER) {
            monitor->end = MACHINE_END_IDLE;
        } else {
            ticks_sleep(&monitor->ticks, trap_deadline(monitor, deadline, true));
        }
    }
    return (struct machine_event){.kind = MACHINE_STOP};
}

static void machine_flush(struct machine *m, uint64_t root, uint64_t vaddr, uint64_t len)
{
    space_flush(&monitor_of(m)->spaces, root, vaddr, len);
}

static void machine_forget(struct machine *m, uint64_t root)
{
    space_forget(&monitor_of(m)->spaces, root);
}

static uint64_t machine_now(struct machine *m)
{
    return ticks_now(&monitor_of(m)->ticks);
}

static uint32_t machine_port_in(struct machine *m, uint16_t port, unsigned width)
{
    struct monitor *monitor = monitor_of(m);
    return board_device_in(&monitor->board, port, width, ticks_now(&monitor->ticks));
}

static void machine_port_out(struct machine *m, uint16_t port, unsigned width, uint32_t value)
{
    struct monitor *monitor = monitor_of(m);
    board_device_out(&monitor->board, port, width, value, ticks_now(&monitor->ticks));
    if (monitor->board.exited && monitor->end == MACHINE_END_NONE) {
        monitor->end = MACHINE_END_EXIT;
    }
}

static void machine_interrupt_mask(struct machine *m, unsigned pin, bool masked)
{
    board_device_mask(&monitor_of(m)->board, pin, masked);
}

static void machine_interrupt_form(struct machine *m, unsigned pin, bool level, bool low)
{
    ioapic_form(&monitor_of(m)->board.ioapic, pin, level, low);
}

static int machine_interrupt(struct machine *m)
{
    return ioapic_take(&monitor_of(m)->board.ioapic);
}

static bool machine_waiting(struct machine *m, uint64_t deadline)
{
    struct monitor *monitor = monitor_of(m);
    ticks_trap(&monitor->ticks);
    uint64_t now = ticks_now(&monitor->ticks);
    return board_device_advance(&monitor->board, now, false) || now >= deadline ||
           trap_is_over(monitor);
}

static void machine_put_char(struct machine *m, char c)
{
    const struct machine_options *options = &monitor_of(m)->options;
    if (options->debug != NULL) {
        options->debug(options->context, c);
    }
}

static const struct machine_operations operations = {
    .load = machine_load,
    .run = machine_run,
    .fpu_forget = machine_fpu_forget,
    .idle = machine_idle,
    .flush = machine_flush,
    .forget = machine_forget,
    .now = machine_now,
    .port_in = machine_port_in,
    .port_out = machine_port_out,
    .interrupt_mask = machine_interrupt_mask,
    .interrupt_form = machine_interrupt_form,
    .interrupt = machine_interrupt,
    .waiting = machine_waiting,
    .put_char = machine_put_char,
};

static enum status make_memory(struct monitor *monitor, struct diag *diag)
{
    monitor->backing_size = (size_t)monitor->options.memory_size + BOARD_DEVICE_SIZE;
    monitor->memory = host_memory_file(monitor->backing_size);
    if (monitor->memory < 0) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "memory file", (uint64_t)errno);
    }
    return STATUS_OK;
}

// After the seed was cloned: what is mapped later, the child does not have to unmap.
static enum status map_memory(struct monitor *monitor, struct diag *diag)
{
    void *at =
        mmap(NULL, monitor->backing_size, PROT_READ | PROT_WRITE, MAP_SHARED, monitor->memory, 0);
    if (at == MAP_FAILED) {
        return diag_fail(diag, STATUS_HOST_REFUSED, "memory mapping", (uint64_t)errno);
    }
    monitor->base.memory = at;
    monitor->base.memory_size = monitor->options.memory_size;
    monitor->base.device_base = monitor->options.memory_size;
    monitor->base.device_size = BOARD_DEVICE_SIZE;
    return STATUS_OK;
}

static void start_devices(struct monitor *monitor)
{
    board_device_start(&monitor->board, &monitor->options,
                       monitor->base.memory + monitor->base.device_base, monitor->ticks.per_us);
}

static void start_time(struct monitor *monitor)
{
    uint64_t limit_us = monitor->options.time_limit_us;
    uint64_t per_us = monitor->ticks.per_us;
    monitor->base.ticks_per_us = monitor->ticks.per_us;
    monitor->start = ticks_now(&monitor->ticks);
    // A limit beyond the counter's range is none.
    bool limited = limit_us != 0 && limit_us < (TICKS_NEVER - monitor->start) / per_us;
    monitor->limit = limited ? monitor->start + limit_us * per_us : TICKS_NEVER;
}

// The seed comes first, for it has the most to do, and is made of less then.
static enum status make(struct monitor *monitor, struct diag *diag)
{
    enum status status = make_memory(monitor, diag);
    if (status == STATUS_OK) {
        host_choose(&monitor->affinity);
        const struct seed_options options = {monitor->memory, monitor->options.deterministic,
                                             &monitor->affinity};
        status = seed_start(&monitor->seed, &options, diag);
    }
    if (status == STATUS_OK) {
        status = map_memory(monitor, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    monitor->spaces.at = calloc(SPACE_LIMIT, sizeof *monitor->spaces.at);
    return monitor->spaces.at != NULL
               ? STATUS_OK
               : diag_fail(diag, STATUS_NO_MEMORY, "address spaces", SPACE_LIMIT);
}

enum status machine_create(struct machine **machine, const struct machine_options *options,
                           struct diag *diag)
{
    if (options->memory_size == 0 || options->memory_size % 4096 != 0 ||
        options->memory_size > SIZE_MAX / 2) {
        return diag_fail(diag, STATUS_USAGE, "memory size", options->memory_size);
    }
    struct monitor *monitor = calloc(1, sizeof *monitor);
    if (monitor == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "machine", sizeof *monitor);
    }
    monitor->base.operations = &operations;
    monitor->options = *options;
    monitor->created = ticks_mark();
    monitor->memory = -1;
    monitor->seed.control = -1;
    enum status status = make(monitor, diag);
    if (status != STATUS_OK) {
        machine_destroy(&monitor->base);
        return status;
    }
    *machine = &monitor->base;
    return STATUS_OK;
}

enum status machine_start(struct machine *machine, struct diag *diag)
{
    struct monitor *monitor = monitor_of(machine);
    enum status status =
        ticks_start(&monitor->ticks, monitor->options.deterministic, monitor->created, diag);
    if (status == STATUS_OK) {
        start_time(monitor);
        start_devices(monitor);
    }
    return status;
}

enum status machine_begin(struct machine *machine, struct diag *diag)
{
    struct monitor *monitor = monitor_of(machine);
    host_pin(&monitor->affinity);
    enum status status = seed_ready(&monitor->seed, diag);
    start_time(monitor);
    return status;
}

void machine_destroy(struct machine *machine)
{
    if (machine == NULL) {
        return;
    }
    struct monitor *monitor = monitor_of(machine);
    ticks_finish(&monitor->ticks);
    space_forget_all(&monitor->spaces);
    seed_finish(&monitor->seed);
    host_unpin(&monitor->affinity);
    if (monitor->base.memory != NULL) {
        (void)munmap(monitor->base.memory, monitor->backing_size);
    }
    if (monitor->memory >= 0) {
        (void)close(monitor->memory);
    }
    free(monitor->spaces.at);
    free(monitor);
}

struct machine_summary machine_summary(const struct machine *machine)
{
    const struct monitor *monitor = (const struct monitor *)machine;
    return (struct machine_summary){
        .end = monitor->end,
        .exit_value = monitor->board.exit_value,
        .notes = monitor->seed.notes,
        .traps = monitor->traps,
        .ticks = ticks_now(&monitor->ticks) - monitor->start,
    };
}
