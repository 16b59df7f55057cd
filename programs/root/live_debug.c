// SPDX-License-Identifier: BSD-2-Clause
#include "live_debug.h"

#include "audit_tag.h"

// A capability to the target's CNode, whose guard fills what the radix leaves, so that its slots
// have CPtrs of the root task.
static enum status open_cnode(struct sel4_kernel *kernel, const struct objects_site *site,
                              uint8_t bits, struct diag *diag)
{
    cap_slot cnode = objects_cap(site, objects_find(site, PLAN_CNODE), 0);
    struct cnode_derive mint = {
        .to = cspace_view(site->cspace),
        .from = cspace_slot(site->cspace, cnode),
        .rights = SEL4_RIGHT_ALL,
        .data = sel4_cnode_data(0, (unsigned)CSPACE_LOW_BITS - bits),
    };
    return cnode_mint(kernel, &mint, diag);
}

enum status live_debug_read(struct audit_slot *slots, const struct objects_site *site,
                            struct diag *diag)
{
    uint8_t bits = site->plan->targets[site->target].cnode_bits;
    struct sel4_kernel kernel = *site->kernel; // looking does not count as a call of the spawn
    enum status status = open_cnode(&kernel, site, bits, diag);
    if (status != STATUS_OK) {
        return status;
    }
    for (uint32_t i = 0; i < UINT32_C(1) << bits; i++) {
        uint64_t tag = sel4_kernel_identify(cspace_viewed(i));
        slots[i].empty = tag == SEL4_CAP_TAG_NULL;
        slots[i].type = audit_tag_type(tag);
    }
    return cnode_delete(&kernel, cspace_view(site->cspace), diag);
}
