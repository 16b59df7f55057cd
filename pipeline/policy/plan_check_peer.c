// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_peer.h"

#include "name.h"

// May `client` have what it asks for from this capability of `manifest`?
static bool connects(const struct manifest *manifest, const struct manifest_cap *owner,
                     const struct manifest_cap *asked, const struct policy_instance *client)
{
    bool opposite = owner->role == MANIFEST_SERVE
                        ? asked->role == MANIFEST_CALL || asked->role == MANIFEST_SEND
                        : (owner->role == MANIFEST_WAIT && asked->role == MANIFEST_SIGNAL) ||
                              (owner->role == MANIFEST_SIGNAL && asked->role == MANIFEST_WAIT);
    if (!owner->owner || !opposite || !bytes_equal(owner->name, asked->peer.name) ||
        !bytes_equal(manifest->name.value, asked->peer.package)) {
        return false;
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
        if (offers(plan_check_instance(w, i)->manifest, asked, client)) {
            return true;
        }
    }
    return false;
}
