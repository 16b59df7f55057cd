// SPDX-License-Identifier: BSD-2-Clause
// Frames of 1 GiB, in the PDPT. Nothing is read or written through them: on a PC the memory is
// that of a device, or of none.
#include "harness.h"

enum { DEPTH = 64, HUGE_BITS = 30, LARGE_BITS = 21, READ_WRITE = 3 };

#define AREA     UINT64_C(0x10000000000) // below a PML4 entry that nothing uses
#define HUGE     (UINT64_C(1) << HUGE_BITS)
#define NEXT     (AREA + HUGE)
#define LAST     (AREA + (UINT64_C(511) << HUGE_BITS))
#define OVER_TOP UINT64_C(0x7fffc0000000)

static uint64_t root = SEL4_SLOT_CNODE;
static uint64_t space = SEL4_SLOT_VSPACE;

// An untyped with room for one; 0 = none.
static uint64_t untyped_for_one(void)
{
    for (uint64_t i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        if (boot->untyped_list[i].size_bits >= HUGE_BITS + 1) {
            return boot->untyped.start + i;
        }
    }
    return 0;
}

static struct answer map(uint64_t frame, uint64_t vaddr)
{
    return CALL(frame, PAGE_MAP, MRS(vaddr, READ_WRITE, 0), CAPS(space));
}

static struct answer retype(uint64_t untyped, uint64_t slot, uint64_t count)
{
    return CALL(untyped, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_HUGE_PAGE], 0, 0, 0, slot, count),
                CAPS(root));
}

static void tables(uint64_t frame)
{
    heading("tables");
    uint64_t pdpt = make(SEL4_OBJECT_PDPT, 0);
    observe("no PDPT", map(frame, AREA));
    observe("PDPT", CALL(pdpt, PDPT_MAP, MRS(AREA, 0), CAPS(space)));
    observe("PDPT again", CALL(pdpt, PDPT_MAP, MRS(AREA, 0), CAPS(space)));
    observe("another PDPT there",
            CALL(make(SEL4_OBJECT_PDPT, 0), PDPT_MAP, MRS(NEXT, 0), CAPS(space)));
    observe("page table without a directory",
            CALL(make(SEL4_OBJECT_PAGE_TABLE, 0), PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(space)));
    observe("2 MiB without a directory", map(make(SEL4_OBJECT_LARGE_PAGE, 0), AREA));
}

static void frames(uint64_t frame)
{
    heading("frames");
    uint64_t copy = copy_of(frame, SEL4_RIGHT_ALL);
    uint64_t directory = make(SEL4_OBJECT_PAGE_DIRECTORY, 0);
    observe("4 KiB aligned", map(frame, AREA + 0x1000));
    observe("2 MiB aligned", map(frame, AREA + (1 << LARGE_BITS)));
    observe("at the top of the user's addresses", map(frame, OVER_TOP));
    observe("above them", map(frame, OVER_TOP + HUGE));
    observe("map", map(frame, AREA));
    observe("the same again", map(frame, AREA));
    observe("elsewhere while mapped", map(frame, NEXT));
    observe("another cap in its place", map(copy, AREA));
    observe("another cap beside it", map(copy, NEXT));
    observe("directory over it", CALL(directory, PAGE_DIRECTORY_MAP, MRS(AREA, 0), CAPS(space)));
    observe("2 MiB inside it", map(make(SEL4_OBJECT_LARGE_PAGE, 0), AREA));
    observe("4 KiB inside it", map(make(SEL4_OBJECT_SMALL_PAGE, 0), AREA));
    observe("page table inside it",
            CALL(make(SEL4_OBJECT_PAGE_TABLE, 0), PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(space)));
    struct answer address = CALL(frame, PAGE_GET_ADDRESS, NO_MRS, NO_CAPS);
    observe_yes("its address is a multiple of its size", address.mr[0] % HUGE == 0);
    observe("unmap", CALL(frame, PAGE_UNMAP, NO_MRS, NO_CAPS));
    observe("unmap again", CALL(frame, PAGE_UNMAP, NO_MRS, NO_CAPS));
    observe("directory where it was",
            CALL(directory, PAGE_DIRECTORY_MAP, MRS(AREA, 0), CAPS(space)));
    observe("over a directory", map(frame, AREA));
    observe("the last of the table", map(frame, LAST));
    observe("revoke", CALL(root, CNODE_REVOKE, MRS(frame, DEPTH), NO_CAPS));
    observe("the copy is gone", map(copy, NEXT));
    observe("its place is free", map(frame, NEXT));
}

void conformance_main(void)
{
    uint64_t untyped = untyped_for_one();
    if (untyped == 0) {
        line("no untyped has room for one");
        words_end(NULL, 0);
        return;
    }
    heading("objects");
    uint64_t frame = slots_new(2);
    observe("in an untyped of 2 MiB", retype(make_untyped(LARGE_BITS), frame, 1));
    observe("more than fit", retype(make_untyped(LARGE_BITS), frame, 256));
    observe("one", retype(untyped, frame, 1));
    tables(frame);
    frames(frame);
}
