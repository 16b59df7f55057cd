// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A system file, NAME.system.toml -> struct system: which packages run together, under which limits
// (spec/policy.md, section System). Reading a file named here is the caller's work.
//
// Everything is borrowed from the text or lies in the arena; both must outlive the system.

#include "schema.h"

enum { SYSTEM_PLACES = 8 };

enum system_start { SYSTEM_START_AUTO, SYSTEM_START_ON_DEMAND };

// One [[package]]: one instance.
struct system_package {
    struct schema_text file;       // path of the .kpkg file, from the system file's folder
    struct schema_text as;         // instance name, a label; empty = by default
    struct schema_texts arguments; // at most BOUND_ARGUMENTS, without NUL
    enum system_start start;
    struct schema_text parent; // "instance/name": whose [spawn.NAME] starts it; empty = nobody's
    struct toml_span span;     // its [[package]] header
};

// One [override.INSTANCE]: what an instance gets instead of what its manifest asks for. Bounds that
// the file does not give have a line of 0.
struct system_override {
    struct bytes instance; // the `as` of a [[package]]
    struct schema_number memory_limit;
    struct schema_number priority;
    struct schema_number max_priority;
    struct schema_number budget; // microseconds
    struct schema_number period; // microseconds
    struct toml_span span;
};

// [control]: whether the running system may be controlled from outside (spec/control.md).
struct system_control {
    bool allowed;
    struct schema_number cpu; // percent that the channel may take
    // Room for packages that arrive while the system runs: `places` of them, each a file of at most
    // `package` bytes whose instance has at most `memory`. Both are powers of two.
    struct schema_number places, memory, package;
};

struct system {
    struct bytes text; // the file's bytes: what spans are offsets into
    struct schema_text name;
    struct schema_text trust;    // path of the trust file
    struct schema_number memory; // bytes of all targets; UINT64_MAX = no limit but the machine's
    struct schema_number cpu;    // percent of one CPU, 1..100
    struct schema_texts asserts; // any texts; assertion.h says which are assertions
    struct system_control control;
    const struct system_package *packages;
    size_t package_count; // 1 .. BOUND_TARGETS
    // From here on packages are places for those that arrive. The file has none: it is
    // package_count until the root task adds control.places.
    size_t first_place;
    const struct system_override *overrides;
    size_t override_count;
};

// Reads a system file. TOML_*, SYSTEM_* or NO_MEMORY, with line and column; on failure `system` is
// untouched.
MUST_CHECK enum status system_read(struct system *system, struct bytes text, struct arena *arena,
                                   struct diag *diag);

// The instance names, given the name of each package in the order of `system->packages`: `as`, or
// the last label of the package's name. INSTANCE_NAME when two are equal; a peer cannot be told
// then.
MUST_CHECK enum status system_instances(struct bytes *instances, const struct system *system,
                                        const struct bytes *package_names, struct diag *diag);
