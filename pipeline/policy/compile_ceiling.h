// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a package asks for against what its signers may grant (spec/package.md, 6): of the keys that
// signed and count, enough must have a ceiling that covers the request.

#include "policy.h"

// Checks memory (the limit and owned regions), radix of the CNode, thread, priorities, and every
// peer, interrupt line, port range and device of an instance.
// CEILING when no signer covers a request, CEILING_THRESHOLD when too few do; `detail` is the set
// of keys that fall short.
MUST_CHECK enum status compile_ceiling(const struct policy_instance *instance, uint8_t cnode_bits,
                                       struct diag *diag);

// The signers whose ceiling covers one capability of the manifest. Owning an object that others may
// reach needs no ceiling: it gives the package no authority over them.
uint64_t compile_ceiling_signers(const struct policy_instance *instance,
                                 const struct manifest_cap *cap);
