// SPDX-License-Identifier: BSD-2-Clause
#include "children.h"

#include "audit_control.h"
#include "bell.h"
#include "life.h"

enum { LABEL_START = 1, LABEL_STOP = 2, LABEL_STATE = 3 };
enum { ANSWER_DONE, ANSWER_UNKNOWN, ANSWER_ABSENT, ANSWER_STATE };
enum { CHILD_DOWN, CHILD_RUNNING, CHILD_WAITING, CHILD_EXITED, CHILD_SUSPENDED };

// Of METER_LIMIT: two starts, or eight stops, in a window.
enum { WORDS_START = 2000, WORDS_STOP = 500 };

#define BADGE_CHILD (UINT64_C(1) << 62)

uint64_t children_words(const struct sel4_received *received)
{
    switch (received->label) {
    case LABEL_START:
        return WORDS_START;
    case LABEL_STOP:
        return WORDS_STOP;
    default:
        return received->length;
    }
}

// The child of this number; PLAN_SYSTEM = the system has none.
static uint32_t find(const struct root *root, uint32_t parent, uint32_t slot, uint64_t number)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        const struct plan_target *plan = &root->plan.targets[i];
        if (plan->parent == parent + 1 && plan->parent_slot == slot && plan->child == number) {
            return i;
        }
    }
    return PLAN_SYSTEM;
}

static bool is_up(const struct root *root, uint32_t target)
{
    enum root_life life = root->targets[target].life;
    return life == ROOT_RUNNING || life == ROOT_WAITING;
}

// INSTANCE_ABSENT, or INSTANCE_STATE when it is already as asked, or cannot be.
static enum status check(const struct root *root, uint32_t child, bool start, struct diag *diag)
{
    if (child == PLAN_SYSTEM) {
        return diag_fail(diag, STATUS_INSTANCE_ABSENT, "child", 0);
    }
    if (start && root->targets[child].spoiled) {
        return diag_fail(diag, STATUS_INSTANCE_STATE, "something of it did not come back", 0);
    }
    if (start == is_up(root, child)) {
        return diag_fail(diag, STATUS_INSTANCE_STATE, start ? "it is started" : "it is stopped", 0);
    }
    return STATUS_OK;
}

static uint64_t change(struct root *root, uint32_t parent, uint32_t child, bool start)
{
    struct diag diag = {0};
    struct audit_control control = {.subject = root_subject(root, parent),
                                    .verb = start ? "start" : "stop"};
    if (child != PLAN_SYSTEM) {
        control.instance = root->plan.targets[child].name;
    }
    struct audit_cause cause = {.type = AUDIT_CONTROL_ASKED};
    cause.seq = audit_control_asked(root_at(root), &control);
    enum status status = check(root, child, start, &diag);
    if (status != STATUS_OK) {
        audit_control_refused(root_at(root), &control.subject, cause.seq, &diag);
        return status == STATUS_INSTANCE_ABSENT ? ANSWER_ABSENT : ANSWER_STATE;
    }
    if (start) {
        life_start(root, child);
    } else {
        life_stop(root, child, cause);
    }
    return ANSWER_DONE;
}

static uint64_t state_of(const struct root_target *child)
{
    switch (child->life) {
    case ROOT_RUNNING:
        return CHILD_RUNNING;
    case ROOT_WAITING:
        return CHILD_WAITING;
    case ROOT_SUSPENDED:
        return CHILD_SUSPENDED;
    default:
        return child->exited ? CHILD_EXITED : CHILD_DOWN;
    }
}

static void tell_state(struct sel4_reply *reply, const struct root_target *child)
{
    *reply = (struct sel4_reply){
        .length = 3,
        .word = {state_of(child), child->incarnation, child->exited ? child->code : 0}};
}

void children_call(struct sel4_reply *reply, struct root *root, uint32_t parent,
                   const struct sel4_received *received)
{
    bool understood =
        received->label >= LABEL_START && received->label <= LABEL_STATE && received->length == 1;
    *reply = (struct sel4_reply){.label = ANSWER_UNKNOWN};
    if (!understood) {
        return;
    }
    uint32_t child = find(root, parent, (uint32_t)received->badge, received->words[0]);
    if (received->label != LABEL_STATE) {
        reply->label = change(root, parent, child, received->label == LABEL_START);
    } else if (child == PLAN_SYSTEM) {
        reply->label = ANSWER_ABSENT;
    } else {
        tell_state(reply, &root->targets[child]);
    }
}

void children_place(struct root *root, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    if (plan->parent == 0) {
        return;
    }
    struct objects_site *site = &root->targets[target].site;
    uint32_t memory = plan_child_memory(&root->plan, plan);
    site->untyped = objects_cap(site, memory, plan->child);
    site->untyped_bits = root->plan.objects[memory].size_bits;
}

bool children_may_start(struct root *root, uint32_t target)
{
    const struct plan_target *plan = &root->plan.targets[target];
    const struct root_target *of = &root->targets[target];
    return plan->parent == 0 || of->ended_at == 0 ||
           clock_now(&root->clock) - of->ended_at >= plan->period_us * 1000;
}

void children_tell(struct root *root, uint32_t target)
{
    uint32_t parent = root->plan.targets[target].parent;
    cap_slot bell = parent != 0 ? bell_of(root, parent - 1, "child") : SEL4_SLOT_NULL;
    if (bell != SEL4_SLOT_NULL) {
        root->denied |= bell_ring(root, bell, BADGE_CHILD) != STATUS_OK;
    }
}
