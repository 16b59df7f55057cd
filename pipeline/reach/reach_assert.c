// SPDX-License-Identifier: BSD-2-Clause
#include "reach_assert.h"

#include "name.h"

static bool names_target(const struct authority_target *target, struct bytes subject)
{
    return name_matches(subject, target->package) || bytes_equal(subject, target->name);
}

static enum status prove_flow(struct reach_proof *out, const struct reach *r,
                              const struct assertion *a, struct arena *scratch)
{
    const struct authority *all = r->authority;
    size_t mark = scratch->used, count = 0, best = SIZE_MAX;
    bool known = false;
    uint32_t *starts = arena_take(scratch, r->target_count + 1U, sizeof *starts);
    if (starts == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t i = 0; i < r->target_count; i++) {
        if (names_target(&all->targets[i], a->subject)) {
            starts[count++] = i;
        }
    }
    reach_search(r, starts, count);
    out->answer = REACH_HOLDS;
    for (uint32_t i = 0; i < r->target_count; i++) {
        bool end = names_target(&all->targets[i], a->object);
        known |= end;
        if (!end || names_target(&all->targets[i], a->subject) || !reach_found(r, i)) {
            continue;
        }
        size_t steps = reach_steps(r, i);
        if (steps < best) {
            best = steps;
            out->answer = REACH_FLOW;
            out->other = i;
        }
    }
    if (count == 0 || !known) {
        out->answer = count == 0 ? REACH_UNKNOWN_SUBJECT : REACH_UNKNOWN_OBJECT;
    } else if (out->answer == REACH_FLOW) {
        out->step_count = reach_trace(out->steps, REACH_STEPS, r, out->other);
        out->target = out->steps[0].target;
    }
    scratch->used = mark;
    return STATUS_OK;
}

static struct bytes part_after(struct bytes text, size_t from)
{
    return bytes_part(text, from, text.len - from);
}

// "provider/name" with the provider's instance or package name.
static bool is_object(const struct authority *a, const struct authority_grant *grant,
                      struct bytes object)
{
    if (bytes_equal(grant->object, object)) {
        return true;
    }
    if (grant->provider == AUTHORITY_NOBODY) {
        return false;
    }
    const struct authority_target *provider = &a->targets[grant->provider];
    size_t package = provider->package.len, name = provider->name.len;
    return object.len > package && grant->object.len > name &&
           bytes_equal(bytes_part(object, 0, package), provider->package) &&
           bytes_equal(part_after(object, package), part_after(grant->object, name));
}

// Holders: a provider does not hold its own objects.
static bool holds(const struct authority *a, const struct authority_grant *grant,
                  struct bytes object)
{
    enum plan_type type;
    bool fits = assertion_type(&type, object) ? grant->type == type : is_object(a, grant, object);
    return grant->provider != grant->target && fits;
}

static bool is_known(const struct authority *a, struct bytes object)
{
    enum plan_type type;
    if (assertion_type(&type, object)) {
        return true;
    }
    for (uint32_t i = 0; i < a->grant_count; i++) {
        if (is_object(a, &a->grants[i], object)) {
            return true;
        }
    }
    return bytes_is(object, MANIFEST_ROOT "/console") || bytes_is(object, MANIFEST_ROOT "/time");
}

static void prove_holders(struct reach_proof *out, const struct reach *r, const struct assertion *a)
{
    const struct authority *all = r->authority;
    bool only = a->kind == ASSERTION_ONLY, subject = !only;
    out->answer = REACH_HOLDS;
    for (uint32_t i = 0; only && i < r->target_count && !subject; i++) {
        subject = names_target(&all->targets[i], a->subject);
    }
    if (!subject || !is_known(all, a->object)) {
        out->answer = subject ? REACH_UNKNOWN_OBJECT : REACH_UNKNOWN_SUBJECT;
        return;
    }
    uint32_t first = AUTHORITY_NOBODY;
    for (uint32_t i = 0; i < all->grant_count; i++) {
        const struct authority_grant *grant = &all->grants[i];
        if (!holds(all, grant, a->object)) {
            continue;
        }
        if (only && !names_target(&all->targets[grant->target], a->subject)) {
            *out = (struct reach_proof){.answer = REACH_HELD, .target = grant->target, .grant = i};
            return;
        }
        if (!only && first != AUTHORITY_NOBODY && all->grants[first].target != grant->target) {
            *out = (struct reach_proof){.answer = REACH_HELD_TWICE,
                                        .target = all->grants[first].target,
                                        .grant = first,
                                        .other = grant->target,
                                        .other_grant = i};
            return;
        }
        first = first == AUTHORITY_NOBODY ? i : first;
    }
}

enum status reach_assert(struct reach_proof *out, const struct reach *reach,
                         const struct assertion *assertion, struct arena *scratch,
                         struct diag *diag)
{
    struct reach_proof proof = {0};
    enum status status = STATUS_OK;
    if (assertion->kind == ASSERTION_NO_FLOW) {
        status = prove_flow(&proof, reach, assertion, scratch);
    } else {
        prove_holders(&proof, reach, assertion);
    }
    if (status != STATUS_OK) {
        return diag_fail(diag, status, "memory of an assertion", scratch->size);
    }
    *out = proof;
    return STATUS_OK;
}
