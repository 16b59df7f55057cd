// SPDX-License-Identifier: BSD-2-Clause

// The comparison of reach against the definition in spec/diff.md, 2 and 3, decided pair by pair
// with a search from each target on each side: the same findings, in the same order, by the same
// ways.

#include "diff.h"
#include "support/random_authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { ROUNDS = 1500, MOST = 150, EDGES = 4 * MOST, NAME = 8, FINDINGS = 2 * MOST * MOST };

static uint8_t memory[256 << 20];

struct edge {
    uint32_t holder, provider;
    uint8_t type, rights;
};

// Targets that are there or not, and capabilities between them.
struct net {
    uint32_t size, edge_count;
    bool here[MOST], outside[MOST];
    struct edge edges[EDGES];
};

// Near one capability to others per target, where some reach many and many reach few.
static struct edge random_edge(struct random *r, uint32_t size)
{
    uint32_t holder = random_below(r, size), kind = random_below(r, 100);
    struct edge e = {holder, random_below(r, size), PLAN_ENDPOINT, PLAN_WRITE};
    if (kind < 45) {
        e = (struct edge){holder, holder, PLAN_ENDPOINT, PLAN_READ};
    } else if (kind < 50) {
        e.rights = PLAN_READ;
    } else if (kind < 56) {
        e.rights = PLAN_WRITE | PLAN_GRANT_REPLY;
    } else if (kind < 58) {
        e.rights = PLAN_WRITE | PLAN_GRANT;
    } else if (kind < 60) {
        e.type = PLAN_TCB;
    }
    return e;
}

static struct net random_net(struct random *r)
{
    bool large = random_below(r, 2) == 0;
    struct net n = {.size = large ? MOST - random_below(r, 50) : 1 + random_below(r, 50)};
    n.edge_count = n.size + random_below(r, (EDGES / MOST - 1) * n.size);
    for (uint32_t i = 0; i < n.size; i++) {
        n.here[i] = random_below(r, 20) != 0;
        n.outside[i] = random_below(r, 20) == 0;
    }
    for (uint32_t i = 0; i < n.edge_count; i++) {
        n.edges[i] = random_edge(r, n.size);
    }
    return n;
}

static void edit(struct net *n, struct random *r)
{
    uint32_t target = random_below(r, n->size), edge = random_below(r, n->edge_count);
    switch (random_below(r, 6)) {
    case 0:
        n->here[target] = !n->here[target];
        break;
    case 1:
        n->outside[target] = !n->outside[target];
        break;
    default:
        n->edges[edge] = random_edge(r, n->size);
    }
}

static struct bytes name_of(struct arena *arena, const char *form, uint32_t i)
{
    char *at = arena_take(arena, NAME, 1);
    return (struct bytes){(const uint8_t *)at, (size_t)snprintf(at, NAME, form, (unsigned)i)};
}

static struct authority authority_of_net(const struct net *n, struct arena *arena)
{
    struct authority a = {.targets = arena_take(arena, MOST, sizeof *a.targets),
                          .grants = arena_take(arena, EDGES, sizeof *a.grants)};
    uint32_t place[MOST];
    struct diag diag;
    for (uint32_t i = 0; i < n->size; i++) {
        place[i] = a.target_count;
        a.targets[a.target_count] =
            (struct authority_target){.name = name_of(arena, "t%03u", i), .outside = n->outside[i]};
        a.target_count += n->here[i];
    }
    for (uint32_t i = 0; i < n->edge_count; i++) {
        const struct edge *e = &n->edges[i];
        if (n->here[e->holder] && n->here[e->provider]) {
            a.grants[a.grant_count++] =
                (struct authority_grant){.target = place[e->holder],
                                         .provider = place[e->provider],
                                         .type = e->type,
                                         .rights = e->rights,
                                         .auth = authority_of(e->type, e->rights),
                                         .object = name_of(arena, "t%03u/o", e->provider)};
        }
    }
    assert_int_equal(authority_finish(&a, arena, &diag), STATUS_OK);
    return a;
}

struct side {
    const struct authority *a;
    struct reach reach;
};

// What the definition finds, in the order of its finding: first what was lost.
struct oracle {
    struct arena *arena;
    struct diff_change findings[FINDINGS];
    uint32_t count;
    unsigned starts, ends; // of the last direction
};

static bool joins(const struct side *s, uint32_t x, uint32_t y)
{
    return x != AUTHORITY_NOBODY && y != AUTHORITY_NOBODY &&
           s->reach.domain[x] == s->reach.domain[y];
}

static bool leads(const struct side *s, uint32_t x, uint32_t y)
{
    return x != AUTHORITY_NOBODY && y != AUTHORITY_NOBODY && reach_found(&s->reach, y);
}

static void find_from(struct oracle *o, const struct side *with, const struct side *without,
                      uint32_t from, bool *is_end)
{
    uint32_t twin = authority_find(without->a, with->a->targets[from].name), before = o->count;
    reach_search(&with->reach, &from, 1);
    reach_search(&without->reach, &twin, twin != AUTHORITY_NOBODY);
    for (uint32_t to = 0; to < with->a->target_count; to++) {
        uint32_t other = authority_find(without->a, with->a->targets[to].name);
        bool joint = joins(with, from, to);
        if (to == from || ((!leads(with, from, to) || leads(without, twin, other)) &&
                           (!joint || joins(without, twin, other)))) {
            continue;
        }
        struct diff_change *c = &o->findings[o->count++];
        *c = (struct diff_change){.rule = joint ? DIFF_GRANT : DIFF_REACH,
                                  .now = &with->a->targets[from],
                                  .to = &with->a->targets[to],
                                  .steps = arena_take(o->arena, DIFF_STEPS, sizeof *c->steps)};
        c->was = twin != AUTHORITY_NOBODY ? &without->a->targets[twin] : NULL;
        c->step_count = reach_trace(c->steps, DIFF_STEPS, &with->reach, to);
        is_end[to] = true;
    }
    o->starts += o->count > before;
}

static void find_all(struct oracle *o, const struct side *with, const struct side *without,
                     bool grew)
{
    bool is_end[MOST] = {false};
    uint32_t before = o->count;
    o->starts = o->ends = 0;
    for (uint32_t from = 0; from < with->a->target_count; from++) {
        if (!with->a->targets[from].outside) {
            find_from(o, with, without, from, is_end);
        }
    }
    for (uint32_t i = 0; i < with->a->target_count; i++) {
        o->ends += is_end[i];
    }
    for (uint32_t i = before; i < o->count; i++) {
        struct diff_change *c = &o->findings[i];
        const struct authority_target *here = c->now, *there = c->was;
        c->verdict = grew ? DIFF_GREW : DIFF_SHRANK;
        c->was = grew ? there : here;
        c->now = grew ? here : there;
    }
}

static void assert_same_finding(const struct diff_change *got, const struct diff_change *want)
{
    assert_int_equal(got->rule, want->rule);
    assert_int_equal(got->verdict, want->verdict);
    assert_ptr_equal(got->was, want->was);
    assert_ptr_equal(got->now, want->now);
    assert_ptr_equal(got->to, want->to);
    assert_int_equal(got->step_count, want->step_count);
    for (size_t i = 0; i < want->step_count && i < DIFF_STEPS; i++) {
        const struct reach_step *x = &got->steps[i], *y = &want->steps[i];
        assert_int_equal(x->target, y->target);
        assert_int_equal(x->grant, y->grant);
        assert_int_equal(x->next, y->next);
        assert_int_equal(x->out, y->out);
        assert_int_equal(x->reply, y->reply);
    }
}

// The findings of one rule, among the changes that are about pairs.
static uint32_t assert_rule(const struct diff *diff, const struct oracle *o, enum diff_rule rule)
{
    uint32_t k = 0, count = 0;
    for (uint32_t i = 0; i < o->count; i++) {
        if (o->findings[i].rule != rule) {
            continue;
        }
        while (k < diff->change_count &&
               (diff->changes[k].kind != DIFF_PAIR || diff->changes[k].rule != rule)) {
            k++;
        }
        assert_true(k < diff->change_count);
        assert_same_finding(&diff->changes[k++], &o->findings[i]);
        count++;
    }
    return count;
}

static void assert_compared(struct oracle *o, const struct authority *was,
                            const struct authority *now, struct arena *arena)
{
    struct side sides[2] = {{.a = was}, {.a = now}};
    struct diff diff;
    struct diag diag;
    assert_int_equal(diff_make(&diff, was, now, arena, &diag), STATUS_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(reach_build(&sides[i].reach, sides[i].a, arena, &diag), STATUS_OK);
    }
    o->arena = arena;
    o->count = 0;
    find_all(o, &sides[0], &sides[1], false);
    find_all(o, &sides[1], &sides[0], true);
    uint32_t found = assert_rule(&diff, o, DIFF_REACH) + assert_rule(&diff, o, DIFF_GRANT);
    assert_int_equal(found, o->count);
    assert_int_equal(diff.summary.reach, o->count);
}

static void finds_what_a_search_from_each_target_finds(void **state)
{
    static struct oracle oracle;
    struct random r = {11};
    unsigned none = 0, more_starts = 0, more_ends = 0, several_blocks = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct arena arena = arena_of(memory, sizeof memory);
        struct net old = random_net(&r), new = old;
        for (uint32_t edits = random_below(&r, 8); edits > 0; edits--) {
            edit(&new, &r);
        }
        struct authority was = authority_of_net(&old, &arena);
        struct authority now = authority_of_net(&new, &arena);
        assert_compared(&oracle, &was, &now, &arena);
        none += oracle.count == 0;
        more_starts += oracle.starts > oracle.ends;
        more_ends += oracle.starts < oracle.ends;
        several_blocks += oracle.starts > 64;
    }
    assert_true(none > ROUNDS / 10 && several_blocks > ROUNDS / 50);
    assert_true(more_starts > ROUNDS / 10 && more_ends > ROUNDS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_a_search_from_each_target_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
