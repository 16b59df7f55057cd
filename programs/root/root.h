// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Everything the root task knows while it runs. There is one of it, in main.c; the other files work
// on what they are given.

#include "audit_console.h"
#include "audit_epoch.h"
#include "bundle.h"
#include "channel.h"
#include "clock.h"
#include "meter.h"
#include "objects.h"
#include "output.h"
#include "policy.h"
#include "spawn.h"

enum root_life {
    ROOT_DOWN,      // ended or refused, for good: owns nothing
    ROOT_DORMANT,   // owns nothing, starts at the first call to it
    ROOT_RUNNING,   // may run
    ROOT_WAITING,   // owns nothing, starts again at start_at
    ROOT_SUSPENDED, // kept as it was at its last fault, never runs again
};

struct root_target {
    struct objects_site site;
    enum root_life life;
    bool spoiled;         // something of it did not come back: never started again
    bool stood_in;        // its clients' capabilities lead to the auditor (peers.h)
    uint64_t incarnation; // 0 before the first start
    uint64_t start_at;    // ns
    uint64_t restarts;    // since window_from
    uint64_t window_from; // ns
    uint64_t faults;      // of this incarnation
    uint64_t cpu_us;      // of this incarnation, as far as watch_count has counted
    uint64_t denials;     // of all incarnations
    uint64_t ended_at;    // ns: when the last incarnation was taken back
    bool exited;          // and whether it had ended by itself,
    uint32_t code;        // with this code
    // What its parent last started it with, after the arguments of the system file; empty = nothing
    char argument[PLAN_CHILD_ARGUMENT];
    uint8_t argument_len;
    uint64_t stop_by;   // ns: until when it may exit after it was asked to; 0 = not asked
    uint64_t stop_seq;  // the event that says so
    struct meter meter; // of what it asks the root task to do
    cap_slot held;      // the thread that waits for the meter's next window
    struct audit_console console;
};

// The packages in the order of the system file, then those that arrived; what they say is valid
// where `known`.
struct root_package {
    bool known;
    uint8_t store;     // that its bytes arrived in, from 1; 0 = the image (store.h)
    uint32_t place;    // counted from 1, for events
    struct bytes name; // of the instance
    struct bytes file;
    cap_slot frames; // of the file's first page; the others follow
    struct schema_texts arguments;
    struct verified verified;
    struct manifest manifest;
    struct elf_image elf;
};

// A store for packages that arrive (store.h).
struct root_store {
    cap_slot untyped;
    cap_slot frames; // slot of its first frame
    uint32_t pages;  // in use; 0 = free
};

// A package that is arriving, or waits for the one that it replaces to end (arrival.h).
struct root_arrival {
    bool open;       // CHUNK and COMMIT belong to it
    uint8_t type;    // CONTROL_INSTALL or CONTROL_REPLACE
    uint64_t got;    // bytes so far
    uint64_t asked;  // the event that says so
    uint32_t index;  // of root->packages: where it will be
    uint32_t target; // of the plan
    struct root_package package;
    struct plan plan;          // with it
    struct spawn_slot *ledger; // of that plan
    struct arena arena;        // in its store
};

// A request of the control channel whose end is waited for.
struct root_request {
    uint8_t type; // 0 = none
    uint32_t number;
    uint32_t target;
    uint64_t trial_end;       // ns: until when a new version must run (arrival.h); 0 = no trial
    uint64_t trial;           // of which incarnation
    struct audit_cause cause; // the event that says that it was asked
};

struct root {
    const struct sel4_bootinfo *bootinfo;
    struct sel4_kernel kernel;
    struct cspace cspace;
    struct memory memory;
    struct objects_pool pool; // of these three
    struct output output;
    struct hosted_board board;
    bool hosted; // the board is there
    struct clock clock;
    struct audit_log log;
    cap_slot auditor; // the endpoint that faults, tripwires and services lead to
    cap_slot reply;   // holds who called last
    cap_slot starter; // the scheduling context on which relays begin
    uint8_t *window;  // a page without a frame, to fill targets' frames through
    struct arena arena;
    struct bundle bundle;
    struct audit_epoch epoch; // of the log
    struct trust trust;
    struct system system;
    struct system_package listed[BOUND_TARGETS]; // the file's, then places
    struct root_package packages[BOUND_TARGETS];
    struct plan plan;
    struct spawn_slot *ledger; // what each of the plan's caps was made from, as the kernel accepted
    struct root_target targets[BOUND_TARGETS];
    uint64_t watched_at; // ns: when watch_tick looked last
    uint64_t idle_since; // ns: the last moment at which a target is known to run (watch.h)
    bool stuck;          // targets wait for each other
    struct channel channel;
    struct root_store stores[SYSTEM_PLACES];
    struct root_arrival arrival;
    bool plan_turn; // which room for plans was used last
    struct root_request request;
    uint64_t noise_told;       // ns: when noise was last an event
    struct diag start_failure; // of the start that failed last
    bool ending;               // the end was asked for through the channel
    bool denied;               // something was refused, denied or faulted: the outcome is 1
};

// The moment, for events.
struct audit_at root_at(struct root *root);

struct audit_subject root_subject(const struct root *root, uint32_t target);

// Sends what the log holds to the output.
void root_flush(struct root *root);

// The same without a checkpoint, which else may follow: for an event that says what comes next.
void root_flush_events(struct root *root);
