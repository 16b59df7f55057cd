// SPDX-License-Identifier: BSD-2-Clause
#include "vspace.h"

enum status vspace_assign(struct sel4_kernel *kernel, cap_slot pool, cap_slot vspace,
                          struct diag *diag)
{
    return sel4_kernel_give(kernel, pool, SEL4_INVOCATION_ASID_POOL_ASSIGN, vspace, diag);
}

enum status vspace_map_table(struct sel4_kernel *kernel, enum sel4_object type,
                             const struct vspace_map *map, struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = map->object,
        .invocation = SEL4_INVOCATION_PAGE_TABLE_MAP,
        .length = 2,
        .words = {map->vaddr, SEL4_VM_WRITE_BACK},
        .cap_count = 1,
        .caps = {map->vspace},
    };
    if (type == SEL4_OBJECT_PDPT) {
        invoke.invocation = SEL4_INVOCATION_PDPT_MAP;
    } else if (type == SEL4_OBJECT_PAGE_DIRECTORY) {
        invoke.invocation = SEL4_INVOCATION_PAGE_DIRECTORY_MAP;
    }
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status vspace_map_frame(struct sel4_kernel *kernel, const struct vspace_map *map,
                             struct diag *diag)
{
    struct sel4_invoke invoke = {
        .on = map->object,
        .invocation = SEL4_INVOCATION_PAGE_MAP,
        .length = 3,
        .words = {map->vaddr, map->rights, map->uncached ? SEL4_VM_UNCACHED : SEL4_VM_WRITE_BACK},
        .cap_count = 1,
        .caps = {map->vspace},
    };
    return sel4_kernel_invoke(kernel, &invoke, diag);
}

enum status vspace_unmap_frame(struct sel4_kernel *kernel, cap_slot frame, struct diag *diag)
{
    return sel4_kernel_plain(kernel, frame, SEL4_INVOCATION_PAGE_UNMAP, diag);
}
