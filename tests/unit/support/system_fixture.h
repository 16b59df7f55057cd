// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A whole system out of one text, through the real path: packages are written, signed, verified and
// read. The text is in sections, each from a line `=== NAME` to the next one:
//
//   === system      the system file
//   === trust       the trust file; "@x" stands for the key of signer x. Without it, before the
//   first
//                   manifest: keys a and b grant everything, one of them is enough
//   === manifest    the manifest of the next [[package]], signed by a
//   === manifest ab the same, signed by a and b
//   === refused     the next [[package]] could not be read
//
// Every package has the same small binary: text of two pages, one page of constants, data and .bss.

#include "arena.h"
#include "policy.h"

struct system_fixture {
    struct system system;
    struct trust trust;
    struct policy_input input;
    struct policy_instance instances[BOUND_TARGETS];
    struct verified verified[BOUND_TARGETS];
    struct manifest manifests[BOUND_TARGETS];
    struct elf_image images[BOUND_TARGETS];
    struct diag overridden;                      // what is wrong with the system's overrides
    struct system_package listed[BOUND_TARGETS]; // of a system with places
    struct arena arena;
};

// Fails the test when a part does not read. `memory` is kept in use.
void system_fixture_read(struct system_fixture *f, struct bytes text, struct arena memory);

// Adds places for packages that arrive (spec/control.md, 4), and processor time for them; nothing
// is in them.
void system_fixture_places(struct system_fixture *f, size_t places);

// Takes the head of a golden case, what stands before its first section, from its text.
struct bytes system_fixture_head(struct bytes *text);

// The system of the golden case `path`; and the plan that it compiles to.
void system_fixture_open(struct system_fixture *f, const char *path, struct arena memory);
void system_fixture_compile(struct plan *plan, struct system_fixture *f, const char *path,
                            struct arena memory);

// The text of the file `path`, in the fixture's arena or a caller's.
struct bytes system_fixture_load(const char *path, struct arena *arena);
