// SPDX-License-Identifier: BSD-2-Clause
#include "hosted_board.h"

#include "bootinfo.h"
#include "port.h"
#include "untyped.h"
#include "vspace.h"

enum { PAGE = 4096, PAGES = BOARD_DEVICE_SIZE / PAGE };

// The device memory replaces the frames of these pages.
static _Alignas(PAGE) uint8_t device[BOARD_DEVICE_SIZE];

// The device untyped that begins where the board says, or 0.
static cap_slot device_untyped(const struct sel4_bootinfo *bootinfo)
{
    struct bytes payload = bootinfo_record(bootinfo, SEL4_BOOTINFO_BOARD);
    struct sel4_bootinfo_board where;
    if (payload.len < sizeof(where)) {
        return SEL4_SLOT_NULL;
    }
    memcpy(&where, payload.at, sizeof(where));
    uint64_t count = bootinfo->untyped.end - bootinfo->untyped.start;
    for (uint64_t i = 0; i < count && i < SEL4_BOOTINFO_MAX_UNTYPEDS; i++) {
        const struct sel4_untyped_desc *desc = &bootinfo->untyped_list[i];
        if (desc->is_device && desc->paddr == where.device_base) {
            return bootinfo->untyped.start + i;
        }
    }
    return SEL4_SLOT_NULL;
}

static enum status map_device(struct sel4_kernel *kernel, struct cspace *cspace, cap_slot untyped)
{
    cap_slot first = SEL4_SLOT_NULL;
    enum status status = cspace_take(&first, cspace, PAGES, NULL);
    struct untyped_run run = {
        .type = SEL4_OBJECT_SMALL_PAGE,
        .count = PAGES,
        .root = cspace->top,
        .depth = CSPACE_TOP_DEPTH,
        .offset = first,
    };
    if (status == STATUS_OK) {
        status = untyped_retype(kernel, untyped, &run, NULL);
    }
    for (uint32_t i = 0; i < PAGES && status == STATUS_OK; i++) {
        struct vspace_map map = {
            .object = first + i,
            .vspace = SEL4_SLOT_VSPACE,
            .vaddr = (uintptr_t)device + (uint64_t)i * PAGE,
            .rights = SEL4_RIGHT_READ | SEL4_RIGHT_WRITE,
        };
        status = vspace_map_frame(kernel, &map, NULL);
    }
    return status;
}

bool hosted_board_open(struct hosted_board *board, const struct sel4_bootinfo *bootinfo,
                       struct sel4_kernel *kernel, struct cspace *cspace)
{
    cap_slot untyped = device_untyped(bootinfo);
    if (untyped == SEL4_SLOT_NULL || map_device(kernel, cspace, untyped) != STATUS_OK ||
        cspace_take(&board->bells, cspace, 1, NULL) != STATUS_OK ||
        port_issue(kernel, cspace_slot(cspace, board->bells), BOARD_RING_BELL,
                   BOARD_RING_BELL + BOARD_BELL_PORTS - 1, NULL) != STATUS_OK) {
        return false;
    }
    board->ring = (struct board_ring *)(device + BOARD_RING_OFFSET);
    board->inspect = (struct board_inspect *)(device + BOARD_INSPECT_OFFSET);
    return board->ring->magic == BOARD_MAGIC;
}

void hosted_board_print(const struct hosted_board *board, struct sel4_kernel *kernel,
                        struct bytes bytes)
{
    struct board_ring *ring = board->ring;
    for (size_t i = 0; i < bytes.len; i++) {
        ring->data[(ring->head + i) % BOARD_RING_DATA] = bytes.at[i];
    }
    ring->head += bytes.len;
    enum status rung = port_out32(kernel, board->bells, BOARD_RING_BELL, 0, NULL);
    (void)rung; // nobody is left to tell
}

enum status hosted_board_inspect(const struct hosted_board *board, struct sel4_kernel *kernel,
                                 struct hosted_board_slots slots, struct diag *diag)
{
    board->inspect->cptr = slots.cnode;
    board->inspect->first = slots.first;
    board->inspect->next = slots.end;
    enum status status = port_out32(kernel, board->bells, BOARD_INSPECT_BELL, 0, diag);
    if (status == STATUS_OK && board->inspect->count > BOARD_CAPS) {
        return diag_fail(diag, STATUS_LIVE_DIFFERS, "inspection", slots.cnode);
    }
    return status;
}
