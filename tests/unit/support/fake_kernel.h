// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A kernel that agrees to everything, for the calling side: it writes down each invocation, answers
// the probes of detect.h as a kernel of a given configuration does, refuses the call that it is
// told to, and keeps what is written to a frame while it is mapped at the window.

#include "bytes.h"
#include "sel4_kernel.h"

enum {
    FAKE_CALLS = 4096,
    FAKE_FRAMES = 64,
    FAKE_PAGE = 4096,
    FAKE_SCHED_CONTROL = 16,
    FAKE_TAG_BITS = 12
};

struct fake_call {
    cap_slot on;
    enum sel4_invocation invocation;
    uint64_t words[SEL4_INVOKE_WORDS];
    cap_slot caps[SEL4_MESSAGE_MAX_CAPS];
};

struct fake_frame {
    cap_slot cap;
    uint8_t bytes[FAKE_PAGE];
};

struct fake_kernel {
    struct sel4_abi abi;
    struct sel4_ipc_buffer buffer;
    unsigned cnode_methods; // that it claims to have; a real one has 8
    unsigned fail_at;       // number of the call to refuse, from 1; 0 = none
    bool fail_all;          // and all that follow
    enum sel4_error error;  // with which
    unsigned count;
    struct fake_call calls[FAKE_CALLS];
    uint64_t tags[1 << FAKE_TAG_BITS]; // what it says of a capability, by the low bits of its CPtr
    unsigned frame_count;
    struct fake_frame frames[FAKE_FRAMES];
    _Alignas(FAKE_PAGE) uint8_t window[FAKE_PAGE];
};

extern struct fake_kernel fake_kernel;

// Starts anew, as a kernel of that configuration; the caller's context of it.
struct sel4_kernel fake_kernel_start(struct sel4_config config);

// What was written to a frame through the window, or NULL.
const uint8_t *fake_kernel_frame(cap_slot cap);

// How many calls of an invocation there were.
unsigned fake_kernel_calls(enum sel4_invocation invocation);
