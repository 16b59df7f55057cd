// SPDX-License-Identifier: BSD-2-Clause
//
// The log service: takes text from anybody who was allowed to connect and prints it, one line a
// message, with the number of the sender. The number is part of the badge that the kernel adds to
// every message: a client can neither choose nor hide it.
#include "kpkg.h"

enum { LABEL_PRINT = 1, REFUSED = 1 };

static unsigned sender(uint64_t badge)
{
    return (unsigned)(badge >> 32) & 0xffffff;
}

// What the client says about its own message is checked against what the kernel says.
static bool is_print(const struct kpkg_message *message)
{
    return message->label == LABEL_PRINT && message->length >= 1 &&
           message->word[0] <= 8 * (uint64_t)(message->length - 1);
}

static bool forward(uint64_t console, const struct kpkg_message *message)
{
    char line[KPKG_PRINT_MAX + 16];
    size_t len = message->word[0];
    const char *text = (const char *)&message->word[1];
    if (len != 0 && text[len - 1] == '\n') {
        len--;
    }
    size_t start = kpkg_format(line, sizeof line, "%u: ", sender(message->badge));
    memcpy(line + start, text, len);
    line[start + len] = '\n';
    return kpkg_write(console, line, start + len + 1);
}

int main(void)
{
    uint64_t log = kpkg_cap("log");
    uint64_t reply = kpkg_reply_cap("log");
    uint64_t console = kpkg_cap("console");

    struct kpkg_message message;
    kpkg_receive(log, reply, &message);
    for (;;) {
        bool taken = is_print(&message) && forward(console, &message);
        message.label = taken ? 0 : REFUSED;
        message.length = 0;
        kpkg_reply_receive(log, reply, &message);
    }
}
