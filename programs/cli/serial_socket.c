// SPDX-License-Identifier: BSD-2-Clause

// The board's second serial line as a Unix socket with one client at a time, mode 0600. In real
// time nothing waits for the client: bytes that nobody takes are offered again, and without a
// client they are lost, as on a wire that hangs free. In virtual time the run waits, so that it
// depends on the client's bytes and not on its speed.

#include "serial_socket.h"

#include "file.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// Nobody listens at a socket that refuses: its run is gone. One whose clients stand in a line has
// no place for us either, and must not make us wait in it.
static void remove_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 &&
        errno == ECONNREFUSED) {
        struct stat of;
        if (stat(address->sun_path, &of) == 0 && S_ISSOCK(of.st_mode)) {
            (void)unlink(address->sun_path);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
}

enum status serial_socket_open(struct serial_socket *line, const char *path,
                               const volatile int *stop, struct diag *diag)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(address.sun_path)) { // without a name it would be in no folder
        errno = len == 0 ? ENOENT : ENAMETOOLONG;
        return file_trouble(path, diag);
    }
    memcpy(address.sun_path, path, len);
    remove_stale(&address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return file_trouble(path, diag);
    }
    // From its first moment: bind makes the file.
    mode_t mask = umask(0177);
    int failed = bind(fd, (const struct sockaddr *)&address, sizeof(address));
    umask(mask);
    if (failed != 0 || listen(fd, 1) != 0) {
        enum status status = file_trouble(path, diag);
        if (failed == 0) {
            (void)unlink(path);
        }
        close(fd);
        return status;
    }
    *line = (struct serial_socket){.path = path, .listening = fd, .client = -1, .stop = stop};
    return STATUS_OK;
}

// False when the run is to end.
static bool wait_for(const struct serial_socket *line, int fd, short events)
{
    struct pollfd one = {.fd = fd, .events = events};
    while (!*line->stop) {
        if (poll(&one, 1, -1) > 0) {
            return true;
        }
    }
    return false;
}

static void hang_up(struct serial_socket *line)
{
    close(line->client);
    line->client = -1;
}

static bool has_client(struct serial_socket *line)
{
    if (line->client < 0) {
        line->client = accept4(line->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    }
    return line->client >= 0;
}

static bool not_now(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static size_t send_bytes(void *context, const uint8_t *at, size_t len, bool wait)
{
    struct serial_socket *line = context;
    while (has_client(line)) {
        ssize_t sent = send(line->client, at, len, MSG_NOSIGNAL);
        if (sent > 0) {
            return (size_t)sent;
        }
        if (!not_now()) {
            hang_up(line);
        } else if (!wait || !wait_for(line, line->client, POLLOUT)) {
            return 0;
        }
    }
    // No client: the wire hangs free.
    return len;
}

static int receive_byte(void *context, bool wait)
{
    struct serial_socket *line = context;
    for (;;) {
        uint8_t byte = 0;
        bool connected = has_client(line);
        ssize_t got = connected ? recv(line->client, &byte, 1, 0) : -1;
        if (got == 1) {
            return byte;
        }
        if (connected && (got == 0 || !not_now())) {
            hang_up(line);
            return wait ? SERIAL_END : SERIAL_NONE;
        }
        if (!wait) {
            return SERIAL_NONE;
        }
        if (!wait_for(line, connected ? line->client : line->listening, POLLIN)) {
            return SERIAL_END;
        }
    }
}

struct serial_end serial_socket_end(struct serial_socket *line)
{
    return (struct serial_end){.context = line, .send = send_bytes, .receive = receive_byte};
}

void serial_socket_close(struct serial_socket *line)
{
    if (line->path == NULL) {
        return;
    }
    if (line->client >= 0) {
        close(line->client);
    }
    close(line->listening);
    (void)unlink(line->path);
    line->path = NULL;
}
