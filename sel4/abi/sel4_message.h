// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The message-info word and the IPC buffer. MR0..MR3 travel in R10, R8, R9, R15; MR4.. in the
// buffer, whose tag and first four message words the kernel neither reads nor writes.

#include <stddef.h>
#include <stdint.h>

enum {
    SEL4_MESSAGE_REGISTERS = 4,    // message words that travel in registers
    SEL4_MESSAGE_MAX_LENGTH = 120, // an incoming length above this is clamped
    SEL4_MESSAGE_MAX_CAPS = 3,
    SEL4_IPC_BUFFER_SIZE = 1024, // also its alignment
};

// label 63..12, capabilities unwrapped 11..9, extra caps 8..7, length 6..0.
static inline uint64_t sel4_message_info(uint64_t label, uint64_t unwrapped, uint64_t caps,
                                         uint64_t length)
{
    return label << 12 | (unwrapped & 7) << 9 | (caps & 3) << 7 | (length & 0x7f);
}

static inline uint64_t sel4_message_label(uint64_t info)
{
    return info >> 12;
}

static inline unsigned sel4_message_unwrapped(uint64_t info)
{
    return (unsigned)(info >> 9) & 7;
}

static inline unsigned sel4_message_caps(uint64_t info)
{
    return (unsigned)(info >> 7) & 3;
}

// Clamped as the kernel clamps it.
static inline unsigned sel4_message_length(uint64_t info)
{
    unsigned length = (unsigned)info & 0x7f;
    return length > SEL4_MESSAGE_MAX_LENGTH ? SEL4_MESSAGE_MAX_LENGTH : length;
}

struct sel4_ipc_buffer {
    uint64_t tag;                                   // for user-level convenience only
    uint64_t message[SEL4_MESSAGE_MAX_LENGTH];      // the kernel uses [4] and up
    uint64_t user_data;                             // never touched by the kernel
    uint64_t caps_or_badges[SEL4_MESSAGE_MAX_CAPS]; // cptrs to send; badges of unwrapped caps
    uint64_t receive_cnode;                         // cptr of the root CNode of the receive slot
    uint64_t receive_index;
    uint64_t receive_depth; // 1..64
};

_Static_assert(sizeof(struct sel4_ipc_buffer) == SEL4_IPC_BUFFER_SIZE, "IPC buffer size");
_Static_assert(offsetof(struct sel4_ipc_buffer, message) == 8, "IPC buffer message");
_Static_assert(offsetof(struct sel4_ipc_buffer, user_data) == 968, "IPC buffer user data");
_Static_assert(offsetof(struct sel4_ipc_buffer, caps_or_badges) == 976, "IPC buffer caps");
_Static_assert(offsetof(struct sel4_ipc_buffer, receive_cnode) == 1000, "IPC buffer receive cnode");
_Static_assert(offsetof(struct sel4_ipc_buffer, receive_depth) == 1016, "IPC buffer receive depth");
