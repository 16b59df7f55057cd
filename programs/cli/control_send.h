// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// Sends a package over the control channel, part by part, each when the one before has been taken.

#include "command.h"
#include "control_client.h"

struct control_send {
    enum control_type type; // CONTROL_INSTALL or CONTROL_REPLACE
    const char *file;
    const char *instance; // NULL: named after the package
    struct operands arguments;
};

// Waits until the instance runs. A large package shows on a terminal how far it is.
enum status control_send(struct control_client *client, const struct control_send *what,
                         struct diag *diag) MUST_CHECK;
