// SPDX-License-Identifier: BSD-2-Clause
#include "authority_words.h"
#include "golden.h"
#include "golden_words.h"

#include <stdlib.h>
#include <string.h>

struct work {
    struct arena *arena;
    const char *today;
    struct authority all; // before it is finished; transitional grants last
    struct golden golden;
    uint32_t transitional; // grants at the end of `all`
    bool full;
    char wrong[64]; // the key that is wrong
};

static bool refuse(struct work *w, const char *key)
{
    if (w->wrong[0] == '\0') {
        strncpy(w->wrong, key, sizeof(w->wrong) - 1);
    }
    return false;
}

static const char *type_word(unsigned index)
{
    return plan_type_name((enum plan_type)index);
}

static bool read_text(struct work *w, struct bytes *out, json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) {
        return refuse(w, key);
    }
    size_t len = json_string_length(value);
    uint8_t *at = arena_take(w->arena, len + 1, 1);
    if (at == NULL) {
        w->full = true;
        return false;
    }
    memcpy(at, json_string_value(value), len);
    *out = (struct bytes){at, len};
    return true;
}

static bool read_limits(struct work *w, struct authority_target *target, json_t *limits)
{
    for (unsigned i = 0; i < AUTHORITY_LIMITS; i++) {
        const char *key = authority_words_limit((enum authority_limit_kind)i);
        json_t *pair = json_object_get(limits, key);
        json_int_t value = json_integer_value(json_array_get(pair, 0));
        json_int_t per = json_integer_value(json_array_get(pair, 1));
        if (json_array_size(pair) != 2 || value < 0 || per < 1) {
            return refuse(w, key);
        }
        target->limits[i] =
            (struct authority_limit){.value = (uint64_t)value, .per = (uint64_t)per};
    }
    return json_object_size(limits) == AUTHORITY_LIMITS || refuse(w, "limits");
}

static bool read_guards(struct work *w, struct authority_target *target, json_t *guards)
{
    for (unsigned i = 0; i < AUTHORITY_GUARDS; i++) {
        enum authority_guard_kind kind = (enum authority_guard_kind)i;
        const char *key = authority_words_guard(kind);
        const char *text = json_string_value(json_object_get(guards, key));
        bool found = false;
        for (uint8_t value = 0; text != NULL && value <= AUTHORITY_WAIT && !found; value++) {
            found = strcmp(authority_words_guard_value(kind, value), text) == 0;
            target->guards[i].value = value;
        }
        if (!found) {
            return refuse(w, key);
        }
    }
    return json_object_size(guards) == AUTHORITY_GUARDS || refuse(w, "guards");
}

static bool read_key(uint8_t out[static 32], const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    if (hex == NULL || strlen(hex) != 64 || strspn(hex, digits) != 64) {
        return false;
    }
    for (size_t i = 0; i < 32; i++) {
        out[i] = (uint8_t)((strchr(digits, hex[2 * i]) - digits) << 4 |
                           (strchr(digits, hex[2 * i + 1]) - digits));
    }
    return true;
}

static bool read_signers(struct work *w, struct authority_target *target, json_t *signers)
{
    if (json_is_null(signers)) {
        return true;
    }
    size_t i;
    json_t *item;
    uint8_t(*keys)[32] = arena_take(w->arena, json_array_size(signers) + 1, 32);
    w->full |= keys == NULL;
    json_array_foreach(signers, i, item)
    {
        if (w->full || !read_key(keys[i], json_string_value(item))) {
            return refuse(w, "signers");
        }
    }
    target->signers = (const uint8_t(*)[32])keys;
    target->signer_count = json_array_size(signers);
    return json_is_array(signers) || refuse(w, "signers");
}

static bool read_allows(struct work *w, uint32_t target, json_t *allows)
{
    size_t i;
    json_t *item;
    json_array_foreach(allows, i, item)
    {
        struct authority_allow *allow = &w->all.allows[w->all.allow_count++];
        allow->target = target;
        allow->write = json_is_true(json_object_get(item, "write"));
        if (!read_text(w, &allow->object, item, "object") ||
            !read_text(w, &allow->pattern, item, "pattern") || json_object_size(item) != 3) {
            return refuse(w, "allows");
        }
    }
    return json_is_array(allows) || refuse(w, "allows");
}

static bool read_auth(struct work *w, uint32_t *auth, json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        unsigned bit;
        if (!golden_words_find(&bit, json_string_value(item), AUTHORITY_BITS,
                               authority_words_bit)) {
            return refuse(w, "auth");
        }
        *auth |= 1U << bit;
    }
    return json_is_array(list) || refuse(w, "auth");
}

// Providers are found by name once all targets are known.
static bool find_provider(struct work *w, struct authority_grant *grant, json_t *cap)
{
    json_t *provider = json_object_get(cap, "provider");
    grant->provider = AUTHORITY_NOBODY;
    for (uint32_t i = 0; json_is_string(provider) && i < w->all.target_count; i++) {
        if (bytes_is(w->all.targets[i].name, json_string_value(provider))) {
            grant->provider = i;
        }
    }
    bool found = grant->provider != AUTHORITY_NOBODY;
    return found || json_is_null(provider) || refuse(w, "provider");
}

static bool is_date(struct bytes text)
{
    static const char form[] = "dddd-dd-dd";
    bool good = text.len == sizeof(form) - 1;
    for (size_t i = 0; good && i < text.len; i++) {
        good = form[i] == 'd' ? text.at[i] >= '0' && text.at[i] <= '9' : text.at[i] == '-';
    }
    return good;
}

// The keys of a capability beside `count` others; "size" and "traced" are there where they are not
// 0.
static bool has_keys(const struct authority_grant *grant, json_t *cap, size_t count)
{
    return json_object_size(cap) == count + (grant->size != 0) + grant->traced;
}

static bool read_cap(struct work *w, struct authority_grant *grant, json_t *cap)
{
    unsigned type;
    const char *rights = json_string_value(json_object_get(cap, "rights"));
    if (!golden_words_find(&type, json_string_value(json_object_get(cap, "type")), PLAN_TYPE_COUNT,
                           type_word)) {
        return refuse(w, "type");
    }
    if (rights == NULL || !golden_words_read_rights(&grant->rights, rights)) {
        return refuse(w, "rights");
    }
    json_t *size = json_object_get(cap, "size");
    if (size != NULL && (!json_is_integer(size) || json_integer_value(size) < 1)) {
        return refuse(w, "size");
    }
    grant->size = (uint64_t)json_integer_value(size);
    grant->traced = json_is_true(json_object_get(cap, "traced"));
    grant->type = (uint8_t)type;
    return read_text(w, &grant->object, cap, "object") &&
           read_auth(w, &grant->auth, json_object_get(cap, "auth")) && find_provider(w, grant, cap);
}

// A transitional capability counts up to and including its day.
static bool read_transitional(struct work *w, uint32_t target, json_t *cap)
{
    struct golden_approval approval = {.target = w->all.targets[target].name};
    struct authority_grant grant = {.target = target};
    if (!read_text(w, &approval.expires, cap, "expires") ||
        !read_text(w, &approval.reason, cap, "reason") || !read_cap(w, &grant, cap)) {
        return false;
    }
    if (!is_date(approval.expires) || approval.reason.len == 0 || !has_keys(&grant, cap, 8)) {
        return refuse(w, "expires");
    }
    approval.object = grant.object;
    approval.type = grant.type;
    if (memcmp(approval.expires.at, w->today, approval.expires.len) >= 0) {
        w->golden.approvals[w->golden.approval_count++] = approval;
        w->all.grants[w->all.grant_count + w->transitional++] = grant;
    }
    return true;
}

static bool read_strict(struct work *w, struct authority_grant *grant, json_t *cap)
{
    return read_cap(w, grant, cap) && has_keys(grant, cap, 5);
}

static bool read_caps(struct work *w, json_t *targets, bool transitional)
{
    size_t i, k;
    json_t *target, *cap;
    json_array_foreach(targets, i, target)
    {
        json_array_foreach(json_object_get(target, "caps"), k, cap)
        {
            bool later = json_is_true(json_object_get(cap, "transitional"));
            if (later != transitional) {
                continue;
            }
            if (later ? !read_transitional(w, (uint32_t)i, cap)
                      : !read_strict(w, &w->all.grants[w->all.grant_count], cap)) {
                return refuse(w, "caps");
            }
            if (!later) {
                w->all.grants[w->all.grant_count++].target = (uint32_t)i;
            }
        }
    }
    return true;
}

static bool read_target(struct work *w, json_t *item)
{
    struct authority_target *target = &w->all.targets[w->all.target_count];
    target->outside = json_is_true(json_object_get(item, "outside"));
    bool good = read_text(w, &target->name, item, "name") &&
                read_text(w, &target->package, item, "package") &&
                read_limits(w, target, json_object_get(item, "limits")) &&
                read_guards(w, target, json_object_get(item, "guards")) &&
                read_signers(w, target, json_object_get(item, "signers")) &&
                read_allows(w, w->all.target_count, json_object_get(item, "allows"));
    w->all.target_count++;
    good = good && json_is_array(json_object_get(item, "caps"));
    return good && json_object_size(item) == 8 ? true : refuse(w, "target");
}

static bool make_room(struct work *w, json_t *targets)
{
    size_t caps = 1, allows = 1, i;
    json_t *item;
    json_array_foreach(targets, i, item)
    {
        caps += json_array_size(json_object_get(item, "caps"));
        allows += json_array_size(json_object_get(item, "allows"));
    }
    struct authority *a = &w->all;
    a->targets = arena_take(w->arena, json_array_size(targets) + 1, sizeof(*a->targets));
    a->grants = arena_take(w->arena, caps, sizeof(*a->grants));
    a->allows = arena_take(w->arena, allows, sizeof(*a->allows));
    w->golden.approvals = arena_take(w->arena, caps, sizeof(*w->golden.approvals));
    w->full =
        a->targets == NULL || a->grants == NULL || a->allows == NULL || w->golden.approvals == NULL;
    return !w->full;
}

static bool read_document(struct work *w, json_t *document)
{
    const char *schema = json_string_value(json_object_get(document, "schema"));
    json_t *targets = json_object_get(document, "targets"), *item;
    size_t i;
    if (schema == NULL || strcmp(schema, "kpkg.golden/v1") != 0 || !json_is_array(targets) ||
        json_object_size(document) != 2) {
        return refuse(w, "schema");
    }
    if (!make_room(w, targets)) {
        return false;
    }
    json_array_foreach(targets, i, item)
    {
        if (!read_target(w, item)) {
            return false;
        }
    }
    return read_caps(w, targets, false) && read_caps(w, targets, true);
}

// authority_finish writes to the grants that it is given, so that each side has its own.
static enum status finish(struct work *w, struct authority *out, uint32_t grants, struct diag *diag)
{
    *out = w->all;
    out->grant_count = grants;
    out->grants = arena_take(w->arena, grants + 1U, sizeof(*out->grants));
    out->allows = arena_take(w->arena, out->allow_count + 1U, sizeof(*out->allows));
    out->targets = arena_take(w->arena, out->target_count + 1U, sizeof(*out->targets));
    if (out->grants == NULL || out->allows == NULL || out->targets == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "golden file", grants);
    }
    memcpy(out->grants, w->all.grants, grants * sizeof(*out->grants));
    memcpy(out->allows, w->all.allows, out->allow_count * sizeof(*out->allows));
    memcpy(out->targets, w->all.targets, out->target_count * sizeof(*out->targets));
    return authority_finish(out, w->arena, diag);
}

enum status golden_read(struct golden *out, struct bytes text, const char *today,
                        struct arena *arena, struct diag *diag)
{
    struct work w = {.arena = arena, .today = today};
    json_error_t error;
    json_t *document = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    bool good = document != NULL && read_document(&w, document);
    json_decref(document);
    if (!good) {
        enum status status = w.full ? STATUS_NO_MEMORY : STATUS_PLAN_SHAPE;
        (void)diag_fail(diag, status, "golden file", 0);
        diag_subject(diag, bytes_text(document == NULL ? error.text : w.wrong));
        return status;
    }
    enum status status = finish(&w, &w.golden.strict, w.all.grant_count, diag);
    if (status == STATUS_OK) {
        status = finish(&w, &w.golden.loose, w.all.grant_count + w.transitional, diag);
    }
    if (status == STATUS_OK) {
        *out = w.golden;
    }
    return status;
}
