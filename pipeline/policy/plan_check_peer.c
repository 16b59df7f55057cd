// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_peer.h"

#include "name.h"

// Two manifests must agree before one target can reach another: the client names the peer, and
// exactly one instance of the peer offers this and allows the client (spec/policy.md, 2).

static bool is_opposite(enum manifest_role owner, enum manifest_role asked)
{
    switch (owner) {
    case MANIFEST_SERVE:
        return asked == MANIFEST_CALL || asked == MANIFEST_SEND;
    case MANIFEST_WAIT:
        return asked == MANIFEST_SIGNAL;
    case MANIFEST_SIGNAL:
        return asked == MANIFEST_WAIT;
    case MANIFEST_OWN:
        return asked == MANIFEST_MAP;
    default:
        return false;
    }
}

// May this package read the region, and write it if it asks to?
static bool shares(const struct manifest_cap *region, bool write, struct bytes package)
{
    bool read = false, written = false;
    for (size_t i = 0; i < region->share.count; i++) {
        if (name_matches(region->share.at[i].key, package)) {
            read = true;
            written = written || region->share.at[i].choice != 0;
        }
    }
    return write ? written : read;
}

// May `client` have what it asks for from this capability of `manifest`?
static bool connects(const struct manifest *manifest, const struct manifest_cap *owner,
                     const struct manifest_cap *asked, const struct policy_instance *client)
{
    if (!owner->owner || !is_opposite(owner->role, asked->role) ||
        !bytes_equal(owner->name, asked->peer.name) ||
        !bytes_equal(manifest->name.value, asked->peer.package)) {
        return false;
    }
    if (owner->role == MANIFEST_OWN) {
        return owner->size.value == asked->size.value &&
               shares(owner, asked->write, client->manifest->name.value);
    }
    bool allowed = false;
    for (size_t i = 0; i < owner->allow.count; i++) {
        allowed = allowed || name_matches(owner->allow.at[i].value, client->manifest->name.value);
    }
    return allowed;
}

// Does some capability of this manifest connect?
static bool offers(const struct manifest *manifest, const struct manifest_cap *asked,
                   const struct policy_instance *client)
{
    if (!bytes_equal(manifest->name.value, asked->peer.package)) {
        return false;
    }
    bool found = false;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        found = found || connects(manifest, &manifest->caps[i], asked, client);
    }
    return found;
}

bool plan_check_peer(const struct plan_check_work *w, const struct manifest_cap *asked,
                     const struct policy_instance *client, const struct plan_check_owner *owner)
{
    unsigned offering = 0;
    for (size_t i = 0; i < w->input->system->package_count; i++) {
        const struct policy_instance *other = &w->input->instances[i];
        offering += other->verified != NULL && offers(other->manifest, asked, client);
    }
    return offering == 1 && connects(owner->manifest, owner->cap, asked, client);
}

bool plan_check_peer_there(const struct plan_check_work *w, const struct manifest_cap *asked,
                           const struct policy_instance *client)
{
    if (bytes_is(asked->peer.package, "kpkg.root")) {
        return asked->kind == MANIFEST_ENDPOINT &&
               (bytes_is(asked->peer.name, "console") || bytes_is(asked->peer.name, "time"));
    }
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        if (!plan_check_vacant(w, i) &&
            offers(plan_check_instance(w, i)->manifest, asked, client)) {
            return true;
        }
    }
    return false;
}

bool plan_check_peer_area(const struct plan_check_work *w, const struct manifest_cap *asked,
                          const struct policy_instance *client)
{
    switch (asked->role) {
    case MANIFEST_MAP:
        return !asked->optional || plan_check_peer_there(w, asked, client);
    case MANIFEST_OWN:
        return true;
    default:
        return asked->kind == MANIFEST_DEVICE;
    }
}
