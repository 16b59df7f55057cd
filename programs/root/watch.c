// SPDX-License-Identifier: BSD-2-Clause
#include "watch.h"

#include "sched.h"

enum { PERIOD_US = 100000 }; // how often to look

bool watch_count(struct root *root, uint32_t target)
{
    const struct objects_site *site = &root->targets[target].site;
    cap_slot budget = objects_cap(site, objects_find(site, PLAN_SCHED_CONTEXT), 0);
    uint64_t consumed = 0;
    if (sched_consumed(&consumed, &root->kernel, budget, NULL) != STATUS_OK) {
        return true; // not known, so not idle
    }
    root->targets[target].cpu_us += consumed;
    return consumed != 0;
}

// A target that is out of budget runs again within its period, and time spent is counted in whole
// microseconds: two looks at least.
static uint64_t patience_ns(const struct root *root)
{
    uint64_t longest = PERIOD_US;
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        uint64_t period = root->plan.targets[i].period_us;
        longest = period > longest ? period : longest;
    }
    return 2 * longest * 1000;
}

// What a driver waits for comes from outside, whenever it likes.
static bool has_interrupt(const struct root *root, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    uint32_t i = objects_find(&root->targets[target].site, PLAN_IRQ_HANDLER);
    return i < plan->first_object + plan->objects;
}

void watch_tick(struct root *root)
{
    uint64_t now = clock_now(&root->clock);
    if (now - root->watched_at < (uint64_t)PERIOD_US * 1000) {
        return;
    }
    root->watched_at = now;
    bool busy = false;
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        enum root_life life = root->targets[i].life;
        busy |= life == ROOT_WAITING ||
                (life == ROOT_RUNNING && (watch_count(root, i) || has_interrupt(root, i)));
    }
    if (busy) {
        root->idle_since = now;
    }
    root->stuck = !root->channel.open && now - root->idle_since > patience_ns(root);
}
