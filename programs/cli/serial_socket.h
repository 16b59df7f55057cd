// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The other end of a machine's second serial line: a Unix stream socket in the file system. One
// client at a time is connected to the line; what is sent while there is none is lost, as on a wire
// that ends in the air. In virtual time the line waits for its client, and ends with it.

#include "diag.h"
#include "serial.h"

struct serial_socket {
    const char *path; // NULL = there is no such line
    int listening;
    int client; // -1 = none
    const volatile int *stop;
};

// Listens at `path`, which only this user may connect to. The socket of a run that was killed is
// replaced, any other file is not. `path` and `stop` are borrowed.
enum status serial_socket_open(struct serial_socket *line, const char *path,
                               const volatile int *stop, struct diag *diag) MUST_CHECK;

// The line as the hosted board takes it; `line` must outlive it.
struct serial_end serial_socket_end(struct serial_socket *line);

// Removes the file. Nothing where `path` is NULL.
void serial_socket_close(struct serial_socket *line);
