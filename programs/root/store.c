// SPDX-License-Identifier: BSD-2-Clause
#include "store.h"

#include "retype.h"
#include "vspace.h"

// Where the root task sees them: a gigabyte of its address space that nothing else is in.
enum {
    WINDOW = 0x40000000,
    STRIDE = 64 << 20, // of stores: the largest
    PLANS = WINDOW + 15 * STRIDE,
    PLAN_SIZE = 2 << 20, // a large frame
    TABLE_SPAN = 2 << 20,
    ARENA_SIZE = 64 << 10, // of a store: for what is read from its package
};

static uint64_t package_bytes(const struct root *root)
{
    return root->system.control.package.value;
}

uint8_t store_memory_bits(const struct root *root)
{
    return plan_size_bits(root->system.control.memory.value);
}

static enum status map_table(struct root *root, enum sel4_object type, uint64_t vaddr,
                             struct diag *diag)
{
    struct vspace_map map = {.vspace = SEL4_SLOT_VSPACE, .vaddr = vaddr};
    enum status status = objects_make(&map.object, &root->pool, type, 0, diag);
    return status == STATUS_OK ? vspace_map_table(&root->kernel, type, &map, diag) : status;
}

static enum status map_plans(struct root *root, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (uint32_t i = 0; i < 2 && status == STATUS_OK; i++) {
        struct vspace_map map = {
            .vspace = SEL4_SLOT_VSPACE,
            .vaddr = PLANS + (uint64_t)i * PLAN_SIZE,
            .rights = SEL4_RIGHT_READ | SEL4_RIGHT_WRITE,
        };
        status = objects_make(&map.object, &root->pool, SEL4_OBJECT_LARGE_PAGE, 0, diag);
        if (status == STATUS_OK) {
            status = vspace_map_frame(&root->kernel, &map, diag);
        }
    }
    return status;
}

static enum status open_one(struct root *root, uint8_t store, struct diag *diag)
{
    struct root_store *of = &root->stores[store - 1];
    enum status status = objects_make(&of->untyped, &root->pool, SEL4_OBJECT_UNTYPED,
                                      plan_size_bits(package_bytes(root)), diag);
    if (status == STATUS_OK) {
        status = cspace_take(&of->frames, &root->cspace,
                             (uint32_t)(package_bytes(root) / BOUND_PAGE), diag);
    }
    for (uint64_t at = 0; at < package_bytes(root) && status == STATUS_OK; at += TABLE_SPAN) {
        status = map_table(root, SEL4_OBJECT_PAGE_TABLE, (uintptr_t)store_at(store) + at, diag);
    }
    return status;
}

enum status store_open(struct root *root, struct diag *diag)
{
    uint64_t places = root->system.control.places.value;
    enum status status = STATUS_OK;
    if (places == 0) {
        return STATUS_OK;
    }
    status = map_table(root, SEL4_OBJECT_PAGE_DIRECTORY, WINDOW, diag);
    if (status == STATUS_OK) {
        status = map_plans(root, diag);
    }
    for (uint8_t i = 1; i <= places && status == STATUS_OK; i++) {
        status = open_one(root, i, diag);
    }
    return status;
}

uint8_t *store_at(uint8_t store)
{
    return (uint8_t *)(uintptr_t)(WINDOW + (uint64_t)(store - 1) * STRIDE);
}

cap_slot store_frames(const struct root *root, uint8_t store)
{
    return root->stores[store - 1].frames;
}

static uint64_t arena_begin(const struct root_store *store)
{
    return (uint64_t)store->pages * BOUND_PAGE - ARENA_SIZE;
}

struct arena store_arena(const struct root *root, uint8_t store)
{
    return arena_of(store_at(store) + arena_begin(&root->stores[store - 1]), ARENA_SIZE);
}

static enum status fill(struct root *root, uint8_t store, struct diag *diag)
{
    struct root_store *of = &root->stores[store - 1];
    struct untyped_run run = objects_into_boot(&root->cspace, of->frames);
    run.type = SEL4_OBJECT_SMALL_PAGE;
    run.count = of->pages;
    enum status status = objects_retype(&root->kernel, of->untyped, run, diag);
    for (uint32_t i = 0; i < of->pages && status == STATUS_OK; i++) {
        struct vspace_map map = {
            .object = of->frames + i,
            .vspace = SEL4_SLOT_VSPACE,
            .vaddr = (uintptr_t)store_at(store) + (uint64_t)i * BOUND_PAGE,
            .rights = SEL4_RIGHT_READ | SEL4_RIGHT_WRITE,
        };
        status = vspace_map_frame(&root->kernel, &map, diag);
    }
    return status;
}

enum status store_take(uint8_t *store, struct root *root, uint64_t size, struct diag *diag)
{
    uint64_t places = root->system.control.places.value;
    uint8_t free = 1;
    while (free <= places && root->stores[free - 1].pages != 0) {
        free++;
    }
    if (free > places) {
        return diag_fail(diag, STATUS_CONTROL_FULL, "store", places);
    }
    if (size == 0 || size > package_bytes(root) - ARENA_SIZE) {
        return diag_fail(diag, STATUS_FILE_TOO_LARGE, "package", size);
    }
    root->stores[free - 1].pages = (uint32_t)((size + ARENA_SIZE + BOUND_PAGE - 1) / BOUND_PAGE);
    enum status status = fill(root, free, diag);
    if (status != STATUS_OK) {
        store_drop(root, free);
        return status;
    }
    *store = free;
    return STATUS_OK;
}

void store_drop(struct root *root, uint8_t store)
{
    struct root_store *of = &root->stores[store - 1];
    uint8_t bits = plan_size_bits(package_bytes(root));
    struct untyped_room room = {0};
    struct untyped_run first = objects_into_boot(&root->cspace, of->frames);
    struct audit_reclaim back = {.bytes = (uint64_t)of->pages * BOUND_PAGE, .objects = of->pages};
    enum status status = cnode_revoke(&root->kernel, cspace_slot(&root->cspace, of->untyped), NULL);
    if (status == STATUS_OK) {
        status = untyped_room(&room, &root->kernel, of->untyped, bits, &first);
    }
    back.leaked =
        status == STATUS_OK && !room.taken ? package_bytes(root) - room.bytes : back.bytes;
    back.slots_leaked = room.taken;
    if (back.leaked == 0) {
        of->pages = 0; // else nothing is put there again
    }
    root->denied |= back.leaked != 0;
    static const struct audit_subject nobody;
    audit_event_reclaimed(root_at(root), &nobody, &back);
}

struct arena store_plan(const struct root *root)
{
    uint64_t other = root->plan_turn ? 0 : 1;
    return arena_of((uint8_t *)(uintptr_t)(PLANS + other * PLAN_SIZE), PLAN_SIZE);
}
