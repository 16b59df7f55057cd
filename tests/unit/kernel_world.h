// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A kernel on a machine of plain data, driven trap by trap: each function below is one trap of the
// thread that runs; then the kernel decides who runs next, and the world stops before it does. The
// root task runs at priority 100 after world_start, so that the threads of a test preempt it.

#include "kernel.h"
#include "sel4_bootinfo.h"
#include "sel4_message.h"
#include "sel4_syscall.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
    WORLD_MEMORY = 16 << 20,
    WORLD_DEVICE = 64 << 10,
    WORLD_TICKS = 10, // per microsecond
    WORLD_IMAGE = 0x400000,
    WORLD_ENTRY = 0x400100,
    WORLD_ROOT_PRIORITY = 100,
    WORLD_FREE = 1000, // slots from here on are the tests'
};

struct world {
    struct machine machine; // first: the operations get a pointer to it
    struct kernel kernel;
    struct machine_event event; // of the next run
    struct registers registers; // that the event happens with; afterwards those of who runs next
    bool pending;
    bool idle; // nobody runs
    uint64_t now;
    uint64_t deadline;
    uint64_t work; // ticks that pass at each question of the kernel for what waits
    int interrupt; // pending pin, -1 = none
    uint32_t masked;
    uint32_t by_level, active_low;
    uint32_t flushes, forgets;
    const struct machine_fpu *forgotten_fpu; // the last one
    uint32_t port_value;
    uint16_t port;
    unsigned port_width;
    char console[64];
    unsigned console_len;
    enum kernel_end end;
    uint64_t untyped; // slot of a large one
    unsigned traces;
    struct kernel_trace trace; // the last one
};

// cmocka set-up and tear-down: `*state` is the world of a 2.3.0 release kernel.
int world_start(void **state);
int world_end(void **state);
struct world *world_new(const char *config);
void world_free(struct world *w);

// One trap of the current thread, with the registers in w->registers.
void world_trap(struct world *w, struct machine_event event);

// A system call with up to four message words.
struct world_call {
    uint64_t rdi, rsi, r12, r13;
    uint64_t mr[4];
};
void world_syscall(struct world *w, int64_t number, struct world_call call);

// A Call on a kernel object: words and caps as the interface lists them. Returns the error; the
// words of the answer are read with world_word().
struct world_message {
    uint64_t words[24];
    unsigned count;
    uint64_t caps[3];
    unsigned cap_count;
};
enum sel4_error world_invoke(struct world *w, uint64_t cptr, enum sel4_invocation operation,
                             struct world_message message);
uint64_t world_word(struct world *w, unsigned index);
unsigned world_length(struct world *w);

// The IPC buffer of the current thread.
struct sel4_ipc_buffer *world_buffer(struct world *w);

// Objects into root slots, from the world's untyped.
enum sel4_error world_retype(struct world *w, enum sel4_object object, unsigned size_bits,
                             uint64_t slot, unsigned count);
enum sel4_error world_copy(struct world *w, uint64_t to, uint64_t from, uint64_t rights);
enum sel4_error world_mint(struct world *w, uint64_t to, uint64_t from, uint64_t rights,
                           uint64_t badge);
enum sel4_error world_delete(struct world *w, uint64_t slot);
enum sel4_error world_revoke(struct world *w, uint64_t slot);

// A thread with root's spaces: TCB in `slot`, SC in slot + 1, buffer frame in slot + 2. It is not
// resumed. `passive`: no scheduling context is bound.
void world_thread(struct world *w, uint64_t slot, unsigned priority, bool passive);
void world_resume(struct world *w, uint64_t slot);
struct tcb *world_tcb(struct world *w, uint64_t slot);
bool world_runs(struct world *w, uint64_t slot); // this thread runs next
bool world_runs_root(struct world *w);

// Time passes until the deadline that the kernel has set.
void world_pass(struct world *w);
// Time passes, then the current thread traps with nothing to tell.
void world_wait_us(struct world *w, uint64_t us);

#define WORLD_WORDS(...)                                                                           \
    .words = {__VA_ARGS__}, .count = sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)
#define WORLD_CAPS(...)                                                                            \
    .caps = {__VA_ARGS__}, .cap_count = sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)
#define WORLD_INVOKE(w, cptr, name, ...)                                                           \
    world_invoke(w, cptr, SEL4_INVOCATION_##name, (struct world_message){__VA_ARGS__})
#define WORLD_PLAIN(w, cptr, name)                                                                 \
    world_invoke(w, cptr, SEL4_INVOCATION_##name, (struct world_message){.count = 0})
