// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The [ceiling.NAME] tables of a trust file. Failures stick to the schema.

#include "schema.h"
#include "trust.h"

// Fills `trust->ceilings` from the root table.
void trust_ceiling_read(struct trust *trust, struct schema *schema, struct toml *root);
