// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What a package's program includes. It starts at `int main(void)` with the capabilities that its
// manifest asked for and nothing else; returning from main is kpkg_exit. The binary contract under
// this header, for other languages, is spec/target-abi.md.

#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int main(void);

// ---- What the program knows about itself ----

const struct kpkg_record *kpkg_record(void);

// Argument `index` of this instance, from 0; NULL past the last.
const char *kpkg_argument(uint32_t index);

// The capability that the manifest names so: its slot, or 0 when there is none or when its optional
// peer is not in the system. No issued capability is in slot 0.
uint64_t kpkg_cap(const char *name);

// The same for the reply object of a served endpoint.
uint64_t kpkg_reply_cap(const char *endpoint);

// ---- Regions and devices ----

// The region or device that the manifest names so: its first byte, and its length where `len` is
// not NULL. NULL when there is none or its optional peer is not in the system. Who shares it may
// change it at any moment: what one side must see in order is for atomic accesses, and a device is
// for volatile ones.
void *kpkg_region(const char *name, size_t *len);

// An interrupt NAME of the manifest is a notification, kpkg_cap(NAME), and its handler. The line is
// silent until it is acknowledged: once at the start, then after each wait. A signal of it has the
// badge KPKG_BADGE_IRQ. Acknowledge before the device is served: of an edge-triggered line, what
// happens between the last look at the device and the acknowledgement is lost.
#define KPKG_BADGE_IRQ (UINT64_C(1) << 63)
uint64_t kpkg_irq_handler(const char *name);
void kpkg_irq_ack(uint64_t handler);

// Reads and writes a port that `ports` has; what the kernel refuses reads as all ones and is not
// written.
uint8_t kpkg_port_in8(uint64_t ports, uint16_t port);
uint16_t kpkg_port_in16(uint64_t ports, uint16_t port);
uint32_t kpkg_port_in32(uint64_t ports, uint16_t port);
void kpkg_port_out8(uint64_t ports, uint16_t port, uint8_t value);
void kpkg_port_out16(uint64_t ports, uint16_t port, uint16_t value);
void kpkg_port_out32(uint64_t ports, uint16_t port, uint32_t value);

// ---- Messages ----

enum { KPKG_MESSAGE_WORDS = 120 };

struct kpkg_message {
    uint64_t label;  // 52 bits, meaning is up to the two sides
    uint64_t badge;  // of a received message: who sent it, as the plan numbers clients
    uint32_t length; // words that count
    uint64_t word[KPKG_MESSAGE_WORDS];
};

// Sends `message` and waits for the answer, which replaces it. A capability that does not allow
// this answers with the kernel's error as label.
void kpkg_call(uint64_t cap, struct kpkg_message *message);

// Sends and goes on when the message has been taken; there is no answer.
void kpkg_send(uint64_t cap, const struct kpkg_message *message);

// Waits for a message; the reply object then holds its sender until it is answered. A signal of a
// bound notification also ends the wait: then the badge tells which, no sender is held, and label,
// length and words mean nothing.
void kpkg_receive(uint64_t endpoint, uint64_t reply, struct kpkg_message *message);

// The badge of the notification that a manifest calls `stop`: the program has a little time to
// exit. It also arrives where the program waits for messages.
#define KPKG_BADGE_STOP (UINT64_C(6) << 56)

// Answers the held sender with `message` and waits for the next message, which replaces it.
void kpkg_reply_receive(uint64_t endpoint, uint64_t reply, struct kpkg_message *message);

// Notifications: signal never waits; wait returns the badges of all signals since the last wait.
void kpkg_signal(uint64_t notification);
uint64_t kpkg_wait(uint64_t notification);

// ---- Other instances ----

// A [spawn.NAME] of the manifest is a capability, kpkg_cap(NAME), for the instances that the system
// file gives it as children, numbered from 0 in the order of that file. Starting and stopping are
// asked for: they are done when the state says so. The program's `child` notification, if its
// manifest has one, is signalled with KPKG_BADGE_CHILD whenever a child is down.
#define KPKG_BADGE_CHILD (UINT64_C(1) << 62)

enum kpkg_spawn_answer {
    KPKG_SPAWN_DONE,
    KPKG_SPAWN_UNKNOWN, // not understood
    KPKG_SPAWN_ABSENT,  // no child has this number
    KPKG_SPAWN_STATE,   // it is up, or down, already; or can never be started again
};

enum kpkg_child_life {
    KPKG_CHILD_DOWN, // was not started, was stopped, or did something that it may not
    KPKG_CHILD_RUNNING,
    KPKG_CHILD_WAITING, // starts as soon as it may
    KPKG_CHILD_EXITED,
    KPKG_CHILD_SUSPENDED,
};

struct kpkg_child {
    enum kpkg_child_life life;
    uint64_t incarnation; // 0 before the first start
    uint32_t code;        // of an exited one
};

// The child gets `argument` after those that the system file gives it: at most KPKG_CHILD_ARGUMENT
// bytes, else the answer is KPKG_SPAWN_UNKNOWN; none when it is NULL or empty.
enum { KPKG_CHILD_ARGUMENT = 64 };
enum kpkg_spawn_answer kpkg_spawn_start(uint64_t spawn, uint32_t child, const char *argument);
enum kpkg_spawn_answer kpkg_spawn_stop(uint64_t spawn, uint32_t child);
enum kpkg_spawn_answer kpkg_spawn_state(struct kpkg_child *state, uint64_t spawn, uint32_t child);

// ---- Time ----

// Gives up what is left of this period's budget; returns in the next period.
void kpkg_yield(void);

// Microseconds of the processor's counter, from an arbitrary start.
uint64_t kpkg_microseconds(void);

// ---- Text ----

enum { KPKG_PRINT_MAX = 952 }; // bytes of one print message

// Prints text through a log endpoint or the console service (label 1, spec/target-abi.md); longer
// text goes in several messages. False when the other side refuses, or when `log` is 0.
bool kpkg_write(uint64_t log, const char *text, size_t len);

// The same, formatted and cut to one message. Understands %s %c %d %i %u %x %p %%, the modifiers
// l ll z, a width and the flag 0.
bool kpkg_print(uint64_t log, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Formats into `to`, always NUL-terminated (size > 0); returns the length without the NUL.
size_t kpkg_format(char *to, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// ---- Memory ----

// `size` zeroed bytes of the heap that the manifest asked for, aligned to 16; NULL when it is used
// up. There is no free.
void *kpkg_alloc(size_t size);

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *at, int value, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t len);

// ---- The end ----

// Ends the program; the root task records the code and takes everything back.
_Noreturn void kpkg_exit(int code);
