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

// The machine's signal stack, which user code can write: its frames are read back, never believed.
attempt hidden_stack
    mov $0x6ffffffe2000, %rdi
    mov $0x1e000, %ecx
    mov $0xff, %al
    rep stosb
    mov $0x6ffffffff000, %rsp
end hidden_stack

// The machine's code is no place to write to.
attempt hidden_write
    mov $0x6ffffffe0000, %rbx
    movb $0xcc, (%rbx)
end hidden_write

// Memory of the host's kernel, and addresses that are none.
attempt kernel_read
    mov $0xffffffff81000000, %rbx
    mov (%rbx), %rax
end kernel_read

attempt kernel_jump
    mov $0xffffffff81000000, %rbx
    jmp *%rbx
end kernel_jump

attempt kernel_stack
    mov $0xffffffff81000000, %rsp
    push %rax
end kernel_stack

attempt no_address
    mov $0x800000000000, %rbx
    mov (%rbx), %rax
end no_address

attempt no_stack
    mov $0x800000001000, %rsp
    push %rax
end no_stack

// Through a thread pointer that the processor takes and Linux would refuse.
attempt kernel_thread_pointer
    mov $0xffffffff81000000, %rbx
    wrfsbase %rbx
    mov %fs:0, %rax
end kernel_thread_pointer

// Debug, control and model-specific registers; descriptor tables; what ends a processor's work.
attempt debug_register
    mov %rax, %dr7
end debug_register

attempt debug_register_read
    mov %dr6, %rax
end debug_register_read

attempt control_register
    mov %cr4, %rax
end control_register

attempt model_register
    mov $0xc0000082, %ecx       // where system calls go
    wrmsr
end model_register

attempt extended_register
    xor %ecx, %ecx
    xsetbv
end extended_register

attempt descriptor_table
    lgdt (%r14)
end descriptor_table

attempt interrupt_table
    lidt (%r14)
end interrupt_table

attempt local_table
    xor %eax, %eax
    lldt %ax
end local_table

attempt task_register
    mov $0x40, %eax
    ltr %ax
end task_register

attempt halt
    hlt
end halt

attempt no_interrupts
    cli
end no_interrupts

attempt swap_gs
    swapgs
end swap_gs

attempt kernel_return
    sysretq
end kernel_return

attempt kernel_exit
    sysexitq
end kernel_exit

attempt port
    in $0x60, %al
end port

// Into the kernel's code segment, by each way to change it.
attempt kernel_segment
    lea 0x800(%r14), %rsp
    pushq $0x10
    pushq %r14
    lretq
end kernel_segment

attempt kernel_segment_call
    movl %r14d, (%r14)
    movl $0x10, 4(%r14)
    lcall *(%r14)
end kernel_segment_call

attempt kernel_segment_interrupt_return
    lea 0x800(%r14), %rsp
    mov %rsp, %rbx
    pushq $0x18
    pushq %rbx
    pushq $0x202
    pushq $0x10
    pushq %r14
    iretq
end kernel_segment_interrupt_return

attempt no_stack_segment
    xor %eax, %eax
    mov %eax, %ss
end no_stack_segment

// Flags that a kernel must not be entered with.
attempt nested_task
    lea 0x800(%r14), %rsp
    pushfq
    orq $0x4000, (%rsp)
    popfq
    iretq
end nested_task

attempt alignment
    lea 0x800(%r14), %rsp
    pushfq
    orq $0x40000, (%rsp)
    popfq
    mov 1(%r14), %rax
end alignment

attempt all_flags
    lea 0x800(%r14), %rsp
    pushq $0x244ed7             // direction, overflow, identification, alignment, nested task
    popfq
    mov $1, %eax
    syscall
end all_flags

attempt stepped_gate
    lea 0x800(%r14), %rsp
    pushfq
    orq $0x100, (%rsp)
    popfq
    int $0x80
end stepped_gate

    .section .note.GNU-stack, "", @progbits
