// SPDX-License-Identifier: BSD-2-Clause
#include "control.h"

#include "arrival.h"
#include "audit_control.h"
#include "control_answer.h"
#include "control_show.h"
#include "life.h"
#include "stop.h"

enum { NOISE_NS = 1000000000 }; // between two events about it

void control_open(struct root *root)
{
    const struct system_control *allowed = &root->system.control;
    if (allowed->allowed) {
        struct channel_place place = {
            .pool = &root->pool,
            .board = root->hosted ? &root->board : NULL,
            .clock = &root->clock,
            .percent = allowed->cpu.value,
        };
        channel_open(&root->channel, &place);
    }
}

enum status control_find(uint32_t *target, const struct root *root, struct bytes name,
                         struct diag *diag)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        if (name.len != 0 && bytes_equal(root->plan.targets[i].name, name)) {
            *target = i;
            return STATUS_OK;
        }
    }
    return diag_fail_about(diag, STATUS_INSTANCE_ABSENT, "instance", 0, name);
}

static enum status wrong_state(const struct root *root, uint32_t target, const char *what,
                               struct diag *diag)
{
    return diag_fail_about(diag, STATUS_INSTANCE_STATE, what, 0, root->plan.targets[target].name);
}

// Whether an instance may be started, or stopped, as it is now.
static enum status check_state(const struct root *root, uint32_t target, uint8_t type,
                               struct diag *diag)
{
    if (type != CONTROL_STOP && root->plan.targets[target].parent != 0) {
        return wrong_state(root, target, "its parent starts it", diag);
    }
    if (type == CONTROL_START && life_is_up(root, target)) {
        return wrong_state(root, target, "it is started", diag);
    }
    if (type == CONTROL_STOP && root->targets[target].life == ROOT_DOWN) {
        return wrong_state(root, target, "it is stopped", diag);
    }
    return STATUS_OK;
}

void control_wait(struct root *root, uint8_t type, uint32_t number, uint32_t target, uint64_t asked)
{
    root->request = (struct root_request){
        .type = type,
        .number = number,
        .target = target,
        .cause = {.type = AUDIT_CONTROL_ASKED, .seq = asked},
    };
}

// START, STOP and RESTART of an instance that may be: control_tick answers.
static void set_going(struct root *root, const struct control_frame *frame, uint32_t target,
                      uint64_t asked)
{
    control_wait(root, frame->type, frame->number, target, asked);
    if (frame->type == CONTROL_START) {
        (void)life_start(root, target);
    } else {
        life_stop(root, target, root->request.cause);
    }
}

static void on_change(struct root *root, const struct control_frame *frame)
{
    struct audit_control control = {.verb = control_message_verb(frame->type),
                                    .instance = frame->payload};
    uint64_t asked = audit_control_asked(root_at(root), &control);
    uint32_t target = 0;
    struct diag diag = {0};
    enum status status = control_find(&target, root, frame->payload, &diag);
    if (status == STATUS_OK) {
        status = check_state(root, target, frame->type, &diag);
    }
    if (status != STATUS_OK) {
        control_answer_refused(root, frame->number, asked, &diag);
        return;
    }
    set_going(root, frame, target, asked);
}

static void on_show(struct root *root, const struct control_frame *frame)
{
    uint32_t target = 0;
    struct diag diag = {0};
    if (control_find(&target, root, frame->payload, &diag) != STATUS_OK) {
        control_answer_diag(root, frame->number, &diag);
        return;
    }
    control_show_instance(root, frame->number, target);
    control_show_caps(root, frame->number, target);
    control_answer_done(root, frame->number);
}

static void on_list(struct root *root, const struct control_frame *frame)
{
    for (uint32_t i = 0; i < root->plan.target_count; i++) {
        if (root->plan.targets[i].name.len != 0) {
            control_show_instance(root, frame->number, i);
        }
    }
    control_show_system(root, frame->number);
    control_answer_done(root, frame->number);
}

static void on_shutdown(struct root *root, const struct control_frame *frame)
{
    struct audit_control control = {.verb = control_message_verb(frame->type)};
    audit_control_asked(root_at(root), &control);
    control_answer_done(root, frame->number);
    root->ending = true;
}

static void refuse(struct root *root, uint32_t number, enum status status, const char *what)
{
    struct diag diag = {0};
    (void)diag_fail(&diag, status, what, 0);
    control_answer_diag(root, number, &diag);
}

static void handle(struct root *root, const struct control_frame *frame)
{
    bool reads =
        frame->type == CONTROL_HELLO || frame->type == CONTROL_LIST || frame->type == CONTROL_SHOW;
    if (!reads && root->request.type != 0) {
        refuse(root, frame->number, STATUS_CONTROL_BUSY, "request");
        return;
    }
    switch (frame->type) {
    case CONTROL_HELLO:
        control_answer_done(root, frame->number);
        break;
    case CONTROL_LIST:
        on_list(root, frame);
        break;
    case CONTROL_SHOW:
        on_show(root, frame);
        break;
    case CONTROL_START:
    case CONTROL_STOP:
    case CONTROL_RESTART:
        on_change(root, frame);
        break;
    case CONTROL_INSTALL:
    case CONTROL_REPLACE:
        arrival_begin(root, frame);
        break;
    case CONTROL_CHUNK:
        arrival_chunk(root, frame);
        break;
    case CONTROL_COMMIT:
        arrival_commit(root, frame);
        break;
    case CONTROL_REMOVE:
        arrival_remove(root, frame);
        break;
    case CONTROL_SHUTDOWN:
        on_shutdown(root, frame);
        break;
    default:
        refuse(root, frame->number, STATUS_CONTROL_REQUEST, "type");
    }
}

// However much comes, one event in each second says so, and one at the end.
static void tell_noise(struct root *root)
{
    uint64_t now = clock_now(&root->clock);
    bool due = root->ending || now - root->noise_told >= NOISE_NS;
    if (root->channel.decoder.noise != 0 && due) {
        audit_control_noise(root_at(root), root->channel.decoder.noise);
        root->channel.decoder.noise = 0;
        root->noise_told = now;
    }
}

void control_poll(struct root *root)
{
    struct control_frame frame;
    channel_begin(&root->channel);
    while (channel_receive(&frame, &root->channel)) {
        handle(root, &frame);
    }
    channel_end(&root->channel);
}

// Also where no interrupt came: an edge that meets a masked line is lost.
void control_timer(struct root *root)
{
    if (root->channel.open) {
        control_poll(root);
    }
}

// A start has succeeded or failed at once (life_tick).
static void answer_start(struct root *root)
{
    const struct root_request *request = &root->request;
    if (root->targets[request->target].life == ROOT_RUNNING) {
        control_answer_done(root, request->number);
    } else {
        control_answer_refused(root, request->number, request->cause.seq, &root->start_failure);
    }
}

// False when there is more to wait for.
static bool finish(struct root *root)
{
    switch (root->request.type) {
    case CONTROL_STOP:
        control_answer_done(root, root->request.number);
        break;
    case CONTROL_RESTART:
        (void)life_start(root, root->request.target);
        life_tick(root);
        answer_start(root);
        break;
    case CONTROL_START:
        answer_start(root);
        break;
    default:
        return arrival_finish(root);
    }
    return true;
}

void control_tick(struct root *root)
{
    const struct root_request *request = &root->request;
    tell_noise(root);
    if (request->type == 0) {
        return;
    }
    bool over = false; // else it has time left to end
    if (request->trial_end != 0) {
        over = arrival_try(root);
    } else if (request->type == CONTROL_START || !life_is_up(root, request->target)) {
        over = finish(root);
    }
    if (over) {
        root->request.type = 0;
    }
}
