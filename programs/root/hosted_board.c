// SPDX-License-Identifier: BSD-2-Clause
#include "hosted_board.h"

#include "bootinfo.h"
#include "port.h"
#include "untyped.h"
#include "vspace.h"

enum { PAGE = 4096, LINE = BOARD_LINE_OFFSET / PAGE };

// The device memory replaces the frames of these pages.
static _Alignas(PAGE) uint8_t device[BOARD_LINE_OFFSET + BOARD_LINE_SIZE];

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

// Some of its pages; the untyped gives them in this order.
struct pages {
    uint32_t from, to;
};

static enum status map_pages(const struct hosted_board *board, struct sel4_kernel *kernel,
                             struct cspace *cspace, struct pages pages, struct diag *diag)
{
    cap_slot first = SEL4_SLOT_NULL;
    enum status status = cspace_take(&first, cspace, pages.to - pages.from, diag);
    struct untyped_run run = {
        .type = SEL4_OBJECT_SMALL_PAGE,
        .count = pages.to - pages.from,
        .root = cspace->top,
        .depth = CSPACE_TOP_DEPTH,
        .offset = first,
    };
    if (status == STATUS_OK) {
        status = untyped_retype(kernel, board->untyped, &run, diag);
    }
    for (uint32_t i = pages.from; i < pages.to && status == STATUS_OK; i++) {
        struct vspace_map map = {
            .object = first + i - pages.from,
            .vspace = SEL4_SLOT_VSPACE,
            .vaddr = (uintptr_t)device + (uint64_t)i * PAGE,
            .rights = SEL4_RIGHT_READ | SEL4_RIGHT_WRITE,
        };
        status = vspace_map_frame(kernel, &map, diag);
    }
    return status;
}

bool hosted_board_open(struct hosted_board *board, const struct sel4_bootinfo *bootinfo,
                       struct sel4_kernel *kernel, struct cspace *cspace)
{
    static const struct pages pages = {0, LINE};
    board->untyped = device_untyped(bootinfo);
    if (board->untyped == SEL4_SLOT_NULL ||
        map_pages(board, kernel, cspace, pages, NULL) != STATUS_OK ||
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

enum status hosted_board_open_line(struct hosted_board *board, struct sel4_kernel *kernel,
                                   struct cspace *cspace, struct diag *diag)
{
    static const struct pages pages = {LINE, LINE + 1};
    enum status status = map_pages(board, kernel, cspace, pages, diag);
    if (status == STATUS_OK) {
        board->line = (struct board_line *)(device + BOARD_LINE_OFFSET);
    }
    return status;
}

// What the board says, whom nobody else can write to; a kernel that refuses leaves it at nothing.
static uint32_t ring_line(const struct hosted_board *board, struct sel4_kernel *kernel,
                          uint16_t bell, uint32_t len)
{
    board->line->taken = board->line->given = 0;
    enum status rung = port_out32(kernel, board->bells, bell, len, NULL);
    uint32_t count = bell == BOARD_TAKE_BELL ? board->line->taken : board->line->given;
    return rung == STATUS_OK && count <= BOARD_LINE_DATA ? count : 0;
}

struct bytes hosted_board_take(const struct hosted_board *board, struct sel4_kernel *kernel)
{
    return (struct bytes){board->line->in, ring_line(board, kernel, BOARD_TAKE_BELL, 0)};
}

size_t hosted_board_give(const struct hosted_board *board, struct sel4_kernel *kernel,
                         struct bytes bytes)
{
    size_t len = bytes.len < BOARD_LINE_DATA ? bytes.len : BOARD_LINE_DATA;
    memcpy(board->line->out, bytes.at, len);
    return ring_line(board, kernel, BOARD_GIVE_BELL, (uint32_t)len);
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
