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

// INSTANCE_ABSENT, or INSTANCE_STATE when it is already as asked, or cannot be.
static enum status check(const struct root *root, uint32_t child, bool start, struct diag *diag)
{
    if (child == PLAN_SYSTEM) {
        return diag_fail(diag, STATUS_INSTANCE_ABSENT, "child", 0);
    }
    if (start == life_is_up(root, child)) {
        return diag_fail(diag, STATUS_INSTANCE_STATE, start ? "it is started" : "it is stopped", 0);
    }
    return STATUS_OK;
}

// Words 1.. of a start: nothing, or a count of bytes and the bytes. False when they are not such.
static bool read_argument(struct bytes *argument, const struct sel4_received *received)
{
    *argument = (struct bytes){0};
    if (received->length == 1) {
        return true;
    }
    uint64_t len = received->words[1];
    *argument = (struct bytes){(const uint8_t *)&received->words[2], (size_t)len};
    if (len == 0 || len > PLAN_CHILD_ARGUMENT || received->length != 2 + (len + 7) / 8) {
        return false;
    }
    for (size_t i = 0; i < argument->len; i++) {
        if (argument->at[i] == 0) {
            return false;
        }
    }
    return true;
}

static enum status start(struct root *root, uint32_t child, struct bytes argument,
                         struct diag *diag)
{
    struct root_target *of = &root->targets[child];
    memcpy(of->argument, argument.at, argument.len);
    of->argument_len = (uint8_t)argument.len;
    if (life_start(root, child)) {
        return STATUS_OK;
    }
    *diag = root->start_failure;
    return diag->status;
}

// A start with `argument`, or a stop when that is NULL.
static uint64_t change(struct root *root, uint32_t parent, uint32_t child,
                       const struct bytes *argument)
{
    bool begins = argument != NULL;
    struct diag diag = {0};
    struct audit_control control = {.subject = root_subject(root, parent),
                                    .verb = begins ? "start" : "stop"};
    if (child != PLAN_SYSTEM) {
        control.instance = root->plan.targets[child].name;
    }
    struct audit_cause cause = {.type = AUDIT_CONTROL_ASKED};
    cause.seq = audit_control_asked(root_at(root), &control);
    enum status status = check(root, child, begins, &diag);
    if (status == STATUS_OK && begins) {
        status = start(root, child, *argument, &diag);
    }
    if (status != STATUS_OK) {
        audit_control_refused(root_at(root), &control.subject, cause.seq, &diag);
        return status == STATUS_INSTANCE_ABSENT ? ANSWER_ABSENT : ANSWER_STATE;
    }
    if (!begins) {
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
    struct bytes argument = {0};
    *reply = (struct sel4_reply){.label = ANSWER_UNKNOWN};
    if (received->length == 0 || (received->length != 1 && received->label != LABEL_START)) {
        return;
    }
    uint32_t child = find(root, parent, (uint32_t)received->badge, received->words[0]);
    switch (received->label) {
    case LABEL_START:
        if (read_argument(&argument, received)) {
            reply->label = change(root, parent, child, &argument);
        }
        break;
    case LABEL_STOP:
        reply->label = change(root, parent, child, NULL);
        break;
    case LABEL_STATE:
        reply->label = ANSWER_ABSENT;
        if (child != PLAN_SYSTEM) {
            tell_state(reply, &root->targets[child]);
        }
        break;
    default:
        break;
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
