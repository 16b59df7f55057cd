// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Who is connected to whom: for each capability with a peer, the instance and the capability that
// own the object. What the manifests declare decides; whether the peer can be compiled comes after.

#include "policy.h"

// What one capability of a manifest is connected to.
struct compile_link {
    enum plan_service service; // of the root task; else NONE
    bool absent;               // an optional peer that is not there
    uint16_t instance;         // the owner of the object; oneself for an owner
    uint16_t cap;              // the owner's capability
    uint32_t object;           // owners: index of the object in the plan
    uint32_t handler;          // interrupts: likewise, the handler's
    uint32_t signals;          // owners: signalling capabilities numbered so far
};

// links[instance][cap]
struct compile_links {
    struct compile_link *of[BOUND_TARGETS];
    bool changed[BOUND_TARGETS]; // an instance whose draft shows a region that is now absent
};

// Links the capabilities of one instance. PEER_ABSENT unless optional, PEER_ROLE, PEER_DENIED,
// PEER_SIZE, PEER_AMBIGUOUS.
MUST_CHECK enum status compile_peers(struct compile_link *links, uint16_t instance,
                                     const struct policy_input *input, struct diag *diag);

// Drops what depends on refused instances until nothing changes: an optional link becomes absent, a
// required one refuses its instance with PEER_ABSENT.
void compile_peers_drop(struct diag *refused, struct compile_links *links,
                        const struct policy_input *input);
