// SPDX-License-Identifier: BSD-2-Clause
// CNode operations: checks in their order, their errors and details, derivation and revocation.
#include "harness.h"

enum { DEPTH = 64, RIGHTS = SEL4_RIGHT_ALL };

static uint64_t root = SEL4_SLOT_CNODE;

static void copy_errors(void)
{
    heading("copy");
    uint64_t ep = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t to = slot_new();
    observe("wrong label on a CNode", invoke_label(root, 1, NO_MRS, NO_CAPS));
    observe("no words", CALL(root, CNODE_COPY, NO_MRS, NO_CAPS));
    observe("one word", CALL(root, CNODE_COPY, MRS(to), CAPS(root)));
    observe("three words", CALL(root, CNODE_COPY, MRS(to, DEPTH, ep), CAPS(root)));
    observe("four words", CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, DEPTH), CAPS(root)));
    observe("no source root", CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, DEPTH, RIGHTS), NO_CAPS));
    observe("depth 0", CALL(root, CNODE_COPY, MRS(to, 0, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("depth 65", CALL(root, CNODE_COPY, MRS(to, 65, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("depth 17", CALL(root, CNODE_COPY, MRS(to, 17, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("depth 63", CALL(root, CNODE_COPY, MRS(to, 63, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("source depth 0", CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, 0, RIGHTS), CAPS(root)));
    observe("source depth 20", CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, 20, RIGHTS), CAPS(root)));
    observe("index outside the guard",
            CALL(root, CNODE_COPY, MRS(1ULL << 40, DEPTH, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("source outside the guard",
            CALL(root, CNODE_COPY, MRS(to, DEPTH, 1ULL << 40, DEPTH, RIGHTS), CAPS(root)));
    observe("null source",
            CALL(root, CNODE_COPY, MRS(to, DEPTH, slot_new(), DEPTH, RIGHTS), CAPS(root)));
    observe("source root is an endpoint",
            CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, DEPTH, RIGHTS), CAPS(ep)));
    observe("source root is null",
            CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, DEPTH, RIGHTS), CAPS(slot_new())));
    observe("good", CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("destination full",
            CALL(root, CNODE_COPY, MRS(to, DEPTH, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("both bad: destination first",
            CALL(root, CNODE_COPY, MRS(to, DEPTH, 0, DEPTH, RIGHTS), CAPS(root)));
}

static void mint_rules(void)
{
    heading("mint and mutate");
    uint64_t ep = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t ntfn = make(SEL4_OBJECT_NOTIFICATION, 0);
    uint64_t badged = mint_of(ep, RIGHTS, 7);
    uint64_t to = slot_new();
    observe("five words", CALL(root, CNODE_MINT, MRS(to, DEPTH, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("mint a badged cap",
            CALL(root, CNODE_MINT, MRS(to, DEPTH, badged, DEPTH, RIGHTS, 9), CAPS(root)));
    observe("mint a badged cap with 0",
            CALL(root, CNODE_MINT, MRS(to, DEPTH, badged, DEPTH, RIGHTS, 0), CAPS(root)));
    observe("copy a badged cap",
            CALL(root, CNODE_COPY, MRS(to, DEPTH, badged, DEPTH, RIGHTS), CAPS(root)));
    uint64_t moved = slot_new();
    observe("mutate with a badge",
            CALL(root, CNODE_MUTATE, MRS(moved, DEPTH, to, DEPTH, 5), CAPS(root)));
    observe("mutate with 0", CALL(root, CNODE_MUTATE, MRS(moved, DEPTH, to, DEPTH, 0), CAPS(root)));
    observe("mint unbadged with 0",
            CALL(root, CNODE_MINT, MRS(slot_new(), DEPTH, ep, DEPTH, RIGHTS, 0), CAPS(root)));
    observe("badge of all ones",
            CALL(root, CNODE_MINT, MRS(slot_new(), DEPTH, ntfn, DEPTH, RIGHTS, ~0ULL), CAPS(root)));
    observe("rights above the mask",
            CALL(root, CNODE_MINT, MRS(slot_new(), DEPTH, ep, DEPTH, ~0ULL, 3), CAPS(root)));
    observe("copy IRQ control",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, SEL4_SLOT_IRQ_CONTROL, DEPTH, RIGHTS),
                 CAPS(root)));
    observe("copy I/O port control",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, SEL4_SLOT_IO_PORT_CONTROL, DEPTH, RIGHTS),
                 CAPS(root)));
    observe("copy ASID control",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, SEL4_SLOT_ASID_CONTROL, DEPTH, RIGHTS),
                 CAPS(root)));
    observe("copy the domain cap",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, SEL4_SLOT_DOMAIN, DEPTH, RIGHTS),
                 CAPS(root)));
    observe("copy SchedControl",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, boot->sched_control.start, DEPTH, RIGHTS),
                 CAPS(root)));
    observe("copy a TCB", CALL(root, CNODE_COPY,
                               MRS(slot_new(), DEPTH, SEL4_SLOT_TCB, DEPTH, RIGHTS), CAPS(root)));
    observe("copy the VSpace",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, SEL4_SLOT_VSPACE, DEPTH, RIGHTS),
                 CAPS(root)));
    observe("copy an unassigned PML4",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, make(SEL4_OBJECT_PML4, 0), DEPTH, RIGHTS),
                 CAPS(root)));
    observe("copy an unmapped page table",
            CALL(root, CNODE_COPY,
                 MRS(slot_new(), DEPTH, make(SEL4_OBJECT_PAGE_TABLE, 0), DEPTH, RIGHTS),
                 CAPS(root)));
    observe("move an unmapped page table",
            CALL(root, CNODE_MOVE, MRS(slot_new(), DEPTH, make(SEL4_OBJECT_PAGE_TABLE, 0), DEPTH),
                 CAPS(root)));
}

static void guards(void)
{
    heading("guards");
    uint64_t cnode = make(SEL4_OBJECT_CNODE, 4);
    observe("guard of 60 bits",
            CALL(root, CNODE_MINT,
                 MRS(slot_new(), DEPTH, cnode, DEPTH, RIGHTS, sel4_cnode_data(0, 60)), CAPS(root)));
    observe("guard of 61 bits",
            CALL(root, CNODE_MINT,
                 MRS(slot_new(), DEPTH, cnode, DEPTH, RIGHTS, sel4_cnode_data(0, 61)), CAPS(root)));
    uint64_t guarded = mint_of(cnode, RIGHTS, sel4_cnode_data(0xab, 8));
    uint64_t ep = make(SEL4_OBJECT_ENDPOINT, 0);
    observe("copy into slot 3 by the plain cap",
            CALL(cnode, CNODE_COPY, MRS(3, 4, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("depth 3 of radix 4", CALL(cnode, CNODE_DELETE, MRS(3, 3), NO_CAPS));
    observe("depth 5 of radix 4", CALL(cnode, CNODE_DELETE, MRS(3, 5), NO_CAPS));
    observe("high bits of the index are ignored", CALL(cnode, CNODE_DELETE, MRS(0xf2, 4), NO_CAPS));
    observe("guarded: right guard",
            CALL(guarded, CNODE_COPY, MRS(0xab4, 12, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("guarded: wrong guard",
            CALL(guarded, CNODE_COPY, MRS(0xac5, 12, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("guarded: depth inside the guard",
            CALL(guarded, CNODE_COPY, MRS(0xab, 7, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("guarded: depth at the guard's end",
            CALL(guarded, CNODE_COPY, MRS(0xab, 8, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("guarded: depth inside the radix",
            CALL(guarded, CNODE_COPY, MRS(0x2ad, 10, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("slot 4 is full by the plain cap",
            CALL(cnode, CNODE_COPY, MRS(4, 4, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("copy through a guarded source root",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, 0xab4, 12, RIGHTS), CAPS(guarded)));
    observe("mint of a CNode with data 0 resets the guard",
            CALL(root, CNODE_MINT, MRS(slot_new(), DEPTH, guarded, DEPTH, RIGHTS, 0), CAPS(root)));
    uint64_t outer = make(SEL4_OBJECT_CNODE, 2);
    observe("put a CNode in a CNode",
            CALL(outer, CNODE_MINT, MRS(1, 2, cnode, DEPTH, RIGHTS, sel4_cnode_data(1, 2)),
                 CAPS(root)));
    observe("two levels: slot",
            CALL(outer, CNODE_COPY, MRS(0x56, 8, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("two levels: wrong inner guard", CALL(outer, CNODE_DELETE, MRS(0x66, 8), NO_CAPS));
    observe("two levels: null middle", CALL(outer, CNODE_DELETE, MRS(0x86, 8), NO_CAPS));
    observe("two levels: ends at the inner cap",
            CALL(outer, CNODE_COPY, MRS(1, 2, ep, DEPTH, RIGHTS), CAPS(root)));
    observe("two levels: through a leaf", CALL(outer, CNODE_DELETE, MRS(0x560, 12), NO_CAPS));
}

static void move_and_rotate(void)
{
    heading("move and rotate");
    uint64_t a = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t b = make(SEL4_OBJECT_NOTIFICATION, 0);
    uint64_t c = slot_new();
    observe("move null", CALL(root, CNODE_MOVE, MRS(c, DEPTH, slot_new(), DEPTH), CAPS(root)));
    observe("move onto itself", CALL(root, CNODE_MOVE, MRS(a, DEPTH, a, DEPTH), CAPS(root)));
    observe("move", CALL(root, CNODE_MOVE, MRS(c, DEPTH, a, DEPTH), CAPS(root)));
    observe("move back", CALL(root, CNODE_MOVE, MRS(a, DEPTH, c, DEPTH), CAPS(root)));
    observe("rotate: short",
            CALL(root, CNODE_ROTATE, MRS(c, DEPTH, 0, b, DEPTH, 0, a), CAPS(root, root)));
    observe("rotate: one root",
            CALL(root, CNODE_ROTATE, MRS(c, DEPTH, 0, b, DEPTH, 0, a, DEPTH), CAPS(root)));
    observe("rotate: pivot is source",
            CALL(root, CNODE_ROTATE, MRS(c, DEPTH, 0, a, DEPTH, 0, a, DEPTH), CAPS(root, root)));
    observe("rotate: pivot is destination",
            CALL(root, CNODE_ROTATE, MRS(b, DEPTH, 0, b, DEPTH, 0, a, DEPTH), CAPS(root, root)));
    observe("rotate: null pivot",
            CALL(root, CNODE_ROTATE, MRS(c, DEPTH, 0, slot_new(), DEPTH, 0, a, DEPTH),
                 CAPS(root, root)));
    observe("rotate: null source",
            CALL(root, CNODE_ROTATE, MRS(c, DEPTH, 0, b, DEPTH, 0, slot_new(), DEPTH),
                 CAPS(root, root)));
    observe("rotate: full destination",
            CALL(root, CNODE_ROTATE, MRS(SEL4_SLOT_TCB, DEPTH, 0, b, DEPTH, 0, a, DEPTH),
                 CAPS(root, root)));
    observe("rotate",
            CALL(root, CNODE_ROTATE, MRS(c, DEPTH, 0, b, DEPTH, 0, a, DEPTH), CAPS(root, root)));
    observe("rotate: swap",
            CALL(root, CNODE_ROTATE, MRS(c, DEPTH, 0, b, DEPTH, 0, c, DEPTH), CAPS(root, root)));
    observe("the source is empty now",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, a, DEPTH, RIGHTS), CAPS(root)));
}

static void observe_alive(const char *name, uint64_t slot)
{
    // Copying an empty slot fails its look-up.
    uint64_t to = slot_new();
    observe_yes(name,
                CALL(root, CNODE_COPY, MRS(to, DEPTH, slot, DEPTH, RIGHTS), CAPS(root)).label ==
                    SEL4_ERROR_NONE);
    delete_slot(to);
}

static void revocation(void)
{
    heading("delete and revoke");
    uint64_t empty = slot_new();
    observe("delete an empty slot", CALL(root, CNODE_DELETE, MRS(empty, DEPTH), NO_CAPS));
    observe("revoke an empty slot", CALL(root, CNODE_REVOKE, MRS(empty, DEPTH), NO_CAPS));
    observe("delete: one word", CALL(root, CNODE_DELETE, MRS(empty), NO_CAPS));
    observe("revoke: depth 0", CALL(root, CNODE_REVOKE, MRS(empty, 0), NO_CAPS));
    uint64_t ep = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t copy = copy_of(ep, RIGHTS);
    uint64_t copy2 = copy_of(copy, RIGHTS);
    uint64_t badged = mint_of(ep, RIGHTS, 1);
    uint64_t badged_copy = copy_of(badged, RIGHTS);
    observe("revoke a copy", CALL(root, CNODE_REVOKE, MRS(copy, DEPTH), NO_CAPS));
    observe_alive("  its copy lives", copy2);
    observe("revoke a badged cap", CALL(root, CNODE_REVOKE, MRS(badged, DEPTH), NO_CAPS));
    observe_alive("  it lives", badged);
    observe_alive("  its copy lives", badged_copy);
    observe_alive("  the plain copy lives", copy);
    uint64_t moved = slot_new();
    observe("move the original", CALL(root, CNODE_MOVE, MRS(moved, DEPTH, ep, DEPTH), CAPS(root)));
    observe("revoke it", CALL(root, CNODE_REVOKE, MRS(moved, DEPTH), NO_CAPS));
    observe_alive("  it lives", moved);
    observe_alive("  the copy lives", copy);
    observe_alive("  the copy of the copy lives", copy2);
    observe_alive("  the badged cap lives", badged);

    uint64_t original = make(SEL4_OBJECT_ENDPOINT, 0);
    uint64_t kept = copy_of(original, RIGHTS);
    uint64_t minted = mint_of(kept, RIGHTS, 3);
    observe("delete the original", CALL(root, CNODE_DELETE, MRS(original, DEPTH), NO_CAPS));
    observe_alive("  the copy lives", kept);
    observe("revoke the copy", CALL(root, CNODE_REVOKE, MRS(kept, DEPTH), NO_CAPS));
    observe_alive("  its minted child lives", minted);

    heading("cancel badged sends");
    observe("unbadged", CALL(root, CNODE_CANCEL_BADGED_SENDS, MRS(moved, DEPTH), NO_CAPS));
    observe("null", CALL(root, CNODE_CANCEL_BADGED_SENDS, MRS(slot_new(), DEPTH), NO_CAPS));
    observe("a TCB", CALL(root, CNODE_CANCEL_BADGED_SENDS, MRS(SEL4_SLOT_TCB, DEPTH), NO_CAPS));
    observe("without grant",
            CALL(root, CNODE_CANCEL_BADGED_SENDS, MRS(mint_of(moved, 3, 4), DEPTH), NO_CAPS));
    observe("badged with all rights",
            CALL(root, CNODE_CANCEL_BADGED_SENDS, MRS(mint_of(moved, RIGHTS, 4), DEPTH), NO_CAPS));
}

void conformance_main(void)
{
    copy_errors();
    mint_rules();
    guards();
    move_and_rotate();
    revocation();
}
