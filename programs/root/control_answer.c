// SPDX-License-Identifier: BSD-2-Clause
#include "control_answer.h"

#include "audit_control.h"

static void send(struct root *root, uint32_t number, enum control_type type, struct bytes payload)
{
    struct control_frame frame = {.type = (uint8_t)type, .number = number, .payload = payload};
    channel_send(&root->channel, &frame);
}

void control_answer(struct root *root, uint32_t number, enum control_type type,
                    const struct control_writer *message)
{
    send(root, number, type, (struct bytes){message->room, message->cut ? 0 : message->len});
}

void control_answer_done(struct root *root, uint32_t number)
{
    send(root, number, CONTROL_DONE, (struct bytes){0});
}

void control_answer_diag(struct root *root, uint32_t number, const struct diag *diag)
{
    struct control_writer message = {0};
    control_message_put_refusal(&message, diag);
    control_answer(root, number, CONTROL_REFUSED, &message);
}

void control_answer_refused(struct root *root, uint32_t number, uint64_t asked,
                            const struct diag *diag)
{
    static const struct audit_subject channel;
    audit_control_refused(root_at(root), &channel, asked, diag);
    root_flush(root);
    control_answer_diag(root, number, diag);
}
