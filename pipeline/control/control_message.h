// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the frames of the control channel say (spec/control.md, 3). Both sides write and read with
// this: the root task what is asked of it, `kpkg ctl` what is answered. Numbers are little-endian,
// texts have a length before them. A message that is too short or too long is not understood.

#include "control_frame.h"
#include "diag.h"
#include "reader.h"

// clang-format off
// X(NAME, number, verb of the command line or NULL)
#define CONTROL_TYPE_LIST(X) \
    X(LIST, 0x01, "list") \
    X(SHOW, 0x02, "show") \
    X(START, 0x03, "start") \
    X(STOP, 0x04, "stop") \
    X(RESTART, 0x05, "restart") \
    X(INSTALL, 0x06, "install") \
    X(REPLACE, 0x07, "replace") \
    X(REMOVE, 0x08, "remove") \
    X(SHUTDOWN, 0x09, "shutdown") \
    X(CHUNK, 0x0a, NULL) \
    X(COMMIT, 0x0b, NULL) \
    X(HELLO, 0x0c, NULL) \
    X(DONE, 0x80, NULL) \
    X(REFUSED, 0x81, NULL) \
    X(INSTANCE, 0x82, NULL) \
    X(CAP, 0x83, NULL) \
    X(SYSTEM, 0x84, NULL)
// clang-format on

enum control_type {
#define CONTROL_TYPE_ENUM(name, number, verb) CONTROL_##name = number,
    CONTROL_TYPE_LIST(CONTROL_TYPE_ENUM)
#undef CONTROL_TYPE_ENUM
};

// The verb of a request, "" for other types.
const char *control_message_verb(uint8_t type);

// A message that is being written; `cut` when something did not fit, and then it is not sent.
struct control_writer {
    uint8_t room[CONTROL_PAYLOAD];
    size_t len;
    bool cut;
};

void control_message_put(struct control_writer *writer, uint64_t value, size_t width);
void control_message_put_text(struct control_writer *writer, struct bytes text); // cut to 255 bytes
struct bytes control_message_text(struct reader *reader);

// What INSTALL and REPLACE say: what will come, and for which instance. CHUNK is an offset and the
// bytes there.
struct control_offer {
    uint64_t size;
    struct bytes instance;  // INSTALL: empty = named after the package
    struct bytes arguments; // texts, one after another; REPLACE: none = as before
};
void control_message_put_offer(struct control_writer *writer, const struct control_offer *offer);
bool control_message_read_offer(struct control_offer *offer, struct bytes payload);

// What an instance is doing, as the root task tells it.
enum control_life {
    CONTROL_DOWN,
    CONTROL_DORMANT,
    CONTROL_RUNNING,
    CONTROL_WAITING,
    CONTROL_SUSPENDED,
    CONTROL_LIVES,
};

// One instance: state, limits and use. The answer to LIST is one for each and a
// `control_system`, to SHOW one.
// clang-format off
// X(field, bytes on the wire)
#define CONTROL_INSTANCE_NUMBERS(X) \
    X(life, 1)         /* enum control_life */ \
    X(arrived, 1)      /* 1: its package came through the control channel */ \
    X(passive, 1) \
    X(priority, 1) \
    X(max_priority, 1) \
    X(incarnation, 8)  /* 0 before the first start */ \
    X(counter, 8)      /* of its package */ \
    X(restarts, 8)     /* in the present window */ \
    X(max_restarts, 4) \
    X(faults, 8)       /* of this incarnation */ \
    X(denials, 8)      /* of all incarnations */ \
    X(max_denials, 4) \
    X(cpu_us, 8)       /* of this incarnation, up to the last look */ \
    X(budget_us, 8) \
    X(period_us, 8) \
    X(memory_used, 8)  /* bytes of the limit that its objects take while it runs */ \
    X(memory_limit, 8) \
    X(slots_used, 4)   /* of its CNode: those that are no tripwires */ \
    X(slots, 4)
// clang-format on
struct control_instance {
    struct bytes name, package, version;
#define CONTROL_INSTANCE_FIELD(name, width) uint64_t name;
    CONTROL_INSTANCE_NUMBERS(CONTROL_INSTANCE_FIELD)
#undef CONTROL_INSTANCE_FIELD
};
void control_message_put_instance(struct control_writer *writer,
                                  const struct control_instance *instance);
bool control_message_read_instance(struct control_instance *instance, struct bytes payload);

// What is left to the root task itself. It takes nothing after the start, so only `stores_used`
// changes while a system runs.
// clang-format off
// X(field, bytes on the wire)
#define CONTROL_SYSTEM_NUMBERS(X) \
    X(memory_left, 8)  /* bytes of RAM in no object, no store and no instance's untyped */ \
    X(slots_left, 8)   /* of its own CNode */ \
    X(stores, 1) \
    X(stores_used, 1)
// clang-format on
struct control_system {
#define CONTROL_SYSTEM_FIELD(name, width) uint64_t name;
    CONTROL_SYSTEM_NUMBERS(CONTROL_SYSTEM_FIELD)
#undef CONTROL_SYSTEM_FIELD
};
void control_message_put_system(struct control_writer *writer, const struct control_system *system);
bool control_message_read_system(struct control_system *system, struct bytes payload);

// What the kernel holds in a slot, against the plan.
enum control_live {
    CONTROL_AS_PLANNED,
    CONTROL_STOOD_IN,  // leads to the root task while its server is not there
    CONTROL_DIFFERS,   //
    CONTROL_NOT_SHOWN, // this kernel shows nobody a CNode's contents
    CONTROL_LIVE_COUNT,
};

// One slot of an instance's CNode.
struct control_cap {
    struct bytes name, type, rights, object;
    uint64_t slot, badge;
    uint64_t kind; // enum plan_cap_kind
    uint64_t live; // enum control_live
};
void control_message_put_cap(struct control_writer *writer, const struct control_cap *cap);
bool control_message_read_cap(struct control_cap *cap, struct bytes payload);

// Why not: the root task's diag, without the sentence of its status.
struct control_refusal {
    struct bytes name, what, subject;
    uint64_t where, detail, line, column;
};
void control_message_put_refusal(struct control_writer *writer, const struct diag *diag);
bool control_message_read_refusal(struct control_refusal *refusal, struct bytes payload);
