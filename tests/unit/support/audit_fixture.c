// SPDX-License-Identifier: BSD-2-Clause
#include "audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define NAME(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

enum { ENDPOINT, TICK, REPLY, TEXT, DATA, STACK, OBJECTS };

static struct plan_object objects[OBJECTS] = {
    [ENDPOINT] = {.type = PLAN_ENDPOINT, .count = 1, .name = NAME("log")},
    [TICK] = {.type = PLAN_NOTIFICATION, .count = 1, .name = NAME("tick")},
    [REPLY] = {.type = PLAN_REPLY, .count = 1, .name = NAME("samples.reply")},
    [TEXT] = {.type = PLAN_PACKAGE_PAGES, .count = 2, .name = NAME("text")},
    [DATA] = {.type = PLAN_FRAME, .count = 1, .name = NAME("data")},
    [STACK] = {.type = PLAN_FRAME, .count = 4, .name = NAME("stack")},
};

static struct plan_mapping mappings[] = {
    {.object = TEXT, .pages = 1, .vaddr = 0x400000, .name = NAME("text"), .execute = true},
    {.object = TEXT, .first = 1, .pages = 1, .vaddr = 0x401000, .name = NAME("rodata")},
    {.object = DATA, .pages = 1, .vaddr = 0x402000, .name = NAME("data"), .write = true},
    {.object = DATA, .pages = 1, .vaddr = 0x10000000, .name = NAME("record")},
    {.object = STACK, .pages = 4, .vaddr = 0x10002000, .name = NAME("stack"), .write = true},
};

static struct plan_cap caps[AUDIT_FIXTURE_SLOTS];

static struct plan_target target = {
    .name = NAME("sensor"),
    .package = NAME("com.example.sensor"),
    .package_id = {1, 2, 3},
    .untyped_bits = 20,
    .cnode_bits = 4,
    .objects = OBJECTS,
    .caps = AUDIT_FIXTURE_SLOTS,
    .mappings = sizeof mappings / sizeof mappings[0],
    .entry = 0x400000,
    .priority = 100,
    .budget_us = 2000,
    .period_us = 10000,
};

static struct plan_cap issued(enum plan_type type, uint32_t object, uint8_t rights, uint64_t badge)
{
    return (struct plan_cap){.type = type, .object = object, .rights = rights, .badge = badge};
}

static struct plan_cap built_in(enum plan_service service, uint64_t badge)
{
    return (struct plan_cap){.kind = PLAN_CAP_BUILT_IN,
                             .type = PLAN_ENDPOINT,
                             .service = service,
                             .object = PLAN_AUDITOR,
                             .rights = PLAN_WRITE | PLAN_GRANT_REPLY,
                             .badge = badge};
}

struct plan audit_fixture_plan(void)
{
    static const uint8_t call = PLAN_WRITE | PLAN_GRANT_REPLY;
    for (uint32_t slot = 0; slot < AUDIT_FIXTURE_SLOTS; slot++) {
        caps[slot] = (struct plan_cap){.kind = PLAN_CAP_TRIPWIRE,
                                       .type = PLAN_ENDPOINT,
                                       .object = PLAN_AUDITOR,
                                       .rights = PLAN_WRITE,
                                       .badge = 0x200000000000000 | slot};
    }
    caps[1] = built_in(PLAN_SERVICE_EXIT, 0x300000000000001);
    caps[2] = built_in(PLAN_SERVICE_CONSOLE, 0x300000000000002);
    caps[3] = issued(PLAN_ENDPOINT, ENDPOINT, call, 0x300000000000003);
    caps[4] = issued(PLAN_NOTIFICATION, TICK, PLAN_READ, 0);
    caps[5] = issued(PLAN_REPLY, REPLY, PLAN_GRANT, 0);
    for (uint32_t slot = 0; slot < AUDIT_FIXTURE_SLOTS; slot++) {
        caps[slot].slot = slot;
    }
    return (struct plan){.targets = &target,
                         .objects = objects,
                         .caps = caps,
                         .mappings = mappings,
                         .target_count = 1,
                         .object_count = OBJECTS,
                         .cap_count = AUDIT_FIXTURE_SLOTS,
                         .mapping_count = target.mappings};
}

static size_t collect(void *context, struct bytes bytes)
{
    struct audit_stream *stream = context;
    size_t len = bytes.len < stream->budget ? bytes.len : stream->budget;
    assert_true(len <= sizeof stream->at - stream->len);
    memcpy(stream->at + stream->len, bytes.at, len);
    stream->len += len;
    stream->budget -= len;
    return len;
}

struct audit_sink audit_fixture_sink(struct audit_stream *stream)
{
    return (struct audit_sink){.put = collect, .context = stream};
}

size_t audit_fixture_records(struct bytes *records, size_t max, const struct audit_stream *stream)
{
    size_t count = 0, from = 0;
    for (size_t i = 0; i < stream->len; i++) {
        if (stream->at[i] != '\n') {
            continue;
        }
        assert_true(stream->at[from] == 0x1e && count < max);
        records[count++] = (struct bytes){stream->at + from + 1, i - from - 1};
        from = i + 1;
    }
    assert_true(from == stream->len);
    return count;
}
