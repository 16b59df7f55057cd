// SPDX-License-Identifier: BSD-2-Clause
//
// Prints its arguments on the kernel's own serial line, where the root task sends the event log:
// each as a line, with RS for '~'. Only kernels with printing have the call, for any program.
#include "kpkg.h"
#include "sel4_syscall.h"

// The kernel returns with RSP = 0 and RCX, R11 destroyed (spec/target-abi.md, system calls).
static void put(char c)
{
    uint64_t character = (unsigned char)c;
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "syscall\n\t"
                     "movq %%rbx, %%rsp"
                     : "+D"(character)
                     : "d"((int64_t)SEL4_SYSCALL_DEBUG_PUT_CHAR)
                     : "rbx", "rcx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
                       "memory");
}

int main(void)
{
    for (uint32_t i = 0; kpkg_argument(i) != NULL; i++) {
        for (const char *c = kpkg_argument(i); *c != '\0'; c++) {
            put(*c == '~' ? '\x1e' : *c);
        }
        put('\n');
    }
    return 0;
}
