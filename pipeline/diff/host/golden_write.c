// SPDX-License-Identifier: BSD-2-Clause

// An authority as a golden file, sorted and indented for review in a version control system.
// Capabilities that are approved for a time keep date and reason from the file before.

#include "authority_words.h"
#include "golden.h"
#include "golden_words.h"
#include "json_bytes.h"
#include "show.h"

static json_t *limits_of(const struct authority_target *target)
{
    json_t *limits = json_object();
    for (unsigned i = 0; i < AUTHORITY_LIMITS; i++) {
        const struct authority_limit *limit = &target->limits[i];
        json_object_set_new(limits, authority_words_limit((enum authority_limit_kind)i),
                            json_pack("[I, I]", (json_int_t)limit->value, (json_int_t)limit->per));
    }
    return limits;
}

static json_t *guards_of(const struct authority_target *target)
{
    json_t *guards = json_object();
    for (unsigned i = 0; i < AUTHORITY_GUARDS; i++) {
        enum authority_guard_kind kind = (enum authority_guard_kind)i;
        json_object_set_new(
            guards, authority_words_guard(kind),
            json_string(authority_words_guard_value(kind, target->guards[i].value)));
    }
    return guards;
}

static json_t *signers_of(const struct authority_target *target)
{
    if (target->signers == NULL) {
        return json_null();
    }
    json_t *list = json_array();
    for (size_t i = 0; i < target->signer_count; i++) {
        char hex[64];
        struct text t = text_of(hex, sizeof(hex));
        text_put_hex(&t, (struct bytes){target->signers[i], 32});
        json_array_append_new(list, json_stringn(hex, t.len));
    }
    return list;
}

static const struct golden_approval *approval_of(const struct golden *before,
                                                 const struct authority *a,
                                                 const struct authority_grant *grant)
{
    for (size_t i = 0; before != NULL && i < before->approval_count; i++) {
        const struct golden_approval *approval = &before->approvals[i];
        if (approval->type == grant->type && bytes_equal(approval->object, grant->object) &&
            bytes_equal(approval->target, a->targets[grant->target].name)) {
            return approval;
        }
    }
    return NULL;
}

static json_t *cap_of(const struct authority *a, const struct authority_grant *grant,
                      const struct golden *before)
{
    bool nobody = grant->provider == AUTHORITY_NOBODY;
    json_t *auth = json_array();
    for (unsigned bit = 0; bit < AUTHORITY_BITS; bit++) {
        if (grant->auth >> bit & 1) {
            json_array_append_new(auth, json_string(authority_words_bit(bit)));
        }
    }
    json_t *cap =
        json_pack("{s:s, s:o, s:o, s:o, s:o}", "type", authority_words_type(grant->type), "object",
                  json_bytes_text(grant->object), "provider",
                  nobody ? json_null() : json_bytes_text(a->targets[grant->provider].name),
                  "rights", golden_words_rights(grant->rights), "auth", auth);
    if (grant->size != 0) {
        json_object_set_new(cap, "size", json_integer((json_int_t)grant->size));
    }
    if (grant->traced) {
        json_object_set_new(cap, "traced", json_true());
    }
    const struct golden_approval *approval = approval_of(before, a, grant);
    if (approval != NULL) {
        json_object_set_new(cap, "transitional", json_true());
        json_object_set_new(cap, "expires", json_bytes_text(approval->expires));
        json_object_set_new(cap, "reason", json_bytes_text(approval->reason));
    }
    return cap;
}

static json_t *target_of(const struct authority *a, uint32_t index, const struct golden *before)
{
    const struct authority_target *target = &a->targets[index];
    json_t *caps = json_array(), *allows = json_array();
    for (uint32_t i = 0; i < target->grants; i++) {
        json_array_append_new(caps, cap_of(a, &a->grants[target->first_grant + i], before));
    }
    for (uint32_t i = 0; i < a->allow_count; i++) {
        const struct authority_allow *allow = &a->allows[i];
        if (allow->target == index) {
            json_array_append_new(allows, json_pack("{s:o, s:o, s:b}", "object",
                                                    json_bytes_text(allow->object), "pattern",
                                                    json_bytes_text(allow->pattern), "write",
                                                    (int)allow->write));
        }
    }
    return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "name",
                     json_bytes_text(target->name), "package", json_bytes_text(target->package),
                     "outside", (int)target->outside, "limits", limits_of(target), "guards",
                     guards_of(target), "signers", signers_of(target), "allows", allows, "caps",
                     caps);
}

void golden_write(FILE *to, const struct authority *a, const struct golden *before)
{
    json_t *targets = json_array();
    for (uint32_t i = 0; i < a->target_count; i++) {
        json_array_append_new(targets, target_of(a, i, before));
    }
    json_t *document = json_pack("{s:s, s:o}", "schema", "kpkg.golden/v1", "targets", targets);
    json_dumpf(document, to, JSON_INDENT(1) | JSON_ENSURE_ASCII);
    fputc('\n', to);
    json_decref(document);
}
