// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Words that describe capabilities: rights, CNode data, VM attributes, flags, and the slots of the
// root task.

#include <stdint.h>

// Meaningful on endpoints (write = send, read = receive), notifications (write = signal, read =
// wait), frames (read, write) and reply caps (grant). Other caps ignore the mask.
enum sel4_right {
    SEL4_RIGHT_WRITE = 1,
    SEL4_RIGHT_READ = 2,
    SEL4_RIGHT_GRANT = 4,
    SEL4_RIGHT_GRANT_REPLY = 8,
    SEL4_RIGHT_ALL = 15,
};

// Data of a CNode cap for Mint, Mutate, SetSpace and Configure: size 5..0, guard 63..6. Only the
// low `guard_size` bits of the guard are kept.
static inline uint64_t sel4_cnode_data(uint64_t guard, unsigned guard_size)
{
    return guard << 6 | (guard_size & 63);
}

enum sel4_vm_attribute {
    SEL4_VM_WRITE_BACK = 0,
    SEL4_VM_WRITE_THROUGH = 1,
    SEL4_VM_CACHE_DISABLE = 2,
    SEL4_VM_UNCACHED = 3,
    SEL4_VM_WRITE_COMBINING = 4,
};

enum {
    SEL4_TCB_FLAG_FPU_DISABLED = 1,
    SEL4_SCHED_CONTEXT_SPORADIC = 1,
    SEL4_WORD_BITS = 64,
    SEL4_MAX_PRIORITY = 255,
    SEL4_SLOT_BITS = 5, // 32 bytes a slot
    SEL4_MIN_UNTYPED_BITS = 4,
    SEL4_MAX_UNTYPED_BITS = 47,
    SEL4_RETYPE_FAN_OUT = 256, // objects of one Retype
    SEL4_ASID_POOLS = 8,
    SEL4_ASIDS_PER_POOL = 512,
    SEL4_IRQ_VECTORS = 108, // vectors 0..107 of the IRQ control
};

// The first address above what a user program may map: 0x7fffffffe000 is the highest page.
#define SEL4_USER_TOP UINT64_C(0x7fffffffffff)

// Initial slots of the root task; from FIRST_FREE on, use the ranges of the boot info.
enum sel4_slot {
    SEL4_SLOT_NULL,
    SEL4_SLOT_TCB,
    SEL4_SLOT_CNODE,
    SEL4_SLOT_VSPACE,
    SEL4_SLOT_IRQ_CONTROL,
    SEL4_SLOT_ASID_CONTROL,
    SEL4_SLOT_ASID_POOL,
    SEL4_SLOT_IO_PORT_CONTROL,
    SEL4_SLOT_IO_SPACE, // null without IOMMU
    SEL4_SLOT_BOOT_INFO_FRAME,
    SEL4_SLOT_IPC_BUFFER_FRAME,
    SEL4_SLOT_DOMAIN,
    SEL4_SLOT_SMMU_SID, // null on x86
    SEL4_SLOT_SMMU_CB,  // null on x86
    SEL4_SLOT_SCHED_CONTEXT,
    SEL4_SLOT_SMC, // null on x86
    SEL4_SLOT_FIRST_FREE,
};

enum {
    SEL4_ROOT_CNODE_BITS = 17, // guard 47 zero bits: a cptr is a slot number
};

// Kernel-internal cap tags, as DebugCapIdentify answers them.
enum sel4_cap_tag {
    SEL4_CAP_TAG_NULL = 0,
    SEL4_CAP_TAG_UNTYPED = 2,
    SEL4_CAP_TAG_ENDPOINT = 4,
    SEL4_CAP_TAG_NOTIFICATION = 6,
    SEL4_CAP_TAG_REPLY = 8,
    SEL4_CAP_TAG_CNODE = 10,
    SEL4_CAP_TAG_TCB = 12,
    SEL4_CAP_TAG_IRQ_CONTROL = 14,
    SEL4_CAP_TAG_IRQ_HANDLER = 16,
    SEL4_CAP_TAG_ZOMBIE = 18,
    SEL4_CAP_TAG_DOMAIN = 20,
    SEL4_CAP_TAG_SCHED_CONTEXT = 22,
    SEL4_CAP_TAG_SCHED_CONTROL = 24,
    SEL4_CAP_TAG_FRAME = 1,
    SEL4_CAP_TAG_PAGE_TABLE = 3,
    SEL4_CAP_TAG_PAGE_DIRECTORY = 5,
    SEL4_CAP_TAG_PDPT = 7,
    SEL4_CAP_TAG_PML4 = 9,
    SEL4_CAP_TAG_ASID_CONTROL = 11,
    SEL4_CAP_TAG_ASID_POOL = 13,
    SEL4_CAP_TAG_IO_SPACE = 15,
    SEL4_CAP_TAG_IO_PAGE_TABLE = 17,
    SEL4_CAP_TAG_IO_PORT = 19,
    SEL4_CAP_TAG_IO_PORT_CONTROL = 31,
};
