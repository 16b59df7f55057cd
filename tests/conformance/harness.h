// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The ground under the conformance programs: freestanding root tasks that print what they observe,
// one line a check, through COM1. The same ELF file runs on real seL4 and on the hosted kernel, and
// the outputs must be equal; golden/ holds what real seL4 printed. A line never shows an address, a
// time or a label number, which may differ without being wrong.

#include "labels.h"
#include "registers.h"
#include "sel4_bootinfo.h"
#include "sel4_cap.h"
#include "sel4_error.h"
#include "sel4_fault.h"
#include "sel4_message.h"
#include "sel4_syscall.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The registers of one system call, before and after.
struct trap {
    uint64_t rdx, rdi, rsi, r10, r8, r9, r15, r12, r13;
    uint64_t rax, rbp_after, rcx, r11, rsp; // rax in and out, the others observed only
};

// Executes `syscall` with the registers of `t` and stores what they are afterwards.
void trap_enter(struct trap *t);

// What a Call answered.
struct answer {
    uint64_t label, length, badge;
    uint64_t mr[32];
};

// What this kernel is (found by probing) and where things are.
extern struct sel4_abi abi;
extern const struct sel4_bootinfo *boot;
extern struct sel4_ipc_buffer *buffer; // of the main thread
extern uint64_t serial;                // the I/O-port cap of COM1

// Each program defines this; it runs once, on the root task's thread, at priority MAIN_PRIORITY.
void conformance_main(void);

enum { MAIN_PRIORITY = 100, PAGE = 4096 };

// --- invocations
// -------------------------------------------------------------------------------------------------

struct words {
    const uint64_t *at;
    size_t count;
};

#define WORDS(...)                                                                                 \
    (struct words)                                                                                 \
    {                                                                                              \
        (const uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)      \
    }
#define MRS(...)  WORDS(__VA_ARGS__)
#define CAPS(...) WORDS(__VA_ARGS__)
#define NO_MRS                                                                                     \
    (struct words)                                                                                 \
    {                                                                                              \
        NULL, 0                                                                                    \
    }
#define NO_CAPS NO_MRS

// Call of an invocation by name, or of a raw label.
struct answer invoke(uint64_t cptr, enum sel4_invocation invocation, struct words mrs,
                     struct words caps);
struct answer invoke_label(uint64_t cptr, uint64_t label, struct words mrs, struct words caps);
#define CALL(cptr, NAME, ...) invoke(cptr, SEL4_INVOCATION_##NAME, __VA_ARGS__)

// --- reports
// -----------------------------------------------------------------------------------------------------

// Lines begin with "> ", so that a reader can tell them from what a debug kernel prints between
// them. Nothing may be invoked between the parts of one line.
void print(const char *text);
void print_word(uint64_t value); // 0x.. hexadecimal
void heading(const char *title);
void line(const char *name);                         // begins a line: "> name:"
void words_end(const uint64_t *words, size_t count); // ends one with words

// "name: ok 0x1 0x2" or "name: RangeError 0x0 0x10": the answer of a kernel object.
void observe(const char *name, struct answer answer);
// "name: 0x.." a single value; `observe_yes`: "name: yes" or "name: no".
void observe_word(const char *name, uint64_t value);
void observe_yes(const char *name, bool yes);
// The rest of the line after "name:", as words.
void observe_words(const char *name, const uint64_t *words, size_t count);

// Something the program itself needs failed: says so and ends the run with a failure.
void need(struct answer answer, const char *what);

// --- objects
// -----------------------------------------------------------------------------------------------------

// A free slot of the root CNode; consecutive calls give consecutive slots.
uint64_t slot_new(void);
// The first of `count` consecutive free slots.
uint64_t slots_new(uint64_t count);
// Makes an object (`size_bits` where the type has one) in a new slot, from the program's own
// untyped.
uint64_t make(enum sel4_object type, uint64_t size_bits);
// A fresh untyped of 2^size_bits bytes, childless.
uint64_t make_untyped(uint64_t size_bits);
// Copies or mints `from` into a new slot of the root CNode.
uint64_t copy_of(uint64_t from, uint64_t rights);
uint64_t mint_of(uint64_t from, uint64_t rights, uint64_t badge);
void delete_slot(uint64_t slot);
// The first device untyped of the boot info with at least 2^bits bytes; 0 = none.
uint64_t device_untyped(unsigned bits);

// --- threads in this address space
// -------------------------------------------------------------------------------

struct thread {
    uint64_t tcb, sched_context, fault_endpoint;
    struct sel4_ipc_buffer *buffer;
    uint8_t *stack_top;
    unsigned priority; // MAIN_PRIORITY + 1 unless the program changes it
};

// A thread with its own stack, IPC buffer, scheduling context (10 ms of 10 ms, round robin) and
// fault endpoint (badge 0x7e57), stopped. It shares CSpace and VSpace with the main thread.
struct thread thread_make(void);
// Starts it at `entry(argument)` with `thread->priority`; a higher one than MAIN_PRIORITY runs at
// once until it blocks.
void thread_start(struct thread *thread, void (*entry)(void *), void *argument);
void thread_stop(struct thread *thread);
// Waits for a fault of the thread and fills the message; the reply object stays bound. Returns the
// fault label.
uint64_t thread_fault(struct thread *thread, uint64_t reply, struct answer *message);
// The thread's own end: blocks for ever on an endpoint nobody serves.
_Noreturn void thread_park(void);

// --- raw system calls
// --------------------------------------------------------------------------------------------

struct answer do_call(uint64_t cptr, uint64_t info);
void do_send(uint64_t cptr, uint64_t info, uint64_t mr0);
void do_nb_send(uint64_t cptr, uint64_t info, uint64_t mr0);
struct answer do_recv(uint64_t cptr, uint64_t reply);
struct answer do_nb_recv(uint64_t cptr, uint64_t reply);
struct answer do_wait(uint64_t cptr);
struct answer do_nb_wait(uint64_t cptr);
struct answer do_reply_recv(uint64_t cptr, uint64_t reply, uint64_t info, uint64_t mr0);
void do_yield(void);
