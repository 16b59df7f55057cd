// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A manifest, NAME.kpkg.toml -> struct manifest: what one package asks for (spec/policy.md, section
// Manifest). The reader decides everything that the file alone decides: syntax, unknown and missing
// keys, forms and ranges. What depends on the system - peers, budgets, memory - is the compiler's.
//
// Everything is borrowed from the text or lies in the arena; both must outlive the manifest.

#include "schema.h"

enum { MANIFEST_CHILDREN = 16 }; // instances that one [spawn.NAME] may ask for

#define MANIFEST_ROOT                                                                              \
    "kpkg.root" // the package name under which the root task's services are called

// What a section asks for, in the order in which they are kept.
enum manifest_kind {
    MANIFEST_ENDPOINT,
    MANIFEST_NOTIFICATION,
    MANIFEST_REGION, // shared memory
    MANIFEST_IRQ,    // an interrupt line
    MANIFEST_IOPORT, // x86 I/O ports
    MANIFEST_DEVICE, // device memory
    MANIFEST_SPAWN,  // instances of another package that it may start
};

// The roles of an endpoint, of a notification, of a region, and the one of hardware.
enum manifest_role {
    MANIFEST_SERVE,  // receives; owns the endpoint
    MANIFEST_CALL,   // sends and waits for the reply
    MANIFEST_SEND,   // sends
    MANIFEST_WAIT,   // waits for signals
    MANIFEST_SIGNAL, // signals
    MANIFEST_OWN,    // maps memory of its own that others may map
    MANIFEST_MAP,    // maps another's memory
    MANIFEST_DRIVE,  // has a piece of hardware to itself
    MANIFEST_START,  // starts and stops instances
};

// `to = "package/name"`.
struct manifest_peer {
    struct bytes package; // a package name, or MANIFEST_ROOT
    struct bytes name;    // the peer's name for what it owns
    struct toml_span span;
};

// One [KIND.NAME]: one capability or one area of memory of the program.
struct manifest_cap {
    enum manifest_kind kind;
    enum manifest_role role;
    bool owner;                // has no peer: it owns the object, and `allow` says who may connect;
                               // false for spawn, whose peer is a package without a name in it
    bool optional;             // with a peer only: an absent peer leaves a tripwire
    bool traced;               // endpoints only: named by audit.trace
    bool write;                // regions and devices: its own mapping may be written
    struct bytes name;         // a label, unique over all kinds
    struct manifest_peer peer; // zero for an owner
    struct schema_texts allow; // endpoints and notifications: patterns over package names; empty
                               // unless owner
    struct schema_words share; // regions: patterns, 0 = may read, 1 = may write; likewise
    struct schema_number size; // regions and devices: bytes, whole pages
    struct schema_number at;   // hardware: line, first port, physical address
    struct schema_number last; // ports: the last one, included
    bool level;                // interrupts: triggered by level, not by edge
    bool low;                  // interrupts: active low, not high
    bool shared;               // devices, read only: others may read them, too
    struct schema_number most; // spawn: instances; `size` is the memory of each,
    struct schema_number cpu;  // and this its percent of the processor
    struct bytes signal;       // interrupts: the notification of this manifest that it signals;
                               // empty: one of its own
    struct toml_span span;     // the header that asks for it
};

enum manifest_overrun { MANIFEST_OVERRUN_WAIT, MANIFEST_OVERRUN_STOP, MANIFEST_OVERRUN_RESTART };

struct manifest_cpu {
    struct schema_number priority;     // 0..255; the compiler refuses what is the root task's
    struct schema_number max_priority; // MCP, 0..255
    bool passive;                      // runs on its callers' time: budget and period are 0
    struct schema_number budget;       // microseconds
    struct schema_number period;       // microseconds
    enum manifest_overrun on_overrun;
    struct toml_span span;
};

struct manifest_memory {
    struct schema_number limit; // bytes; a power of two: the size of the target's untyped
    struct schema_number stack; // bytes; whole pages
    struct schema_number heap;  // bytes; whole pages, may be 0
    struct toml_span span;
};

enum manifest_action { MANIFEST_STOP, MANIFEST_RESTART, MANIFEST_SUSPEND };

struct manifest_fault {
    enum manifest_action action;
    struct schema_number max_restarts; // in `window`
    struct schema_number window;       // microseconds
    struct schema_number backoff;      // microseconds
};

// One [[expect]]: an event that a good run shows.
struct manifest_expect {
    struct schema_text type; // "target.exited"
    bool has_code;
    struct schema_number code;
    struct schema_number within; // microseconds; 0 = no bound
    struct toml_span span;
};

struct manifest {
    struct bytes text;            // the manifest's bytes: what spans are offsets into
    struct schema_text name;      // package name
    struct schema_text version;   // SemVer
    struct schema_number counter; // security counter
    struct schema_text summary;
    struct schema_text binary_path; // for `kpkg pack`
    struct manifest_cpu cpu;
    struct manifest_memory memory;
    struct manifest_fault fault;
    struct schema_number max_denials;
    const struct manifest_cap *caps; // by kind, each in the order of the text
    size_t cap_count;                // at most BOUND_TARGET_CAPS; BOUND_TARGET_AREAS map memory
    const struct manifest_expect *expects;
    size_t expect_count;
};

// Is it an area of the address space, and no slot of the CSpace?
static inline bool manifest_is_area(const struct manifest_cap *cap)
{
    return cap->kind == MANIFEST_REGION || cap->kind == MANIFEST_DEVICE;
}

// Reads a manifest. TOML_*, MANIFEST_*, CAP_NAME (two capabilities of one name), TOO_MANY_CAPS or
// NO_MEMORY, with line and column; on failure `manifest` is untouched.
MUST_CHECK enum status manifest_read(struct manifest *manifest, struct bytes text,
                                     struct arena *arena, struct diag *diag);

// NAME_MISMATCH or COUNTER_MISMATCH when the header says something else.
MUST_CHECK enum status manifest_matches(const struct manifest *manifest, struct bytes name,
                                        uint64_t counter, struct diag *diag);
