// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What both pictures say of an edge.

#include "authority.h"
#include "text.h"

// From the target to the object, or else from the object to the target.
bool graph_words_sends(const struct authority_grant *grant);

// "Call", "Receive", "Read, Write": without Reset, which every IPC capability gives.
void graph_words_put_label(struct text *t, const struct authority_grant *grant);

// More than talking and sharing: control, grant, hardware.
bool graph_words_is_grave(const struct authority_grant *grant);
