// SPDX-License-Identifier: BSD-2-Clause
#include "compile_peers.h"

#include "name.h"

// The search for one peer: the furthest that any instance gets is what is reported.
struct search {
    const struct manifest_cap *client;
    struct bytes package; // of the client
    bool found, fits;     // an instance of the peer's package; one with the right capability
    bool allowed_other;   // one allows the client, but its region has another size
    unsigned allowed;     // instances that allow the client
    struct compile_link last;
};

static bool allows(const struct manifest_cap *owner, const struct manifest_cap *client,
                   struct bytes package)
{
    for (size_t i = 0; i < owner->share.count; i++) {
        const struct schema_word *share = &owner->share.at[i];
        if (name_matches(share->key, package) && (share->choice == 1 || !client->write)) {
            return true;
        }
    }
    for (size_t i = 0; i < owner->allow.count; i++) {
        if (name_matches(owner->allow.at[i].value, package)) {
            return true;
        }
    }
    return false;
}

// Callers and senders go with who serves, who maps with who owns; of a notification one side waits
// and the other signals.
static bool roles_fit(const struct manifest_cap *client, const struct manifest_cap *owner)
{
    if (!owner->owner || owner->kind != client->kind) {
        return false;
    }
    return client->kind != MANIFEST_NOTIFICATION || owner->role != client->role;
}

// The capability of this name, or cap_count.
static size_t find_cap(const struct manifest *manifest, struct bytes name)
{
    size_t i = 0;
    while (i < manifest->cap_count && !bytes_equal(manifest->caps[i].name, name)) {
        i++;
    }
    return i;
}

static void look_at(struct search *search, const struct manifest *manifest, uint16_t instance)
{
    if (!bytes_equal(manifest->name.value, search->client->peer.package)) {
        return;
    }
    search->found = true;
    size_t cap = find_cap(manifest, search->client->peer.name);
    if (cap == manifest->cap_count || !roles_fit(search->client, &manifest->caps[cap])) {
        return;
    }
    search->fits = true;
    if (!allows(&manifest->caps[cap], search->client, search->package)) {
        return;
    }
    if (manifest->caps[cap].size.value != search->client->size.value) {
        search->allowed_other = true;
    } else {
        search->allowed++;
        search->last = (struct compile_link){.instance = instance, .cap = (uint16_t)cap};
    }
}

static enum status verdict(const struct search *search)
{
    if (!search->found) {
        return STATUS_PEER_ABSENT;
    }
    if (!search->fits) {
        return STATUS_PEER_ROLE;
    }
    if (search->allowed == 0) {
        return search->allowed_other ? STATUS_PEER_SIZE : STATUS_PEER_DENIED;
    }
    return search->allowed == 1 ? STATUS_OK : STATUS_PEER_AMBIGUOUS;
}

static enum status fail(struct diag *diag, enum status status, const struct manifest *manifest,
                        const struct manifest_cap *cap)
{
    struct toml_span span = cap->peer.span;
    return toml_fail(diag, status, "peer", span, bytes_part(manifest->text, span.offset, span.len));
}

static enum plan_service service_of(const struct manifest_cap *cap)
{
    if (cap->kind == MANIFEST_ENDPOINT && bytes_is(cap->peer.name, "console")) {
        return PLAN_SERVICE_CONSOLE;
    }
    if (cap->kind == MANIFEST_ENDPOINT && bytes_is(cap->peer.name, "time")) {
        return PLAN_SERVICE_TIME;
    }
    return PLAN_SERVICE_NONE;
}

static enum status link_service(struct compile_link *link, const struct manifest_cap *cap)
{
    *link = (struct compile_link){.service = service_of(cap)};
    return link->service != PLAN_SERVICE_NONE ? STATUS_OK : STATUS_PEER_ABSENT;
}

static enum status link_peer(struct compile_link *link, const struct manifest_cap *cap,
                             const struct manifest *manifest, const struct policy_input *input)
{
    struct search search = {.client = cap, .package = manifest->name.value};
    for (uint16_t i = 0; i < input->system->package_count; i++) {
        if (input->instances[i].verified != NULL) {
            look_at(&search, input->instances[i].manifest, i);
        }
    }
    *link = search.last;
    return verdict(&search);
}

enum status compile_peers(struct compile_link *links, uint16_t instance,
                          const struct policy_input *input, struct diag *diag)
{
    const struct manifest *manifest = input->instances[instance].manifest;
    for (uint16_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        enum status status = STATUS_OK;
        if (cap->kind == MANIFEST_SPAWN) {
            links[i] = (struct compile_link){.service = PLAN_SERVICE_SPAWN};
        } else if (cap->owner) {
            links[i] = (struct compile_link){.instance = instance, .cap = i};
        } else if (bytes_is(cap->peer.package, MANIFEST_ROOT)) {
            status = link_service(&links[i], cap);
        } else {
            status = link_peer(&links[i], cap, manifest, input);
        }
        if (status == STATUS_PEER_ABSENT && cap->optional) {
            links[i] = (struct compile_link){.absent = true};
        } else if (status != STATUS_OK) {
            return fail(diag, status, manifest, cap);
        }
    }
    return STATUS_OK;
}

static bool alive(const struct diag *refused, const struct policy_input *input, uint16_t instance)
{
    return input->instances[instance].verified != NULL && refused[instance].status == STATUS_OK;
}

// Looks once at the links of an instance; true when it can no longer be planned.
static bool drop_links(struct diag *refused, struct compile_links *links, uint16_t instance,
                       const struct policy_input *input)
{
    const struct manifest *manifest = input->instances[instance].manifest;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        struct compile_link *link = &links->of[instance][i];
        if (link->absent || link->service != PLAN_SERVICE_NONE ||
            alive(refused, input, link->instance)) {
            continue;
        }
        if (!manifest->caps[i].optional) {
            fail(&refused[instance], STATUS_PEER_ABSENT, manifest, &manifest->caps[i]);
            return true;
        }
        *link = (struct compile_link){.absent = true};
        links->changed[instance] |= manifest_is_area(&manifest->caps[i]);
    }
    return false;
}

void compile_peers_drop(struct diag *refused, struct compile_links *links,
                        const struct policy_input *input)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint16_t i = 0; i < input->system->package_count; i++) {
            if (alive(refused, input, i) && drop_links(refused, links, i, input)) {
                changed = true;
            }
        }
    }
}
