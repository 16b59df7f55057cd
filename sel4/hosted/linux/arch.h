// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the generic files of the machine ask of the architecture they run on. Each arch_* function
// has the same contract everywhere; x86_64/ implements it. Functions that talk to a process take
// its id, want it stopped under ptrace, and return false when it is gone.

#include "arch_frame.h"
#include "machine.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// A Linux system call that the machine makes inside a stub.
struct arch_call {
    long number;
    uint64_t argument[6];
};

// All registers of a stopped stub. Writing leaves the thread-pointer bases alone.
bool arch_frame_read(pid_t pid, struct arch_frame *frame);
bool arch_frame_write(pid_t pid, const struct arch_frame *frame);

// Turns `frame` into the start of a call, and takes the result after the trap.
void arch_frame_call(struct arch_frame *frame, const struct arch_call *call);
int64_t arch_frame_result(const struct arch_frame *frame);

// Loads and reads a seL4 thread. `frame` is what the stub holds, and is kept up to date.
bool arch_registers_load(pid_t pid, struct arch_frame *frame, const struct registers *regs);
void arch_registers_read(const struct arch_frame *frame, struct registers *regs);
bool arch_fpu_load(pid_t pid, const struct machine_fpu *fpu);
bool arch_fpu_read(pid_t pid, struct machine_fpu *fpu);
// Puts the FPU and all vector registers, of which a seL4 thread's FPU state is a part, into the
// state after reset.
bool arch_vectors_reset(pid_t pid);

// True when the stub had left the only mode that seL4 has user code in; it is back in it then.
bool arch_leave_other_mode(pid_t pid, struct arch_frame *frame);

// What the processor said about the exception behind a pending signal.
struct arch_fault {
    uint64_t vector;
    uint64_t code;
    uint64_t address;
};

// Lets Linux deliver `signal` into the hidden area and reads the fault from the signal frame. After
// it the stub's registers and FPU are those of the handler: load a thread before it runs again.
bool arch_fault_read(pid_t pid, int signal, struct arch_fault *fault);

// Turns an interception of a system call into an event; adjusts regs to the instruction.
// `instruction` holds the bytes before the instruction pointer.
struct machine_event arch_syscall_event(const struct arch_frame *frame,
                                        const uint8_t instruction[static 2],
                                        struct registers *regs);
// Turns an exception into an event; `instruction` holds the bytes at the instruction pointer, as
// far as they could be read, zeroes after. A page fault's code is completed by the caller.
struct machine_event arch_exception_event(const struct arch_fault *fault,
                                          const uint8_t instruction[static 4],
                                          struct registers *regs);

enum { ARCH_INSTRUCTION = 15 }; // bytes of the longest instruction

// True when the instruction at these bytes (zeroes where they could not be read) needs the FPU.
bool arch_uses_fpu(const uint8_t instruction[static ARCH_INSTRUCTION]);
// True when a stop by the trace trap is the user's own doing, not only the tracer's.
bool arch_is_stepping(const struct registers *regs);

// Emulates a read of the time stamp counter, if that is what `instruction` is.
bool arch_emulate_ticks(const uint8_t instruction[static 4], uint64_t ticks,
                        struct registers *regs);

// A fault address where Linux would act for the program instead of faulting (vsyscall); undoes
// what the refusal of that left in regs.
bool arch_refused_entry(uint64_t address, struct registers *regs);
