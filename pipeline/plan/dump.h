// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A plan as people read it and as tools read it (spec/plan.md). Both forms are complete and
// deterministic: equal plans give equal bytes. The bytes leave in small pieces, so that neither
// form needs memory; on the target they go into a hash.

#include "plan.h"
#include "text.h"

// Tables: objects, capabilities slot by slot, mappings, thread parameters, limits.
void dump_text(const struct text_sink *sink, const struct plan *plan);

// JSON `kpkg.plan/v1`: one document, ASCII, one line for each object, capability and mapping.
void dump_json(const struct text_sink *sink, const struct plan *plan);
// The part of it that stands for one target: an element of "targets", without what surrounds it.
void dump_json_target(const struct text_sink *sink, const struct plan *plan, uint32_t target);

// The capDL language, as seL4's capDL tools read it (spec/plan.md, 9).
void dump_cdl(const struct text_sink *sink, const struct plan *plan);

// SHA-256 of the bytes of dump_json, and of dump_json_target: what events and the attestation call
// the digest of a plan.
void dump_digest(uint8_t out[static 32], const struct plan *plan);
void dump_digest_target(uint8_t out[static 32], const struct plan *plan, uint32_t target);
