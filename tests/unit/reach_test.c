// SPDX-License-Identifier: BSD-2-Clause

// The graph search against a closure that is computed in another way: from the definition in
// spec/diff.md, 3, by trying every pair until nothing changes.

#include "reach_back.h"
#include "reach_sets.h"
#include "reach_words.h"
#include "support/random_authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { ROUNDS = 2000, MOST = 8 };

static uint8_t memory[4 << 20];

static bool same_object(const struct authority_grant *x, const struct authority_grant *y)
{
    return x->type == y->type && bytes_equal(x->object, y->object);
}

// Whether two capabilities make their holders control each other.
static bool merges(const struct authority_grant *x, const struct authority_grant *y,
                   const struct authority *a)
{
    bool grants = x->auth & AUTHORITY_GRANT;
    if (!same_object(x, y) || !grants) {
        return false;
    }
    if (y->auth & (AUTHORITY_RECEIVE | AUTHORITY_GRANT)) {
        return true;
    }
    for (uint32_t i = 0; i < a->grant_count; i++) {
        const struct authority_grant *z = &a->grants[i];
        if (same_object(x, z) && z->auth & AUTHORITY_GRANT && z->rights & PLAN_READ) {
            return y->auth & AUTHORITY_CALL;
        }
    }
    return false;
}

// Whether information goes from the holder of `x` to the holder of `y` in one step.
static bool flows(const struct authority_grant *x, const struct authority_grant *y)
{
    uint32_t out = AUTHORITY_SEND | AUTHORITY_NOTIFY | AUTHORITY_WRITE;
    bool message = x->auth & out && y->auth & (AUTHORITY_RECEIVE | AUTHORITY_READ);
    bool reply =
        x->auth & AUTHORITY_RECEIVE && x->type == PLAN_ENDPOINT && y->auth & AUTHORITY_CALL;
    return same_object(x, y) && (message || reply);
}

struct closure {
    bool flow[MOST][MOST], control[MOST][MOST];
};

static void close_over(struct closure *c, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++) {
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < count; j++) {
                c->control[i][j] |= c->control[i][k] && c->control[k][j];
                c->flow[i][j] |= c->flow[i][k] && c->flow[k][j];
            }
        }
    }
}

static struct closure closure_of(const struct authority *a)
{
    struct closure c = {0};
    for (uint32_t i = 0; i < a->target_count; i++) {
        c.control[i][i] = c.flow[i][i] = true;
    }
    for (uint32_t i = 0; i < a->grant_count; i++) {
        const struct authority_grant *x = &a->grants[i];
        if (x->type == PLAN_TCB) {
            c.control[x->target][x->provider] = c.control[x->provider][x->target] = true;
        }
        for (uint32_t k = 0; k < a->grant_count; k++) {
            const struct authority_grant *y = &a->grants[k];
            if (merges(x, y, a)) {
                c.control[x->target][y->target] = c.control[y->target][x->target] = true;
            }
            c.flow[x->target][y->target] |= flows(x, y);
        }
    }
    close_over(&c, a->target_count);
    for (uint32_t i = 0; i < a->target_count; i++) {
        for (uint32_t k = 0; k < a->target_count; k++) {
            c.flow[i][k] |= c.control[i][k];
        }
    }
    close_over(&c, a->target_count);
    return c;
}

// A witness is a chain from the start to the end, each link a capability of the authority.
static void assert_chain(const struct authority *a, const struct reach *r, uint32_t from,
                         uint32_t to)
{
    struct reach_step steps[32];
    size_t count = reach_trace(steps, 32, r, to);
    uint32_t at = from, object = AUTHORITY_NOBODY;
    assert_true(count < 32);
    assert_int_equal(reach_steps(r, to), count);
    for (size_t i = 0; i < count; i++) {
        const struct reach_step *s = &steps[i];
        if (s->grant == AUTHORITY_NOBODY) {
            assert_int_equal(s->target, at);
            assert_int_equal(r->domain[s->target], r->domain[s->next]);
            at = s->next;
        } else if (s->out) {
            assert_int_equal(s->target, at);
            assert_int_equal(a->grants[s->grant].target, at);
            object = s->grant;
        } else {
            assert_true(same_object(&a->grants[object], &a->grants[s->grant]));
            assert_int_equal(a->grants[s->grant].target, s->target);
            at = s->target;
        }
    }
    assert_int_equal(at, to);
}

// A search from the end leaves the same way, from any start.
static void assert_same_way(const struct reach *r, const struct reach_back *back, uint32_t from,
                            uint32_t to)
{
    struct reach_step forth[32] = {0}, again[32] = {0};
    size_t count = reach_trace(forth, 32, r, to);
    reach_back_search(back, to);
    reach_back_follow(back, from);
    assert_int_equal(reach_trace(again, 32, r, to), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(forth[i].target, again[i].target);
        assert_int_equal(forth[i].grant, again[i].grant);
        assert_int_equal(forth[i].next, again[i].next);
        assert_int_equal(forth[i].out, again[i].out);
        assert_int_equal(forth[i].reply, again[i].reply);
    }
    reach_search(r, &from, 1);
}

// A search from all targets, one of which is nobody, finds of each what it alone finds.
static void assert_sets(const struct reach_sets *sets, const struct closure *want, uint32_t count,
                        uint32_t nobody)
{
    uint32_t starts[MOST];
    for (uint32_t i = 0; i < count; i++) {
        starts[i] = i == nobody ? AUTHORITY_NOBODY : i;
    }
    reach_sets_search(sets, starts, count);
    for (uint32_t to = 0; to < count; to++) {
        uint64_t found = 0, joined = 0;
        for (uint32_t i = 0; i < count; i++) {
            found |= (uint64_t)(i != nobody && want->flow[i][to]) << i;
            joined |= (uint64_t)(i != nobody && want->control[i][to]) << i;
        }
        assert_int_equal(reach_sets_found(sets, to), found);
        assert_int_equal(reach_sets_joined(sets, to), joined);
    }
}

static void search_finds_the_closure(void **state)
{
    (void)state;
    struct random r = {7};
    unsigned ways = 0, domains = 0, none = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena arena = arena_of(memory, sizeof memory);
        struct diag diag;
        struct reach reach;
        struct reach_back back;
        struct reach_sets sets;
        struct authority made = random_authority(&r, &arena);
        struct authority a = random_finished(&made, &arena);
        struct closure want = closure_of(&a);
        assert_int_equal(reach_build(&reach, &a, &arena, &diag), STATUS_OK);
        assert_int_equal(reach_back_build(&back, &reach, &arena, &diag), STATUS_OK);
        assert_int_equal(reach_sets_build(&sets, &reach, &arena, &diag), STATUS_OK);
        assert_sets(&sets, &want, a.target_count, random_below(&r, 2 * MOST));
        for (uint32_t i = 0; i < a.target_count; i++) {
            reach_search(&reach, &i, 1);
            for (uint32_t k = 0; k < a.target_count; k++) {
                assert_int_equal(reach.domain[i] == reach.domain[k], want.control[i][k]);
                assert_int_equal(reach_found(&reach, k), want.flow[i][k]);
                if (want.flow[i][k]) {
                    assert_chain(&a, &reach, i, k);
                    assert_same_way(&reach, &back, i, k);
                }
                domains += i != k && want.control[i][k];
                ways += i != k && want.flow[i][k] && !want.control[i][k];
                none += !want.flow[i][k];
            }
        }
    }
    assert_true(ways > ROUNDS / 2 && domains > ROUNDS / 2 && none > ROUNDS);
}

// What is cut off a long way is its beginning, and the count says so.
static void a_long_way_keeps_its_end(void **state)
{
    (void)state;
    enum { LENGTH = 20 };
    struct arena arena = arena_of(memory, sizeof memory);
    struct authority a = {.targets = arena_take(&arena, LENGTH, sizeof *a.targets),
                          .grants = arena_take(&arena, 2 * LENGTH, sizeof *a.grants)};
    static const char names[] = "abcdefghijklmnopqrst";
    for (uint32_t i = 0; i < LENGTH; i++) {
        struct bytes name = {(const uint8_t *)names + i, 1};
        a.targets[a.target_count++] = (struct authority_target){.name = name, .package = name};
        a.grants[a.grant_count++] =
            (struct authority_grant){.target = i,
                                     .provider = i,
                                     .type = PLAN_ENDPOINT,
                                     .rights = PLAN_READ,
                                     .object = name,
                                     .auth = authority_of(PLAN_ENDPOINT, PLAN_READ)};
        if (i > 0) {
            a.grants[a.grant_count++] =
                (struct authority_grant){.target = i - 1,
                                         .provider = i,
                                         .type = PLAN_ENDPOINT,
                                         .rights = PLAN_WRITE,
                                         .object = name,
                                         .auth = authority_of(PLAN_ENDPOINT, PLAN_WRITE)};
        }
    }
    struct diag diag;
    struct reach r;
    struct reach_step steps[3];
    char room[128];
    struct text t = text_of(room, sizeof room);
    assert_int_equal(authority_finish(&a, &arena, &diag), STATUS_OK);
    assert_int_equal(reach_build(&r, &a, &arena, &diag), STATUS_OK);
    reach_search(&r, &(uint32_t){0}, 1);
    size_t count = reach_trace(steps, 3, &r, LENGTH - 1);
    assert_int_equal(count, 2 * (LENGTH - 1));
    reach_words_put_path(&t, &a, steps, count, 3);
    const char *want = "... s <-Receive- s -SyncSend-> t <-Receive- t";
    assert_int_equal(t.len, strlen(want));
    assert_memory_equal(room, want, t.len);
    reach_search(&r, &(uint32_t){LENGTH - 1}, 1);
    assert_false(reach_found(&r, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_finds_the_closure),
        cmocka_unit_test(a_long_way_keeps_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
