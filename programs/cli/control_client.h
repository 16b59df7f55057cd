// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The asking side of the control channel (spec/control.md): a Unix socket that leads to the second
// serial line of a run. What comes back is from a machine that may be cut off or hostile: only
// whole frames with the number of the request count.

#include "control_decoder.h"
#include "control_message.h"
#include "diag.h"

struct control_client {
    int fd;
    int patience_ms; // for the next byte of an answer
    uint32_t number; // of the request at hand
    struct control_decoder decoder;
    uint8_t room[CONTROL_FRAME]; // bytes received, [at, end) not looked at yet
    size_t at, end;
};

// Connects, and makes sure that somebody answers. CONTROL_SILENT.
enum status control_client_open(struct control_client *client, const char *path,
                                struct diag *diag) MUST_CHECK;
void control_client_close(struct control_client *client);

// Sends a request. CONTROL_SILENT.
enum status control_client_ask(struct control_client *client, enum control_type type,
                               struct bytes payload, struct diag *diag) MUST_CHECK;

// The next answer to it, borrowed until the next call. CONTROL_SILENT when none comes; what the
// root task said when it refused.
enum status control_client_answer(struct control_frame *frame, struct control_client *client,
                                  struct diag *diag) MUST_CHECK;
