// SPDX-License-Identifier: BSD-2-Clause
#include "fill.h"

enum { PLACES = 0, DEPTH = 64, AREA = 0x40000000 };

extern const char fault_read[], fault_undefined[];

uint64_t fill_random(const struct model *m, uint64_t site)
{
    uint64_t x = m->seed + 0x9e3779b97f4a7c15 * (m->step << 24 | (site & 0xffffff));
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

uint64_t fill_below(const struct model *m, uint64_t site, uint64_t bound)
{
    return (fill_random(m, UNDER(site)) >> 11) % bound;
}

bool fill_chance(const struct model *m, uint64_t site, unsigned percent)
{
    return fill_below(m, UNDER(site), 100) < percent;
}

uint64_t fill_any_slot(const struct model *m, uint64_t site)
{
    return MODEL_FIRST_SLOT + fill_below(m, UNDER(site), MODEL_SLOTS);
}

// A slot that holds such an object, if the model knows one; any slot otherwise.
uint64_t fill_slot_with(const struct model *m, uint64_t site, enum sel4_object type)
{
    uint64_t start = fill_below(m, UNDER(site), MODEL_SLOTS);
    for (uint64_t i = 0; i < MODEL_SLOTS; i++) {
        uint64_t slot = (start + i) % MODEL_SLOTS;
        if (m->holds[slot] == type + 1) {
            return MODEL_FIRST_SLOT + slot;
        }
    }
    return fill_any_slot(m, UNDER(site));
}

static uint64_t free_slot(const struct model *m, uint64_t site)
{
    uint64_t start = fill_below(m, UNDER(site), MODEL_SLOTS);
    for (uint64_t i = 0; i < MODEL_SLOTS; i++) {
        uint64_t slot = (start + i) % MODEL_SLOTS;
        if (m->holds[slot] == 0) {
            return MODEL_FIRST_SLOT + slot;
        }
    }
    return fill_any_slot(m, UNDER(site));
}

// A cptr as an attacker might give one.
uint64_t fill_odd_cptr(const struct model *m, uint64_t site)
{
    return PICK_AT(m, UNDER(site), 0, fill_any_slot(m, UNDER(site)), fill_any_slot(m, UNDER(site)),
                   1ULL << 17, 1ULL << 40, ~0ULL, SEL4_SLOT_DOMAIN, MODEL_FIRST_SLOT);
}

static uint64_t depth(const struct model *m, uint64_t site)
{
    return fill_chance(m, UNDER(site), 92)
               ? DEPTH
               : PICK_AT(m, UNDER(site), 0, 1, 17, 47, 63, 65, 128, ~0ULL);
}

uint64_t fill_odd_word(const struct model *m, uint64_t site)
{
    // None is a slot that one kernel fills at boot and another leaves empty.
    return PICK_AT(m, UNDER(site), 0, 1, 2, 3, 4, 5, 12, 4096, 1ULL << 32, 1ULL << 47, ~0ULL,
                   fill_random(m, UNDER(site)));
}

static uint64_t area_address(const struct model *m, uint64_t site)
{
    uint64_t at =
        AREA + fill_below(m, UNDER(site), 4) * 0x200000 + fill_below(m, UNDER(site), 8) * 0x1000;
    return fill_chance(m, UNDER(site), 90)
               ? at
               : PICK_AT(m, UNDER(site), at + 8, 0x7fffffffe000, 0x7ffffffff000, 0xffffffff80000000,
                         AREA + (1ULL << 39));
}

// One filler per group of invocations: words and caps that are mostly right.

static void set_words(struct call *c, size_t count, const uint64_t *words)
{
    for (size_t i = 0; i < count; i++) {
        c->words[i] = words[i];
    }
}

#define SET(c, ...)                                                                                \
    set_words(c, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),                             \
              (const uint64_t[]){__VA_ARGS__})

static struct shape fill_untyped(struct model *m, struct call *c)
{
    static const enum sel4_object types[] = {
        SEL4_OBJECT_UNTYPED,      SEL4_OBJECT_TCB,        SEL4_OBJECT_ENDPOINT,
        SEL4_OBJECT_NOTIFICATION, SEL4_OBJECT_CNODE,      SEL4_OBJECT_SCHED_CONTEXT,
        SEL4_OBJECT_REPLY,        SEL4_OBJECT_PDPT,       SEL4_OBJECT_PML4,
        SEL4_OBJECT_SMALL_PAGE,   SEL4_OBJECT_PAGE_TABLE, SEL4_OBJECT_PAGE_DIRECTORY,
        SEL4_OBJECT_LARGE_PAGE,   SEL4_OBJECT_HUGE_PAGE,
    };
    uint64_t type = abi.type[types[fill_below(m, HERE, sizeof types / sizeof types[0])]];
    SET(c, fill_chance(m, HERE, 95) ? type : fill_odd_word(m, HERE),
        PICK(m, 8, 12, 13, 2, 4, 7, fill_odd_word(m, HERE)), 0, 0, free_slot(m, HERE),
        PICK(m, 1, 1, 1, 2, 3, 0, 256, 257));
    c->caps[0] = SEL4_SLOT_CNODE;
    if (fill_chance(m, HERE, 15)) { // into a CNode of the sandbox, or one that is in one
        c->words[2] = fill_slot_with(m, HERE, SEL4_OBJECT_CNODE);
        c->words[3] = depth(m, HERE);
        c->words[4] = fill_below(m, HERE, 6);
    }
    return (struct shape){
        fill_chance(m, HERE, 50) ? m->memory : fill_slot_with(m, HERE, SEL4_OBJECT_UNTYPED), 6, 1};
}

// A slot of a CNode of the sandbox, of which the model does not know what it holds.
static uint64_t inner_depth(const struct model *m, uint64_t site)
{
    return PICK_AT(m, UNDER(site), 2, 4, 7, 8, 1, 12);
}

// Containers in containers: what goes with them is what deletion is about.
static struct shape fill_inner(struct model *m, struct call *c, struct shape shape)
{
    bool deletes = c->invocation <= SEL4_INVOCATION_CNODE_CANCEL_BADGED_SENDS;
    if (fill_chance(m, HERE, 70)) {
        shape.cptr = fill_slot_with(m, HERE, SEL4_OBJECT_CNODE);
        c->words[0] = fill_below(m, HERE, 6);
        c->words[1] = inner_depth(m, HERE);
    }
    if (!deletes && fill_chance(m, HERE, 40)) {
        c->caps[0] = fill_slot_with(m, HERE, SEL4_OBJECT_CNODE);
        c->words[2] = fill_below(m, HERE, 6);
        c->words[3] = inner_depth(m, HERE);
    } else if (!deletes && fill_chance(m, HERE, 50)) {
        c->words[2] = fill_slot_with(m, HERE, SEL4_OBJECT_CNODE);
    }
    return shape;
}

static struct shape fill_root(struct model *m, struct call *c)
{
    // Boot caps are copied at times, never moved: their owner needs them.
    bool copies =
        c->invocation == SEL4_INVOCATION_CNODE_COPY || c->invocation == SEL4_INVOCATION_CNODE_MINT;
    uint64_t from = fill_any_slot(m, HERE);
    if (copies && fill_chance(m, HERE, 5)) {
        from = PICK(m, 0, SEL4_SLOT_IRQ_CONTROL, SEL4_SLOT_ASID_CONTROL, SEL4_SLOT_IO_PORT_CONTROL,
                    SEL4_SLOT_BOOT_INFO_FRAME, 1ULL << 40, ~0ULL);
    }
    SET(c, free_slot(m, HERE), depth(m, HERE), from, depth(m, HERE),
        PICK(m, 0, 1, 2, 3, 5, 9, 15, 15, 15), PICK(m, 0, 0, 1, 7, 0x2f, 0xabc0002, ~0ULL));
    c->caps[0] = c->caps[1] = SEL4_SLOT_CNODE;
    switch (c->invocation) {
    case SEL4_INVOCATION_CNODE_COPY:
        return (struct shape){SEL4_SLOT_CNODE, 5, 1};
    case SEL4_INVOCATION_CNODE_MINT:
        return (struct shape){SEL4_SLOT_CNODE, 6, 1};
    case SEL4_INVOCATION_CNODE_MOVE:
        return (struct shape){SEL4_SLOT_CNODE, 4, 1};
    case SEL4_INVOCATION_CNODE_MUTATE:
        c->words[4] = c->words[5];
        return (struct shape){SEL4_SLOT_CNODE, 5, 1};
    case SEL4_INVOCATION_CNODE_ROTATE:
        SET(c, free_slot(m, HERE), depth(m, HERE), 0, fill_any_slot(m, HERE), depth(m, HERE), 0,
            fill_any_slot(m, HERE), depth(m, HERE));
        return (struct shape){SEL4_SLOT_CNODE, 8, 2};
    default: // revoke, delete, cancel badged sends; sometimes the whole sandbox
        c->words[0] = c->invocation == SEL4_INVOCATION_CNODE_REVOKE && fill_chance(m, HERE, 30)
                          ? m->memory
                          : fill_any_slot(m, HERE);
        return (struct shape){SEL4_SLOT_CNODE, 2, 0};
    }
}

static struct shape fill_cnode(struct model *m, struct call *c)
{
    struct shape shape = fill_root(m, c);
    bool inner = c->invocation != SEL4_INVOCATION_CNODE_ROTATE && fill_chance(m, HERE, 30);
    return inner ? fill_inner(m, c, shape) : shape;
}

static struct shape fill_tcb_space(struct model *m, struct call *c)
{
    uint64_t data = PICK(m, 0, 0, sel4_cnode_data(0, 47), fill_odd_word(m, HERE));
    uint64_t cspace = PICK(m, SEL4_SLOT_CNODE, SEL4_SLOT_CNODE,
                           fill_slot_with(m, HERE, SEL4_OBJECT_CNODE), fill_odd_cptr(m, HERE));
    uint64_t vspace = PICK(m, SEL4_SLOT_VSPACE, SEL4_SLOT_VSPACE,
                           fill_slot_with(m, HERE, SEL4_OBJECT_PML4), fill_odd_cptr(m, HERE));
    uint64_t address = PICK(m, 0, 0, AREA, AREA + 0x400, fill_odd_word(m, HERE));
    uint64_t frame =
        PICK(m, 0, fill_slot_with(m, HERE, SEL4_OBJECT_SMALL_PAGE), fill_odd_cptr(m, HERE));
    uint64_t fault =
        PICK(m, 0, fill_slot_with(m, HERE, SEL4_OBJECT_ENDPOINT), fill_odd_cptr(m, HERE));
    uint64_t tcb = fill_slot_with(m, HERE, SEL4_OBJECT_TCB);
    if (c->invocation == SEL4_INVOCATION_TCB_SET_SPACE) {
        SET(c, data, 0);
        c->caps[0] = fault, c->caps[1] = cspace, c->caps[2] = vspace;
        return (struct shape){tcb, 2, 3};
    }
    if (c->invocation == SEL4_INVOCATION_TCB_SET_IPC_BUFFER) {
        SET(c, address);
        c->caps[0] = frame;
        return (struct shape){tcb, 1, 1};
    }
    SET(c, data, 0, address);
    c->caps[0] = cspace, c->caps[1] = vspace, c->caps[2] = frame;
    return (struct shape){tcb, 3, 3};
}

static struct shape fill_tcb_registers(struct model *m, struct call *c)
{
    uint64_t tcb = fill_slot_with(m, HERE, SEL4_OBJECT_TCB);
    uint64_t rip = PICK(m, 0x10, (uint64_t)fault_read, (uint64_t)fault_undefined, 0x900000000000);
    switch (c->invocation) {
    case SEL4_INVOCATION_TCB_READ_REGISTERS:
        c->hide_words = true; // registers of threads that ran hold addresses of the stack
        SET(c, fill_below(m, HERE, 2), PICK(m, 1, 4, 20, 0, 21));
        return (struct shape){tcb, 2, 0};
    case SEL4_INVOCATION_TCB_WRITE_REGISTERS:
        c->hide_words = true; // addresses of code come back in the registers
        SET(c, fill_below(m, HERE, 2), PICK(m, 1, 2, 9, 20, 0, 25), rip, 0x1000,
            PICK(m, 0x202, ~0ULL, 0), 1, 2, 3, 4, 5, AREA, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 0);
        return (struct shape){tcb, 22, 0};
    default:
        SET(c, fill_below(m, HERE, 16));
        c->caps[0] = fill_slot_with(m, HERE, SEL4_OBJECT_TCB);
        return (struct shape){tcb, 1, 1};
    }
}

static struct shape fill_tcb(struct model *m, struct call *c)
{
    uint64_t tcb = fill_slot_with(m, HERE, SEL4_OBJECT_TCB);
    uint64_t priority = PICK(m, 0, 1, 50, 99, 120, 255, 256, fill_odd_word(m, HERE));
    uint64_t authority = PICK(m, SEL4_SLOT_TCB, SEL4_SLOT_TCB,
                              fill_slot_with(m, HERE, SEL4_OBJECT_TCB), fill_odd_cptr(m, HERE));
    switch (c->invocation) {
    case SEL4_INVOCATION_TCB_SET_PRIORITY:
    case SEL4_INVOCATION_TCB_SET_MC_PRIORITY:
        SET(c, priority);
        c->caps[0] = authority;
        return (struct shape){tcb, 1, 1};
    case SEL4_INVOCATION_TCB_SET_SCHED_PARAMS:
        SET(c, PICK(m, 0, 50, 255, fill_odd_word(m, HERE)), priority);
        c->caps[0] = authority;
        c->caps[1] =
            PICK(m, 0, fill_slot_with(m, HERE, SEL4_OBJECT_SCHED_CONTEXT), fill_odd_cptr(m, HERE));
        c->caps[2] =
            PICK(m, 0, fill_slot_with(m, HERE, SEL4_OBJECT_ENDPOINT), fill_odd_cptr(m, HERE));
        return (struct shape){tcb, 2, 3};
    case SEL4_INVOCATION_TCB_SET_TIMEOUT_ENDPOINT:
        c->caps[0] =
            PICK(m, 0, fill_slot_with(m, HERE, SEL4_OBJECT_ENDPOINT), fill_odd_cptr(m, HERE));
        return (struct shape){tcb, 0, 1};
    case SEL4_INVOCATION_TCB_BIND_NOTIFICATION:
        c->caps[0] =
            PICK(m, fill_slot_with(m, HERE, SEL4_OBJECT_NOTIFICATION), fill_odd_cptr(m, HERE));
        return (struct shape){tcb, 0, 1};
    case SEL4_INVOCATION_TCB_SET_TLS_BASE:
        SET(c, PICK(m, 0, 0x1000, AREA));
        return (struct shape){tcb, 1, 0};
    case SEL4_INVOCATION_TCB_SET_FLAGS:
        SET(c, fill_below(m, HERE, 4), fill_below(m, HERE, 4));
        return (struct shape){tcb, 2, 0};
    default: // suspend, resume, unbind notification
        return (struct shape){tcb, 0, 0};
    }
}

static struct shape fill_sched(struct model *m, struct call *c)
{
    uint64_t sc = fill_slot_with(m, HERE, SEL4_OBJECT_SCHED_CONTEXT);
    switch (c->invocation) {
    case SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS:
        // Budgets are refused or never used up: what a used-up budget does is timing, and
        // thread.c's business.
        SET(c, PICK(m, 500000, 500000, 1000000, 19, ~0ULL), PICK(m, 1000000, 1000000, 5, ~0ULL),
            PICK(m, 0, 0, 1, 8, 9, fill_odd_word(m, HERE)), fill_random(m, HERE),
            fill_below(m, HERE, 4));
        c->hide_words = true; // the range's end depends on the clock
        c->caps[0] = sc;
        return (struct shape){boot->sched_control.start, 5, 1};
    case SEL4_INVOCATION_SCHED_CONTEXT_BIND:
    case SEL4_INVOCATION_SCHED_CONTEXT_UNBIND_OBJECT:
        c->caps[0] =
            PICK(m, fill_slot_with(m, HERE, SEL4_OBJECT_TCB),
                 fill_slot_with(m, HERE, SEL4_OBJECT_NOTIFICATION), fill_odd_cptr(m, HERE));
        return (struct shape){sc, 0, 1};
    default: // unbind, consumed, yield to
        c->hide_words = c->invocation != SEL4_INVOCATION_SCHED_CONTEXT_UNBIND;
        return (struct shape){sc, 0, 0};
    }
}

static struct shape fill_vspace(struct model *m, struct call *c)
{
    uint64_t space = PICK(m, SEL4_SLOT_VSPACE, SEL4_SLOT_VSPACE,
                          fill_slot_with(m, HERE, SEL4_OBJECT_PML4), fill_odd_cptr(m, HERE));
    c->caps[0] = space;
    switch (c->invocation) {
    case SEL4_INVOCATION_PAGE_MAP:
        SET(c, area_address(m, HERE), fill_below(m, HERE, 4), fill_below(m, HERE, 8));
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_SMALL_PAGE), 3, 1};
    case SEL4_INVOCATION_PAGE_UNMAP:
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_SMALL_PAGE), 0, 0};
    case SEL4_INVOCATION_PAGE_GET_ADDRESS:
        c->hide_words = true;
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_SMALL_PAGE), 0, 0};
    case SEL4_INVOCATION_PAGE_TABLE_MAP:
        SET(c, area_address(m, HERE), fill_below(m, HERE, 8));
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_PAGE_TABLE), 2, 1};
    case SEL4_INVOCATION_PAGE_TABLE_UNMAP:
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_PAGE_TABLE), 0, 0};
    case SEL4_INVOCATION_PAGE_DIRECTORY_MAP:
        SET(c, area_address(m, HERE), fill_below(m, HERE, 8));
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_PAGE_DIRECTORY), 2, 1};
    case SEL4_INVOCATION_PAGE_DIRECTORY_UNMAP:
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_PAGE_DIRECTORY), 0, 0};
    case SEL4_INVOCATION_PDPT_MAP:
        SET(c, area_address(m, HERE), fill_below(m, HERE, 8));
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_PDPT), 2, 1};
    case SEL4_INVOCATION_PDPT_UNMAP:
        return (struct shape){fill_slot_with(m, HERE, SEL4_OBJECT_PDPT), 0, 0};
    case SEL4_INVOCATION_ASID_POOL_ASSIGN:
        c->caps[0] = fill_slot_with(m, HERE, SEL4_OBJECT_PML4);
        return (struct shape){SEL4_SLOT_ASID_POOL, 0, 1};
    default: // make pool: mostly refused, for want of an untyped of 12 bits
        SET(c, free_slot(m, HERE), depth(m, HERE));
        c->caps[0] = fill_slot_with(m, HERE, SEL4_OBJECT_UNTYPED), c->caps[1] = SEL4_SLOT_CNODE;
        return (struct shape){SEL4_SLOT_ASID_CONTROL, 2, 2};
    }
}

static struct shape fill_device(struct model *m, struct call *c)
{
    c->caps[0] = SEL4_SLOT_CNODE;
    switch (c->invocation) {
    case SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE:
        SET(c, 0x210 + fill_below(m, HERE, 8), 0x210 + fill_below(m, HERE, 8), free_slot(m, HERE),
            depth(m, HERE));
        return (struct shape){SEL4_SLOT_IO_PORT_CONTROL, 4, 1};
    case SEL4_INVOCATION_IRQ_ISSUE_IOAPIC:
        SET(c, free_slot(m, HERE), depth(m, HERE), PICK(m, 0, 0, 1), PICK(m, 5, 7, 24),
            fill_below(m, HERE, 3), fill_below(m, HERE, 3), PICK(m, 30, 31, 108));
        return (struct shape){SEL4_SLOT_IRQ_CONTROL, 7, 1};
    case SEL4_INVOCATION_IRQ_ISSUE_MSI:
        SET(c, free_slot(m, HERE), depth(m, HERE), PICK(m, 0, 255, 256), PICK(m, 0, 31, 32),
            PICK(m, 0, 7, 8), 0, PICK(m, 32, 33, 108));
        return (struct shape){SEL4_SLOT_IRQ_CONTROL, 7, 1};
    case SEL4_INVOCATION_IRQ_ISSUE_HANDLER:
        SET(c, 5, free_slot(m, HERE), depth(m, HERE));
        return (struct shape){SEL4_SLOT_IRQ_CONTROL, 3, 1};
    case SEL4_INVOCATION_DOMAIN_SCHEDULE_CONFIGURE: // never the entry that this runs in
        SET(c, PICK(m, 1, 2, 98, 99, ~0ULL), PICK(m, 0, 1, 15, 16), PICK(m, 0, 100, 1ULL << 56));
        return (struct shape){SEL4_SLOT_DOMAIN, 3, 0};
    case SEL4_INVOCATION_DOMAIN_SCHEDULE_SET_START: // never one with a time
        SET(c, PICK(m, 99, 100, ~0ULL));
        return (struct shape){SEL4_SLOT_DOMAIN, 1, 0};
    case SEL4_INVOCATION_IRQ_SET_HANDLER:
        c->caps[0] = fill_slot_with(m, HERE, SEL4_OBJECT_NOTIFICATION);
        return (struct shape){fill_any_slot(m, HERE), 0, 1};
    case SEL4_INVOCATION_DOMAIN_SET:
        SET(c, PICK(m, 0, 1, 15, 16, fill_odd_word(m, HERE)));
        c->caps[0] = fill_slot_with(m, HERE, SEL4_OBJECT_TCB);
        return (struct shape){SEL4_SLOT_DOMAIN, 1, 1};
    default: // port access, acknowledge, clear
        SET(c, 0x210 + fill_below(m, HERE, 10), fill_odd_word(m, HERE));
        c->hide_words = true; // what a port without device reads is the machine's business
        return (struct shape){fill_any_slot(m, HERE), 2, 0};
    }
}

struct shape fill_call(struct model *m, struct call *c)
{
    enum sel4_invocation i = c->invocation;
    if (i == SEL4_INVOCATION_UNTYPED_RETYPE) {
        return fill_untyped(m, c);
    }
    if (i >= SEL4_INVOCATION_TCB_READ_REGISTERS && i <= SEL4_INVOCATION_TCB_COPY_REGISTERS) {
        return fill_tcb_registers(m, c);
    }
    if (i == SEL4_INVOCATION_TCB_CONFIGURE || i == SEL4_INVOCATION_TCB_SET_IPC_BUFFER ||
        i == SEL4_INVOCATION_TCB_SET_SPACE) {
        return fill_tcb_space(m, c);
    }
    if (i < SEL4_INVOCATION_CNODE_REVOKE) {
        return fill_tcb(m, c);
    }
    if (i <= SEL4_INVOCATION_CNODE_ROTATE) {
        return fill_cnode(m, c);
    }
    if (i >= SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS &&
        i <= SEL4_INVOCATION_SCHED_CONTEXT_YIELD_TO) {
        return fill_sched(m, c);
    }
    if (i >= SEL4_INVOCATION_PDPT_MAP && i <= SEL4_INVOCATION_ASID_POOL_ASSIGN) {
        return fill_vspace(m, c);
    }
    return fill_device(m, c);
}
