// SPDX-License-Identifier: BSD-2-Clause
#include "authority.h"

#include "order.h"
#include "text.h"

// After l4v's cap_rights_to_auth (spec/diff.md, 1). With Grant a message can carry capabilities,
// and what those allow is not known: everything.
static uint32_t of_ipc(bool endpoint, uint8_t rights)
{
    uint32_t auth = AUTHORITY_RESET;
    auth |= rights & PLAN_READ ? AUTHORITY_RECEIVE : 0;
    if (rights & PLAN_WRITE) {
        auth |= endpoint ? AUTHORITY_SEND : AUTHORITY_NOTIFY;
    }
    if (endpoint && rights & PLAN_WRITE && rights & PLAN_GRANT_REPLY) {
        auth |= AUTHORITY_CALL;
    }
    return endpoint && rights & PLAN_GRANT ? AUTHORITY_UNIVERSE : auth;
}

static uint32_t of_memory(uint8_t rights)
{
    return (uint32_t)(rights & PLAN_READ ? AUTHORITY_READ : 0) |
           (uint32_t)(rights & PLAN_WRITE ? AUTHORITY_WRITE : 0);
}

uint32_t authority_of(enum plan_type type, uint8_t rights)
{
    switch (type) {
    case PLAN_ENDPOINT:
    case PLAN_NOTIFICATION:
        return of_ipc(type == PLAN_ENDPOINT, rights);
    case PLAN_REPLY:
        return rights & PLAN_GRANT ? AUTHORITY_UNIVERSE : AUTHORITY_REPLY;
    case PLAN_FRAME:
    case PLAN_LARGE_FRAME:
    case PLAN_PACKAGE_PAGES:
    case PLAN_SYSTEM_PAGES:
        return of_memory(rights);
    case PLAN_DEVICE_FRAME:
        return AUTHORITY_DEVICE | of_memory(rights);
    case PLAN_IRQ_HANDLER:
    case PLAN_IO_PORTS:
        return AUTHORITY_DEVICE;
    default:
        return AUTHORITY_CONTROL;
    }
}

static int compare_targets(const void *context, uint32_t a, uint32_t b)
{
    const struct authority *all = context;
    return bytes_compare(all->targets[a].name, all->targets[b].name);
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_grants(const void *context, uint32_t a, uint32_t b)
{
    const struct authority *all = context;
    const struct authority_grant *x = &all->grants[a], *y = &all->grants[b];
    int order = compare_u32(x->target, y->target);
    order = order != 0 ? order : compare_u32(x->type, y->type);
    return order != 0 ? order : bytes_compare(x->object, y->object);
}

static int compare_allows(const void *context, uint32_t a, uint32_t b)
{
    const struct authority *all = context;
    const struct authority_allow *x = &all->allows[a], *y = &all->allows[b];
    int order = compare_u32(x->target, y->target);
    order = order != 0 ? order : bytes_compare(x->object, y->object);
    order = order != 0 ? order : bytes_compare(x->pattern, y->pattern);
    return order != 0 ? order : x->write - y->write;
}

struct work {
    uint32_t *order;
    uint32_t *scratch;
    uint32_t *place; // where a target went
};

static enum status sort_targets(struct authority *a, struct work *w, struct arena *arena,
                                struct diag *diag)
{
    struct authority_target *sorted = arena_take(arena, a->target_count + 1U, sizeof *sorted);
    if (sorted == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "targets", a->target_count);
    }
    order_sort(w->order, w->scratch, a->target_count, compare_targets, a);
    for (uint32_t i = 0; i < a->target_count; i++) {
        sorted[i] = a->targets[w->order[i]];
        w->place[w->order[i]] = i;
        if (i > 0 && bytes_equal(sorted[i - 1].name, sorted[i].name)) {
            (void)diag_fail(diag, STATUS_INSTANCE_NAME, "name of a target", w->order[i]);
            diag_subject(diag, sorted[i].name);
            return STATUS_INSTANCE_NAME;
        }
    }
    a->targets = sorted;
    return STATUS_OK;
}

static bool same_object(const struct authority_grant *a, const struct authority_grant *b)
{
    return a->target == b->target && a->type == b->type && bytes_equal(a->object, b->object);
}

static enum status sort_grants(struct authority *a, struct work *w, struct arena *arena,
                               struct diag *diag)
{
    struct authority_grant *sorted = arena_take(arena, a->grant_count + 1U, sizeof *sorted);
    uint32_t count = 0;
    if (sorted == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "capabilities", a->grant_count);
    }
    for (uint32_t i = 0; i < a->grant_count; i++) {
        struct authority_grant *grant = &a->grants[i];
        grant->target = w->place[grant->target];
        if (grant->provider != AUTHORITY_NOBODY) {
            grant->provider = w->place[grant->provider];
        }
    }
    order_sort(w->order, w->scratch, a->grant_count, compare_grants, a);
    for (uint32_t i = 0; i < a->grant_count; i++) {
        const struct authority_grant *grant = &a->grants[w->order[i]];
        if (count > 0 && same_object(&sorted[count - 1], grant)) {
            sorted[count - 1].rights |= grant->rights;
            sorted[count - 1].auth |= grant->auth;
            sorted[count - 1].traced = sorted[count - 1].traced && grant->traced;
            sorted[count - 1].size =
                grant->size > sorted[count - 1].size ? grant->size : sorted[count - 1].size;
            continue;
        }
        struct authority_target *target = &a->targets[grant->target];
        target->first_grant = target->grants == 0 ? count : target->first_grant;
        target->grants++;
        sorted[count++] = *grant;
    }
    a->grants = sorted;
    a->grant_count = count;
    return STATUS_OK;
}

static enum status sort_allows(struct authority *a, struct work *w, struct arena *arena,
                               struct diag *diag)
{
    struct authority_allow *sorted = arena_take(arena, a->allow_count + 1U, sizeof *sorted);
    uint32_t count = 0;
    if (sorted == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "patterns", a->allow_count);
    }
    for (uint32_t i = 0; i < a->allow_count; i++) {
        a->allows[i].target = w->place[a->allows[i].target];
    }
    order_sort(w->order, w->scratch, a->allow_count, compare_allows, a);
    for (uint32_t i = 0; i < a->allow_count; i++) {
        if (i == 0 || compare_allows(a, w->order[i - 1], w->order[i]) != 0) {
            sorted[count++] = a->allows[w->order[i]];
        }
    }
    a->allows = sorted;
    a->allow_count = count;
    return STATUS_OK;
}

enum status authority_finish(struct authority *a, struct arena *arena, struct diag *diag)
{
    uint32_t most = a->target_count > a->grant_count ? a->target_count : a->grant_count;
    most = most > a->allow_count ? most : a->allow_count;
    struct work w = {.order = arena_take(arena, most + 1U, sizeof *w.order),
                     .scratch = arena_take(arena, most + 1U, sizeof *w.scratch),
                     .place = arena_take(arena, a->target_count + 1U, sizeof *w.place)};
    if (w.order == NULL || w.scratch == NULL || w.place == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "order of an authority", most);
    }
    enum status status = sort_targets(a, &w, arena, diag);
    status = status == STATUS_OK ? sort_grants(a, &w, arena, diag) : status;
    return status == STATUS_OK ? sort_allows(a, &w, arena, diag) : status;
}

uint32_t authority_find(const struct authority *a, struct bytes name)
{
    uint32_t first = 0, end = a->target_count;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        int order = bytes_compare(a->targets[middle].name, name);
        if (order == 0) {
            return middle;
        }
        first = order < 0 ? middle + 1 : first;
        end = order < 0 ? end : middle;
    }
    return AUTHORITY_NOBODY;
}

struct bytes authority_path(struct arena *arena, struct bytes provider, struct bytes name)
{
    size_t size = provider.len + 1 + name.len;
    char *at = arena_take(arena, size, 1);
    struct text t = text_of(at, at != NULL ? size : 0);
    text_put_bytes(&t, provider);
    text_char(&t, '/');
    text_put_bytes(&t, name);
    return text_bytes(&t);
}

struct bytes authority_hardware(struct arena *arena, enum plan_type type, uint64_t first,
                                uint64_t last)
{
    enum { SIZE = 64 };
    char *at = arena_take(arena, SIZE, 1);
    struct text t = text_of(at, at != NULL ? SIZE : 0);
    if (type == PLAN_IRQ_HANDLER) {
        text_put(&t, "hardware/irq-");
        text_put_u64(&t, first);
        return text_bytes(&t);
    }
    text_put(&t, type == PLAN_IO_PORTS ? "hardware/ports-" : "hardware/memory-");
    text_put_word(&t, first);
    text_put(&t, "-");
    text_put_word(&t, last);
    return text_bytes(&t);
}

// A decimal number, or a word as 0x..; `*at` is behind it.
static bool read_number(uint64_t *out, size_t *at, struct bytes text)
{
    uint64_t base =
        bytes_starts_with(bytes_part(text, *at, text.len - *at), bytes_text("0x")) ? 16 : 10;
    uint64_t number = 0;
    *at += base == 16 ? 2 : 0;
    size_t first = *at;
    for (; *at < text.len; ++*at) {
        uint8_t c = text.at[*at];
        bool digit = c >= '0' && c <= '9', letter = base == 16 && c >= 'a' && c <= 'f';
        if ((!digit && !letter) || number > UINT64_MAX / 16) {
            break;
        }
        number = number * base + (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    *out = number;
    return *at > first;
}

bool authority_range(uint64_t *first, uint64_t *last, const struct authority_grant *grant)
{
    static const char *const names[PLAN_TYPE_COUNT] = {
        [PLAN_IRQ_HANDLER] = "hardware/irq-",
        [PLAN_IO_PORTS] = "hardware/ports-",
        [PLAN_DEVICE_FRAME] = "hardware/memory-",
    };
    const char *name = grant->type < PLAN_TYPE_COUNT ? names[grant->type] : NULL;
    if (name == NULL || !bytes_starts_with(grant->object, bytes_text(name))) {
        return false;
    }
    size_t at = bytes_text(name).len;
    bool good = read_number(first, &at, grant->object);
    *last = *first;
    if (good && grant->type != PLAN_IRQ_HANDLER) {
        good = at < grant->object.len && grant->object.at[at++] == '-' &&
               read_number(last, &at, grant->object);
    }
    return good && at == grant->object.len && *first <= *last;
}

// Compares whole parts, then the rests turned upside down, as Euclid would: no product overflows.
int authority_limit_compare(const struct authority_limit *a, const struct authority_limit *b)
{
    uint64_t n[2] = {a->value, b->value};
    uint64_t d[2] = {a->per, b->per};
    for (int sign = 1;; sign = -sign) {
        if (d[0] == 0 || d[1] == 0) { // the upside-down rest is infinite
            return sign * ((d[0] == 0) - (d[1] == 0));
        }
        uint64_t whole[2] = {n[0] / d[0], n[1] / d[1]};
        if (whole[0] != whole[1]) {
            return whole[0] > whole[1] ? sign : -sign;
        }
        for (size_t i = 0; i < 2; i++) {
            uint64_t rest = n[i] % d[i];
            n[i] = d[i];
            d[i] = rest;
        }
    }
}
