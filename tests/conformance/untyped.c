// SPDX-License-Identifier: BSD-2-Clause
// Retype: the order of its checks, sizes, fan-out, room, children and reset.
#include "harness.h"

enum { DEPTH = 64, RIGHTS = SEL4_RIGHT_ALL };

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t type_endpoint, type_tcb, type_cnode, type_untyped, type_page;

static struct answer retype(uint64_t untyped, uint64_t type, uint64_t bits, uint64_t offset,
                            uint64_t count)
{
    return CALL(untyped, UNTYPED_RETYPE, MRS(type, bits, 0, 0, offset, count), CAPS(root));
}

static void argument_checks(void)
{
    heading("arguments");
    uint64_t u = make_untyped(16);
    uint64_t to = slot_new();
    observe("wrong label", invoke_label(u, 2, NO_MRS, NO_CAPS));
    observe("no words", CALL(u, UNTYPED_RETYPE, NO_MRS, CAPS(root)));
    observe("five words", CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, to), CAPS(root)));
    observe("no root", CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, to, 1), NO_CAPS));
    observe_yes("first invalid type is refused",
                retype(u, abi.type_count, 0, to, 1).label == SEL4_ERROR_INVALID_ARGUMENT);
    observe("type of all ones", retype(u, ~0ULL, 0, to, 1));
    observe("size 64 of an endpoint", retype(u, type_endpoint, 64, to, 1));
    observe("size 63 of an endpoint", retype(u, type_endpoint, 63, slot_new(), 1));
    observe("untyped of 48 bits", retype(u, type_untyped, 48, to, 1));
    observe("untyped of 47 bits", retype(u, type_untyped, 47, to, 1));
    observe("untyped of 3 bits", retype(u, type_untyped, 3, to, 1));
    observe("CNode of radix 0", retype(u, type_cnode, 0, to, 1));
    observe("CNode of radix 43", retype(u, type_cnode, 43, to, 1));
    observe("scheduling context of 6 bits",
            retype(u, abi.type[SEL4_OBJECT_SCHED_CONTEXT], 6, to, 1));
    observe("count 0", retype(u, type_endpoint, 0, to, 0));
    observe("count 257", retype(u, type_endpoint, 0, to, 257));
    observe("destination outside the CNode", retype(u, type_endpoint, 0, 1ULL << 17, 1));
    observe("window over the end", retype(u, type_endpoint, 0, (1ULL << 17) - 1, 2));
    observe("a slot of the window is full", retype(u, type_endpoint, 0, u, 1));
    observe("type before size", retype(u, 99, 64, to, 0));
    observe("size before count", retype(u, type_endpoint, 64, to, 0));
    observe("offset before count", retype(u, type_endpoint, 0, 1ULL << 20, 0));
}

static void destinations(void)
{
    heading("destinations");
    uint64_t u = make_untyped(16);
    uint64_t cnode = make(SEL4_OBJECT_CNODE, 3);
    uint64_t ep = make(SEL4_OBJECT_ENDPOINT, 0);
    observe("root is an endpoint",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, 0, 1), CAPS(ep)));
    observe("root is null",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, 0, 1), CAPS(slot_new())));
    observe("the root itself",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, 1, 1), CAPS(cnode)));
    observe("offset 8 of radix 3",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, 8, 1), CAPS(cnode)));
    observe("window of 8 from 1",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, 1, 8), CAPS(cnode)));
    observe("by depth 64",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, cnode, DEPTH, 2, 1), CAPS(root)));
    observe("by depth 64 to an endpoint",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, ep, DEPTH, 2, 1), CAPS(root)));
    observe("by depth 64 to null",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, slot_new(), DEPTH, 2, 1), CAPS(root)));
    observe("by depth 65",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, cnode, 65, 2, 1), CAPS(root)));
    observe("by depth 17",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, cnode, 17, 2, 1), CAPS(root)));
    observe("slot 1 is full, window 0..2",
            CALL(u, UNTYPED_RETYPE, MRS(type_endpoint, 0, 0, 0, 0, 3), CAPS(cnode)));
}

// Bytes that are left, as NotEnoughMemory tells them.
static void observe_room(const char *name, uint64_t u)
{
    observe(name, retype(u, type_untyped, 40, slot_new(), 1));
}

static void sizes(void)
{
    heading("room left in 16 KiB after one object");
    static const struct {
        const char *name;
        enum sel4_object type;
        uint64_t bits;
    } rows[] = {
        {"untyped of 5 bits", SEL4_OBJECT_UNTYPED, 5},
        {"TCB", SEL4_OBJECT_TCB, 0},
        {"endpoint", SEL4_OBJECT_ENDPOINT, 0},
        {"notification", SEL4_OBJECT_NOTIFICATION, 0},
        {"CNode of radix 1", SEL4_OBJECT_CNODE, 1},
        {"CNode of radix 4", SEL4_OBJECT_CNODE, 4},
        {"scheduling context of 7 bits", SEL4_OBJECT_SCHED_CONTEXT, 7},
        {"scheduling context of 9 bits", SEL4_OBJECT_SCHED_CONTEXT, 9},
        {"reply", SEL4_OBJECT_REPLY, 0},
        {"PDPT", SEL4_OBJECT_PDPT, 0},
        {"PML4", SEL4_OBJECT_PML4, 0},
        {"4 KiB page", SEL4_OBJECT_SMALL_PAGE, 0},
        {"page table", SEL4_OBJECT_PAGE_TABLE, 0},
        {"page directory", SEL4_OBJECT_PAGE_DIRECTORY, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t u = make_untyped(14);
        need(retype(u, abi.type[rows[i].type], rows[i].bits, slot_new(), 1), rows[i].name);
        observe_room(rows[i].name, u);
    }
    uint64_t u = make_untyped(13);
    observe("2 MiB page in 8 KiB", retype(u, abi.type[SEL4_OBJECT_LARGE_PAGE], 0, slot_new(), 1));
    observe("1 GiB page in 8 KiB", retype(u, abi.type[SEL4_OBJECT_HUGE_PAGE], 0, slot_new(), 1));
}

static void bump(void)
{
    heading("the bump pointer");
    uint64_t u = make_untyped(13);
    observe("endpoint", retype(u, type_endpoint, 0, slot_new(), 1));
    observe_room("room", u);
    observe("page after an endpoint", retype(u, type_page, 0, slot_new(), 1));
    observe_room("room", u);
    observe("one more page", retype(u, type_page, 0, slot_new(), 1));
    observe("one more endpoint", retype(u, type_endpoint, 0, slot_new(), 1));

    uint64_t v = make_untyped(12);
    uint64_t first = slots_new(256);
    observe("256 endpoints in 4 KiB", retype(v, type_endpoint, 0, first, 256));
    observe_room("room", v);
    observe("257th", retype(v, type_endpoint, 0, slot_new(), 1));
    uint64_t w = make_untyped(12);
    observe("three TCBs in 4 KiB", retype(w, type_tcb, 0, slots_new(3), 3));
    observe("two TCBs in 4 KiB", retype(w, type_tcb, 0, slots_new(2), 2));
}

static void children(void)
{
    heading("children and reset");
    uint64_t u = make_untyped(13);
    uint64_t page = slot_new();
    observe("page", retype(u, type_page, 0, page, 1));
    observe("copy an untyped with children",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, u, DEPTH, RIGHTS), CAPS(root)));
    observe("second page", retype(u, type_page, 0, slot_new(), 1));
    observe("third page", retype(u, type_page, 0, slot_new(), 1));
    delete_slot(page);
    observe("one page deleted: still full", retype(u, type_page, 0, page, 1));
    observe("revoke the untyped", CALL(root, CNODE_REVOKE, MRS(u, DEPTH), NO_CAPS));
    observe("two pages again", retype(u, type_page, 0, slots_new(2), 2));

    uint64_t v = make_untyped(13);
    uint64_t copy = slot_new();
    observe("copy a childless untyped",
            CALL(root, CNODE_COPY, MRS(copy, DEPTH, v, DEPTH, RIGHTS), CAPS(root)));
    observe("the original is full", retype(v, type_page, 0, slot_new(), 1));
    observe("the copy is usable", retype(copy, type_page, 0, slot_new(), 1));
    observe("revoke the original", CALL(root, CNODE_REVOKE, MRS(v, DEPTH), NO_CAPS));
    observe("the original is usable", retype(v, type_page, 0, slot_new(), 1));

    uint64_t parent = make_untyped(14);
    uint64_t middle = slot_new();
    uint64_t leaf = slot_new();
    observe("child untyped", retype(parent, type_untyped, 13, middle, 1));
    observe("grandchild", retype(middle, type_endpoint, 0, leaf, 1));
    observe("delete the middle", CALL(root, CNODE_DELETE, MRS(middle, DEPTH), NO_CAPS));
    observe("the leaf lives",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, leaf, DEPTH, RIGHTS), CAPS(root)));
    observe("revoke the parent", CALL(root, CNODE_REVOKE, MRS(parent, DEPTH), NO_CAPS));
    observe("the leaf is gone",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, leaf, DEPTH, RIGHTS), CAPS(root)));
}

static void device(void)
{
    heading("device untypeds");
    uint64_t u = device_untyped(12);
    observe("endpoint", retype(u, type_endpoint, 0, slot_new(), 1));
    observe("TCB", retype(u, type_tcb, 0, slot_new(), 1));
    observe("CNode", retype(u, type_cnode, 2, slot_new(), 1));
    observe("page table", retype(u, abi.type[SEL4_OBJECT_PAGE_TABLE], 0, slot_new(), 1));
    uint64_t small = slot_new();
    observe("untyped of 12 bits", retype(u, type_untyped, 12, small, 1));
    observe("frame in it", retype(small, type_page, 0, slot_new(), 1));
    observe("second frame in it", retype(small, type_page, 0, slot_new(), 1));
    observe("revoke", CALL(root, CNODE_REVOKE, MRS(u, DEPTH), NO_CAPS));
}

void conformance_main(void)
{
    type_endpoint = abi.type[SEL4_OBJECT_ENDPOINT];
    type_tcb = abi.type[SEL4_OBJECT_TCB];
    type_cnode = abi.type[SEL4_OBJECT_CNODE];
    type_untyped = abi.type[SEL4_OBJECT_UNTYPED];
    type_page = abi.type[SEL4_OBJECT_SMALL_PAGE];
    argument_checks();
    destinations();
    sizes();
    bump();
    children();
    device();
}
