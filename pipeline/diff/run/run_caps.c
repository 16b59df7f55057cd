// SPDX-License-Identifier: BSD-2-Clause
#include "run_parts.h"

// Tables of capabilities: what caps.issued says against what the plan has.

// As a plan's capability with these rights would be described (authority_plan).
static uint32_t auth_of(const struct run_row *row)
{
    uint32_t auth = authority_of((enum plan_type)row->type, row->rights);
    return auth | (uint32_t)(row->rights & PLAN_WRITE && row->badge == 0 ? AUTHORITY_UNBADGED : 0);
}

// The object by its path where the plan's authority has it, else by its name alone.
static struct authority_grant *grant_of(struct run_work *w, uint32_t target,
                                        const struct run_row *row)
{
    struct authority_grant *grant = arena_take(w->list.arena, 1, sizeof *grant);
    if (grant == NULL) {
        w->list.full = true;
        return NULL;
    }
    *grant = (struct authority_grant){.target = target,
                                      .provider = AUTHORITY_NOBODY,
                                      .type = row->type,
                                      .rights = row->rights,
                                      .auth = auth_of(row),
                                      .slot = row->slot,
                                      .badge = row->badge,
                                      .object = row->object,
                                      .span = row->span};
    const struct authority_target *t = &w->now.targets[target];
    for (uint32_t i = 0; i < t->grants; i++) {
        const struct authority_grant *known = &w->now.grants[t->first_grant + i];
        size_t len = row->object.len, path = known->object.len;
        bool ends = path > len && known->object.at[path - len - 1] == '/' &&
                    bytes_equal(bytes_part(known->object, path - len, len), row->object);
        if (known->type == row->type && ends) {
            grant->object = known->object;
        }
    }
    return grant;
}

// A capability of a client with another badge passes for somebody else.
static bool is_rebound(const struct run_row *was, const struct run_row *now)
{
    return was->badge != now->badge && now->rights & PLAN_WRITE;
}

static void add_cap(struct run_work *w, uint32_t target, const struct run_row *was,
                    const struct run_row *now)
{
    uint32_t old_auth = was != NULL ? auth_of(was) : 0, new_auth = now != NULL ? auth_of(now) : 0;
    bool both = was != NULL && now != NULL;
    new_auth |= both && is_rebound(was, now) ? AUTHORITY_SHARED_BADGE : 0;
    uint32_t added = new_auth & ~old_auth, removed = old_auth & ~new_auth;
    bool more = was == NULL || added != 0;
    if (both && added == 0 && removed == 0) {
        w->summary.moved += was->slot != now->slot;
        return;
    }
    struct diff_change *c = run_add(w, DIFF_CAP, target, more);
    struct authority_grant *shown = now != NULL ? grant_of(w, target, now) : NULL;
    if (shown != NULL) {
        shown->auth = new_auth;
    }
    c->was_grant = was != NULL ? grant_of(w, target, was) : NULL;
    c->now_grant = shown;
    c->auth_added = added;
    c->auth_removed = removed;
    struct bytes manifest = w->now.targets[target].file;
    if (was != NULL && was->span.line != 0 && manifest.len != 0) { // says more than the log's line
        c->span = was->span;
        c->file = manifest;
    }
    w->summary.added += was == NULL;
    w->summary.removed += now == NULL;
    w->summary.widened += both && more;
    w->summary.narrowed += both && !more;
}

// The row for a planned capability: in its slot, else any to its object.
static const struct run_row *find_row(const struct run_work *w, const struct run_row *planned)
{
    const struct run_row *found = NULL;
    for (uint32_t i = 0; i < w->row_count; i++) {
        const struct run_row *row = &w->rows[i];
        if (run_row_same_object(row, planned) && (found == NULL || row->slot == planned->slot)) {
            found = row;
        }
    }
    return found;
}

static bool is_planned(const struct run_work *w, uint32_t target, const struct run_row *row)
{
    const struct plan *plan = w->in->plan;
    const struct plan_target *planned = w->targets[target].planned;
    for (uint32_t i = 0; planned != NULL && i < planned->caps; i++) {
        const struct plan_cap *cap = &plan->caps[planned->first_cap + i];
        struct run_row shown = run_row_of(plan, cap);
        if (cap->kind != PLAN_CAP_TRIPWIRE && run_row_same_object(&shown, row)) {
            return true;
        }
    }
    return false;
}

static void compare_table(struct run_work *w, uint32_t target)
{
    const struct plan *plan = w->in->plan;
    const struct plan_target *planned = w->targets[target].planned;
    for (uint32_t i = 0; planned != NULL && i < planned->caps; i++) {
        const struct plan_cap *cap = &plan->caps[planned->first_cap + i];
        if (cap->kind != PLAN_CAP_TRIPWIRE) {
            struct run_row shown = run_row_of(plan, cap);
            add_cap(w, target, &shown, find_row(w, &shown));
        }
    }
    for (uint32_t i = 0; i < w->row_count; i++) {
        if (!is_planned(w, target, &w->rows[i])) {
            add_cap(w, target, NULL, &w->rows[i]);
        }
    }
    w->targets[target].issued = true;
    w->targets[target].rows = w->row_count;
}

static uint64_t count_of(struct bytes object, const char *name)
{
    uint64_t count = 0;
    return audit_scan_count(&count, audit_scan_member(object, name)) ? count : 0;
}

void run_caps_take(struct run_work *w, uint32_t target, const struct audit_record *record)
{
    struct bytes name, row, rows = audit_scan_member(record->data, "caps");
    uint64_t part = count_of(record->data, "part");
    size_t at = 1;
    w->row_count = part == 1 ? 0 : w->row_count;
    while (audit_scan_next(&name, &row, &at, rows) && w->row_count < RUN_ROWS) {
        w->row_count += run_row_read(&w->rows[w->row_count], row);
    }
    struct run_target *t = &w->targets[target];
    (void)audit_scan_string(&t->digest, audit_scan_member(record->data, "plan"));
    t->line = w->line;
    // Another incarnation with the same table has nothing new.
    struct bytes table = {0};
    (void)audit_scan_string(&table, audit_scan_member(record->data, "table"));
    if (part == count_of(record->data, "parts") && !bytes_equal(table, t->table)) {
        t->table = table;
        compare_table(w, target);
    }
}
