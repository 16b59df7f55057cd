// SPDX-License-Identifier: BSD-2-Clause
// What goes with a container whose last cap is deleted, and what stays behind: containers in
// containers, in TCBs and in themselves.
//
// Each cap in the container that is looked at is the only child of an untyped: the untyped can be
// copied when the cap is gone, and is to be revoked first while it is there.
#include "harness.h"

enum { DEPTH = 64, RADIX = 2, SLOTS = 1 << RADIX, RIGHTS = SEL4_RIGHT_ALL };

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t parents[SLOTS]; // of the caps in the container
static uint64_t memory;         // the untyped of the container itself

static bool is_childless(uint64_t untyped)
{
    uint64_t to = slot_new();
    struct answer answer =
        CALL(root, CNODE_COPY, MRS(to, DEPTH, untyped, DEPTH, RIGHTS), CAPS(root));
    if (answer.label != SEL4_ERROR_NONE) {
        return false;
    }
    delete_slot(to);
    return true;
}

static void observe_gone(const char *name)
{
    uint64_t gone[SLOTS + 1];
    for (unsigned i = 0; i < SLOTS; i++) {
        gone[i] = is_childless(parents[i]);
    }
    gone[SLOTS] = is_childless(memory);
    observe_words(name, gone, SLOTS + 1);
}

static void revoke(uint64_t slot)
{
    need(CALL(root, CNODE_REVOKE, MRS(slot, DEPTH), NO_CAPS), "revoke");
}

// A full CNode.
static uint64_t container(void)
{
    uint64_t cnode = slot_new();
    memory = make_untyped(12);
    need(CALL(memory, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_CNODE], RADIX, 0, 0, cnode, 1),
              CAPS(root)),
         "make a CNode");
    for (uint64_t i = 0; i < SLOTS; i++) {
        parents[i] = make_untyped(12);
        need(CALL(parents[i], UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_ENDPOINT], 0, 0, 0, i, 1),
                  CAPS(cnode)),
             "fill a CNode");
    }
    return cnode;
}

static void put(uint64_t cnode, uint64_t index, uint64_t from)
{
    need(CALL(cnode, CNODE_MOVE, MRS(index, RADIX, from, DEPTH), CAPS(root)), "move");
}

static void finish(void)
{
    revoke(memory);
    observe_gone("revoked");
}

static void in_a_cnode(void)
{
    heading("a CNode in a CNode");
    for (uint64_t i = 0; i < SLOTS; i++) {
        uint64_t outer = make(SEL4_OBJECT_CNODE, RADIX);
        put(outer, i, container());
        observe_gone("filled");
        delete_slot(outer);
        observe_gone("outer deleted");
        finish();
    }
}

static void in_two_cnodes(void)
{
    heading("a CNode in a CNode in a CNode");
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t middle = make(SEL4_OBJECT_CNODE, RADIX);
        uint64_t outer = make(SEL4_OBJECT_CNODE, RADIX);
        put(middle, i, container());
        put(outer, 1, middle);
        delete_slot(outer);
        observe_gone("outer deleted");
        finish();
    }
}

static uint64_t tcb_with(uint64_t cspace)
{
    uint64_t tcb = make(SEL4_OBJECT_TCB, 0);
    need(CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, cspace, SEL4_SLOT_VSPACE)), "set its space");
    delete_slot(cspace);
    return tcb;
}

static void in_a_tcb(void)
{
    heading("a CNode in a TCB");
    uint64_t tcb = tcb_with(container());
    observe_gone("its own cap deleted");
    delete_slot(tcb);
    observe_gone("TCB deleted");
    finish();
    uint64_t outer = make(SEL4_OBJECT_CNODE, RADIX);
    put(outer, 2, tcb_with(container()));
    delete_slot(outer);
    observe_gone("deleted with a CNode that holds the TCB");
    finish();
}

static void in_itself(void)
{
    heading("a CNode in itself");
    for (uint64_t i = 0; i < SLOTS; i++) {
        uint64_t cnode = container();
        need(CALL(cnode, CNODE_DELETE, MRS(i, RADIX), NO_CAPS), "make room");
        put(cnode, i, copy_of(cnode, RIGHTS));
        delete_slot(cnode);
        observe_gone("out of reach");
        finish();
    }
    heading("two CNodes in each other");
    uint64_t other = make(SEL4_OBJECT_CNODE, RADIX);
    uint64_t cnode = container();
    put(other, 1, copy_of(cnode, RIGHTS));
    need(CALL(cnode, CNODE_DELETE, MRS(0, RADIX), NO_CAPS), "make room");
    put(cnode, 0, copy_of(other, RIGHTS));
    delete_slot(other);
    delete_slot(cnode);
    observe_gone("out of reach");
    finish();
}

static void by_revocation(void)
{
    heading("revocation of what holds it");
    uint64_t untyped = make_untyped(12);
    uint64_t outer = slot_new();
    need(CALL(untyped, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_CNODE], RADIX, 0, 0, outer, 1),
              CAPS(root)),
         "make a CNode");
    put(outer, 1, container());
    revoke(untyped);
    observe_gone("outer revoked");
    finish();
}

// A TCB does not change its spaces while that would destroy a container.
static void in_use(void)
{
    heading("a TCB that has the last cap of its CSpace");
    uint64_t v = SEL4_SLOT_VSPACE;
    uint64_t tcb = tcb_with(container());
    uint64_t parent = make_untyped(13);
    need(CALL(parent, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_ENDPOINT], 0, 0, 0, slot_new(), 1),
              CAPS(root)),
         "retype");
    observe("space: short", CALL(tcb, TCB_SET_SPACE, MRS(0), CAPS(0, root, v)));
    observe("space: two caps", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, root)));
    observe("space", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, root, v)));
    observe("space: CSpace cannot be copied",
            CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, parent, v)));
    observe("space: a bad handler", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(tcb, root, v)));
    observe("configure: short", CALL(tcb, TCB_CONFIGURE, MRS(0, 0), CAPS(root, v, 0)));
    observe("configure", CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(root, v, 0)));
    observe("configure: unaligned buffer", CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0x1008),
                                                CAPS(root, v, make(SEL4_OBJECT_SMALL_PAGE, 0))));
    observe("configure: buffer cannot be copied",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0x1000), CAPS(root, v, parent)));
    observe("configure: CSpace cannot be copied",
            CALL(tcb, TCB_CONFIGURE, MRS(0, 0, 0), CAPS(parent, v, 0)));
    observe("buffer", CALL(tcb, TCB_SET_IPC_BUFFER, MRS(0), CAPS(0)));
    observe_gone("nothing changed");
    revoke(memory);
    observe("space, after revocation", CALL(tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, root, v)));
}

void conformance_main(void)
{
    in_a_cnode();
    in_two_cnodes();
    in_a_tcb();
    in_itself();
    by_revocation();
    in_use();
}
