// SPDX-License-Identifier: BSD-2-Clause

// A file to a running system in parts of one frame each: offer, chunks, commit. The root task holds
// what came aside and judges the whole after the commit.

#include "control_send.h"

#include "file.h"

#include <stdio.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20, PART = CONTROL_PAYLOAD - 8, LARGE = 64 << 10, BAR = 40 };

// The answer to what was asked last: nothing but that it is done.
static enum status await(struct control_client *client, struct diag *diag)
{
    struct control_frame frame;
    enum status status = control_client_answer(&frame, client, diag);
    if (status == STATUS_OK && frame.type != CONTROL_DONE) {
        status = diag_fail(diag, STATUS_CONTROL_SILENT, "type of an answer", frame.type);
    }
    return status;
}

static enum status offer(struct control_client *client, const struct control_send *what,
                         size_t size, struct diag *diag)
{
    struct control_writer arguments = {0}, message = {0};
    for (size_t i = 0; i < what->arguments.count; i++) {
        control_message_put_text(&arguments, bytes_text(what->arguments.at[i]));
    }
    struct control_offer offered = {
        .size = size,
        .instance = what->instance != NULL ? bytes_text(what->instance) : (struct bytes){0},
        .arguments = {arguments.room, arguments.len},
    };
    control_message_put_offer(&message, &offered);
    if (arguments.cut || message.cut) {
        return diag_fail(diag, STATUS_USAGE, "the arguments are too long for a message", 0);
    }
    enum status status =
        control_client_ask(client, what->type, (struct bytes){message.room, message.len}, diag);
    return status == STATUS_OK ? await(client, diag) : status;
}

// For a person who waits, and only there: stderr, and nothing in a pipe.
static void show_progress(size_t done, size_t size)
{
    if (size < LARGE || isatty(STDERR_FILENO) != 1) {
        return;
    }
    int filled = (int)(done * BAR / size);
    fprintf(stderr, "\r[%.*s%*s] %3zu%%%s", filled, "########################################",
            BAR - filled, "", done * 100 / size, done == size ? "\n" : "");
}

static enum status send_part(struct control_client *client, struct bytes file, size_t at,
                             struct diag *diag)
{
    struct control_writer message = {0};
    size_t len = file.len - at < PART ? file.len - at : PART;
    control_message_put(&message, at, 8);
    memcpy(message.room + message.len, file.at + at, len);
    enum status status = control_client_ask(client, CONTROL_CHUNK,
                                            (struct bytes){message.room, message.len + len}, diag);
    return status == STATUS_OK ? await(client, diag) : status;
}

static enum status send_file(struct control_client *client, const struct control_send *what,
                             struct bytes file, struct diag *diag)
{
    enum status status = offer(client, what, file.len, diag);
    for (size_t at = 0; at < file.len && status == STATUS_OK; at += PART) {
        show_progress(at, file.len);
        status = send_part(client, file, at, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    show_progress(file.len, file.len);
    status = control_client_ask(client, CONTROL_COMMIT, (struct bytes){0}, diag);
    return status == STATUS_OK ? await(client, diag) : status;
}

enum status control_send(struct control_client *client, const struct control_send *what,
                         struct diag *diag)
{
    struct file_content file = {0};
    enum status status = file_read(&file, what->file, FILE_MAX, diag);
    if (status == STATUS_OK) {
        status = send_file(client, what, file_bytes(&file), diag);
    }
    file_free(&file);
    return status;
}
