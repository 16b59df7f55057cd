// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a system changes of the manifests of its instances: it may only ask for less
// (spec/policy.md, 3).

#include "manifest.h"
#include "system.h"

// Puts the system's bounds for this instance into its manifest. OVERRIDE, with the line of the
// system file, when one would widen it: a larger limit, a higher priority, a larger budget, a
// shorter period, or time for a passive server. On failure `manifest` is untouched.
MUST_CHECK enum status override_apply(struct manifest *manifest, const struct system *system,
                                      struct bytes instance, struct diag *diag);
