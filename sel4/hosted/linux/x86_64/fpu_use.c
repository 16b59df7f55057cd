// SPDX-License-Identifier: BSD-2-Clause
// Which instructions need the FPU: x87, MMX, SSE and what saves their state. Only for threads that
// are denied the FPU, whose instructions are looked at one by one.
#include "arch.h"

static bool in(uint8_t value, uint8_t first, uint8_t last)
{
    return value >= first && value <= last;
}

static bool is_prefix(uint8_t byte)
{
    return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 ||
           byte == 0x2e || byte == 0x36 || byte == 0x3e || byte == 0x26 || byte == 0x64 ||
           byte == 0x65 || in(byte, 0x40, 0x4f);
}

// The memory forms of opcode 0F `byte` whose operation is in the ModRM byte.
static bool group_uses_fpu(uint8_t byte, uint8_t modrm)
{
    unsigned operation = (modrm >> 3) & 7U;
    if (modrm >= 0xc0) {
        return false; // fences, fs and gs bases, random numbers
    }
    return byte == 0xae ? operation <= 6 // fxsave, fxrstor, mxcsr, xsave, xrstor, xsaveopt
                        : in((uint8_t)operation, 3, 5); // 0F C7: xrstors, xsavec, xsaves
}

static bool two_byte_uses_fpu(const uint8_t *at)
{
    switch (at[0]) {
    case 0x38: // from 0x80 on: virtualisation, movbe, crc32, ...; in between: sha, aes
        return at[1] < 0x80 || in(at[1], 0xc0, 0xdf);
    case 0x3a:
        return true;
    case 0xae:
    case 0xc7:
        return group_uses_fpu(at[0], at[1]);
    default:
        return in(at[0], 0x0e, 0x17) || in(at[0], 0x28, 0x2f) || in(at[0], 0x50, 0x7f) ||
               at[0] == 0xc2 || in(at[0], 0xc4, 0xc6) || in(at[0], 0xd0, 0xfe);
    }
}

bool arch_uses_fpu(const uint8_t instruction[static ARCH_INSTRUCTION])
{
    size_t i = 0;
    while (i < ARCH_INSTRUCTION - 3 && is_prefix(instruction[i])) {
        i++;
    }
    const uint8_t *at = instruction + i;
    if (at[0] == 0x0f) {
        return two_byte_uses_fpu(at + 1);
    }
    bool is_vector = at[0] == 0xc4 || at[0] == 0xc5 || at[0] == 0x62;
    return is_vector || at[0] == 0x9b || in(at[0], 0xd8, 0xdf);
}
