// SPDX-License-Identifier: BSD-2-Clause
//
// Starts and stops its children as its arguments say, one after another: "word=number", with
// `crew` and `child`, and prints what came of it.
//
//   start=N   stop=N   state=N   of child N
//   tell=N    starts child 0 with an argument of N bytes: "exit=0..0N"
//   bytes=N   a start of child 0 that says it has N bytes of argument, in three words
//   call=N    a call through `peer` with label N and word 5
//   label=N   a call through `crew` with label N
//   starts=N  asks N times that child 99 start
//   ended=N   waits until child N is down
//   again=N   starts child 0 and waits for its end, N times
//   die=N     incarnations below N read address 0
//   wait      waits for `never`
//   exit=N    exits with N
#include "kpkg.h"

static uint64_t console, crew;

static bool is_up(uint32_t child)
{
    struct kpkg_child state;
    enum kpkg_spawn_answer answer = kpkg_spawn_state(&state, crew, child);
    return answer == KPKG_SPAWN_DONE &&
           (state.life == KPKG_CHILD_RUNNING || state.life == KPKG_CHILD_WAITING);
}

static void wait_for(uint32_t child)
{
    while (is_up(child)) {
        uint64_t badge = kpkg_wait(kpkg_cap("child"));
        if (badge != KPKG_BADGE_CHILD) {
            kpkg_print(console, "badge %lx\n", badge);
        }
    }
}

static void state(uint32_t child)
{
    struct kpkg_child is;
    enum kpkg_spawn_answer answer = kpkg_spawn_state(&is, crew, child);
    kpkg_print(console, "state %u of %u: %u incarnation %lu code %u\n", answer, child, is.life,
               is.incarnation, is.code);
}

static void label(uint64_t number)
{
    struct kpkg_message message = {.label = number, .length = 2};
    kpkg_call(crew, &message);
    kpkg_print(console, "label %lu: %lu\n", number, message.label);
}

static void call(uint64_t number)
{
    struct kpkg_message message = {.label = number, .length = 1, .word = {5}};
    kpkg_call(kpkg_cap("peer"), &message);
    kpkg_print(console, "call %lu: %lu, %lu\n", number, message.label,
               message.length != 0 ? message.word[0] : 0);
}

static void tell(uint32_t len)
{
    char argument[2 * KPKG_CHILD_ARGUMENT];
    size_t end = kpkg_format(argument, sizeof argument, "exit=");
    while (end + 2 < len) {
        argument[end++] = '0';
    }
    kpkg_format(argument + end, sizeof argument - end, "%02u", len);
    kpkg_print(console, "tell %u: %u\n", len, kpkg_spawn_start(crew, 0, argument));
}

static void bytes(uint64_t len)
{
    struct kpkg_message message = {.label = 1, .length = 3, .word = {0, len, UINT64_MAX >> 8}};
    kpkg_call(crew, &message);
    kpkg_print(console, "bytes %lu: %lu\n", len, message.label);
}

static void starts(uint64_t times)
{
    enum kpkg_spawn_answer answer = KPKG_SPAWN_DONE;
    for (uint64_t i = 0; i < times; i++) {
        answer = kpkg_spawn_start(crew, 99, NULL);
    }
    kpkg_print(console, "starts: %u\n", answer);
}

static void again(uint64_t times)
{
    for (uint64_t i = 0; i < times; i++) {
        if (kpkg_spawn_start(crew, 0, NULL) != KPKG_SPAWN_DONE) {
            kpkg_print(console, "not started\n");
        }
        wait_for(0);
    }
}

// The number after "word=", when `argument` begins so.
static bool says(const char *argument, const char *word, uint32_t *number)
{
    size_t len = strlen(word);
    bool same = strncmp(argument, word, len) == 0;
    *number = 0;
    for (const char *at = argument + len; same && *at >= '0' && *at <= '9'; at++) {
        *number = *number * 10 + (uint32_t)(*at - '0');
    }
    return same;
}

static void act(const char *argument)
{
    uint32_t n;
    if (says(argument, "start=", &n)) {
        kpkg_print(console, "start %u: %u\n", n, kpkg_spawn_start(crew, n, NULL));
    } else if (says(argument, "stop=", &n)) {
        kpkg_print(console, "stop %u: %u\n", n, kpkg_spawn_stop(crew, n));
    } else if (says(argument, "state=", &n)) {
        state(n);
    } else if (says(argument, "call=", &n)) {
        call(n);
    } else if (says(argument, "tell=", &n)) {
        tell(n);
    } else if (says(argument, "bytes=", &n)) {
        bytes(n);
    } else if (says(argument, "label=", &n)) {
        label(n);
    } else if (says(argument, "starts=", &n)) {
        starts(n);
    } else if (says(argument, "ended=", &n)) {
        wait_for(n);
    } else if (says(argument, "again=", &n)) {
        again(n);
    } else if (says(argument, "die=", &n) && kpkg_record()->incarnation < n) {
        (void)*(volatile const uint64_t *)0; // NOLINT: a bad address is the point
    } else if (says(argument, "wait", &n)) {
        (void)kpkg_wait(kpkg_cap("never"));
    } else if (says(argument, "exit=", &n)) {
        kpkg_exit((int)n);
    }
}

int main(void)
{
    console = kpkg_cap("console");
    crew = kpkg_cap("crew");
    for (uint32_t i = 0; kpkg_argument(i) != NULL; i++) {
        act(kpkg_argument(i));
    }
    return 0;
}
