// SPDX-License-Identifier: BSD-2-Clause

// Messages to the root task about children (spec/target-abi.md, 10). An answer that is none of the
// known ones is KPKG_SPAWN_UNKNOWN, so that a newer root task cannot surprise a program.

#include "kpkg.h"

enum { LABEL_START = 1, LABEL_STOP = 2, LABEL_STATE = 3 };

static enum kpkg_spawn_answer ask(struct kpkg_message *message, uint64_t spawn, uint32_t child)
{
    message->length = message->length == 0 ? 1 : message->length;
    message->word[0] = child;
    kpkg_call(spawn, message);
    return message->label <= KPKG_SPAWN_STATE ? (enum kpkg_spawn_answer)message->label
                                              : KPKG_SPAWN_UNKNOWN;
}

enum kpkg_spawn_answer kpkg_spawn_start(uint64_t spawn, uint32_t child, const char *argument)
{
    struct kpkg_message message = {.label = LABEL_START};
    size_t len = argument != NULL ? strlen(argument) : 0;
    if (len > KPKG_CHILD_ARGUMENT) {
        return KPKG_SPAWN_UNKNOWN;
    }
    if (len != 0) {
        message.length = (uint32_t)(2 + (len + 7) / 8);
        message.word[1] = len;
        memcpy(&message.word[2], argument, len);
    }
    return ask(&message, spawn, child);
}

enum kpkg_spawn_answer kpkg_spawn_stop(uint64_t spawn, uint32_t child)
{
    struct kpkg_message message = {.label = LABEL_STOP};
    return ask(&message, spawn, child);
}

enum kpkg_spawn_answer kpkg_spawn_state(struct kpkg_child *state, uint64_t spawn, uint32_t child)
{
    struct kpkg_message message = {.label = LABEL_STATE};
    enum kpkg_spawn_answer answer = ask(&message, spawn, child);
    *state = (struct kpkg_child){
        .life = answer == KPKG_SPAWN_DONE ? (enum kpkg_child_life)message.word[0] : KPKG_CHILD_DOWN,
        .incarnation = answer == KPKG_SPAWN_DONE ? message.word[1] : 0,
        .code = answer == KPKG_SPAWN_DONE ? (uint32_t)message.word[2] : 0,
    };
    return answer;
}
