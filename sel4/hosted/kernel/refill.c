// SPDX-License-Identifier: BSD-2-Clause

// The budget of a scheduling context as a ring of refills in order of time: what is used at time t
// comes back at t + period. The sum of the amounts is the budget. A round-robin context (period 0)
// has one refill, which starts anew when it is used up.

#include "internal.h"

// Worst-case execution time that the kernel reckons with: 10 us, and twice that as smallest budget.
enum { KERNEL_WCET_US = 10 };

uint64_t refill_minimum(const struct kernel *k)
{
    return (uint64_t)k->machine->ticks_per_us * (2 * KERNEL_WCET_US);
}

unsigned refill_capacity(unsigned size_bits)
{
    uint64_t refills =
        ((UINT64_C(1) << size_bits) - sizeof(struct sched_context)) / sizeof(struct refill);
    return refills > UINT32_MAX ? UINT32_MAX : (unsigned)refills;
}

// `refill_max` is the ring's size; it is not zero once the context is configured, and only such a
// one is asked.
static struct refill *refill_at(struct sched_context *sc, uint32_t index)
{
    return &sc->refill[((uint64_t)sc->refill_head + index) % sc->refill_max];
}

struct refill *refill_front(struct sched_context *sc)
{
    return refill_at(sc, 0);
}

static struct refill pop_front(struct sched_context *sc)
{
    struct refill first = *refill_front(sc);
    sc->refill_head = (sc->refill_head + 1) % sc->refill_max;
    sc->refill_count--;
    return first;
}

// Due a little early: the time to get there is the kernel's own.
bool refill_ready(const struct kernel *k, struct sched_context *sc)
{
    return refill_front(sc)->time <= k->now + (uint64_t)k->machine->ticks_per_us * KERNEL_WCET_US;
}

bool refill_sufficient(const struct kernel *k, struct sched_context *sc, uint64_t used)
{
    uint64_t amount = refill_front(sc)->amount;
    return amount >= used && amount - used >= refill_minimum(k);
}

void refill_start(struct kernel *k, struct sched_context *sc, uint64_t budget, uint64_t period)
{
    sc->budget = budget;
    // Budget equal to period is all of the processor: round robin, which needs no refills in time.
    sc->period = budget == period ? 0 : period;
    sc->refill_head = 0;
    sc->refill_count = 1;
    sc->refill[0] = (struct refill){.time = k->now, .amount = budget};
}

// New parameters while the thread may run: nothing that was used comes back earlier for it.
void refill_change(struct kernel *k, struct sched_context *sc, uint64_t budget, uint64_t period)
{
    struct refill first = *refill_front(sc);
    refill_start(k, sc, budget, period);
    if (first.time > k->now) {
        sc->refill[0].time = first.time;
    }
    if (first.amount >= budget || sc->period == 0) {
        return;
    }
    sc->refill[0].amount = first.amount;
    sc->refill[1] =
        (struct refill){.time = sc->refill[0].time + sc->period, .amount = budget - first.amount};
    sc->refill_count = 2;
}

// Appends a refill; one that touches the last joins it, and so does one for which there is no room,
// at the price of being late.
static void schedule_refill(struct sched_context *sc, struct refill used)
{
    if (sc->refill_count == 0) {
        sc->refill_count = 1;
        *refill_at(sc, 0) = used;
        return;
    }
    struct refill *last = refill_at(sc, sc->refill_count - 1);
    bool touches = sc->refill_count > 1 && last->time + last->amount >= used.time;
    if (touches || (sc->refill_count == sc->refill_max && sc->refill_count > 1)) {
        if (!touches) {
            last->time = used.time - last->amount;
        }
        last->amount += used.amount;
        return;
    }
    sc->refill_count++;
    *refill_at(sc, sc->refill_count - 1) = used;
}

// Joins the front with its successors until it is worth running on.
static void join_front(struct kernel *k, struct sched_context *sc)
{
    while (sc->refill_count > 1 && refill_front(sc)->amount < refill_minimum(k)) {
        struct refill small = pop_front(sc);
        struct refill *front = refill_front(sc);
        front->amount += small.amount;
        front->time -= front->time < small.amount ? front->time : small.amount;
    }
}

static void charge_round_robin(struct kernel *k, struct sched_context *sc, uint64_t used)
{
    struct refill *front = refill_front(sc);
    front->amount -= used < front->amount ? used : front->amount;
    if (front->amount < refill_minimum(k)) {
        *front = (struct refill){.time = k->now, .amount = sc->budget};
    }
}

void refill_charge(struct kernel *k, struct sched_context *sc, uint64_t used)
{
    if (sc->period == 0) {
        charge_round_robin(k, sc, used);
        return;
    }
    uint64_t left = used;
    // Ends: no amount is zero, and each round takes one off what was used.
    while (left >= refill_front(sc)->amount) {
        struct refill whole = pop_front(sc);
        left -= whole.amount;
        whole.time += sc->period;
        schedule_refill(sc, whole);
    }
    struct refill *front = refill_front(sc);
    if (left > 0) {
        struct refill part = {.time = front->time + sc->period, .amount = left};
        front->amount -= left;
        front->time += left;
        schedule_refill(sc, part);
    }
    join_front(k, sc);
}

// Budget not used while the thread could not run starts now, not in the past.
void refill_unblock(struct kernel *k, struct sched_context *sc)
{
    if (sc->period == 0 || !refill_ready(k, sc)) {
        return;
    }
    refill_front(sc)->time = k->now;
    while (sc->refill_count > 1 && refill_at(sc, 1)->time <= k->now + refill_front(sc)->amount) {
        struct refill first = pop_front(sc);
        refill_front(sc)->amount += first.amount;
        refill_front(sc)->time = k->now;
    }
}
