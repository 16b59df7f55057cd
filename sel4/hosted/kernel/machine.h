// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the kernel half asks of the machine under it. linux/ implements it with ptrace and a memfd,
// the unit tests with plain data. The machine has no policy: it runs user code until something
// traps, keeps time, and moves bytes through ports. Its translations are a TLB: they are filled on
// demand from the kernel's page tables (`machine_walk`) and dropped with `flush`; nothing is mapped
// eagerly.

#include "bytes.h"
#include "registers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct machine;

enum machine_event_kind {
    MACHINE_SYSCALL,    // a `syscall` instruction; regs hold the state with RIP on that instruction
    MACHINE_PAGE_FAULT, // address, code = x86 page-fault error code (FSR), RIP on the faulting
                        // instruction
    MACHINE_EXCEPTION,  // vector and error code of any other CPU exception
    MACHINE_SOFTINT,    // `int N` that reaches the kernel: vector = N, RIP on the instruction
    MACHINE_DEADLINE,   // the deadline passed, nothing else happened
    MACHINE_INTERRUPT,  // a device interrupt is pending: see `interrupt`
    MACHINE_STOP,       // the run is over: debug exit, time limit or the user's wish
};

struct machine_event {
    enum machine_event_kind kind;
    uint64_t vector;
    uint64_t code;
    uint64_t address;
};

// The FPU and SSE state of a thread in FXSAVE form, swapped by the machine when another thread
// runs.
struct machine_fpu {
    _Alignas(16) uint8_t fxsave[512];
};

// A translation that the kernel's page tables give for one address.
struct machine_page {
    uint64_t vaddr;    // start of the page
    uint64_t paddr;    // where in physical memory
    uint8_t size_bits; // 12, 21 or 30
    bool readable;
    bool writable;
    bool device;
};

struct machine_operations {
    // Puts bytes where nothing has been yet, which is faster than page by page through `memory`.
    // False when the host has no memory for them.
    bool (*load)(struct machine *m, uint64_t paddr, struct bytes data);
    // Runs the thread in the address space `root` (paddr of its PML4) until an event or `deadline`
    // (ticks). `regs` is read and written. `fpu` is read when another thread ran in between, and
    // written at any time until `fpu_forget`.
    // `fpu` NULL: the thread may not use the FPU; an instruction that does is exception 7.
    struct machine_event (*run)(struct machine *m, uint64_t root, struct registers *regs,
                                struct machine_fpu *fpu, uint64_t deadline);
    // The thread that has this FPU state will never run again.
    void (*fpu_forget)(struct machine *m, const struct machine_fpu *fpu);
    // No thread is runnable: waits for the deadline, an interrupt or the end. UINT64_MAX = no
    // deadline.
    struct machine_event (*idle)(struct machine *m, uint64_t deadline);
    // Translations of [vaddr, vaddr + len) in `root` may have changed or gone.
    void (*flush)(struct machine *m, uint64_t root, uint64_t vaddr, uint64_t len);
    // The address space will never run again.
    void (*forget)(struct machine *m, uint64_t root);
    // Ticks since boot (what rdtsc counts); monotonic.
    uint64_t (*now)(struct machine *m);
    // I/O ports; width 1, 2 or 4 bytes.
    uint32_t (*port_in)(struct machine *m, uint16_t port, unsigned width);
    void (*port_out)(struct machine *m, uint16_t port, unsigned width, uint32_t value);
    // Device interrupts by IOAPIC pin: mask/unmask; `interrupt` takes one pending unmasked pin, or
    // -1.
    void (*interrupt_mask)(struct machine *m, unsigned pin, bool masked);
    // How a masked pin is triggered: by level or edge, active low or high.
    void (*interrupt_form)(struct machine *m, unsigned pin, bool level, bool low);
    int (*interrupt)(struct machine *m);
    // The kernel is in a long operation: has something come that it must turn to, an interrupt, the
    // deadline or the end? In virtual time each question takes a moment.
    bool (*waiting)(struct machine *m, uint64_t deadline);
    // Kernel debug output (DebugPutChar and the kernel's own reports).
    void (*put_char)(struct machine *m, char c);
};

// The part of the machine that both halves see; linux/ embeds it as its first member.
struct machine {
    const struct machine_operations *operations;
    struct kernel *kernel; // whose page tables `machine_walk` reads
    uint8_t *memory;       // physical memory: paddr is the offset
    uint64_t memory_size;  // RAM: [0, memory_size)
    uint64_t device_base;  // first paddr of the board's device memory backed by `memory`
                           // (page-aligned, >= memory_size)
    uint64_t device_size;  // its bytes; 0 = none
    uint32_t ticks_per_us; // TSC MHz
};

// Called by the machine on a miss: what the kernel's tables say about `vaddr` in `root`. False =
// not mapped. Implemented by the kernel half (kernel/machine_walk.c).
bool machine_walk(const struct machine *m, uint64_t root, uint64_t vaddr,
                  struct machine_page *page);
