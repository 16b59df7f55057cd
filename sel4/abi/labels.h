// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Invocation labels and object-type numbers. They move with the kernel's version and options, so
// nobody writes them down: they are computed from the four facts of struct sel4_config, which a
// root task finds by probing and the hosted kernel chooses. (spec/target-abi.md, labels)

#include <stdbool.h>
#include <stdint.h>

// The options that move numbers.
struct sel4_config {
    bool hardware_debug;  // D: breakpoint invocations exist (HARDWARE_DEBUG_API)
    bool domain_schedule; // S: domain-schedule invocations exist (seL4 15.0.0 and later)
    bool iommu;           // I: I/O page-table invocations and type exist (IOMMU)
    bool huge_page;       // H: 1 GiB pages exist (HUGE_PAGE)
};

// Every invocation in label order: X(NAME, key in invocations_all.json, option that it needs).
// clang-format off
#define SEL4_INVOCATION_LIST(X) \
    X(UNTYPED_RETYPE, "UntypedRetype", ALWAYS) \
    X(TCB_READ_REGISTERS, "TCBReadRegisters", ALWAYS) \
    X(TCB_WRITE_REGISTERS, "TCBWriteRegisters", ALWAYS) \
    X(TCB_COPY_REGISTERS, "TCBCopyRegisters", ALWAYS) \
    X(TCB_CONFIGURE, "TCBConfigure", ALWAYS) \
    X(TCB_SET_PRIORITY, "TCBSetPriority", ALWAYS) \
    X(TCB_SET_MC_PRIORITY, "TCBSetMCPriority", ALWAYS) \
    X(TCB_SET_SCHED_PARAMS, "TCBSetSchedParams", ALWAYS) \
    X(TCB_SET_TIMEOUT_ENDPOINT, "TCBSetTimeoutEndpoint", ALWAYS) \
    X(TCB_SET_IPC_BUFFER, "TCBSetIPCBuffer", ALWAYS) \
    X(TCB_SET_SPACE, "TCBSetSpace", ALWAYS) \
    X(TCB_SUSPEND, "TCBSuspend", ALWAYS) \
    X(TCB_RESUME, "TCBResume", ALWAYS) \
    X(TCB_BIND_NOTIFICATION, "TCBBindNotification", ALWAYS) \
    X(TCB_UNBIND_NOTIFICATION, "TCBUnbindNotification", ALWAYS) \
    X(TCB_SET_BREAKPOINT, "TCBSetBreakpoint", HARDWARE_DEBUG) \
    X(TCB_GET_BREAKPOINT, "TCBGetBreakpoint", HARDWARE_DEBUG) \
    X(TCB_UNSET_BREAKPOINT, "TCBUnsetBreakpoint", HARDWARE_DEBUG) \
    X(TCB_CONFIGURE_SINGLE_STEPPING, "TCBConfigureSingleStepping", HARDWARE_DEBUG) \
    X(TCB_SET_TLS_BASE, "TCBSetTLSBase", ALWAYS) \
    X(TCB_SET_FLAGS, "TCBSetFlags", ALWAYS) \
    X(CNODE_REVOKE, "CNodeRevoke", ALWAYS) \
    X(CNODE_DELETE, "CNodeDelete", ALWAYS) \
    X(CNODE_CANCEL_BADGED_SENDS, "CNodeCancelBadgedSends", ALWAYS) \
    X(CNODE_COPY, "CNodeCopy", ALWAYS) \
    X(CNODE_MINT, "CNodeMint", ALWAYS) \
    X(CNODE_MOVE, "CNodeMove", ALWAYS) \
    X(CNODE_MUTATE, "CNodeMutate", ALWAYS) \
    X(CNODE_ROTATE, "CNodeRotate", ALWAYS) \
    X(IRQ_ISSUE_HANDLER, "IRQIssueIRQHandler", ALWAYS) \
    X(IRQ_ACK, "IRQAckIRQ", ALWAYS) \
    X(IRQ_SET_HANDLER, "IRQSetIRQHandler", ALWAYS) \
    X(IRQ_CLEAR_HANDLER, "IRQClearIRQHandler", ALWAYS) \
    X(DOMAIN_SET, "DomainSetSet", ALWAYS) \
    X(DOMAIN_SCHEDULE_CONFIGURE, "DomainScheduleConfigure", DOMAIN_SCHEDULE) \
    X(DOMAIN_SCHEDULE_SET_START, "DomainScheduleSetStart", DOMAIN_SCHEDULE) \
    X(SCHED_CONTROL_CONFIGURE_FLAGS, "SchedControlConfigureFlags", ALWAYS) \
    X(SCHED_CONTEXT_BIND, "SchedContextBind", ALWAYS) \
    X(SCHED_CONTEXT_UNBIND, "SchedContextUnbind", ALWAYS) \
    X(SCHED_CONTEXT_UNBIND_OBJECT, "SchedContextUnbindObject", ALWAYS) \
    X(SCHED_CONTEXT_CONSUMED, "SchedContextConsumed", ALWAYS) \
    X(SCHED_CONTEXT_YIELD_TO, "SchedContextYieldTo", ALWAYS) \
    X(PDPT_MAP, "X86PDPTMap", ALWAYS) \
    X(PDPT_UNMAP, "X86PDPTUnmap", ALWAYS) \
    X(PAGE_DIRECTORY_MAP, "X86PageDirectoryMap", ALWAYS) \
    X(PAGE_DIRECTORY_UNMAP, "X86PageDirectoryUnmap", ALWAYS) \
    X(PAGE_TABLE_MAP, "X86PageTableMap", ALWAYS) \
    X(PAGE_TABLE_UNMAP, "X86PageTableUnmap", ALWAYS) \
    X(IO_PAGE_TABLE_MAP, "X86IOPageTableMap", IOMMU) \
    X(IO_PAGE_TABLE_UNMAP, "X86IOPageTableUnmap", IOMMU) \
    X(PAGE_MAP, "X86PageMap", ALWAYS) \
    X(PAGE_UNMAP, "X86PageUnmap", ALWAYS) \
    X(PAGE_MAP_IO, "X86PageMapIO", IOMMU) \
    X(PAGE_GET_ADDRESS, "X86PageGetAddress", ALWAYS) \
    X(ASID_CONTROL_MAKE_POOL, "X86ASIDControlMakePool", ALWAYS) \
    X(ASID_POOL_ASSIGN, "X86ASIDPoolAssign", ALWAYS) \
    X(IO_PORT_CONTROL_ISSUE, "X86IOPortControlIssue", ALWAYS) \
    X(IO_PORT_IN8, "X86IOPortIn8", ALWAYS) \
    X(IO_PORT_IN16, "X86IOPortIn16", ALWAYS) \
    X(IO_PORT_IN32, "X86IOPortIn32", ALWAYS) \
    X(IO_PORT_OUT8, "X86IOPortOut8", ALWAYS) \
    X(IO_PORT_OUT16, "X86IOPortOut16", ALWAYS) \
    X(IO_PORT_OUT32, "X86IOPortOut32", ALWAYS) \
    X(IRQ_ISSUE_IOAPIC, "X86IRQIssueIRQHandlerIOAPIC", ALWAYS) \
    X(IRQ_ISSUE_MSI, "X86IRQIssueIRQHandlerMSI", ALWAYS)

// Object types in number order: X(NAME, size bits or 0 = chosen at Retype, option that it needs).
#define SEL4_OBJECT_LIST(X) \
    X(UNTYPED, 0, ALWAYS) \
    X(TCB, 11, ALWAYS) \
    X(ENDPOINT, 4, ALWAYS) \
    X(NOTIFICATION, 6, ALWAYS) \
    X(CNODE, 0, ALWAYS) \
    X(SCHED_CONTEXT, 0, ALWAYS) \
    X(REPLY, 5, ALWAYS) \
    X(PDPT, 12, ALWAYS) \
    X(PML4, 12, ALWAYS) \
    X(HUGE_PAGE, 30, HUGE_PAGE) \
    X(SMALL_PAGE, 12, ALWAYS) \
    X(LARGE_PAGE, 21, ALWAYS) \
    X(PAGE_TABLE, 12, ALWAYS) \
    X(PAGE_DIRECTORY, 12, ALWAYS) \
    X(IO_PAGE_TABLE, 12, IOMMU)
// clang-format on

enum sel4_invocation {
#define SEL4_INVOCATION_ENUM(name, key, needs) SEL4_INVOCATION_##name,
    SEL4_INVOCATION_LIST(SEL4_INVOCATION_ENUM)
#undef SEL4_INVOCATION_ENUM
        SEL4_INVOCATION_COUNT,
};

enum sel4_object {
#define SEL4_OBJECT_ENUM(name, bits, needs) SEL4_OBJECT_##name,
    SEL4_OBJECT_LIST(SEL4_OBJECT_ENUM)
#undef SEL4_OBJECT_ENUM
        SEL4_OBJECT_COUNT,
};

enum {
    SEL4_LABEL_ABSENT = 0,   // label 0 is invalid on every kernel
    SEL4_TYPE_ABSENT = 0xff, // this kernel has no such object type
    SEL4_MIN_SCHED_CONTEXT_BITS = 7,
};

// The numbers of one kernel.
struct sel4_abi {
    struct sel4_config config;
    uint8_t label[SEL4_INVOCATION_COUNT]; // SEL4_LABEL_ABSENT where the kernel lacks it
    uint8_t type[SEL4_OBJECT_COUNT];      // SEL4_TYPE_ABSENT where the kernel lacks it
    uint8_t type_count;                   // the first invalid type number
};

// The numbers of a kernel built with `config`.
struct sel4_abi labels_of(struct sel4_config config);

// The invocation with this label, or SEL4_INVOCATION_COUNT when the kernel has none.
enum sel4_invocation labels_invocation(const struct sel4_abi *abi, uint64_t label);

// The object type with this number, or SEL4_OBJECT_COUNT when the kernel has none.
enum sel4_object labels_object(const struct sel4_abi *abi, uint64_t type);

// log2 of the bytes of an object. `size_bits` is the argument of Retype and matters for untypeds
// (4..47), CNodes (the radix) and scheduling contexts (7 and up).
unsigned labels_size_bits(enum sel4_object object, unsigned size_bits);

// The key of an invocation in invocations_all.json, "" for SEL4_INVOCATION_COUNT.
const char *labels_name(enum sel4_invocation invocation);
