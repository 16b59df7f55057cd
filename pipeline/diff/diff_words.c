// SPDX-License-Identifier: BSD-2-Clause

// Names and sentences of a comparison, the same in every form; numbers in the units of the
// manifest.

#include "diff_words.h"

#include "authority_words.h"
#include "reach_words.h"

static const struct {
    const char *id, *name, *text, *help;
} rules[DIFF_RULES] = {
    {"KPD000", "none", "", ""},
    {"KPD001", "capability-added", "A target, or a capability of a target, is new.",
     "Ask what the new capability is for; approve it in the golden file with a reason."},
    {"KPD002", "capability-widened", "A capability gives more authority over its object.",
     "See whether the old rights are enough."},
    {"KPD003", "limit-raised", "A limit of a target is higher.",
     "See whether the target needs the higher limit."},
    {"KPD004", "new-reach",
     "Information can flow from one target to another that it could not reach.",
     "Follow the path that the message shows, and cut it where it is not wanted."},
    {"KPD005", "control-authority", "A target has control over a kernel object.",
     "Grant it only to what the whole system trusts."},
    {"KPD006", "grant-merges-domains",
     "Capabilities can be granted: two targets become one domain.",
     "Use an endpoint without grant, or review both targets as one."},
    {"KPD007", "device-authority",
     "A target reaches a device, an interrupt or memory past the MMU.",
     "Check the manifest's hardware against the board, and whether the device masters the bus."},
    {"KPD008", "guard-weakened", "A target is watched or fenced less strictly.",
     "Find out what the guard was in the way of."},
    {"KPD009", "signer-changed", "A key signs that did not sign before.",
     "Check the new key with whoever it is said to be of."},
    {"KPD010", "run-has-more", "A run issued a capability that is not in the plan.",
     "Trust nothing of the run; compare plan and image with what was meant."},
    {"KPD011", "evidence-incomplete", "The log of a run is not all there.",
     "Find out where the log was cut, or run again."},
    {"KPD012", "evidence-invalid", "The log of a run contradicts itself or its signatures.",
     "Take the log from its source again; if that one is contradicted too, somebody wrote to it."},
    {"KPD013", "denial-seen", "A run denied something to a target.",
     "See which capability the target lacks, or what it should not have tried."},
    {"KPD014", "run-has-less", "A run did not issue a capability that is in the plan.",
     "See why the target was not made as planned: kpkg audit show has the step."},
};

const char *diff_words_rule(enum diff_rule rule)
{
    return rules[rule < DIFF_RULES ? rule : 0].id;
}

const char *diff_words_rule_name(enum diff_rule rule)
{
    return rules[rule < DIFF_RULES ? rule : 0].name;
}

const char *diff_words_rule_text(enum diff_rule rule)
{
    return rules[rule < DIFF_RULES ? rule : 0].text;
}

const char *diff_words_rule_help(enum diff_rule rule)
{
    return rules[rule < DIFF_RULES ? rule : 0].help;
}

const char *diff_words_verdict(enum diff_verdict verdict)
{
    static const char *const names[] = {"same", "shrank", "grew"};
    return names[verdict];
}

const char *diff_words_severity(enum diff_rule rule)
{
    static const char *const names[] = {"note", "medium", "high", "critical"};
    return names[diff_severity_of(rule)];
}

// What was gained or lost.
static const struct authority_grant *grant_of(const struct diff_change *c)
{
    return c->verdict == DIFF_GREW ? c->now_grant : c->was_grant;
}

const char *diff_words_kind(const struct diff_change *c)
{
    static const char *const names[] = {
        [DIFF_TARGET] = "target", [DIFF_LIMIT_OF] = "limit", [DIFF_GUARD_OF] = "guard",
        [DIFF_ALLOW] = "allow",   [DIFF_SIGNED] = "signer",  [DIFF_PAIR] = "reach",
        [DIFF_SIZE] = "size",     [DIFF_EVENT] = "event",    [DIFF_EVIDENCE] = "evidence",
        [DIFF_PLANNED] = "plan",  [DIFF_TRACED] = "trace",
    };
    return c->kind == DIFF_CAP ? authority_words_type(grant_of(c)->type) : names[c->kind];
}

const struct authority_target *diff_words_target(const struct diff_change *c)
{
    return c->now != NULL ? c->now : c->was;
}

void diff_words_put_object(struct text *t, const struct diff_change *c)
{
    switch (c->kind) {
    case DIFF_TARGET:
        text_put(t, "(target)");
        break;
    case DIFF_CAP:
    case DIFF_SIZE:
    case DIFF_TRACED:
        text_put_bytes(t, grant_of(c)->object);
        break;
    case DIFF_LIMIT_OF:
        text_put(t, authority_words_limit((enum authority_limit_kind)c->item));
        break;
    case DIFF_GUARD_OF:
        text_put(t, authority_words_guard((enum authority_guard_kind)c->item));
        break;
    case DIFF_ALLOW:
    case DIFF_EVENT:
    case DIFF_EVIDENCE:
        text_put_bytes(t, c->object);
        break;
    case DIFF_SIGNED:
        text_put(t, "signer");
        break;
    case DIFF_PLANNED:
        text_put(t, "(plan)");
        break;
    case DIFF_PAIR:
        text_put(t, "-> ");
        text_put_bytes(t, c->to->name);
        break;
    }
}

static bool has_side(const struct diff_change *c, bool now)
{
    if (c->kind == DIFF_CAP) {
        return (now ? c->now_grant : c->was_grant) != NULL;
    }
    if (c->kind == DIFF_LIMIT_OF || c->kind == DIFF_GUARD_OF || c->kind == DIFF_SIZE ||
        c->kind == DIFF_PLANNED || c->kind == DIFF_TRACED) {
        return true;
    }
    return now == (c->verdict == DIFF_GREW);
}

// Rights, and where the two sides are different places, which one.
static void put_cap(struct text *t, const struct diff_change *c,
                    const struct authority_grant *grant)
{
    bool both = c->was_grant != NULL && c->now_grant != NULL;
    if (both && !bytes_equal(c->was_grant->object, c->now_grant->object)) {
        size_t from = 0;
        while (from < grant->object.len && grant->object.at[from++] != '/') {
        }
        text_put_bytes(t, bytes_part(grant->object, from, grant->object.len - from));
        text_put(t, " ");
    }
    authority_words_put_rights(t, grant);
}

static void put_side(struct text *t, const struct diff_change *c, bool now,
                     const struct authority *a)
{
    const struct authority_target *target = now ? c->now : c->was;
    if (!has_side(c, now)) {
        text_put(t, c->kind == DIFF_PAIR ? "no path" : "-");
        return;
    }
    switch (c->kind) {
    case DIFF_TARGET:
        text_put_bytes(t, target->package);
        break;
    case DIFF_CAP:
        put_cap(t, c, now ? c->now_grant : c->was_grant);
        break;
    case DIFF_SIZE:
        authority_words_put_size(t, (now ? c->now_grant : c->was_grant)->size);
        break;
    case DIFF_TRACED:
        text_put(t, (now ? c->now_grant : c->was_grant)->traced ? "traced" : "not traced");
        break;
    case DIFF_LIMIT_OF:
        authority_words_put_limit(t, (enum authority_limit_kind)c->item, &target->limits[c->item]);
        break;
    case DIFF_GUARD_OF:
        text_put(t, authority_words_guard_value((enum authority_guard_kind)c->item,
                                                target->guards[c->item].value));
        break;
    case DIFF_ALLOW:
        text_put_bytes(t, c->text);
        text_put(t, c->item != 0 ? " (write)" : "");
        break;
    case DIFF_SIGNED:
        text_put_hex(t, bytes_part(c->text, 0, 8));
        break;
    case DIFF_PAIR:
        reach_words_put_path(t, a, c->steps, c->step_count, DIFF_STEPS);
        break;
    case DIFF_EVENT:
        text_put_u64(t, c->item);
        text_put(t, c->item == 1 ? " time" : " times");
        break;
    case DIFF_EVIDENCE:
        text_put_bytes(t, c->text);
        break;
    case DIFF_PLANNED:
        text_put_bytes(t, now ? c->text : c->object);
        break;
    }
}

static const struct authority *side_of(const struct diff_change *c, const struct diff *diff)
{
    return c->verdict == DIFF_GREW ? diff->now : diff->was;
}

void diff_words_put_was(struct text *t, const struct diff_change *c, const struct diff *diff)
{
    put_side(t, c, false, side_of(c, diff));
}

void diff_words_put_now(struct text *t, const struct diff_change *c, const struct diff *diff)
{
    put_side(t, c, true, side_of(c, diff));
}

// For what has two values: "cpu is 4/10 ms, was 2/10 ms".
static void put_change(struct text *t, const struct diff_change *c, const struct diff *diff)
{
    text_put(t, c->kind == DIFF_CAP ? "has " : "");
    if (c->kind != DIFF_CAP) {
        diff_words_put_object(t, c);
        text_put(t, " is ");
    }
    diff_words_put_now(t, c, diff);
    if (c->kind == DIFF_CAP) {
        text_put(t, " on ");
        diff_words_put_object(t, c);
    }
    text_put(t, ", was ");
    diff_words_put_was(t, c, diff);
}

// For what is there or not: "gains W (send) on nic/tx".
static void put_appearance(struct text *t, const struct diff_change *c, const struct diff *diff)
{
    static const char *const phrases[][2] = {
        [DIFF_TARGET] = {"is gone", "is new"},
        [DIFF_CAP] = {"loses ", "gains "},
        [DIFF_ALLOW] = {"no longer lets in ", "lets in "},
        [DIFF_SIGNED] = {"is no longer signed by ", "is signed by "},
        [DIFF_PAIR] = {"no longer reaches ", "reaches "},
        [DIFF_EVENT] = {"", "was denied something, "},
        [DIFF_EVIDENCE] = {"", "is not to be relied on, "},
    };
    bool grew = c->verdict == DIFF_GREW;
    bool ran = c->kind == DIFF_TARGET && c->rule >= DIFF_RUN_MORE;
    text_put(t, !ran ? phrases[c->kind][grew] : grew ? "ran and is not planned" : "did not run");
    if (c->kind == DIFF_EVENT || c->kind == DIFF_EVIDENCE) {
        diff_words_put_object(t, c);
        text_put(t, ": ");
    }
    if (c->kind == DIFF_PAIR) {
        text_put_bytes(t, c->to->name);
        text_put(t, ": ");
    }
    if (c->kind != DIFF_TARGET) {
        put_side(t, c, grew, side_of(c, diff));
    }
    if (c->kind == DIFF_CAP || c->kind == DIFF_ALLOW) {
        text_put(t, c->kind == DIFF_CAP ? " on " : " to ");
        diff_words_put_object(t, c);
    }
}

void diff_words_put_message(struct text *t, const struct diff_change *c, const struct diff *diff)
{
    bool both = has_side(c, false) && has_side(c, true);
    text_put_bytes(t, diff_words_target(c)->name);
    text_put(t, " ");
    if (both) {
        put_change(t, c, diff);
    } else {
        put_appearance(t, c, diff);
    }
}
