// SPDX-License-Identifier: BSD-2-Clause
#include "panic.h"

#include "bytes.h"

// The few libc names that libsodium's archive wants. Hashing, verifying and signing call the memory
// functions and explicit_bzero only; everything else belongs to code that never runs here (memory
// locking, random numbers, start-up). It is defined so that the archive links, and stops the
// machine by name if it is ever reached. Two of libsodium's own names are among these, so that the
// linker does not pull in what stands behind them: vector code chosen at start-up, and stream
// ciphers.

#define NEVER(name)                                                                                \
    _Noreturn void name(void);                                                                     \
    _Noreturn void name(void)                                                                      \
    {                                                                                              \
        panic(#name);                                                                              \
    }

NEVER(sodium_misuse)
NEVER(randombytes_buf)
NEVER(__assert_fail)
NEVER(__stack_chk_fail)
NEVER(abort)
NEVER(raise)
NEVER(malloc)
NEVER(free)
NEVER(mmap)
NEVER(munmap)
NEVER(mlock)
NEVER(munlock)
NEVER(madvise)
NEVER(mprotect)
NEVER(sysconf)
// Of BLAKE2b's vector code, which only sodium_init picks.
NEVER(blake2b_compress_ssse3)
NEVER(blake2b_compress_sse41)
NEVER(blake2b_compress_avx2)

int *__errno_location(void);
int *__errno_location(void)
{
    static int value;
    return &value;
}

// The barrier keeps the compiler from dropping the stores.
void __explicit_bzero_chk(void *at, size_t len, size_t room);
void __explicit_bzero_chk(void *at, size_t len, size_t room)
{
    (void)room;
    memset(at, 0, len);
    __asm__ volatile("" : : "r"(at) : "memory");
}
