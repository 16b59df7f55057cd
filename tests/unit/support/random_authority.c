// SPDX-License-Identifier: BSD-2-Clause
#include "random_authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NAMES = 6, OBJECTS = 2, GRANTS = 20, ALLOWS = 4 };

// xorshift64*: the same run for the same seed, everywhere.
uint32_t random_below(struct random *r, uint32_t end)
{
    r->state ^= r->state >> 12;
    r->state ^= r->state << 25;
    r->state ^= r->state >> 27;
    return (uint32_t)((r->state * 0x2545f4914f6cdd1dULL) >> 33) % end;
}

static struct bytes name_of(struct arena *arena, const char *form, unsigned a, unsigned b)
{
    char *at = arena_take(arena, 32, 1);
    assert_non_null(at);
    int len = snprintf(at, 32, form, a, b);
    return (struct bytes){(const uint8_t *)at, (size_t)len};
}

static struct authority_target random_target(struct random *r, struct bytes name,
                                             struct arena *arena)
{
    static const uint8_t keys[3][32] = {{1}, {2}, {3}};
    struct authority_target t = {.name = name, .package = name};
    for (size_t i = 0; i < AUTHORITY_LIMITS; i++) {
        t.limits[i].value = random_below(r, 4);
        t.limits[i].per = i == AUTHORITY_CPU ? 1 + random_below(r, 3) : 1;
    }
    for (size_t i = 0; i < AUTHORITY_GUARDS; i++) {
        t.guards[i].value = (uint8_t)random_below(r, 2);
    }
    uint8_t(*signers)[32] = arena_take(arena, 3, 32);
    for (size_t i = 0; i < 3; i++) {
        if (random_below(r, 3) != 0) {
            memcpy(signers[t.signer_count++], keys[i], 32);
        }
    }
    t.signers = (const uint8_t(*)[32])signers;
    return t;
}

// A range of a few ports, often within, beside or across another one.
static struct authority_grant random_ports(struct random *r, const struct authority *a,
                                           struct arena *arena)
{
    unsigned first = random_below(r, 8);
    return (struct authority_grant){
        .target = random_below(r, a->target_count),
        .provider = AUTHORITY_NOBODY,
        .type = PLAN_IO_PORTS,
        .auth = authority_of(PLAN_IO_PORTS, 0),
        .object = name_of(arena, "hardware/ports-0x%x-0x%x", first, first + random_below(r, 4)),
    };
}

static struct authority_grant random_grant(struct random *r, const struct authority *a,
                                           struct arena *arena)
{
    static const enum plan_type types[] = {PLAN_ENDPOINT,     PLAN_ENDPOINT, PLAN_ENDPOINT,
                                           PLAN_NOTIFICATION, PLAN_FRAME,    PLAN_TCB};
    if (random_below(r, 5) == 0) {
        return random_ports(r, a, arena);
    }
    enum plan_type type = types[random_below(r, random_below(r, 4) == 0 ? 6 : 5)];
    uint8_t rights = (uint8_t)(1 + random_below(r, 3));
    rights |= random_below(r, 3) == 0 ? PLAN_GRANT_REPLY : 0;
    rights |= random_below(r, 12) == 0 ? PLAN_GRANT : 0;
    uint32_t provider = random_below(r, a->target_count);
    unsigned of = (unsigned)(a->targets[provider].name.at[1] - '0');
    return (struct authority_grant){
        .target = random_below(r, a->target_count),
        .provider = provider,
        .type = (uint8_t)type,
        .rights = rights,
        .auth = authority_of(type, rights) | (random_below(r, 8) == 0 ? AUTHORITY_UNBADGED : 0),
        .size = type == PLAN_FRAME ? 4096U * (1 + random_below(r, 3)) : 0,
        .object = name_of(arena, "t%u/o%u", of, random_below(r, OBJECTS)),
    };
}

struct authority random_authority(struct random *r, struct arena *arena)
{
    struct authority a = {.targets = arena_take(arena, NAMES, sizeof(*a.targets)),
                          .grants = arena_take(arena, GRANTS, sizeof(*a.grants)),
                          .allows = arena_take(arena, ALLOWS, sizeof(*a.allows))};
    static const char *const patterns[] = {"*", "com.*", "com.a.*", "com.a.b"};
    for (unsigned i = 0; i < NAMES; i++) {
        if (random_below(r, 3) != 0 || (i == NAMES - 1 && a.target_count == 0)) {
            a.targets[a.target_count++] = random_target(r, name_of(arena, "t%u", i, 0), arena);
        }
    }
    for (uint32_t i = random_below(r, GRANTS); i > 0; i--) {
        a.grants[a.grant_count++] = random_grant(r, &a, arena);
    }
    for (uint32_t i = random_below(r, ALLOWS); i > 0; i--) {
        a.allows[a.allow_count++] =
            (struct authority_allow){.target = random_below(r, a.target_count),
                                     .object = name_of(arena, "o%u", random_below(r, OBJECTS), 0),
                                     .pattern = bytes_text(patterns[random_below(r, 4)])};
    }
    return a;
}

static void join_target(struct authority_target *to, const struct authority_target *from,
                        struct arena *arena)
{
    uint8_t(*signers)[32] = arena_take(arena, to->signer_count + from->signer_count + 1, 32);
    memcpy(signers, to->signers, to->signer_count * 32);
    for (size_t i = 0; i < from->signer_count; i++) {
        bool known = false;
        for (size_t k = 0; k < to->signer_count; k++) {
            known |= memcmp(to->signers[k], from->signers[i], 32) == 0;
        }
        if (!known) {
            memcpy(signers[to->signer_count++], from->signers[i], 32);
            to->signers = (const uint8_t(*)[32])signers;
        }
    }
    for (size_t i = 0; i < AUTHORITY_LIMITS; i++) {
        if (authority_limit_compare(&from->limits[i], &to->limits[i]) > 0) {
            to->limits[i] = from->limits[i];
        }
    }
    for (size_t i = 0; i < AUTHORITY_GUARDS; i++) {
        if (from->guards[i].value > to->guards[i].value) {
            to->guards[i] = from->guards[i];
        }
    }
}

static uint32_t place_of(struct authority *u, const struct authority_target *target,
                         struct arena *arena)
{
    for (uint32_t i = 0; i < u->target_count; i++) {
        if (bytes_equal(u->targets[i].name, target->name)) {
            join_target(&u->targets[i], target, arena);
            return i;
        }
    }
    u->targets[u->target_count] = *target;
    return u->target_count++;
}

static void add_all(struct authority *u, const struct authority *a, struct arena *arena)
{
    uint32_t place[NAMES];
    for (uint32_t i = 0; i < a->target_count; i++) {
        place[i] = place_of(u, &a->targets[i], arena);
    }
    for (uint32_t i = 0; i < a->grant_count; i++) {
        struct authority_grant grant = a->grants[i];
        grant.target = place[grant.target];
        grant.provider =
            grant.provider != AUTHORITY_NOBODY ? place[grant.provider] : grant.provider;
        u->grants[u->grant_count++] = grant;
    }
    for (uint32_t i = 0; i < a->allow_count; i++) {
        struct authority_allow allow = a->allows[i];
        allow.target = place[allow.target];
        u->allows[u->allow_count++] = allow;
    }
}

struct authority random_union(const struct authority *a, const struct authority *b,
                              struct arena *arena)
{
    struct authority u = {.targets = arena_take(arena, NAMES, sizeof(*u.targets)),
                          .grants = arena_take(arena, 2 * GRANTS, sizeof(*u.grants)),
                          .allows = arena_take(arena, 2 * ALLOWS, sizeof(*u.allows))};
    add_all(&u, a, arena);
    add_all(&u, b, arena);
    return u;
}

struct authority random_finished(const struct authority *a, struct arena *arena)
{
    struct authority nothing = {0};
    struct authority copy = random_union(a, &nothing, arena);
    struct diag diag;
    assert_int_equal(authority_finish(&copy, arena, &diag), STATUS_OK);
    return copy;
}
