// SPDX-License-Identifier: BSD-2-Clause
#include "arch.h"

// The kernel returns with RSP = 0 and RCX, R11 destroyed, so RSP waits in RBX
// (spec/target-abi.md, system calls).
void arch_syscall(struct arch_message *message, int64_t number, uint64_t reply)
{
    register uint64_t mr0 __asm__("r10") = message->word[0];
    register uint64_t mr1 __asm__("r8") = message->word[1];
    register uint64_t mr2 __asm__("r9") = message->word[2];
    register uint64_t mr3 __asm__("r15") = message->word[3];
    register uint64_t reply_object __asm__("r12") = reply;
    register uint64_t to __asm__("r13") = message->to;
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "syscall\n\t"
                     "movq %%rbx, %%rsp"
                     : "+D"(message->cap_or_badge), "+S"(message->info), "+r"(mr0), "+r"(mr1),
                       "+r"(mr2), "+r"(mr3)
                     : "d"(number), "r"(reply_object), "r"(to)
                     : "rbx", "rcx", "r11", "memory");
    message->word[0] = mr0;
    message->word[1] = mr1;
    message->word[2] = mr2;
    message->word[3] = mr3;
}

size_t arch_syscall_length(const uint8_t *code, size_t len)
{
    return len >= 2 && code[0] == 0x0f && code[1] == 0x05 ? 2 : 0;
}

uint64_t arch_ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}
