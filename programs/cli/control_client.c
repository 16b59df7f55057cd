// SPDX-License-Identifier: BSD-2-Clause

// One request at a time over a socket that stands for a serial line (spec/control.md, 1 and 2):
// bytes can be lost on the way or belong to somebody who was there before. So a client begins at a
// random number, says hello until it is answered, and passes over all frames of other numbers. What
// comes back was written by the system that runs: its lengths are the decoder's to check, its text
// is for print_name.

#include "control_client.h"

#include "crypto_random.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HELLO_MS = 1000, PATIENCE_MS = 20000 };

// Nobody is there, or nobody any more.
static enum status trouble(struct diag *diag)
{
    return diag_fail(diag, STATUS_CONTROL_SILENT, strerrordesc_np(errno), 0);
}

static enum status send_all(const struct control_client *client, const uint8_t *at, size_t len,
                            struct diag *diag)
{
    while (len > 0) {
        ssize_t sent = send(client->fd, at, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR) {
            return trouble(diag);
        }
        at += sent > 0 ? sent : 0;
        len -= sent > 0 ? (size_t)sent : 0;
    }
    return STATUS_OK;
}

void control_client_close(struct control_client *client)
{
    if (client->fd >= 0) {
        close(client->fd);
    }
}

enum status control_client_ask(struct control_client *client, enum control_type type,
                               struct bytes payload, struct diag *diag)
{
    uint8_t bytes[CONTROL_FRAME];
    struct control_frame frame = {
        .type = (uint8_t)type, .number = ++client->number, .payload = payload};
    return send_all(client, bytes, control_frame_write(bytes, &frame), diag);
}

// CONTROL_SILENT when nothing comes for too long, or nothing will.
static enum status receive(struct control_client *client, struct diag *diag)
{
    struct pollfd one = {.fd = client->fd, .events = POLLIN};
    int ready;
    do {
        ready = poll(&one, 1, client->patience_ms);
    } while (ready < 0 && errno == EINTR);
    ssize_t got = ready > 0 ? recv(client->fd, client->room, sizeof(client->room), 0) : 0;
    client->at = 0;
    client->end = got > 0 ? (size_t)got : 0;
    return got > 0 ? STATUS_OK : diag_fail(diag, STATUS_CONTROL_SILENT, "answer", client->number);
}

static enum status next_frame(struct control_frame *frame, struct control_client *client,
                              struct diag *diag)
{
    enum status status = STATUS_OK;
    while (!control_decoder_next(frame, &client->decoder)) {
        if (client->at == client->end) {
            status = receive(client, diag);
        }
        if (status != STATUS_OK) {
            return status;
        }
        control_decoder_put(&client->decoder, client->room[client->at++]);
    }
    return STATUS_OK;
}

// An unknown name is of a newer root task.
static enum status status_of(struct bytes name)
{
    for (unsigned i = STATUS_OK + 1; i < STATUS_COUNT; i++) {
        if (bytes_is(name, status_name((enum status)i))) {
            return (enum status)i;
        }
    }
    return STATUS_BUG;
}

// What the root task found, as if it had been found here.
static enum status read_refusal(const struct control_frame *frame, struct diag *diag)
{
    // Static, for the diagnosis points to it until it is printed; the next refusal overwrites it.
    static char what[UINT8_MAX + 1];
    struct control_refusal refusal;
    if (!control_message_read_refusal(&refusal, frame->payload)) {
        return diag_fail(diag, STATUS_CONTROL_SILENT, "form of a refusal", frame->number);
    }
    memcpy(what, refusal.what.at, refusal.what.len);
    what[refusal.what.len] = '\0';
    enum status status = diag_fail(diag, status_of(refusal.name), what, refusal.where);
    diag_detail(diag, refusal.detail);
    diag_position(diag, (uint32_t)refusal.line, (uint32_t)refusal.column);
    diag_subject(diag, refusal.subject);
    return status;
}

enum status control_client_answer(struct control_frame *frame, struct control_client *client,
                                  struct diag *diag)
{
    enum status status;
    do {
        status = next_frame(frame, client, diag);
    } while (status == STATUS_OK && frame->number != client->number);
    if (status == STATUS_OK && frame->type == CONTROL_REFUSED) {
        status = read_refusal(frame, diag);
    }
    return status;
}

static enum status say_hello(struct control_client *client, struct diag *diag)
{
    struct control_frame frame;
    enum status status = control_client_ask(client, CONTROL_HELLO, (struct bytes){0}, diag);
    return status == STATUS_OK ? control_client_answer(&frame, client, diag) : status;
}

// The system may not be up yet, or hold the begin of a frame that somebody was cut off in, which
// swallows what comes next until the line has been silent for a while.
static enum status greet(struct control_client *client, struct diag *diag)
{
    enum status status = STATUS_CONTROL_SILENT;
    for (int i = 0; i < PATIENCE_MS / HELLO_MS && status == STATUS_CONTROL_SILENT; i++) {
        status = say_hello(client, diag);
    }
    client->patience_ms = PATIENCE_MS;
    return status;
}

enum status control_client_open(struct control_client *client, const char *path, struct diag *diag)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    *client = (struct control_client){.fd = -1, .patience_ms = HELLO_MS};
    crypto_random((uint8_t *)&client->number, sizeof(client->number)); // nobody else's answers fit
    if (len >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return trouble(diag);
    }
    memcpy(address.sun_path, path, len);
    client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (client->fd < 0 ||
        connect(client->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        return trouble(diag);
    }
    return greet(client, diag);
}
