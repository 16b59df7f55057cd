// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the root task finds at the address in RDI: one page, then the extra boot info.

#include <stddef.h>
#include <stdint.h>

enum {
    SEL4_BOOTINFO_MAX_UNTYPEDS = 230,
    SEL4_BOOTINFO_SIZE = 4096, // extra boot info begins here
};

#define SEL4_BOOTINFO_NO_IOMMU UINT64_MAX // io_pt_levels of a kernel built without IOMMU

struct sel4_slot_range {
    uint64_t start;
    uint64_t end; // exclusive
};

struct sel4_untyped_desc {
    uint64_t paddr;
    uint8_t size_bits;
    uint8_t is_device;
    uint8_t padding[6];
};

struct sel4_bootinfo {
    uint64_t extra_len; // bytes of extra boot info
    uint64_t node_id;
    uint64_t node_count;
    uint64_t io_pt_levels;
    uint64_t ipc_buffer; // vaddr
    struct sel4_slot_range empty;
    struct sel4_slot_range shared_frames;
    struct sel4_slot_range user_image_frames;
    struct sel4_slot_range user_image_paging;
    struct sel4_slot_range io_space_caps;
    struct sel4_slot_range extra_bootinfo_pages;
    uint64_t cnode_size_bits;
    uint64_t domain;
    struct sel4_slot_range sched_control;
    struct sel4_slot_range untyped;
    struct sel4_untyped_desc untyped_list[SEL4_BOOTINFO_MAX_UNTYPEDS];
};

_Static_assert(offsetof(struct sel4_bootinfo, ipc_buffer) == 32, "boot info ipc_buffer");
_Static_assert(offsetof(struct sel4_bootinfo, empty) == 40, "boot info empty");
_Static_assert(offsetof(struct sel4_bootinfo, user_image_frames) == 72, "boot info image frames");
_Static_assert(offsetof(struct sel4_bootinfo, extra_bootinfo_pages) == 120, "boot info extra");
_Static_assert(offsetof(struct sel4_bootinfo, cnode_size_bits) == 136, "boot info cnode bits");
_Static_assert(offsetof(struct sel4_bootinfo, sched_control) == 152, "boot info sched control");
_Static_assert(offsetof(struct sel4_bootinfo, untyped) == 168, "boot info untyped");
_Static_assert(offsetof(struct sel4_bootinfo, untyped_list) == 184, "boot info untyped list");
_Static_assert(sizeof(struct sel4_bootinfo) == 3864, "boot info size");

// Extra boot info: records of {id, len including this header, payload}, packed without alignment.
// Stop at extra_len: kernels before 16.0.0 end with a padding record whose len runs past it.
enum sel4_bootinfo_record {
    SEL4_BOOTINFO_PADDING = 0,
    SEL4_BOOTINFO_VBE = 1,
    SEL4_BOOTINFO_MEMORY_MAP = 2, // u32 bytes, then {u32 size, u64 base, u64 length, u32 type}
    SEL4_BOOTINFO_ACPI_RSDP = 3,
    SEL4_BOOTINFO_FRAMEBUFFER = 4,
    SEL4_BOOTINFO_TSC_FREQUENCY = 5, // u32 MHz
    SEL4_BOOTINFO_FDT = 6,
    SEL4_BOOTINFO_BOARD = 0x6b706b67, // "kpkg", hosted kernel only: {u64 base, u64 size} of the
                                      // board's device memory, which has a device untyped
};

struct sel4_bootinfo_header {
    uint64_t id;
    uint64_t len;
};

struct sel4_bootinfo_board {
    uint64_t device_base; // paddr
    uint64_t device_size;
};
