// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A system as the commands handle it: trust file, system file and packages, read once, and what
// the pipeline makes of them on the host. `plan`, `run` and `image` all start here; `pack` tries
// its result with it. The same bytes go into the boot bundle, where the root task judges them
// again.

#include "bundle.h"
#include "command.h"
#include "file.h"
#include "policy.h"

struct compose {
    const char *system_path; // NULL: the operands are packages and the system file is made up
    struct file_content system_text;
    struct system system;

    char *trust_path; // NULL: a trial (trial.h)
    struct file_content trust_text;
    struct trust trust;

    char *package_paths[BOUND_TARGETS];
    struct file_content packages[BOUND_TARGETS];
    size_t package_count;

    // Filled by compose_check; `refused[i].status` is OK for a package that is in the plan.
    struct verified verified[BOUND_TARGETS];
    struct manifest manifests[BOUND_TARGETS];
    struct elf_image elves[BOUND_TARGETS];
    struct policy_instance instances[BOUND_TARGETS];
    struct diag refused[BOUND_TARGETS];
    struct plan plan;

    struct arena arena;
    const char *at_fault; // the file that a diag is about; NULL: the command line
};

enum compose_trust {
    COMPOSE_TRUST_NEEDED, // from --trust, else from the system file; packages alone need --trust
    COMPOSE_TRUST_TRIAL,  // from --trust, else from the system file, else a trial
};

// An empty system; NULL when memory is short, which was said.
struct compose *compose_new(void);
// Reads everything that the operands name: one system file (*.toml) or packages. On failure
// compose_free is still the caller's, and `at_fault` is the file that `diag` is about.
enum status compose_read(struct compose *c, struct operands operands, const char *trust_path,
                         enum compose_trust mode, struct diag *diag) MUST_CHECK;

// The same for one package that is in memory: a trial of it alone. The bytes are copied.
enum status compose_read_memory(struct compose *c, struct bytes package,
                                struct diag *diag) MUST_CHECK;
// NULL is fine.
void compose_free(struct compose *c);

// Takes the packages through verifier, parsers, compiler and checker. The first refusal of each
// package is in `refused`. The result is about the system as a whole.
enum status compose_check(struct compose *c, struct diag *diag) MUST_CHECK;

// The exit code after compose_check; prints every refusal on stderr.
int compose_report(const struct compose *c);

// The boot bundle of this system; borrows from it. Nonce and seed are the caller's.
struct bundle compose_bundle(const struct compose *c);
