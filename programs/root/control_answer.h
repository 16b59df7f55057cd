// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Answers over the control channel.

#include "control_message.h"
#include "root.h"

void control_answer(struct root *root, uint32_t number, enum control_type type,
                    const struct control_writer *message);
void control_answer_done(struct root *root, uint32_t number);

// Why not. The second also records it, as the end of the request that event `asked` began.
void control_answer_diag(struct root *root, uint32_t number, const struct diag *diag);
void control_answer_refused(struct root *root, uint32_t number, uint64_t asked,
                            const struct diag *diag);
