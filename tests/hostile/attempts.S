// SPDX-License-Identifier: BSD-2-Clause
// Ways for user code to reach Linux. Each attempt is position-independent and runs at the start of
// a page of text; %rax.. hold whatever the test puts there, %r14 a writable and executable page.

.macro attempt name
    .section .rodata
    .global attempt_\name, attempt_\name\()_end
    attempt_\name:
.endm
.macro end name
    ud2
    attempt_\name\()_end:
.endm

attempt syscall
    syscall
end syscall

attempt gate
    int $0x80
end gate

attempt sysenter
    mov %rsp, %rbp
    sysenter
end sysenter

attempt vsyscall
    lea 0x800(%r14), %rsp
    mov $0xffffffffff600000, %rbx
    call *%rbx
end vsyscall

attempt vsyscall_getcpu
    lea 0x800(%r14), %rsp
    mov $0xffffffffff600800, %rbx
    xor %edi, %edi
    xor %esi, %esi
    jmp *%rbx
end vsyscall_getcpu

attempt x32
    or $0x40000000, %eax
    syscall
end x32

// Code that did not exist when the page was loaded.
attempt self_modifying
    movl $0x0b0f050f, (%r14)
    jmp *%r14
end self_modifying

// The same, changed between two passes.
attempt self_modifying_twice
    movl $0x90e6ff41, (%r14)    // jmp *%r14, later
    movw $0x9090, (%r14)
    movl $0x0b0f80cd, 2(%r14)
    jmp *%r14
end self_modifying_twice

// The machine's own system call instruction.
attempt hidden_call
    mov $0x6ffffffe0000, %rbx
    jmp *%rbx
end hidden_call

// The trap behind it.
attempt hidden_trap
    mov $0x6ffffffe0002, %rbx
    jmp *%rbx
end hidden_trap

// A forged signal frame to return through.
attempt sigreturn
    mov $0x6ffffffff000, %rsp
    mov $15, %eax
    syscall
end sigreturn

// Step over the call: a trap flag set when it enters.
attempt stepped
    lea 0x800(%r14), %rsp
    pushfq
    orq $0x100, (%rsp)
    popfq
    syscall
end stepped

// 32-bit code: far return to Linux's 32-bit code segment.
attempt compat_gate
    lea 0x800(%r14), %rsp
    movl $0x0b0f80cd, (%r14)
    pushq $0x23
    pushq %r14
    lretq
end compat_gate

attempt compat_sysenter
    lea 0x800(%r14), %rsp
    movl $0x0b0f340f, (%r14)
    pushq $0x23
    pushq %r14
    lretq
end compat_sysenter

attempt compat_syscall
    lea 0x800(%r14), %rsp
    movl $0x0b0f050f, (%r14)
    pushq $0x23
    pushq %r14
    lretq
end compat_syscall

// Segment registers: other descriptors of Linux's table, then a call.
attempt segments
    mov $0x2b, %ebx
    mov %ebx, %ds
    mov %ebx, %es
    mov %ebx, %fs
    mov %ebx, %gs
    syscall
end segments

// A segment of a local table that does not exist.
attempt local_segment
    lea 0x800(%r14), %rsp
    pushq $0x0f
    pushq %r14
    lretq
end local_segment

// Return with interrupts and I/O privilege asked for.
attempt privileged_flags
    lea 0x800(%r14), %rsp
    mov %rsp, %rbx
    pushq $0x2b
    pushq %rbx
    pushq $0x3202
    pushq $0x33
    pushq %r14
    movl $0x0b0f50e6, (%r14)    // out %al, $0x50
    iretq
end privileged_flags

    .section .note.GNU-stack, "", @progbits
