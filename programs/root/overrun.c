// SPDX-License-Identifier: BSD-2-Clause
#include "overrun.h"

#include "packages.h"
#include "tcb.h"

static const uint8_t syscall_code[] = {0x0f, 0x05};

static bool is_syscall(const struct root_package *package, uint64_t at)
{
    for (size_t i = 0; i < package->elf.count; i++) {
        const struct elf_segment *s = &package->elf.segments[i];
        if (s->execute && at >= s->vaddr && at - s->vaddr < s->filesz) {
            struct bytes code = bytes_part(package->verified.binary, s->offset + (at - s->vaddr),
                                           sizeof(syscall_code));
            return bytes_equal(code, (struct bytes){syscall_code, sizeof(syscall_code)});
        }
    }
    return false;
}

// RDI names a capability before a call, and holds a badge, or zero, behind it.
static bool was_made(const struct root *root, uint32_t target, const struct registers *registers)
{
    uint64_t rdi = registers->word[REG_RDI];
    return is_syscall(packages_of(root, target), registers->word[REG_RIP]) &&
           (rdi == 0 || rdi >= root->plan.targets[target].caps);
}

void overrun_resume(struct root *root, uint32_t target)
{
    const struct objects_site *site = &root->targets[target].site;
    cap_slot tcb = objects_cap(site, objects_find(site, PLAN_TCB), 0);
    struct sel4_reply go_on = {0};
    struct registers registers;
    if (tcb_read(&registers, &root->kernel, tcb, NULL) != STATUS_OK) {
        root->denied = true;
    } else if (was_made(root, target, &registers)) {
        go_on.length = 1; // the instruction pointer comes first
        go_on.word[0] = registers.word[REG_RIP] + sizeof(syscall_code);
    }
    sel4_kernel_reply(&root->kernel, root->reply, &go_on);
}
