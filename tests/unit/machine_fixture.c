// SPDX-License-Identifier: BSD-2-Clause
#include "machine_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct fixture *current;

bool machine_walk(const struct machine *m, uint64_t root, uint64_t vaddr, struct machine_page *page)
{
    (void)m;
    for (size_t i = 0; i < current->page_count; i++) {
        const struct fixture_page *p = &current->page[i];
        uint64_t size = UINT64_C(1) << p->page.size_bits;
        if (p->root == root && vaddr >= p->page.vaddr && vaddr - p->page.vaddr < size) {
            *page = p->page;
            return true;
        }
    }
    return false;
}

void fixture_start(struct fixture *f, const struct machine_options *options)
{
    struct machine_options defaults = {.memory_size = FIXTURE_MEMORY};
    struct diag diag = {0};
    *f = (struct fixture){0};
    fixture_fpu(&f->fpu);
    current = f;
    if (machine_create(&f->machine, options != NULL ? options : &defaults, &diag) != STATUS_OK ||
        machine_start(f->machine, &diag) != STATUS_OK ||
        machine_begin(f->machine, &diag) != STATUS_OK) {
        (void)fprintf(stderr, "%s: %s %lu\n", status_name(diag.status), diag.what,
                      (unsigned long)diag.where);
        abort();
    }
}

void fixture_stop(struct fixture *f)
{
    machine_destroy(f->machine);
    f->machine = NULL;
}

void fixture_map(struct fixture *f, uint64_t root, uint64_t vaddr, uint64_t paddr, bool writable)
{
    f->page[f->page_count++] = (struct fixture_page){
        root,
        {.vaddr = vaddr, .paddr = paddr, .size_bits = 12, .readable = true, .writable = writable}};
}

void fixture_unmap(struct fixture *f, uint64_t root, uint64_t vaddr)
{
    for (size_t i = 0; i < f->page_count; i++) {
        if (f->page[i].root == root && f->page[i].page.vaddr == vaddr) {
            f->page[i] = f->page[--f->page_count];
            f->machine->operations->flush(f->machine, root, vaddr, 4096);
            return;
        }
    }
    abort();
}

void fixture_code(struct fixture *f, const void *code, size_t len)
{
    memcpy(f->machine->memory + FIXTURE_CODE, code, len);
    fixture_map(f, FIXTURE_ROOT, FIXTURE_TEXT, FIXTURE_CODE, false);
    f->regs = (struct registers){{[REG_RIP] = FIXTURE_TEXT, [REG_RFLAGS] = 0x202}};
}

void fixture_fpu(struct machine_fpu *fpu)
{
    memset(fpu, 0, sizeof *fpu);
    fpu->fxsave[0] = 0x7f; // FCW 0x37f
    fpu->fxsave[1] = 0x03;
    fpu->fxsave[24] = 0x80; // MXCSR 0x1f80
    fpu->fxsave[25] = 0x1f;
}

struct machine_event fixture_run_in(struct fixture *f, uint64_t root, struct registers *regs,
                                    struct machine_fpu *fpu, uint64_t ticks)
{
    uint64_t deadline = f->machine->operations->now(f->machine) + ticks;
    return f->machine->operations->run(f->machine, root, regs, fpu, deadline);
}

struct machine_event fixture_run(struct fixture *f)
{
    return fixture_run_in(f, FIXTURE_ROOT, &f->regs, &f->fpu,
                          UINT64_C(60000000) * f->machine->ticks_per_us);
}
