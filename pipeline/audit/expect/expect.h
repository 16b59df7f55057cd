// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A log against the [[expect]] lists of manifests (spec/policy.md): the events that a good run of a
// target shows, in their order, others between them; and what a target did that no list mentions.
// The log has been verified before.

#include "audit_scan.h"
#include "manifest.h"

enum { EXPECT_NEAREST = 3 };

enum expect_verdict {
    EXPECT_MET,
    EXPECT_NEVER, // no such event after the one before
    EXPECT_CODE,  // such an event, but with another code
    EXPECT_LATE,  // such an event, but later than `within`
};

struct expect_result {
    enum expect_verdict verdict;
    uint64_t took; // ns since the event before; met and late ones
    // Lines of the log: what met it, or else what comes closest, in the order of the log.
    struct bytes nearest[EXPECT_NEAREST];
    size_t nearest_count;
};

// Where the matching of one target stands; zero but for target and log. The first expectation
// counts its time from the target's first start.
struct expect_state {
    struct bytes target; // instance name
    struct bytes log;
    size_t from;    // offset in the log after the last event that met an expectation
    uint64_t since; // its time
    bool begun;
};

// Matches the next expectation of the target's list.
void expect_next(struct expect_result *out, struct expect_state *state,
                 const struct manifest_expect *expect);

// The first of the target's events that speaks against it (denial, fault without resumption, kill,
// exit with a code that is not 0, leak) and whose type its list does not mention; empty when there
// is none.
struct bytes expect_surprise(struct bytes log, struct bytes target,
                             const struct manifest *manifest);

// A sentence for the verdict.
const char *expect_text(enum expect_verdict verdict);
