// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Packages that come and go while the system runs (spec/control.md, 4). One arrives in parts, is
// judged as at the start, and is compiled with all others into a new plan, which takes the place of
// the present one only if everybody else stays what he is. Until that moment nothing but its store
// is taken, and on any failure that is given back.

#include "control_frame.h"
#include "root.h"

// INSTALL and REPLACE, CHUNK, COMMIT and REMOVE. The last two are answered here only when they fail
// at once; else arrival_finish is called when the target does not run any more.
void arrival_begin(struct root *root, const struct control_frame *frame);
void arrival_chunk(struct root *root, const struct control_frame *frame);
void arrival_commit(struct root *root, const struct control_frame *frame);
void arrival_remove(struct root *root, const struct control_frame *frame);

// True when that was the end of the request. A new version that runs is on trial first, until
// arrival_try says that it is not any more.
bool arrival_finish(struct root *root);
bool arrival_try(struct root *root);
