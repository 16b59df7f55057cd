// SPDX-License-Identifier: BSD-2-Clause
// Address spaces: paging structures, frames, rights, attributes, ASIDs, and what user code sees of
// them.
#include "harness.h"

enum { DEPTH = 64, RIGHTS = SEL4_RIGHT_ALL };
enum { AREA = 0x40000000, READ_ONLY = 2, READ_WRITE = 3 };

static uint64_t root = SEL4_SLOT_CNODE, vspace = SEL4_SLOT_VSPACE;
static uint64_t reply;

static struct answer map_frame(uint64_t frame, uint64_t space, uint64_t vaddr, uint64_t rights)
{
    return CALL(frame, PAGE_MAP, MRS(vaddr, rights, 0), CAPS(space));
}

static void structures(void)
{
    heading("paging structures");
    uint64_t space = make(SEL4_OBJECT_PML4, 0);
    uint64_t pdpt = make(SEL4_OBJECT_PDPT, 0), pd = make(SEL4_OBJECT_PAGE_DIRECTORY, 0);
    uint64_t pt = make(SEL4_OBJECT_PAGE_TABLE, 0), frame = make(SEL4_OBJECT_SMALL_PAGE, 0);
    observe("map a PDPT without ASID", CALL(pdpt, PDPT_MAP, MRS(AREA, 0), CAPS(space)));
    observe("assign: no cap", CALL(SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, NO_MRS, NO_CAPS));
    observe("assign a frame", CALL(SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, NO_MRS, CAPS(frame)));
    observe("assign", CALL(SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, NO_MRS, CAPS(space)));
    observe("assign twice", CALL(SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, NO_MRS, CAPS(space)));
    observe("frame without PDPT", map_frame(frame, space, AREA, READ_WRITE));
    observe("PT without PDPT", CALL(pt, PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(space)));
    observe("PD without PDPT", CALL(pd, PAGE_DIRECTORY_MAP, MRS(AREA, 0), CAPS(space)));
    observe("PDPT: short", CALL(pdpt, PDPT_MAP, MRS(AREA), CAPS(space)));
    observe("PDPT: no cap", CALL(pdpt, PDPT_MAP, MRS(AREA, 0), NO_CAPS));
    observe("PDPT: space is a frame", CALL(pdpt, PDPT_MAP, MRS(AREA, 0), CAPS(frame)));
    observe("PDPT above the user's addresses",
            CALL(pdpt, PDPT_MAP, MRS(0x800000000000ULL, 0), CAPS(space)));
    observe("PDPT", CALL(pdpt, PDPT_MAP, MRS(AREA + 0x1234, 0), CAPS(space)));
    observe("PDPT twice", CALL(pdpt, PDPT_MAP, MRS(AREA, 0), CAPS(space)));
    observe("another PDPT there",
            CALL(make(SEL4_OBJECT_PDPT, 0), PDPT_MAP, MRS(0, 0), CAPS(space)));
    observe("frame without PD", map_frame(frame, space, AREA, READ_WRITE));
    observe("PT without PD", CALL(pt, PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(space)));
    observe("PD", CALL(pd, PAGE_DIRECTORY_MAP, MRS(AREA, 0), CAPS(space)));
    observe("PD twice", CALL(pd, PAGE_DIRECTORY_MAP, MRS(AREA, 0), CAPS(space)));
    observe("another PD there", CALL(make(SEL4_OBJECT_PAGE_DIRECTORY, 0), PAGE_DIRECTORY_MAP,
                                     MRS(AREA, 0), CAPS(space)));
    observe("frame without PT", map_frame(frame, space, AREA, READ_WRITE));
    observe("PT", CALL(pt, PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(space)));
    observe("PT twice", CALL(pt, PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(space)));
    observe("frame", map_frame(frame, space, AREA, READ_WRITE));
    observe("copy a mapped PT",
            CALL(root, CNODE_COPY, MRS(slot_new(), DEPTH, pt, DEPTH, RIGHTS), CAPS(root)));
    observe("unmap a PT with a copy", CALL(pt, PAGE_TABLE_UNMAP, NO_MRS, NO_CAPS));
    observe("revoke its copies", CALL(root, CNODE_REVOKE, MRS(pt, DEPTH), NO_CAPS));
    observe("unmap the PT", CALL(pt, PAGE_TABLE_UNMAP, NO_MRS, NO_CAPS));
    observe("unmap it again", CALL(pt, PAGE_TABLE_UNMAP, NO_MRS, NO_CAPS));
    observe("frame still counts as mapped elsewhere",
            map_frame(frame, space, AREA + 0x1000, READ_WRITE));
    observe("unmap the frame", CALL(frame, PAGE_UNMAP, NO_MRS, NO_CAPS));
    observe("large frame where the PT was",
            map_frame(make(SEL4_OBJECT_LARGE_PAGE, 0), space, AREA, READ_WRITE));
    observe("PT over a large frame", CALL(pt, PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(space)));
    observe("unmap the PD", CALL(pd, PAGE_DIRECTORY_UNMAP, NO_MRS, NO_CAPS));
    observe("unmap the PDPT", CALL(pdpt, PDPT_UNMAP, NO_MRS, NO_CAPS));
    observe("a label no PML4 knows", invoke_label(space, 1, NO_MRS, NO_CAPS));
}

// A page table for AREA in the main address space.
static void prepare(void)
{
    struct answer a =
        CALL(make(SEL4_OBJECT_PAGE_DIRECTORY, 0), PAGE_DIRECTORY_MAP, MRS(AREA, 0), CAPS(vspace));
    need(a, "page directory");
    need(CALL(make(SEL4_OBJECT_PAGE_TABLE, 0), PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(vspace)),
         "page table");
}

static void frames(void)
{
    heading("frames");
    uint64_t frame = make(SEL4_OBJECT_SMALL_PAGE, 0), other = make(SEL4_OBJECT_SMALL_PAGE, 0);
    observe("map: short", CALL(frame, PAGE_MAP, MRS(AREA, 3), CAPS(vspace)));
    observe("map: no cap", CALL(frame, PAGE_MAP, MRS(AREA, 3, 0), NO_CAPS));
    observe("map: space is an endpoint",
            map_frame(frame, make(SEL4_OBJECT_ENDPOINT, 0), AREA, READ_WRITE));
    observe("map: unaligned", map_frame(frame, vspace, AREA + 8, READ_WRITE));
    observe("map: above", map_frame(frame, vspace, 0x7ffffffff000ULL, READ_WRITE));
    observe("map: far above", map_frame(frame, vspace, 0xffff800000000000ULL, READ_WRITE));
    observe("map: range before alignment", map_frame(frame, vspace, 0x7ffffffff008ULL, READ_WRITE));
    observe("map: no page table", map_frame(frame, vspace, AREA + 0x200000, READ_WRITE));
    observe("map", map_frame(frame, vspace, AREA, READ_WRITE));
    observe("map elsewhere while mapped", map_frame(frame, vspace, AREA + 0x1000, READ_WRITE));
    observe("map again: same place", map_frame(frame, vspace, AREA, READ_WRITE));
    *(volatile uint64_t *)AREA = 0x1122334455667788;
    observe("remap read-only", map_frame(frame, vspace, AREA, READ_ONLY));
    observe_word("  it reads", *(volatile uint64_t *)AREA);
    observe("another frame over it", map_frame(other, vspace, AREA, READ_WRITE));
    observe_word("  it reads", *(volatile uint64_t *)AREA);
    observe("unmap the first", CALL(frame, PAGE_UNMAP, NO_MRS, NO_CAPS));
    observe_word("  the other is still there", *(volatile uint64_t *)AREA);
    observe("map the first beside it", map_frame(frame, vspace, AREA + 0x1000, READ_WRITE));
    observe_word("  contents kept", *(volatile uint64_t *)(AREA + 0x1000));
    uint64_t copy = copy_of(frame, RIGHTS);
    observe("map a copy as well", map_frame(copy, vspace, AREA + 0x2000, READ_WRITE));
    *(volatile uint64_t *)(AREA + 0x2000) = 0x42;
    observe_word("  one memory", *(volatile uint64_t *)(AREA + 0x1000));
    delete_slot(copy);
    observe_word("  deleting the copy leaves the first", *(volatile uint64_t *)(AREA + 0x1000));
    observe_yes("addresses are page-aligned and differ",
                (CALL(frame, PAGE_GET_ADDRESS, NO_MRS, NO_CAPS).mr[0] & 0xfff) == 0 &&
                    CALL(frame, PAGE_GET_ADDRESS, NO_MRS, NO_CAPS).mr[0] !=
                        CALL(other, PAGE_GET_ADDRESS, NO_MRS, NO_CAPS).mr[0]);
    observe("unmap twice", CALL(other, PAGE_UNMAP, NO_MRS, NO_CAPS));
    observe("unmap twice", CALL(other, PAGE_UNMAP, NO_MRS, NO_CAPS));
    observe("copy read-only, map read-write",
            map_frame(copy_of(other, SEL4_RIGHT_READ), vspace, AREA + 0x3000, READ_WRITE));
    observe("large frame, 4 KiB aligned",
            map_frame(make(SEL4_OBJECT_LARGE_PAGE, 0), vspace, AREA + 0x1000, READ_WRITE));
    observe("large frame over a page table",
            map_frame(make(SEL4_OBJECT_LARGE_PAGE, 0), vspace, AREA, READ_WRITE));
    uint64_t large = make(SEL4_OBJECT_LARGE_PAGE, 0);
    observe("large frame", map_frame(large, vspace, AREA + 0x400000, READ_WRITE));
    *(volatile uint64_t *)(AREA + 0x5ffff8) = 0x77;
    observe_word("  its end", *(volatile uint64_t *)(AREA + 0x5ffff8));
    observe("frame inside a large frame",
            map_frame(make(SEL4_OBJECT_SMALL_PAGE, 0), vspace, AREA + 0x401000, READ_WRITE));
    observe("a label no frame knows", invoke_label(frame, 1, NO_MRS, NO_CAPS));
}

extern const char fault_read[], fault_write[];

static void observe_access(const char *name, struct thread *thread, const char *code, uint64_t at)
{
    thread_start(thread, (void (*)(void *))(uintptr_t)code, (void *)at);
    struct answer fault = do_nb_recv(thread->fault_endpoint, reply);
    observe_words(name,
                  (uint64_t[]){fault.label, fault.label == SEL4_FAULT_VM ? fault.mr[1] : 0,
                               fault.label == SEL4_FAULT_VM ? fault.mr[3] : 0},
                  3);
    thread_stop(thread);
}

static void rights(void)
{
    heading("rights of mappings: fault label (2 = access went through), address, FSR");
    struct thread thread = thread_make();
    static const char *const names[] = {"no rights", "write", "read", "read and write"};
    for (uint64_t r = 0; r < 4; r++) {
        uint64_t frame = make(SEL4_OBJECT_SMALL_PAGE, 0);
        need(map_frame(frame, vspace, AREA + 0x10000 + r * 0x1000, r), "map");
        observe_access(names[r], &thread, fault_read, AREA + 0x10000 + r * 0x1000 + 8);
        observe_access("  written", &thread, fault_write, AREA + 0x10000 + r * 0x1000 + 16);
    }
    uint64_t frame = make(SEL4_OBJECT_SMALL_PAGE, 0);
    need(map_frame(copy_of(frame, SEL4_RIGHT_READ), vspace, AREA + 0x20000, READ_WRITE), "map");
    observe_access("a read-only cap mapped read-write: read", &thread, fault_read, AREA + 0x20000);
    observe_access("  written", &thread, fault_write, AREA + 0x20000);
    uint64_t gone = make(SEL4_OBJECT_SMALL_PAGE, 0);
    need(map_frame(gone, vspace, AREA + 0x21000, READ_WRITE), "map");
    observe_access("before deletion", &thread, fault_read, AREA + 0x21000);
    delete_slot(gone);
    observe_access("after deletion", &thread, fault_read, AREA + 0x21000);
    uint64_t pool = make_untyped(12), inside = slot_new();
    need(CALL(pool, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_SMALL_PAGE], 0, 0, 0, inside, 1),
              CAPS(root)),
         "retype");
    need(map_frame(inside, vspace, AREA + 0x22000, READ_WRITE), "map");
    *(volatile uint64_t *)(AREA + 0x22000) = 0x5ec4e7;
    need(CALL(root, CNODE_REVOKE, MRS(pool, DEPTH), NO_CAPS), "revoke");
    observe_access("after revoking its untyped", &thread, fault_read, AREA + 0x22000);
    need(CALL(pool, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_SMALL_PAGE], 0, 0, 0, inside, 1),
              CAPS(root)),
         "retype");
    need(map_frame(inside, vspace, AREA + 0x22000, READ_WRITE), "map");
    observe_word("a new frame of the same memory is zero", *(volatile uint64_t *)(AREA + 0x22000));
    observe_access("address 0", &thread, fault_read, 0);
}

static void asids(void)
{
    heading("ASID pools");
    uint64_t to = slot_new();
    observe("make: short", CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL, MRS(to),
                                CAPS(make_untyped(12), root)));
    observe("make: one cap", CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL, MRS(to, DEPTH),
                                  CAPS(make_untyped(12))));
    observe("make of 13 bits", CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL, MRS(to, DEPTH),
                                    CAPS(make_untyped(13), root)));
    observe("make of an endpoint", CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL,
                                        MRS(to, DEPTH), CAPS(make(SEL4_OBJECT_ENDPOINT, 0), root)));
    uint64_t used = make_untyped(12);
    need(CALL(used, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_ENDPOINT], 0, 0, 0, slot_new(), 1),
              CAPS(root)),
         "retype");
    observe("make of a used untyped",
            CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL, MRS(to, DEPTH), CAPS(used, root)));
    observe("make into a full slot", CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL,
                                          MRS(SEL4_SLOT_TCB, DEPTH), CAPS(make_untyped(12), root)));
    for (unsigned i = 0; i < 7; i++) {
        observe("make", CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL, MRS(slot_new(), DEPTH),
                             CAPS(make_untyped(12), root)));
    }
    observe("make the ninth", CALL(SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL,
                                   MRS(slot_new(), DEPTH), CAPS(make_untyped(12), root)));
}

void conformance_main(void)
{
    reply = make(SEL4_OBJECT_REPLY, 0);
    structures();
    prepare();
    frames();
    rights();
    asids();
}
