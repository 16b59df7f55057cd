// SPDX-License-Identifier: BSD-2-Clause

// The record is the root task's and read-only: its counts and offsets are trusted, as the root task
// made everything that the program has.

#include "kpkg_start.h"

#include "kpkg.h"

enum { ABI = 1, LABEL_EXIT = 1 };

// Set once, before main.
static const struct kpkg_record *own_record;

const struct kpkg_record *kpkg_record(void)
{
    return own_record;
}

_Noreturn void kpkg_start(const struct kpkg_record *record)
{
    if (record->magic != KPKG_RECORD_MAGIC || record->abi != ABI) {
        __builtin_trap();
    }
    own_record = record;
    kpkg_exit(main());
}

const char *kpkg_argument(uint32_t index)
{
    if (index >= own_record->argument_count) {
        return NULL;
    }
    const char *argument = (const char *)own_record + own_record->arguments_offset;
    for (uint32_t i = 0; i < index; i++) {
        argument += strlen(argument) + 1;
    }
    return argument;
}

static const struct kpkg_record_cap *find(const char *name)
{
    const uint8_t *table = (const uint8_t *)own_record + own_record->caps_offset;
    for (uint32_t i = 0; i < own_record->cap_count; i++) {
        const struct kpkg_record_cap *cap =
            (const void *)(table + i * sizeof(struct kpkg_record_cap));
        if (strncmp(cap->name, name, sizeof cap->name) == 0) {
            return cap;
        }
    }
    return NULL;
}

uint64_t kpkg_cap(const char *name)
{
    const struct kpkg_record_cap *cap = find(name);
    return cap == NULL || (cap->flags & KPKG_CAP_ABSENT) ? 0 : cap->slot;
}

uint64_t kpkg_reply_cap(const char *endpoint)
{
    char name[sizeof((struct kpkg_record_cap *)0)->name];
    kpkg_format(name, sizeof name, "%s.reply", endpoint);
    return kpkg_cap(name);
}

// The root task never answers this call, so nothing runs after it.
_Noreturn void kpkg_exit(int code)
{
    struct kpkg_message message = {.label = LABEL_EXIT, .length = 1};
    message.word[0] = (uint32_t)code;
    kpkg_call(kpkg_cap("exit"), &message);
    __builtin_trap();
}
