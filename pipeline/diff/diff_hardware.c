// SPDX-License-Identifier: BSD-2-Clause
#include "diff_parts.h"

// Hardware is a set of places: a range may be within others, overlap one or stand alone.

static const struct authority_grant *grants_of(const struct diff_side *side, uint32_t *count)
{
    *count = side->target != NULL ? side->target->grants : 0;
    return side->target != NULL ? side->all->grants + side->target->first_grant : NULL;
}

// The last place that this side's capabilities of this kind reach from `first` on without a gap;
// false when they do not have `first`.
static bool reaches(uint64_t *last, uint64_t first, const struct diff_side *side,
                    const struct authority_grant *like)
{
    uint32_t count;
    const struct authority_grant *grants = grants_of(side, &count);
    bool found = false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t from, to;
        bool as_strong = grants[i].type == like->type && (like->auth & ~grants[i].auth) == 0;
        if (as_strong && authority_range(&from, &to, &grants[i]) && from <= first && to >= first) {
            *last = !found || to > *last ? to : *last;
            found = true;
        }
    }
    return found;
}

bool diff_hardware_has(const struct diff_side *side, const struct authority_grant *grant)
{
    uint64_t at, last, reached = 0;
    if (!authority_range(&at, &last, grant)) {
        return false;
    }
    while (reaches(&reached, at, side, grant)) {
        if (reached >= last) {
            return true;
        }
        at = reached + 1;
    }
    return false;
}

const struct authority_grant *diff_hardware_near(const struct diff_side *side,
                                                 const struct authority_grant *grant)
{
    uint64_t first, last, from, to;
    uint32_t count;
    const struct authority_grant *grants = grants_of(side, &count);
    bool hardware = authority_range(&first, &last, grant);
    for (uint32_t i = 0; hardware && i < count; i++) {
        if (grants[i].type == grant->type && authority_range(&from, &to, &grants[i]) &&
            from <= last && first <= to) {
            return &grants[i];
        }
    }
    return NULL;
}
