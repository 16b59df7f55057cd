// SPDX-License-Identifier: BSD-2-Clause
//
// Does what its arguments say, one after another: "word" or "word=number". Prints what came of it.
// The manifest is the test's; capabilities that it does not give are not used.
//
//   serve        answers calls on `door` for ever: label 1 with word 0 plus 1; at label 2 an
//   incarnation below
//                word 0 dies; label 3 exits with word 0; label 4 with its words, each plus the
//                sender's badge; label 5 never; the badge of `stop` exits with 0
//   deaf         receives on `door` and does not hear `stop`
//   load=N       calls `peer` N times with label 1, each with another word; prints how many answers
//                were right, how many said that nobody is there; exits with the others' number
//   call=N       calls `peer` N times with label 1 and prints the sum of the answers
//   kill=N       calls `peer` with label 2: incarnations below N die of it
//   end=N        calls `peer` with label 3
//   long=N       calls `peer` with label 4 and N words, and prints how many came back right
//   hang=N       calls `peer` with label 5
//   clock=N      calls `peer` N times and prints the ticks of the fastest call
//   oneway=N     sends to `peer` N times
//   die=N        incarnations below N read address 0
//   trip=N       N sends through slot 0
//   spin=N       computes for N microseconds, waits for budget included
//   flood=N      N lines to the console
//   shout=N      N empty messages to the console, without waiting for an answer
//   knock=N      N messages or signals through every capability but `exit` that it may send through
//   await        waits for `bell` and prints its bits
//   touch=N      writes at address N
//   reach=N      sends through slot N
//   tick=N       waits for N periods and prints the longest and the median time between two of
//                the first 64; computes a while in each where it has `board`, and prints during how
//                many of them, and between how many, the actor that has `board` as `tally` did
//                something
//   peek=N       prints word N, of 32 bits, of the device `timer`
//   exit=N       exits with N
#include "kpkg.h"

enum { PERIODS_MAX = 64, BURST_US = 1000 };
enum { GONE = 2 }; // label of the answer when a server is not there and will not come
enum { LABEL_ADD = 1, LABEL_DIE, LABEL_EXIT, LABEL_ECHO, LABEL_HANG, STOPPED = 0 };

static uint64_t console;
static volatile uint64_t *tally; // what this actor has done, where it has a region of the name
static volatile const uint64_t *board; // likewise another

static void count(void)
{
    if (tally != NULL) {
        *tally += 1;
    }
}

static void die(void)
{
    (void)*(volatile const uint64_t *)0; // NOLINT: a bad address is the point
}

static void answer(struct kpkg_message *message)
{
    uint64_t badge = message->badge, word = message->word[0];
    switch (message->label) {
    case LABEL_DIE:
        if (kpkg_record()->incarnation < word) {
            die();
        }
        *message = (struct kpkg_message){.length = 1};
        break;
    case LABEL_EXIT:
        kpkg_exit((int)word);
    case LABEL_ECHO:
        for (uint32_t i = 0; i < message->length; i++) {
            message->word[i] += badge;
        }
        break;
    default:
        *message = (struct kpkg_message){.length = 1, .word = {word + 1}};
    }
}

static void serve(bool hears)
{
    uint64_t door = kpkg_cap("door"), reply = kpkg_reply_cap("door");
    struct kpkg_message message;
    for (;;) {
        kpkg_receive(door, reply, &message);
        while (message.badge != KPKG_BADGE_STOP) {
            bool silent = message.label == LABEL_HANG;
            answer(&message);
            if (silent) {
                kpkg_receive(door, reply, &message);
            } else {
                kpkg_reply_receive(door, reply, &message);
            }
        }
        if (hears) {
            kpkg_exit(STOPPED);
        }
    }
}

static void call(uint64_t label, uint64_t times, uint64_t word)
{
    uint64_t sum = 0, error = 0;
    for (uint64_t i = 0; i < times; i++) {
        struct kpkg_message message = {.label = label, .length = 1, .word = {word}};
        kpkg_call(kpkg_cap("peer"), &message);
        sum += message.label == 0 ? message.word[0] : 0;
        error = message.label;
    }
    kpkg_print(console, "label %lu answers %lu error %lu\n", label, sum, error);
}

static void load(uint64_t times)
{
    uint64_t right = 0, gone = 0;
    for (uint64_t i = 0; i < times; i++) {
        struct kpkg_message message = {.label = LABEL_ADD, .length = 1, .word = {i}};
        kpkg_call(kpkg_cap("peer"), &message);
        right += message.label == 0 && message.word[0] == i + 1;
        gone += message.label == GONE;
    }
    kpkg_print(console, "load right %lu gone %lu\n", right, gone);
    if (right + gone != times) {
        kpkg_exit(1);
    }
}

// Each word comes back with this client's badge added, whoever passed the message on.
static void echo(uint32_t words)
{
    struct kpkg_message message = {.label = LABEL_ECHO, .length = words};
    uint64_t peer = kpkg_cap("peer"), right = 0;
    for (uint32_t i = 0; i < words; i++) {
        message.word[i] = i * i;
    }
    kpkg_call(peer, &message);
    for (uint32_t i = 0; i < words; i++) {
        right += (message.word[i] - i * i) >> 56 == 3 &&
                 (message.word[i] - i * i) % (UINT64_C(1) << 32) == peer;
    }
    kpkg_print(console, "label %lu length %u right %lu\n", message.label, message.length, right);
}

static void clock_calls(uint64_t times)
{
    struct kpkg_message message = {.label = LABEL_ADD, .length = 1};
    uint64_t fastest = UINT64_MAX, peer = kpkg_cap("peer");
    for (uint64_t i = 0; i < times; i++) {
        uint64_t begin = __builtin_ia32_rdtsc();
        message.label = LABEL_ADD;
        kpkg_call(peer, &message);
        uint64_t took = __builtin_ia32_rdtsc() - begin;
        fastest = took < fastest ? took : fastest;
    }
    kpkg_print(console, "fastest %lu\n", fastest);
}

static void send_only(uint64_t times)
{
    struct kpkg_message message = {.label = LABEL_ADD, .length = 1};
    for (uint64_t i = 0; i < times; i++) {
        kpkg_send(kpkg_cap("peer"), &message);
    }
}

static void spin(uint64_t microseconds)
{
    for (uint64_t begin = kpkg_microseconds(); kpkg_microseconds() - begin < microseconds;) {
        count();
    }
}

static void put_sorted(uint64_t *sorted, uint64_t count, uint64_t value)
{
    uint64_t at = count;
    for (; at > 0 && sorted[at - 1] > value; at--) {
        sorted[at] = sorted[at - 1];
    }
    sorted[at] = value;
}

static uint64_t done_by_another(void)
{
    return board != NULL ? *board : 0;
}

static void tick(uint64_t periods)
{
    uint64_t gaps[PERIODS_MAX], during = 0, between = 0, done = done_by_another();
    uint64_t last = kpkg_microseconds();
    for (uint64_t i = 0; i < periods; i++) {
        kpkg_yield();
        uint64_t now = kpkg_microseconds(), begin = done_by_another();
        if (i < PERIODS_MAX) {
            put_sorted(gaps, i, now - last);
        }
        last = now;
        between += begin != done;
        spin(board != NULL ? BURST_US : 0);
        done = done_by_another();
        during += done != begin;
    }
    uint64_t seen = periods < PERIODS_MAX ? periods : PERIODS_MAX;
    kpkg_print(console, "longest %lu median %lu during %lu between %lu\n", gaps[seen - 1],
               gaps[seen / 2], during, between);
}

static void trip(uint64_t times)
{
    struct kpkg_message message = {.label = 1};
    for (uint64_t i = 0; i < times; i++) {
        count();
        kpkg_send(0, &message);
    }
}

static void flood(uint64_t lines)
{
    for (uint64_t i = 0; i < lines; i++) {
        kpkg_print(console, "line %lu\n", i);
        count();
    }
}

static void shout(uint64_t times)
{
    struct kpkg_message message = {.label = 1, .length = 1};
    for (uint64_t i = 0; i < times; i++) {
        kpkg_send(console, &message);
        count();
    }
}

static void knock(uint64_t times)
{
    const struct kpkg_record *record = kpkg_record();
    const struct kpkg_record_cap *caps =
        (const struct kpkg_record_cap *)((const char *)record + record->caps_offset);
    struct kpkg_message message = {.label = 7, .length = 1};
    for (uint64_t i = 0; i < times * record->cap_count; i++) {
        const struct kpkg_record_cap *cap = &caps[i % record->cap_count];
        bool sends = (cap->rights & 1) != 0 && strcmp(cap->name, "exit") != 0;
        if (sends && cap->kind == KPKG_CAP_NOTIFICATION) {
            kpkg_signal(cap->slot);
        } else if (sends) {
            kpkg_send(cap->slot, &message);
        }
    }
}

// The number after "word=", when `argument` begins so.
static bool says(const char *argument, const char *word, uint64_t *number)
{
    size_t len = strlen(word);
    bool same = strncmp(argument, word, len) == 0;
    *number = 0;
    for (const char *at = argument + len; same && *at >= '0' && *at <= '9'; at++) {
        *number = *number * 10 + (uint64_t)(*at - '0');
    }
    return same;
}

static void act(const char *argument)
{
    uint64_t n;
    if (says(argument, "serve", &n) || says(argument, "deaf", &n)) {
        serve(argument[0] == 's');
    } else if (says(argument, "load=", &n)) {
        load(n);
    } else if (says(argument, "call=", &n)) {
        call(LABEL_ADD, n, 1);
    } else if (says(argument, "kill=", &n)) {
        call(LABEL_DIE, 1, n);
    } else if (says(argument, "end=", &n)) {
        call(LABEL_EXIT, 1, n);
    } else if (says(argument, "long=", &n)) {
        echo((uint32_t)n);
    } else if (says(argument, "hang=", &n)) {
        call(LABEL_HANG, 1, n);
    } else if (says(argument, "clock=", &n)) {
        clock_calls(n);
    } else if (says(argument, "oneway=", &n)) {
        send_only(n);
    } else if (says(argument, "await", &n)) {
        kpkg_print(console, "bits %lx\n", kpkg_wait(kpkg_cap("bell")));
    } else if (says(argument, "die=", &n) && kpkg_record()->incarnation < n) {
        count();
        die();
    } else if (says(argument, "trip=", &n)) {
        trip(n);
    } else if (says(argument, "spin=", &n)) {
        spin(n);
    } else if (says(argument, "flood=", &n)) {
        flood(n);
    } else if (says(argument, "shout=", &n)) {
        shout(n);
    } else if (says(argument, "knock=", &n)) {
        knock(n);
    } else if (says(argument, "touch=", &n)) {
        *(volatile uint64_t *)n = 1; // NOLINT: bad addresses are the point
    } else if (says(argument, "reach=", &n)) {
        kpkg_send(n, &(struct kpkg_message){.label = 1});
    } else if (says(argument, "peek=", &n)) {
        const volatile uint32_t *timer = kpkg_region("timer", NULL);
        kpkg_print(console, "word %lu is %x\n", n, timer[n]);
    } else if (says(argument, "tick=", &n)) {
        tick(n);
    } else if (says(argument, "exit=", &n)) {
        kpkg_exit((int)n);
    }
}

int main(void)
{
    console = kpkg_cap("console");
    tally = kpkg_region("tally", NULL);
    board = kpkg_region("board", NULL);
    for (uint32_t i = 0; kpkg_argument(i) != NULL; i++) {
        act(kpkg_argument(i));
    }
    return 0;
}
