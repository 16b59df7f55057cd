// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Trust files for tests. In their text "@x" stands for the public key of fixture_key('x') and "@#"
// for the package id of fixture_build, both as hexadecimal.

#include "fixture.h"
#include "trust.h"

struct trust_fixture {
    char text[32768];
    _Alignas(16) uint8_t memory[262144];
    struct trust trust;
};

// Reads `text` after substitution.
enum status trust_fixture_read(struct trust_fixture *f, const char *text, struct diag *diag);

// One active key for each letter of `letters`, good for every name, and one rule for every name.
void trust_fixture_simple(struct trust_fixture *f, const char *letters, unsigned threshold);
