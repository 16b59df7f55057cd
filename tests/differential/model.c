// SPDX-License-Identifier: BSD-2-Clause
#include "model.h"

#include "fill.h"

enum { PLACES = 1000, SANDBOX_BITS = 20, OTHER = 0xff };

// ------------------------------------------------------------------------------------------------------

static bool allowed(enum sel4_invocation i)
{
    switch (i) {
    case SEL4_INVOCATION_IO_PAGE_TABLE_MAP: // needs an IOMMU
    case SEL4_INVOCATION_IO_PAGE_TABLE_UNMAP:
    case SEL4_INVOCATION_PAGE_MAP_IO:
    case SEL4_INVOCATION_TCB_SET_BREAKPOINT: // debug kernels only
    case SEL4_INVOCATION_TCB_GET_BREAKPOINT:
    case SEL4_INVOCATION_TCB_UNSET_BREAKPOINT:
    case SEL4_INVOCATION_TCB_CONFIGURE_SINGLE_STEPPING:
        return false;
    default:
        return true;
    }
}

static enum sel4_invocation any_invocation(struct model *m)
{
    static const enum sel4_invocation often[] = {
        SEL4_INVOCATION_UNTYPED_RETYPE, SEL4_INVOCATION_CNODE_COPY, SEL4_INVOCATION_CNODE_MINT,
        SEL4_INVOCATION_PAGE_MAP};
    if (fill_chance(m, HERE, 30)) {
        return often[fill_below(m, HERE, 4)];
    }
    for (uint64_t site = HERE;; site = UNDER(site)) {
        enum sel4_invocation i = (enum sel4_invocation)fill_below(m, site, SEL4_INVOCATION_COUNT);
        if (allowed(i)) {
            return i;
        }
    }
}

// A message to an endpoint, a notification, a reply object or whatever else is in a slot.
static struct call message(struct model *m)
{
    static const int64_t numbers[] = {
        SEL4_SYSCALL_NB_SEND,      SEL4_SYSCALL_NB_RECV,    SEL4_SYSCALL_NB_WAIT,
        SEL4_SYSCALL_SEND,         SEL4_SYSCALL_RECV,       SEL4_SYSCALL_WAIT,
        SEL4_SYSCALL_CALL,         SEL4_SYSCALL_REPLY_RECV, SEL4_SYSCALL_NB_SEND_RECV,
        SEL4_SYSCALL_NB_SEND_WAIT, SEL4_SYSCALL_YIELD,      -99,
    };
    struct call c = {.invocation = SEL4_INVOCATION_COUNT};
    uint64_t cap_count = fill_chance(m, HERE, 20) ? fill_below(m, HERE, 4) : 0;
    for (size_t i = 0; i < 3; i++) {
        uint64_t site = UNDER(i);
        c.caps[i] = fill_chance(m, UNDER(site), 80) ? fill_any_slot(m, UNDER(site))
                                                    : fill_odd_cptr(m, UNDER(site));
    }
    enum sel4_object kind = (enum sel4_object[]){SEL4_OBJECT_ENDPOINT, SEL4_OBJECT_NOTIFICATION,
                                                 SEL4_OBJECT_REPLY}[fill_below(m, HERE, 3)];
    c.label = MODEL_MESSAGE_LABEL;
    for (uint64_t i = 0; i < SEL4_MESSAGE_REGISTERS; i++) {
        c.words[i] = 0x10 + i;
    }
    c.trap = (struct trap){
        .rdx = (uint64_t)numbers[fill_below(m, HERE, sizeof numbers / sizeof numbers[0])],
        .rdi = fill_chance(m, HERE, 85) ? fill_slot_with(m, HERE, kind) : fill_odd_cptr(m, HERE),
        .rsi = sel4_message_info(c.label, 0, cap_count, fill_below(m, HERE, 9)),
        .r10 = c.words[0],
        .r8 = c.words[1],
        .r9 = c.words[2],
        .r15 = c.words[3],
        .r12 = fill_chance(m, HERE, 80) ? fill_slot_with(m, HERE, SEL4_OBJECT_REPLY)
                                        : fill_odd_cptr(m, HERE),
        .r13 = fill_chance(m, HERE, 80) ? fill_slot_with(m, HERE, SEL4_OBJECT_ENDPOINT)
                                        : fill_odd_cptr(m, HERE),
    };
    c.hide_words = true; // a fault message received here holds addresses
    return c;
}

// Register values must stay harmless, budgets long, and slots inside the sandbox.
static bool may_change(enum sel4_invocation i)
{
    return (i < SEL4_INVOCATION_CNODE_REVOKE || i > SEL4_INVOCATION_CNODE_ROTATE) &&
           i != SEL4_INVOCATION_TCB_WRITE_REGISTERS &&
           i != SEL4_INVOCATION_SCHED_CONTROL_CONFIGURE_FLAGS &&
           i != SEL4_INVOCATION_DOMAIN_SCHEDULE_CONFIGURE &&
           i != SEL4_INVOCATION_DOMAIN_SCHEDULE_SET_START;
}

struct call model_next(struct model *m)
{
    m->step++;
    if (fill_chance(m, HERE, 15)) {
        return message(m);
    }
    struct call c = {.invocation = any_invocation(m)};
    struct shape shape = fill_call(m, &c);
    c.label = abi.label[c.invocation];
    if (fill_chance(m, HERE,
                    4)) { // another cap, another length, fewer caps, a word changed: what invalid
                          // calls are made of
        shape.cptr = fill_any_slot(m, HERE);
    }
    if (fill_chance(m, HERE, 4)) {
        shape.words = (unsigned)fill_below(m, HERE, shape.words + 1);
    }
    if (fill_chance(m, HERE, 4)) {
        shape.caps = (unsigned)fill_below(m, HERE, shape.caps + 1);
    }
    if (fill_chance(m, HERE, 4) && shape.words > 0 && may_change(c.invocation)) {
        c.words[fill_below(m, HERE, shape.words)] = fill_odd_word(m, HERE);
    }
    c.trap = (struct trap){
        .rdx = (uint64_t)SEL4_SYSCALL_CALL,
        .rdi = shape.cptr,
        .rsi = sel4_message_info(c.label, 0, shape.caps, shape.words),
        .r10 = c.words[0],
        .r8 = c.words[1],
        .r9 = c.words[2],
        .r15 = c.words[3],
    };
    return c;
}

static void hold(struct model *m, uint64_t slot, uint64_t what)
{
    if (slot >= MODEL_FIRST_SLOT && slot < MODEL_FIRST_SLOT + MODEL_SLOTS) {
        m->holds[slot - MODEL_FIRST_SLOT] = (uint8_t)what;
    }
}

static uint64_t held(const struct model *m, uint64_t slot)
{
    return slot >= MODEL_FIRST_SLOT && slot < MODEL_FIRST_SLOT + MODEL_SLOTS
               ? m->holds[slot - MODEL_FIRST_SLOT]
               : 0;
}

static bool is_cnode_operation(enum sel4_invocation i)
{
    return i >= SEL4_INVOCATION_CNODE_REVOKE && i <= SEL4_INVOCATION_CNODE_ROTATE;
}

void model_result(struct model *m, const struct call *c, uint64_t error)
{
    if (error != SEL4_ERROR_NONE ||
        (is_cnode_operation(c->invocation) && c->trap.rdi != SEL4_SLOT_CNODE)) {
        return;
    }
    switch (c->invocation) {
    case SEL4_INVOCATION_UNTYPED_RETYPE:
        for (uint64_t i = 0; i < c->words[5] && c->words[3] == 0; i++) {
            hold(m, c->words[4] + i, labels_object(&abi, c->words[0]) + 1U);
        }
        break;
    case SEL4_INVOCATION_CNODE_COPY:
    case SEL4_INVOCATION_CNODE_MINT:
        hold(m, c->words[0], held(m, c->words[2]));
        break;
    case SEL4_INVOCATION_CNODE_MOVE:
    case SEL4_INVOCATION_CNODE_MUTATE:
        hold(m, c->words[0], held(m, c->words[2]));
        hold(m, c->words[2], 0);
        break;
    case SEL4_INVOCATION_CNODE_DELETE:
        hold(m, c->words[0], 0);
        break;
    case SEL4_INVOCATION_CNODE_REVOKE:
        for (uint64_t i = 0; i < MODEL_SLOTS && c->words[0] == m->memory; i++) {
            m->holds[i] = 0;
        }
        break;
    case SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE:
        hold(m, c->words[2], OTHER);
        break;
    case SEL4_INVOCATION_IRQ_ISSUE_IOAPIC:
    case SEL4_INVOCATION_IRQ_ISSUE_MSI:
    case SEL4_INVOCATION_ASID_CONTROL_MAKE_POOL:
        hold(m, c->words[0], OTHER);
        break;
    default:
        break;
    }
}

void model_start(struct model *m, uint64_t seed)
{
    *m = (struct model){.seed = seed << 40};
    m->memory = make_untyped(SANDBOX_BITS);
}
