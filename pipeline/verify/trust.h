// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The trust policy of a target: who may sign which names, how many must agree, from which counter
// on. trust_read makes it from a trust file; trust_decide applies it to what page 0 claims. The
// granted authority is monotone in the set of valid signatures: another valid signature never
// turns acceptance into refusal (spec/package.md 6).

#include "arena.h"
#include "high_water.h"
#include "package.h"

enum trust_state {
    TRUST_ACTIVE,
    TRUST_RETIRED, // still verifies what lies in its window
    TRUST_REVOKED, // never counts
};

// The kinds of requests for which a rule may ask for more keys.
enum trust_class { TRUST_IRQ, TRUST_IOPORT, TRUST_DMA, TRUST_CLASSES };

struct trust_ports {
    uint16_t first;
    uint16_t last; // included
};

// Upper bounds for what a key may grant; what the file does not list is nothing. policy/ applies
// them.
struct trust_ceiling {
    struct bytes name;
    uint64_t memory; // bytes
    uint32_t cnode_bits;
    uint32_t threads;
    uint32_t priority_max;
    const struct bytes *endpoints; // patterns of peers
    size_t endpoint_count;
    const struct bytes *spawns; // patterns of packages of which instances may be started
    size_t spawn_count;
    const uint32_t *irqs;
    size_t irq_count;
    const struct trust_ports *ports;
    size_t port_count;
    bool dma;
};

struct trust_key {
    struct bytes id; // for people; the key is its own identity
    uint8_t key[CRYPTO_KEY];
    enum trust_state state;
    const struct bytes *names; // patterns
    size_t name_count;
    uint64_t counter_low; // window, both ends included
    uint64_t counter_high;
    const struct trust_ceiling *ceiling; // NULL: grants nothing
};

struct trust_rule {
    struct bytes names;                    // pattern
    uint32_t threshold;                    // distinct keys
    uint32_t threshold_for[TRUST_CLASSES]; // at least `threshold`
    uint64_t floor;                        // least security counter
};

// All pointers lead into the arena and the text that trust_read was given.
struct trust {
    uint64_t counter; // of the trust file itself
    const struct trust_key *keys;
    size_t key_count; // at most BOUND_KEYS: a set of keys is a word
    const struct trust_rule *rules;
    size_t rule_count;
    const struct trust_ceiling *ceilings;
    size_t ceiling_count;
    const uint8_t (*denied)[CRYPTO_DIGEST]; // package ids
    size_t denied_count;
    uint64_t root_keys; // bit i: keys[i] may sign the next trust file
    uint32_t root_threshold;

    // Of the system at hand; trust_read sets the format's limit and NULL, the caller may tighten.
    uint64_t binary_max;            // bytes of a binary
    const struct high_water *marks; // what has run before; NULL: nothing is known
};

// What trust says about a package whose signatures are all valid.
struct trust_decision {
    uint64_t signers;    // bit i: keys[i] has signed and counts
    size_t signer_count; // bits in it
    const struct trust_rule *rule;
};

// Reads a trust file. Tables go to `arena`; text and arena must outlive `out`. Errors: TOML_*,
// POLICY_*, KEY_WEAK, NO_MEMORY; `where`, line and column are the place in the text.
MUST_CHECK enum status trust_read(struct trust *out, struct bytes text, struct arena *arena,
                                  struct diag *diag);

// Stage trust. Errors, in this order: SIGNER_UNKNOWN, KEY_REVOKED, KEY_SCOPE, KEY_WINDOW, NO_RULE,
// THRESHOLD, ROLLBACK, PACKAGE_DENIED.
MUST_CHECK enum status trust_decide(struct trust_decision *out, const struct package *package,
                                    const struct trust *trust, struct diag *diag);
