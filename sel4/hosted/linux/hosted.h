// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The hosted kernel: runs a boot image (an ELF file that seL4 could boot as its root task) on this
// Linux machine, without privileges, until it ends. One run at a time in a thread; it uses the
// first real-time signal and the thread's processor affinity meanwhile and gives both back. Nothing
// stays behind, however the run ends.

#include "bytes.h"
#include "diag.h"
#include "serial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOSTED_MEMORY_SIZE (UINT64_C(128) << 20)
#define HOSTED_CONFIG      "2.3.0"

// One system call of user code, told after it was decided.
struct hosted_trace {
    uint64_t ticks;        // since the start
    uint64_t thread;       // physical address of the TCB
    bool root;             // it is the thread that the image began with
    uint64_t handler;      // badge of the thread's capability to its fault handler, 0 = none
    int64_t syscall;       // seL4's number
    uint64_t cptr;         // what was invoked or received on
    uint64_t object;       // physical address behind that cap
    uint64_t label;        // as sent
    unsigned kind;         // cap tag, 0 = nothing found
    const char *operation; // name of a kernel-object invocation, "" otherwise
    unsigned error;        // seL4 error of the invocation, also where seL4 tells nobody
    bool fault;            // it ended in a cap fault, or its look-up failed in silence
};

// A live slot of a CNode.
struct hosted_slot {
    uint64_t slot;
    uint64_t object; // physical address; of hardware its number: vector, or first << 16 | last port
    uint64_t badge;
    unsigned kind; // cap tag
    unsigned rights;
};

// The CSpace of a thread that has a fault handler: its root CNode as the kernel holds it now.
struct hosted_cspace {
    uint64_t ticks;   // since the start
    uint64_t handler; // badge of the thread's capability to its fault handler
    bool ended;       // the run is over; else the thread has just been made runnable
    unsigned radix;
    const struct hosted_slot *slots; // in slot order
    size_t count;
};

struct hosted_unsupported {
    const char *what;        // a literal: the feature, and what happens in its place
    uint64_t thread;         // physical address of the TCB
    const char *thread_name; // "" where a debug kernel was not told one
};

struct hosted_options {
    uint64_t memory_size;     // bytes of RAM; 0 = HOSTED_MEMORY_SIZE
    const char *config;       // the Microkit kernel to be like: 2.3.0, 2.3.0-debug, 2.2.0, 2.1.0,
                              // ...; NULL = HOSTED_CONFIG
    bool deterministic;       // virtual time: the same image gives the same run
    uint64_t time_limit_us;   // 0 = none
    const volatile int *stop; // not zero ends the run (a signal handler may set it); may be NULL
    uint64_t
        fail_invocation; // this kernel-object invocation of the root task fails, from 1; 0 = none
    unsigned fail_error; // with this seL4 error
    bool (*fails)(void *context, const char *operation); // this one of it, too; may be NULL
    const struct serial_end *com2; // NULL = the board has no second serial line

    void *context; // passed to the calls below, each of which may be NULL
    void (*output)(void *context, const uint8_t *at, size_t len); // serial line and console ring
    void (*debug)(void *context, char c);                         // the kernel's debug output
    void (*trace)(void *context, const struct hosted_trace *trace);
    // Each time when an invocation has made such a thread runnable, and for all at the end.
    void (*cspace)(void *context, const struct hosted_cspace *cspace);
    // The next byte that the serial line receives, or an enum serial_input; `wait` (with virtual
    // time): SERIAL_NONE is no answer.
    int (*input)(void *context, bool wait);
    // A thread reached for something that seL4 or a PC has and this kernel lacks. Once for each.
    void (*unsupported)(void *context, const struct hosted_unsupported *what);
};

enum hosted_end {
    HOSTED_EXIT,       // the image wrote the debug exit port
    HOSTED_DEADLOCK,   // nothing can run any more
    HOSTED_HALTED,     // the image halted a debug kernel
    HOSTED_TIME_LIMIT, //
    HOSTED_STOPPED,    // by options.stop
};

struct hosted_result {
    enum hosted_end end;
    uint32_t exit_value;   // HOSTED_EXIT
    uint32_t notes;        // one bit for each protection that the host does not allow: hosted_note
    uint32_t ticks_per_us; //
    uint64_t ticks;        // from boot to end
    uint64_t traps;        // entries to the kernel
    uint64_t invocations;  // kernel-object invocations of the root task
    uint32_t unsupported;  // different features that the image wanted in vain
};

// The machine and its sandbox, ready for an image: what a run can do before it has one. `options`
// is copied; its context stays the caller's. The thread that opens must be the one that boots.
struct hosted;
MUST_CHECK enum status hosted_open(struct hosted **hosted, const struct hosted_options *options,
                                   struct diag *diag);

// Runs `image`, once; the time limit counts from here. Fails when the image cannot be booted, the
// configuration has no such name, or the host took what the run needs.
MUST_CHECK enum status hosted_boot(struct hosted_result *result, struct hosted *hosted,
                                   struct bytes image, struct diag *diag);
// NULL is fine.
void hosted_close(struct hosted *hosted);

// All three: runs `image`. Fails when the image cannot be booted, the configuration has no such
// name, or the host does not allow what is needed (ptrace above all).
MUST_CHECK enum status hosted_run(struct hosted_result *result,
                                  const struct hosted_options *options, struct bytes image,
                                  struct diag *diag);

// What the lowest bit of `notes` means, a sentence for people; NULL when it is not known.
const char *hosted_note(uint32_t notes);
