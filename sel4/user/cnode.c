// SPDX-License-Identifier: BSD-2-Clause
#include "cnode.h"

static struct sel4_invoke between(const struct cnode_derive *derive,
                                  enum sel4_invocation invocation)
{
    return (struct sel4_invoke){
        .on = derive->to.root,
        .invocation = invocation,
        .words = {derive->to.index, derive->to.depth, derive->from.index, derive->from.depth},
        .cap_count = 1,
        .caps = {derive->from.root},
    };
}

enum status cnode_copy(struct sel4_kernel *kernel, const struct cnode_derive *derive,
                       struct diag *diag)
{
    struct sel4_invoke invoke = between(derive, SEL4_INVOCATION_CNODE_COPY);
    invoke.length = 5;
    invoke.words[4] = derive->rights;
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status cnode_mint(struct sel4_kernel *kernel, const struct cnode_derive *derive,
                       struct diag *diag)
{
    struct sel4_invoke invoke = between(derive, SEL4_INVOCATION_CNODE_MINT);
    invoke.length = 6;
    invoke.words[4] = derive->rights;
    invoke.words[5] = derive->data;
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status cnode_mutate(struct sel4_kernel *kernel, const struct cnode_derive *derive,
                         struct diag *diag)
{
    struct sel4_invoke invoke = between(derive, SEL4_INVOCATION_CNODE_MUTATE);
    invoke.length = 5;
    invoke.words[4] = derive->data;
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

static enum status at(struct sel4_kernel *kernel, struct cnode_slot slot,
                      enum sel4_invocation invocation, struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = slot.root,
        .invocation = invocation,
        .length = 2,
        .words = {slot.index, slot.depth},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status cnode_revoke(struct sel4_kernel *kernel, struct cnode_slot slot, struct diag *diag)
{
    return at(kernel, slot, SEL4_INVOCATION_CNODE_REVOKE, diag);
}

enum status cnode_delete(struct sel4_kernel *kernel, struct cnode_slot slot, struct diag *diag)
{
    return at(kernel, slot, SEL4_INVOCATION_CNODE_DELETE, diag);
}
