// SPDX-License-Identifier: BSD-2-Clause
// Page tables, frames and ASIDs (fact sheet, section 5.2).

#include "kernel_world.h"

enum { ROOT = WORLD_FREE, PDPT, PD, PT, PAGE, PAGE2, LARGE, HUGE, COPY, OTHER, PD2 };

#define WHERE UINT64_C(0x7000000000)

static int start(void **state)
{
    (void)world_start(state);
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_LARGE_PAGE, 0, LARGE, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PML4, 0, ROOT, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PDPT, 0, PDPT, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PAGE_DIRECTORY, 0, PD, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PAGE_TABLE, 0, PT, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_SMALL_PAGE, 0, PAGE, 2), 0);
    return 0;
}

static void assign(struct world *w)
{
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, WORLD_CAPS(ROOT)), 0);
}

static enum sel4_error map(struct world *w, uint64_t page, uint64_t vaddr, uint64_t rights)
{
    return WORLD_INVOKE(w, page, PAGE_MAP, WORLD_WORDS(vaddr, rights, 0), WORLD_CAPS(ROOT));
}

static void map_tables(struct world *w)
{
    assign(w);
    assert_int_equal(WORLD_INVOKE(w, PDPT, PDPT_MAP, WORLD_WORDS(WHERE, 0), WORLD_CAPS(ROOT)), 0);
    assert_int_equal(
        WORLD_INVOKE(w, PD, PAGE_DIRECTORY_MAP, WORLD_WORDS(WHERE, 0), WORLD_CAPS(ROOT)), 0);
    assert_int_equal(WORLD_INVOKE(w, PT, PAGE_TABLE_MAP, WORLD_WORDS(WHERE, 0), WORLD_CAPS(ROOT)),
                     0);
}

static uint64_t object_of(struct world *w, uint64_t slot)
{
    struct kernel_slot slots[200];
    unsigned radix = 0;
    size_t count = kernel_inspect_cspace(&w->kernel, NULL, slots, 200, &radix);
    for (size_t i = 0; i < count; i++) {
        if (slots[i].slot == slot) {
            return slots[i].object;
        }
    }
    fail();
    return 0;
}

// The FSR that an access would fault with; 0 = it succeeds.
static unsigned touch(struct world *w, uint64_t vaddr, bool write)
{
    struct machine_page page;
    unsigned code = write ? 6 : 4;
    if (!machine_walk(&w->machine, object_of(w, ROOT), vaddr, &page)) {
        return code;
    }
    return (write ? page.writable : page.readable) ? 0 : code | 1;
}

static void upper_tables_come_first(void **state)
{
    struct world *w = *state;
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 1);
    assign(w);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, WORLD_CAPS(ROOT)),
                     SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 2), 39);
    assert_int_equal(
        WORLD_INVOKE(w, PD, PAGE_DIRECTORY_MAP, WORLD_WORDS(WHERE, 0), WORLD_CAPS(ROOT)),
        SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 2), 39);
    assert_int_equal(WORLD_INVOKE(w, PDPT, PDPT_MAP, WORLD_WORDS(WHERE + 5, 0), WORLD_CAPS(ROOT)),
                     0);
    assert_int_equal(WORLD_INVOKE(w, PDPT, PDPT_MAP, WORLD_WORDS(0, 0), WORLD_CAPS(ROOT)),
                     SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 0);
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 2), 30);
    assert_int_equal(
        WORLD_INVOKE(w, PD, PAGE_DIRECTORY_MAP, WORLD_WORDS(WHERE, 0), WORLD_CAPS(ROOT)), 0);
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 2), 21);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PAGE_DIRECTORY, 0, PD2, 1), 0);
    assert_int_equal(
        WORLD_INVOKE(w, PD2, PAGE_DIRECTORY_MAP, WORLD_WORDS(WHERE, 0), WORLD_CAPS(ROOT)),
        SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(WORLD_INVOKE(w, PD2, PAGE_DIRECTORY_MAP, WORLD_WORDS(UINT64_C(1) << 47, 0),
                                  WORLD_CAPS(ROOT)),
                     SEL4_ERROR_INVALID_ARGUMENT);
}

static void rights_decide_what_faults(void **state)
{
    struct world *w = *state;
    static const struct {
        uint64_t rights;
        unsigned read, write;
    } rows[] = {{3, 0, 0}, {SEL4_RIGHT_READ, 0, 7}, {SEL4_RIGHT_WRITE, 5, 7}, {0, 5, 7}};
    map_tables(w);
    assert_int_equal(touch(w, WHERE, false), 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(map(w, PAGE, WHERE, rows[i].rights), 0);
        assert_int_equal(touch(w, WHERE + 0xfff, false), rows[i].read);
        assert_int_equal(touch(w, WHERE, true), rows[i].write);
    }
    assert_int_equal(world_copy(w, COPY, PAGE, SEL4_RIGHT_READ), 0);
    assert_int_equal(map(w, COPY, WHERE + 0x1000, 3), 0);
    assert_int_equal(touch(w, WHERE + 0x1000, true), 7);
}

static void a_mapped_cap_stays_at_its_place(void **state)
{
    struct world *w = *state;
    map_tables(w);
    assert_int_equal(map(w, PAGE, WHERE + 1, 3), SEL4_ERROR_ALIGNMENT_ERROR);
    assert_int_equal(map(w, PAGE, 0x7ffffffff000, 3), SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(map(w, PAGE, 0x7fffffffe000, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(map(w, PAGE, UINT64_MAX & ~UINT64_C(0xfff), 3), SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(map(w, PAGE, WHERE, 3), 0);
    assert_int_equal(map(w, PAGE, WHERE + 0x1000, 3), SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(
        WORLD_INVOKE(w, PAGE, PAGE_MAP, WORLD_WORDS(WHERE, 3, 0), WORLD_CAPS(SEL4_SLOT_VSPACE)),
        SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(WORLD_PLAIN(w, PAGE, PAGE_GET_ADDRESS), 0);
    assert_int_equal(world_word(w, 0), object_of(w, PAGE));
    assert_int_equal(WORLD_INVOKE(w, PAGE, PAGE_MAP, WORLD_WORDS(WHERE, 3)),
                     SEL4_ERROR_TRUNCATED_MESSAGE);
}

static void a_small_page_replaces_another(void **state)
{
    struct world *w = *state;
    map_tables(w);
    assert_int_equal(map(w, PAGE, WHERE, 3), 0);
    assert_int_equal(map(w, PAGE2, WHERE, SEL4_RIGHT_READ), 0);
    assert_int_equal(WORLD_PLAIN(w, PAGE, PAGE_UNMAP), 0);
    assert_int_equal(touch(w, WHERE, false), 0);
    assert_int_equal(touch(w, WHERE, true), 7);
    assert_int_equal(map(w, LARGE, WHERE, 3), SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(WORLD_PLAIN(w, PAGE2, PAGE_UNMAP), 0);
    assert_int_equal(touch(w, WHERE, false), 4);
    assert_int_equal(WORLD_PLAIN(w, PT, PAGE_TABLE_UNMAP), 0);
    assert_int_equal(map(w, LARGE, WHERE + 0x1000, 3), SEL4_ERROR_ALIGNMENT_ERROR);
    assert_int_equal(map(w, LARGE, WHERE, 3), 0);
    assert_int_equal(touch(w, WHERE + 0x1fffff, true), 0);
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(WORLD_INVOKE(w, PT, PAGE_TABLE_MAP, WORLD_WORDS(WHERE, 0), WORLD_CAPS(ROOT)),
                     SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(world_delete(w, LARGE), 0);
    assert_int_equal(touch(w, WHERE, false), 4);
}

static void tables_take_their_pages_along(void **state)
{
    struct world *w = *state;
    map_tables(w);
    assert_int_equal(map(w, PAGE, WHERE, 3), 0);
    assert_int_equal(world_copy(w, COPY, PT, 15), 0);
    assert_int_equal(WORLD_PLAIN(w, PT, PAGE_TABLE_UNMAP), SEL4_ERROR_REVOKE_FIRST);
    assert_int_equal(world_delete(w, COPY), 0);
    assert_int_equal(touch(w, WHERE, false), 0);
    assert_int_equal(world_delete(w, PT), 0);
    assert_int_equal(touch(w, WHERE, false), 4);
    assert_int_equal(map(w, PAGE, WHERE + 0x1000, 3), SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(WORLD_PLAIN(w, PAGE, PAGE_UNMAP), 0);
    assert_int_equal(world_delete(w, PD), 0);
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 2), 30);
    assert_int_equal(WORLD_PLAIN(w, PDPT, PDPT_UNMAP), 0);
    assert_int_equal(WORLD_INVOKE(w, PDPT, PDPT_MAP, WORLD_WORDS(0, 0), WORLD_CAPS(ROOT)), 0);
}

static void each_cap_owns_its_mapping(void **state)
{
    struct world *w = *state;
    map_tables(w);
    assert_int_equal(map(w, PAGE, WHERE, 3), 0);
    assert_int_equal(world_copy(w, COPY, PAGE, 15), 0);
    assert_int_equal(map(w, COPY, WHERE + 0x1000, 3), 0);
    assert_int_equal(world_delete(w, COPY), 0);
    assert_int_equal(touch(w, WHERE, true), 0);
    assert_int_equal(touch(w, WHERE + 0x1000, true), 6);
    assert_int_equal(world_copy(w, COPY, PAGE, 15), 0);
    assert_int_equal(map(w, COPY, WHERE + 0x1000, 3), 0);
    uint32_t flushes = w->flushes;
    assert_int_equal(world_revoke(w, PAGE), 0);
    assert_int_equal(w->flushes, flushes + 1);
    assert_int_equal(touch(w, WHERE + 0x1000, true), 6);
    assert_int_equal(touch(w, WHERE, true), 0);
    assert_int_equal(world_delete(w, ROOT), 0);
    assert_int_equal(w->forgets, 1);
    assert_int_equal(WORLD_PLAIN(w, PAGE, PAGE_UNMAP), 0);
}

static void large_pages_end_the_walk(void **state)
{
    struct world *w = *state;
    assign(w);
    assert_int_equal(WORLD_INVOKE(w, PDPT, PDPT_MAP, WORLD_WORDS(0, 0), WORLD_CAPS(ROOT)), 0);
    assert_int_equal(WORLD_INVOKE(w, PD, PAGE_DIRECTORY_MAP, WORLD_WORDS(0, 0), WORLD_CAPS(ROOT)),
                     0);
    assert_int_equal(map(w, LARGE, 0, SEL4_RIGHT_READ), 0);
    struct machine_page page;
    assert_true(machine_walk(&w->machine, object_of(w, ROOT), 0x12345, &page));
    assert_int_equal(page.size_bits, 21);
    assert_int_equal(page.vaddr, 0);
    assert_int_equal(page.paddr, object_of(w, LARGE));
    assert_true(page.readable && !page.writable && !page.device);
    assert_int_equal(world_retype(w, SEL4_OBJECT_HUGE_PAGE, 0, HUGE, 1),
                     SEL4_ERROR_NOT_ENOUGH_MEMORY);
    assert_false(machine_walk(&w->machine, object_of(w, ROOT), UINT64_MAX, &page));
}

static void seven_more_pools_can_be_made(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_UNTYPED, 12, OTHER, 10), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_UNTYPED, 13, 1200, 1), 0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL,
                                  WORLD_WORDS(1300, 64), WORLD_CAPS(1200, SEL4_SLOT_CNODE)),
                     SEL4_ERROR_INVALID_CAPABILITY);
    assert_int_equal(world_word(w, 0), 1);
    for (unsigned i = 0; i < 8; i++) {
        enum sel4_error error =
            WORLD_INVOKE(w, SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL,
                         WORLD_WORDS(1300 + i, 64), WORLD_CAPS(OTHER + i, SEL4_SLOT_CNODE));
        assert_int_equal(error, i < 7 ? SEL4_ERROR_NONE : SEL4_ERROR_DELETE_FIRST);
    }
    assert_int_equal(world_delete(w, 1300), 0);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL,
                                  WORLD_WORDS(1301, 64), WORLD_CAPS(OTHER + 8, SEL4_SLOT_CNODE)),
                     SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_CONTROL, ASID_CONTROL_MAKE_POOL,
                                  WORLD_WORDS(1300, 64), WORLD_CAPS(OTHER, SEL4_SLOT_CNODE)),
                     0);
    assert_int_equal(WORLD_INVOKE(w, 1300, ASID_POOL_ASSIGN, WORLD_CAPS(ROOT)), 0);
    assert_int_equal(world_delete(w, 1300), 0);
    assert_int_equal(w->forgets, 1);
    assert_int_equal(map(w, PAGE, WHERE, 3), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 1), SEL4_LOOKUP_INVALID_ROOT);
}

static void a_pool_fills_up(void **state)
{
    struct world *w = *state;
    struct cap *pool = &((struct cte *)(w->machine.memory + object_of(w, SEL4_SLOT_CNODE)))[6].cap;
    uint64_t *entries = (void *)(w->machine.memory + pool->object);
    for (unsigned i = 2; i < SEL4_ASIDS_PER_POOL; i++) {
        entries[i] = object_of(w, ROOT);
    }
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, WORLD_CAPS(ROOT)),
                     SEL4_ERROR_DELETE_FIRST);
    entries[511] = 0;
    assign(w);
    assert_int_equal(entries[511], object_of(w, ROOT));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(upper_tables_come_first),
        TEST(rights_decide_what_faults),
        TEST(a_mapped_cap_stays_at_its_place),
        TEST(a_small_page_replaces_another),
        TEST(tables_take_their_pages_along),
        TEST(each_cap_owns_its_mapping),
        TEST(large_pages_end_the_walk),
        TEST(seven_more_pools_can_be_made),
        TEST(a_pool_fills_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
