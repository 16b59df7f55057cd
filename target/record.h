// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The start-up record: one read-only page that the root task writes and whose address is in RDI
// when a program starts (spec/target-abi.md). Everything a program knows about itself is in it.
// Plain words, no pointers: offsets are from the start of the record, so that any language can read
// it.

#include <stdint.h>

#define KPKG_RECORD_MAGIC 0x314345524b504bULL // "KPKREC1" little-endian

enum kpkg_cap_kind {
    KPKG_CAP_ENDPOINT = 1,
    KPKG_CAP_NOTIFICATION = 2,
    KPKG_CAP_REPLY = 3,
    KPKG_CAP_SERVICE = 4,
    KPKG_CAP_IRQ_HANDLER = 5,
    KPKG_CAP_IO_PORTS = 6,
};

enum {
    KPKG_CAP_ABSENT = 1
}; // flag: an optional peer that is not in the system; the slot is a tripwire

struct kpkg_record_cap {
    char name[32]; // NUL-padded, as in the manifest; "exit" is built in; a served endpoint NAME has
                   // "NAME.reply" too, an interrupt NAME "NAME.handler"
    uint8_t kind;  // enum kpkg_cap_kind
    uint8_t rights; // seL4 bits: 1 write, 2 read, 4 grant, 8 grant-reply
    uint16_t flags;
    uint32_t reserved;
    uint64_t slot; // the CPtr
};

// A region or device that is in the address space. One of an optional peer that is not in the
// system is not listed.
struct kpkg_record_region {
    char name[32];    // NUL-padded, as in the manifest
    uint64_t address; // of its first page
    uint64_t len;     // bytes
    uint8_t rights;   // 2 read, or 3 read and write
    uint8_t device;   // 1: device memory, not cached
    uint8_t reserved[6];
};

// Numbers of the kernel under the program (they move with its version), for what a driver invokes;
// a program without hardware has no use for them.
struct kpkg_record_labels {
    uint16_t irq_ack;
    uint16_t in8, in16, in32, out8, out16, out32;
    uint16_t reserved;
};

struct kpkg_record {
    uint64_t magic;
    uint32_t abi;         // 1, equals the package header's
    uint32_t len;         // bytes of the whole record, at most 4096
    uint64_t incarnation; // 1 at the first start, counts restarts
    uint64_t ipc_buffer;  // address, 1024 bytes
    uint64_t stack_low, stack_high;
    uint64_t heap, heap_len;
    uint64_t budget_us, period_us;
    uint64_t ticks_per_us; // of rdtsc
    uint32_t caps_offset, cap_count;
    uint32_t arguments_offset, argument_count; // NUL-terminated strings, one after another
    char name[64];                             // instance name, NUL-padded
    uint32_t regions_offset, region_count;
    struct kpkg_record_labels labels;
};

_Static_assert(sizeof(struct kpkg_record_cap) == 48, "spec/target-abi.md");
_Static_assert(sizeof(struct kpkg_record_region) == 56, "spec/target-abi.md");
_Static_assert(sizeof(struct kpkg_record_labels) == 16, "spec/target-abi.md");
_Static_assert(sizeof(struct kpkg_record) == 192, "spec/target-abi.md");
