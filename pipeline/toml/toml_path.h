// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Where a node stands, for messages: its path from the root, `package[1].arguments[0]`.

#include "text.h"
#include "toml.h"

void toml_path_put(struct text *out, const struct toml *node);
