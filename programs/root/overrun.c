// SPDX-License-Identifier: BSD-2-Clause
#include "overrun.h"

#include "arch.h"
#include "packages.h"
#include "tcb.h"

// Length of the system call at an address of the program's code; 0 where there is none.
static size_t syscall_at(const struct root_package *package, uint64_t at)
{
    for (size_t i = 0; i < package->elf.count; i++) {
        const struct elf_segment *s = &package->elf.segments[i];
        if (s->execute && at >= s->vaddr && at - s->vaddr < s->filesz) {
            uint64_t inside = at - s->vaddr;
            struct bytes code =
                bytes_part(package->verified.binary, s->offset + inside, s->filesz - inside);
            return arch_syscall_length(code.at, code.len);
        }
    }
    return 0;
}

// Length of the call that the thread stands at and has made; 0 where it has made none. The register
// names a capability before a call, and holds a badge, or zero, behind it.
static size_t made(const struct root *root, uint32_t target, const struct registers *registers)
{
    uint64_t cap = registers->word[REG_CAP];
    bool delivered = cap == 0 || cap >= root->plan.targets[target].caps;
    return delivered ? syscall_at(packages_of(root, target), registers->word[REG_PC]) : 0;
}

void overrun_resume(struct root *root, uint32_t target)
{
    const struct objects_site *site = &root->targets[target].site;
    cap_slot tcb = objects_cap(site, objects_find(site, PLAN_TCB), 0);
    struct sel4_reply go_on = {0};
    struct registers registers;
    if (tcb_read(&registers, &root->kernel, tcb, NULL) != STATUS_OK) {
        root->denied = true;
    } else {
        size_t call = made(root, target, &registers);
        go_on.length = call != 0; // the program counter comes first
        go_on.word[0] = registers.word[REG_PC] + call;
    }
    sel4_kernel_reply(&root->kernel, root->reply, &go_on);
}
