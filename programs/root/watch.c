// SPDX-License-Identifier: BSD-2-Clause
#include "watch.h"

#include "sched.h"

enum {
    PERIOD_US = 100000, // how often to look
    PATIENCE = 4,       // periods without any work
};

static void expect(struct root *root, uint64_t time)
{
    root->idle_since = time > root->idle_since ? time : root->idle_since;
}

void watch_saw(struct root *root)
{
    expect(root, clock_now(&root->clock));
}

// Each budget that was consumed costs a period: where the machine was taken away from a target, as
// an emulated one is, it has budget again long after its next period.
void watch_consumed(struct root *root, uint32_t target, uint64_t us)
{
    if (us == 0) {
        return;
    }
    const struct plan_target *plan = &root->plan.targets[target];
    uint64_t budgets = us / plan->budget_us;
    uint64_t periods = budgets < UINT16_MAX ? budgets : UINT16_MAX;
    root->targets[target].cpu_us += us;
    expect(root, clock_now(&root->clock) + periods * plan->period_us * 1000);
}

bool watch_count(struct root *root, uint32_t target)
{
    const struct objects_site *site = &root->targets[target].site;
    cap_slot budget = objects_cap(site, objects_find(site, PLAN_SCHED_CONTEXT), 0);
    uint64_t consumed = 0;
    if (sched_consumed(&consumed, &root->kernel, budget, NULL) != STATUS_OK) {
        return true; // not known, so not idle
    }
    watch_consumed(root, target, consumed);
    return consumed != 0;
}

// A target that is out of budget runs again within its period. Beside what it has overdrawn
// (watch_consumed) it may owe a period for a budget that it has begun, and one for what was left of
// it when it yielded; and a look sees only what has been spent, in whole microseconds.
static uint64_t patience_ns(const struct root *root)
{
    uint64_t longest = PERIOD_US;
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        uint64_t period = root->plan.targets[i].period_us;
        longest = period > longest ? period : longest;
    }
    return PATIENCE * longest * 1000;
}

// What a driver waits for comes from outside, whenever it likes.
static bool may_be_interrupted(const struct root *root)
{
    for (uint32_t i = 0; i < root->plan.cap_count; i++) {
        const struct plan_cap *cap = &root->plan.caps[i];
        if (cap->type == PLAN_IRQ_HANDLER && root->targets[cap->holder].life == ROOT_RUNNING) {
            return true;
        }
    }
    return false;
}

void watch_tick(struct root *root)
{
    uint64_t now = clock_now(&root->clock), since = now - root->watched_at;
    if (since < (uint64_t)PERIOD_US * 1000) {
        return;
    }
    root->watched_at = now;
    // A look that comes late says that the machine stood still, as an emulated one does: this task
    // runs first after that, and who had no time to run is not idle for it.
    root->idle_since += since - (uint64_t)PERIOD_US * 1000;
    bool busy = false;
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        enum root_life life = root->targets[i].life;
        busy |= life == ROOT_WAITING || (life == ROOT_RUNNING && watch_count(root, i));
    }
    if (busy) {
        expect(root, now);
    }
    root->stuck = !root->channel.open && !may_be_interrupted(root) &&
                  now > root->idle_since + patience_ns(root);
}
