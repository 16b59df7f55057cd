// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// A witness as people read it. Names are as the input has them: who prints escapes.

#include "reach.h"
#include "text.h"

// One step: "sensor -SyncSend-> nic/tx", "nic/tx <-Receive- nic", "a <-control-> b".
void reach_words_put_step(struct text *t, const struct authority *a, const struct reach_step *step);

// The whole way as a chain: "sensor -SyncSend-> nic/tx <-Receive- nic". `steps` has the last of
// `count` steps, at most `room`.
void reach_words_put_path(struct text *t, const struct authority *a, const struct reach_step *steps,
                          size_t count, size_t room);
