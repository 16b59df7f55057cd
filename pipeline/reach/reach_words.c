// SPDX-License-Identifier: BSD-2-Clause
#include "reach_words.h"

static const char *word_of(const struct authority_grant *grant, const struct reach_step *step)
{
    if (step->reply) {
        return step->out ? "Reply" : "Call";
    }
    if (!step->out) {
        return grant->auth & AUTHORITY_RECEIVE ? "Receive" : "Read";
    }
    if (grant->auth & AUTHORITY_NOTIFY && grant->type != PLAN_ENDPOINT) {
        return "Notify";
    }
    if (grant->auth & AUTHORITY_SEND) {
        return grant->auth & AUTHORITY_CALL ? "Call" : "SyncSend";
    }
    return "Write";
}

static void put_start(struct text *t, const struct authority *a, const struct reach_step *step)
{
    bool object = step->grant != AUTHORITY_NOBODY && !step->out;
    text_put_bytes(t, object ? a->grants[step->grant].object : a->targets[step->target].name);
}

static void put_rest(struct text *t, const struct authority *a, const struct reach_step *step)
{
    if (step->grant == AUTHORITY_NOBODY) {
        text_put(t, " <-control-> ");
        text_put_bytes(t, a->targets[step->next].name);
        return;
    }
    const struct authority_grant *grant = &a->grants[step->grant];
    text_put(t, step->out ? " -" : " <-");
    text_put(t, word_of(grant, step));
    text_put(t, step->out ? "-> " : "- ");
    text_put_bytes(t, step->out ? grant->object : a->targets[step->target].name);
}

void reach_words_put_step(struct text *t, const struct authority *a, const struct reach_step *step)
{
    put_start(t, a, step);
    put_rest(t, a, step);
}

void reach_words_put_path(struct text *t, const struct authority *a, const struct reach_step *steps,
                          size_t count, size_t room)
{
    size_t kept = count < room ? count : room;
    text_put(t, kept < count ? "... " : "");
    if (kept > 0) {
        put_start(t, a, &steps[0]);
    }
    for (size_t i = 0; i < kept; i++) {
        put_rest(t, a, &steps[i]);
    }
}
