// SPDX-License-Identifier: BSD-2-Clause
//
// The other side of the serial driver: answers each line that is typed, prints it to the log, and
// ends at "bye".
#include "kpkg.h"
#include "serial.h"

enum { LINE = 80 };

struct terminal {
    uint64_t line, more; // the driver's endpoint and notification
    const struct serial_ring *ring;
    uint64_t taken;
    char text[LINE + 1];
    size_t len;
};

static void write_text(const struct terminal *terminal, const char *text, size_t len)
{
    while (len != 0) {
        struct kpkg_message message = {.label = SERIAL_WRITE, .word = {len}};
        message.length = 1 + (uint32_t)(len + 7) / 8;
        memcpy(&message.word[1], text, len);
        kpkg_call(terminal->line, &message);
        size_t taken = message.label == 0 ? message.word[0] : len;
        text += taken;
        len -= taken;
        if (len != 0) {
            kpkg_wait(terminal->more);
        }
    }
}

// False when the line was the last one.
static bool take_line(struct terminal *terminal)
{
    char answer[LINE + 32];
    terminal->text[terminal->len] = '\0';
    bool goes_on = strcmp(terminal->text, "bye") != 0;
    kpkg_print(kpkg_cap("log"), "%zu bytes: %s", terminal->len, terminal->text);
    size_t len = goes_on ? kpkg_format(answer, sizeof answer, "you said %s\n", terminal->text)
                         : kpkg_format(answer, sizeof answer, "good bye\n");
    write_text(terminal, answer, len);
    terminal->len = 0;
    return goes_on;
}

// Other bytes than printable ones end a line; what is too long is cut.
static bool take_byte(struct terminal *terminal, char c)
{
    if (c < ' ' || c > '~') {
        return terminal->len == 0 || take_line(terminal);
    }
    if (terminal->len < LINE) {
        terminal->text[terminal->len++] = c;
    }
    return true;
}

// False when the driver is not there.
static bool tell_taken(const struct terminal *terminal)
{
    struct kpkg_message message = {.label = SERIAL_TAKEN, .length = 1, .word = {terminal->taken}};
    kpkg_call(terminal->line, &message);
    return message.label == 0;
}

static bool take_bytes(struct terminal *terminal)
{
    uint64_t received = atomic_load_explicit(&terminal->ring->received, memory_order_acquire);
    bool goes_on = true;
    while (goes_on && terminal->taken != received) {
        goes_on = take_byte(terminal, (char)terminal->ring->byte[terminal->taken++ % SERIAL_RING]);
    }
    return tell_taken(terminal) && goes_on;
}

int main(void)
{
    static struct terminal terminal;
    terminal.line = kpkg_cap("line");
    terminal.more = kpkg_cap("more");
    terminal.ring = kpkg_region("received", NULL);
    if (terminal.ring == NULL || !tell_taken(&terminal)) {
        return 1;
    }
    do {
        kpkg_wait(terminal.more);
    } while (take_bytes(&terminal));
    return 0;
}
