// SPDX-License-Identifier: BSD-2-Clause
#include "services.h"

#include "children.h"
#include "life.h"
#include "peers.h"
#include "relay.h"
#include "sched.h"
#include "tcb.h"
#include "watch.h"

enum { LABEL = 1, LABEL_READY = 2, CONSOLE_TEXT = 16384 };

// Every target's text shares the output with event frames: another target's open line is ended
// first.
static bool console(struct root *root, uint32_t target, const struct sel4_received *received)
{
    static char room[CONSOLE_TEXT];
    if (received->length == 0 || received->words[0] > (received->length - 1) * sizeof(uint64_t)) {
        return false;
    }
    struct bytes raw = {(const uint8_t *)&received->words[1], received->words[0]};
    struct text text = text_of(room, sizeof room);
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        if (i != target) {
            audit_console_end(&text, &root->targets[i].console);
        }
    }
    audit_console_put(&text, &root->targets[target].console, root->plan.targets[target].name, raw);
    output_put(&root->output, text_bytes(&text));
    return true;
}

// From now on it runs on its callers' scheduling contexts. Until now they were kept from it: the
// first of them would have waited for a thread whose own time is about to be taken away.
static void make_passive(struct root *root, uint32_t target)
{
    const struct objects_site *site = &root->targets[target].site;
    cap_slot own = objects_cap(site, objects_find(site, PLAN_SCHED_CONTEXT), 0);
    watch_count(root, target);
    root->denied |= sched_unbind(&root->kernel, own, NULL) != STATUS_OK;
    peers_return(root, target);
}

bool services_room(struct root *root, uint32_t target, cap_slot thread, uint64_t words)
{
    struct meter *meter = &root->targets[target].meter;
    if (meter_take(meter, clock_now(&root->clock), words * sizeof(uint64_t))) {
        return true;
    }
    struct audit_subject subject = root_subject(root, target);
    audit_event_held(root_at(root), &subject, METER_WINDOW_MS);
    meter->held = true;
    root->targets[target].held = thread;
    root->denied |= tcb_suspend(&root->kernel, thread, NULL) != STATUS_OK;
    return false;
}

void services_tick(struct root *root)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        struct meter *meter = &root->targets[i].meter;
        if (!meter->held || !meter_is_over(meter, clock_now(&root->clock))) {
            continue;
        }
        meter->held = false;
        if (root->targets[i].life == ROOT_RUNNING) {
            root->denied |= tcb_resume(&root->kernel, root->targets[i].held, NULL) != STATUS_OK;
        }
    }
}

// A call to a server that is not there. While it is coming nobody answers: the client is made to
// call again then.
static void absent(struct root *root, uint32_t server, const struct plan_cap *cap)
{
    static const struct sel4_reply gone = {.label = SEL4_ERROR_INVALID_CAPABILITY};
    if (!life_call(root, server, cap->holder)) {
        relay_deny(root, cap);
        sel4_kernel_reply(&root->kernel, root->reply, &gone);
    }
}

void services_call(struct root *root, uint32_t target, const struct sel4_received *received)
{
    const struct plan_target *plan = &root->plan.targets[target];
    uint32_t slot = (uint32_t)received->badge;
    struct sel4_reply reply = {.label = 1};
    const struct plan_cap *cap = plan_cap_at(&root->plan, target, slot); // the badge is the plan's
    enum plan_service service = cap->service;
    bool understood = received->label == LABEL;
    if (understood && service == PLAN_SERVICE_EXIT && received->length == 1) {
        life_exit(root, target, (uint32_t)received->words[0]);
        return;
    }
    if (service == PLAN_SERVICE_EXIT && received->label == LABEL_READY && plan->passive) {
        if (root->targets[target].stood_in) { // else it was said before
            make_passive(root, target);
        }
        return;
    }
    bool spawn = service == PLAN_SERVICE_SPAWN;
    uint64_t words = spawn ? children_words(received) : received->length;
    if (!services_room(root, target, relay_exit_of(root, cap).thread, words)) {
        return;
    }
    uint32_t server = peers_server(root, target, slot);
    if (server != PLAN_SYSTEM) {
        absent(root, server, cap);
        return;
    }
    if (spawn) {
        children_call(&reply, root, target, received);
    } else if (understood && service == PLAN_SERVICE_CONSOLE && console(root, target, received)) {
        reply.label = 0;
    } else if (understood && service == PLAN_SERVICE_TIME) {
        reply = (struct sel4_reply){.length = 1, .word = {clock_now(&root->clock)}};
    }
    sel4_kernel_reply(&root->kernel, root->reply, &reply);
}
