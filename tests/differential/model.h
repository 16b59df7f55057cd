// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Chooses the next random call. It remembers roughly what each slot of the sandbox holds, so that
// about half of the calls are valid; it is wrong at times (revocation, moves), which is fine: both
// kernels get the same calls as long as they answer the same.

#include "harness.h"

enum { MODEL_MESSAGE_LABEL = 0x3ff }; // no kernel object knows it
enum { MODEL_SLOTS = 48, MODEL_FIRST_SLOT = 0x2000, MODEL_WORDS = 24 };

struct model {
    uint64_t seed, step;
    uint8_t holds[MODEL_SLOTS]; // enum sel4_object + 1; 0 = perhaps nothing
    uint64_t memory;            // the sandbox's untyped
};

struct call {
    struct trap trap;
    uint64_t label;
    enum sel4_invocation invocation; // what the label means, or SEL4_INVOCATION_COUNT
    bool hide_words;                 // the answer's words are addresses or times
    uint64_t words[MODEL_WORDS], caps[3];
};

void model_start(struct model *model, uint64_t seed);
struct call model_next(struct model *model);
// Learns from the answer of a Call.
void model_result(struct model *model, const struct call *call, uint64_t error);
