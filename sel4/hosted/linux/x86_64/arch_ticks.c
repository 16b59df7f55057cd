// SPDX-License-Identifier: BSD-2-Clause
// The time stamp counter, real and emulated.
#include "arch_ticks.h"

#include "arch.h"

uint64_t arch_ticks(void)
{
    return __builtin_ia32_rdtsc();
}

bool arch_emulate_ticks(const uint8_t instruction[static 4], uint64_t ticks, struct registers *regs)
{
    bool rdtsc = instruction[0] == 0x0f && instruction[1] == 0x31;
    bool rdtscp = instruction[0] == 0x0f && instruction[1] == 0x01 && instruction[2] == 0xf9;
    if (!rdtsc && !rdtscp) {
        return false;
    }
    regs->word[REG_RAX] = ticks & UINT32_MAX;
    regs->word[REG_RDX] = ticks >> 32;
    if (rdtscp) {
        regs->word[REG_RCX] = 0; // IA32_TSC_AUX
    }
    regs->word[REG_RIP] += rdtsc ? 2 : 3;
    return true;
}
