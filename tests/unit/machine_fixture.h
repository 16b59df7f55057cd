// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A machine without a kernel: the test is the kernel half. Page tables are a short list.

#include "machine.h"
#include "machine_linux.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FIXTURE_MEMORY = 0x400000,
    FIXTURE_CODE = 0x100000, // paddr of the code page of `fixture_code`
    FIXTURE_PAGES = 64,
};
#define FIXTURE_ROOT   UINT64_C(0x1000)
#define FIXTURE_ROOT_2 UINT64_C(0x2000)
#define FIXTURE_TEXT   UINT64_C(0x400000) // where code is mapped
#define FIXTURE_DATA   UINT64_C(0x500000)

struct fixture_page {
    uint64_t root;
    struct machine_page page;
};

struct fixture {
    struct machine *machine;
    struct registers regs;
    struct machine_fpu fpu;
    struct fixture_page page[FIXTURE_PAGES];
    size_t page_count;
};

// The machine asks the fixture that was started last.
void fixture_start(struct fixture *f, const struct machine_options *options);
void fixture_stop(struct fixture *f);

// Maps one 4 KiB page.
void fixture_map(struct fixture *f, uint64_t root, uint64_t vaddr, uint64_t paddr, bool writable);
void fixture_unmap(struct fixture *f, uint64_t root, uint64_t vaddr);

// Puts code at FIXTURE_CODE, maps it at FIXTURE_TEXT in FIXTURE_ROOT and clears the registers.
void fixture_code(struct fixture *f, const void *code, size_t len);
// A thread's first FPU state.
void fixture_fpu(struct machine_fpu *fpu);

// Runs until an event, at most a minute: a busy host may keep it waiting for seconds.
struct machine_event fixture_run(struct fixture *f);
struct machine_event fixture_run_in(struct fixture *f, uint64_t root, struct registers *regs,
                                    struct machine_fpu *fpu, uint64_t ticks);
