// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Who controls a run by a file of frames (spec/control.md, 2): each is sent when the one before it
// is answered. The same file has the same effect in every run in virtual time.

#include "control_decoder.h"
#include "serial.h"

struct script {
    struct bytes frames;
    size_t at, end; // of the frame that is being sent: the next byte, and the first after it
    uint32_t sent, answered;
    struct control_decoder decoder;
};

// The other end of COM2; `script` must outlive it.
struct serial_end script_end(struct script *script);
