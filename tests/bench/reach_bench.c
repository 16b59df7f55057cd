// SPDX-License-Identifier: BSD-2-Clause

// Authority graphs of 10, 1 000 and 100 000 capabilities, five of each package: processor time, the
// least of some rounds, to put them in order, to build the graph, to decide five assertions, and to
// compare with one that has a sender more, who reaches nobody new, and with one that has a reader
// more, whom nearly all newly reach. Prints seconds as JSON.

#include "diff.h"
#include "reach_assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

enum { NAME = 32, CALLS = 4, ROUNDS = 5 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct bytes name_of(struct arena *arena, const char *form, unsigned number)
{
    char *at = arena_take(arena, NAME, 1);
    int len = snprintf(at, NAME, form, number);
    return (struct bytes){(const uint8_t *)at, (size_t)len};
}

static void add_grant(struct authority *a, uint32_t holder, uint32_t provider, uint8_t rights,
                      struct bytes object)
{
    a->grants[a->grant_count++] = (struct authority_grant){
        .target = holder,
        .provider = provider,
        .type = PLAN_ENDPOINT,
        .rights = rights,
        .auth = authority_of(PLAN_ENDPOINT, rights),
        .object = object,
    };
}

// Each package serves one endpoint and sends to four others that come after it, so that there are
// many ways forward and none back.
static struct authority synthetic(struct arena *arena, uint32_t count)
{
    struct authority a = {
        .targets = arena_take(arena, count + 1U, sizeof(*a.targets)),
        .grants = arena_take(arena, (size_t)count * (CALLS + 1) + 1, sizeof(*a.grants))};
    struct bytes *objects = arena_take(arena, count, sizeof(*objects));
    uint64_t state = 1;
    for (uint32_t i = 0; i < count; i++) {
        struct bytes name = name_of(arena, "p%u", i);
        a.targets[a.target_count++] = (struct authority_target){.name = name, .package = name};
        objects[i] = name_of(arena, "p%u/serve", i);
        add_grant(&a, i, i, PLAN_READ, objects[i]);
    }
    for (uint32_t i = 0; i + 1 < count; i++) {
        for (uint32_t k = 0; k < CALLS; k++) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            uint32_t to = i + 1 + (uint32_t)(state >> 33) % (count - i - 1);
            add_grant(&a, i, to, PLAN_WRITE, objects[to]);
        }
    }
    return a;
}

static bool decide(const struct reach *reach, const char *text, enum reach_answer want,
                   struct arena *arena)
{
    struct assertion assertion;
    struct reach_proof proof;
    struct diag diag;
    return assertion_read(&assertion, bytes_text(text)) &&
           reach_assert(&proof, reach, &assertion, arena, &diag) == STATUS_OK &&
           proof.answer == want;
}

// The same authority and one capability more; `was` is already in order. Gives how many newly reach
// somebody, or -1.
static long compare(const struct authority *was, bool reader, struct arena *arena)
{
    struct authority more = synthetic(arena, was->target_count);
    struct diff diff;
    struct diag diag;
    uint32_t last = more.target_count - 1;
    if (reader) {
        more.targets[more.target_count++] = (struct authority_target){
            .name = bytes_text("reader"), .package = bytes_text("reader")};
        add_grant(&more, last + 1, last, PLAN_READ, name_of(arena, "p%u/serve", last));
    } else {
        add_grant(&more, 0, last, PLAN_WRITE, name_of(arena, "p%u/more", 0));
    }
    bool good = authority_finish(&more, arena, &diag) == STATUS_OK &&
                diff_make(&diff, was, &more, arena, &diag) == STATUS_OK &&
                diff.summary.added == 1U + reader && diff.summary.removed == 0 &&
                diff.verdict == DIFF_GREW;
    return good ? (long)diff.summary.reach : -1;
}

static bool decide_all(const struct reach *reach, uint32_t count, struct arena *arena)
{
    char back[64];
    snprintf(back, sizeof(back), "no-flow p%u -> p0", (unsigned)count - 1);
    return decide(reach, "no-flow p0 -> p1", REACH_FLOW, arena) +
                   decide(reach, "no-flow p0 -> p1", REACH_HOLDS, arena) ==
               1 &&
           decide(reach, back, REACH_HOLDS, arena) &&
           decide(reach, "only * has endpoint", REACH_HOLDS, arena) &&
           decide(reach, "at-most-one holder of tcb", REACH_HOLDS, arena);
}

enum { ORDER, GRAPH, ASSERTIONS, SENDER, READER, PARTS };
static const char *const parts[PARTS] = {"order", "graph", "5 assertions", "diff, a sender more",
                                         "diff, a reader more"};

// Seconds of each part, if they are less than those before.
static bool measure(double least[PARTS], uint32_t *capabilities, uint32_t count, struct arena arena)
{
    struct authority a = synthetic(&arena, count);
    struct reach reach;
    struct diag diag;
    double at[PARTS + 1] = {now()};
    bool good = authority_finish(&a, &arena, &diag) == STATUS_OK;
    at[GRAPH] = now();
    good = good && reach_build(&reach, &a, &arena, &diag) == STATUS_OK;
    at[ASSERTIONS] = now();
    good = good && decide_all(&reach, count, &arena);
    at[SENDER] = now();
    good = good && compare(&a, false, &arena) == 0;
    at[READER] = now();
    good = good && compare(&a, true, &arena) > (long)count / 2;
    at[PARTS] = now();
    for (size_t i = 0; i < PARTS; i++) {
        least[i] = at[i + 1] - at[i] < least[i] ? at[i + 1] - at[i] : least[i];
    }
    *capabilities = a.grant_count;
    return good;
}

static bool measure_often(uint32_t count, struct arena arena)
{
    double least[PARTS] = {1e9, 1e9, 1e9, 1e9, 1e9};
    uint32_t capabilities = 0;
    bool good = true;
    for (size_t i = 0; good && i < ROUNDS; i++) {
        good = measure(least, &capabilities, count, arena);
    }
    printf("{\"capabilities\": %u", (unsigned)capabilities);
    for (size_t i = 0; i < PARTS; i++) {
        printf(", \"%s\": %.9f", parts[i], least[i]);
    }
    printf("}\n");
    return good;
}

int main(void)
{
    static const size_t size = (size_t)4 << 30;
    static const uint32_t counts[] = {4, 204, 20000};
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                    -1, 0);
    bool good = at != MAP_FAILED;
    for (size_t i = 0; good && i < sizeof(counts) / sizeof(counts[0]); i++) {
        good = measure_often(counts[i], arena_of(at, size));
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
