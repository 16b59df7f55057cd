// SPDX-License-Identifier: BSD-2-Clause
// Retype: order of checks, sizes, the watermark and when memory comes back (fact sheet, section 4).

#include "kernel_world.h"

static enum sel4_error retype(struct world *w, const uint64_t *words, unsigned count, unsigned caps)
{
    struct world_message message = {.count = count, .caps = {SEL4_SLOT_CNODE}, .cap_count = caps};
    for (unsigned i = 0; i < count; i++) {
        message.words[i] = words[i];
    }
    return world_invoke(w, w->untyped, SEL4_INVOCATION_UNTYPED_RETYPE, message);
}

static void refusals_name_what_is_wrong(void **state)
{
    struct world *w = *state;
    static const struct {
        uint64_t words[6]; // type, size, index, depth, offset, count
        enum sel4_error error;
        unsigned length;
        uint64_t detail[3];
    } rows[] = {
        {{15, 0, 0, 0, 1000, 1}, SEL4_ERROR_INVALID_ARGUMENT, 1, {0}},
        {{1, 64, 0, 0, 1000, 1}, SEL4_ERROR_RANGE_ERROR, 2, {0, 47}},
        {{0, 48, 0, 0, 1000, 1}, SEL4_ERROR_RANGE_ERROR, 2, {0, 47}},
        {{4, 43, 0, 0, 1000, 1}, SEL4_ERROR_RANGE_ERROR, 2, {0, 47}},
        {{4, 0, 0, 0, 1000, 1}, SEL4_ERROR_INVALID_ARGUMENT, 1, {1}},
        {{0, 3, 0, 0, 1000, 1}, SEL4_ERROR_INVALID_ARGUMENT, 1, {1}},
        {{5, 6, 0, 0, 1000, 1}, SEL4_ERROR_INVALID_ARGUMENT, 1, {1}},
        {{2, 0, 1, 64, 0, 1}, SEL4_ERROR_FAILED_LOOKUP, 3, {0, SEL4_LOOKUP_MISSING_CAPABILITY, 64}},
        {{2, 0, 1, 65, 0, 1}, SEL4_ERROR_RANGE_ERROR, 2, {1, 64}},
        {{2, 0, 1, 10, 0, 1}, SEL4_ERROR_FAILED_LOOKUP, 5, {0, SEL4_LOOKUP_GUARD_MISMATCH, 10}},
        {{2, 0, 0, 0, 1 << 17, 1}, SEL4_ERROR_RANGE_ERROR, 2, {0, (1 << 17) - 1}},
        {{2, 0, 0, 0, 1000, 0}, SEL4_ERROR_RANGE_ERROR, 2, {1, 256}},
        {{2, 0, 0, 0, 1000, 257}, SEL4_ERROR_RANGE_ERROR, 2, {1, 256}},
        {{2, 0, 0, 0, (1 << 17) - 2, 3}, SEL4_ERROR_RANGE_ERROR, 2, {1, 2}},
        {{2, 0, 0, 0, SEL4_SLOT_TCB, 1}, SEL4_ERROR_DELETE_FIRST, 0, {0}},
        {{0, 40, 0, 0, 1000, 1}, SEL4_ERROR_NOT_ENOUGH_MEMORY, 1, {1 << 22}},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(retype(w, rows[i].words, 6, 1), rows[i].error);
        assert_int_equal(world_length(w), rows[i].length);
        for (unsigned j = 0; j < rows[i].length && j < 3; j++) {
            assert_int_equal(world_word(w, j), rows[i].detail[j]);
        }
    }
    assert_int_equal(retype(w, rows[0].words, 5, 1), SEL4_ERROR_TRUNCATED_MESSAGE);
    assert_int_equal(retype(w, rows[0].words, 6, 0), SEL4_ERROR_TRUNCATED_MESSAGE);
    assert_int_equal(WORLD_PLAIN(w, w->untyped, TCB_SUSPEND), SEL4_ERROR_ILLEGAL_OPERATION);
}

static uint64_t used(struct world *w, uint64_t slot)
{
    struct kernel_slot slots[300];
    unsigned radix = 0;
    size_t count = kernel_inspect_cspace(&w->kernel, NULL, slots, 300, &radix);
    for (size_t i = 0; i < count && i < 300; i++) {
        if (slots[i].slot == slot) {
            return slots[i].data;
        }
    }
    fail();
    return 0;
}

static void every_object_costs_its_size(void **state)
{
    struct world *w = *state;
    static const struct {
        enum sel4_object object;
        unsigned argument;
        uint64_t size;
        enum sel4_cap_tag kind;
    } rows[] = {
        {SEL4_OBJECT_LARGE_PAGE, 0, 1 << 21, SEL4_CAP_TAG_FRAME},
        {SEL4_OBJECT_SMALL_PAGE, 0, 4096, SEL4_CAP_TAG_FRAME},
        {SEL4_OBJECT_PML4, 0, 4096, SEL4_CAP_TAG_PML4},
        {SEL4_OBJECT_PDPT, 0, 4096, SEL4_CAP_TAG_PDPT},
        {SEL4_OBJECT_PAGE_DIRECTORY, 0, 4096, SEL4_CAP_TAG_PAGE_DIRECTORY},
        {SEL4_OBJECT_PAGE_TABLE, 0, 4096, SEL4_CAP_TAG_PAGE_TABLE},
        {SEL4_OBJECT_IO_PAGE_TABLE, 0, 4096, SEL4_CAP_TAG_IO_PAGE_TABLE},
        {SEL4_OBJECT_TCB, 9, 2048, SEL4_CAP_TAG_TCB},
        {SEL4_OBJECT_UNTYPED, 10, 1024, SEL4_CAP_TAG_UNTYPED},
        {SEL4_OBJECT_SCHED_CONTEXT, 8, 256, SEL4_CAP_TAG_SCHED_CONTEXT},
        {SEL4_OBJECT_CNODE, 2, 128, SEL4_CAP_TAG_CNODE},
        {SEL4_OBJECT_NOTIFICATION, 0, 64, SEL4_CAP_TAG_NOTIFICATION},
        {SEL4_OBJECT_REPLY, 0, 32, SEL4_CAP_TAG_REPLY},
        {SEL4_OBJECT_ENDPOINT, 0, 16, SEL4_CAP_TAG_ENDPOINT},
    };
    uint64_t before = 0;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(world_retype(w, rows[i].object, rows[i].argument, WORLD_FREE + i, 1), 0);
        uint64_t after = used(w, w->untyped);
        assert_int_equal(after - before, rows[i].size);
        before = after;
        world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = WORLD_FREE + i});
        assert_int_equal(w->trace.kind, rows[i].kind);
    }
}

static void memory_comes_back_when_the_last_child_goes(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_SMALL_PAGE, 0, WORLD_FREE, 2), 0);
    struct kernel_slot slots[300];
    unsigned radix = 0;
    size_t count = kernel_inspect_cspace(&w->kernel, NULL, slots, 300, &radix);
    uint8_t *page = w->machine.memory + slots[count - 2].object;
    page[5] = 7;
    assert_int_equal(world_delete(w, WORLD_FREE), 0);
    assert_int_equal(used(w, w->untyped), 8192);
    assert_int_equal(world_delete(w, WORLD_FREE + 1), 0);
    assert_int_equal(page[5], 7);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, WORLD_FREE, 1), 0);
    assert_int_equal(page[5], 0);
    assert_int_equal(used(w, w->untyped), 16);
}

static void a_copy_makes_the_original_full(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_UNTYPED, 12, WORLD_FREE, 1), 0);
    assert_int_equal(world_copy(w, WORLD_FREE + 1, WORLD_FREE, 15), 0);
    uint64_t large = w->untyped;
    w->untyped = WORLD_FREE;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, WORLD_FREE + 2, 1),
                     SEL4_ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(world_word(w, 0), 0);
    assert_int_equal(world_copy(w, WORLD_FREE + 3, WORLD_FREE, 15), SEL4_ERROR_REVOKE_FIRST);
    assert_int_equal(world_delete(w, WORLD_FREE + 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, WORLD_FREE + 2, 256), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, WORLD_FREE + 300, 1),
                     SEL4_ERROR_NOT_ENOUGH_MEMORY);
    assert_int_equal(world_copy(w, WORLD_FREE + 1, WORLD_FREE, 15), SEL4_ERROR_REVOKE_FIRST);
    w->untyped = large;
    assert_int_equal(world_revoke(w, large), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, WORLD_FREE, 256), 0);
}

static void device_memory_holds_only_frames_and_untypeds(void **state)
{
    struct world *w = *state;
    struct kernel_slot slots[300];
    unsigned radix = 0;
    size_t count = kernel_inspect_cspace(&w->kernel, NULL, slots, 300, &radix);
    for (size_t i = 0; i < count; i++) {
        if (slots[i].kind == SEL4_CAP_TAG_UNTYPED && slots[i].object == WORLD_MEMORY) {
            w->untyped = slots[i].slot;
        }
    }
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, WORLD_FREE, 1),
                     SEL4_ERROR_INVALID_ARGUMENT);
    assert_int_equal(world_word(w, 0), 1);
    w->machine.memory[WORLD_MEMORY] = 9;
    assert_int_equal(world_retype(w, SEL4_OBJECT_SMALL_PAGE, 0, WORLD_FREE, 1), 0);
    assert_int_equal(w->machine.memory[WORLD_MEMORY], 9);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_SET_IPC_BUFFER, WORLD_WORDS(0x10000),
                                  WORLD_CAPS(WORLD_FREE)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(world_retype(w, SEL4_OBJECT_UNTYPED, 12, WORLD_FREE + 1, 1), 0);
}

static void a_destination_may_lie_deeper(void **state)
{
    struct world *w = *state;
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 2, WORLD_FREE, 1), 0);
    uint64_t words[] = {w->kernel.abi.type[SEL4_OBJECT_ENDPOINT], 0, WORLD_FREE, 64, 1, 2};
    assert_int_equal(retype(w, words, 6, 1), 0);
    struct kernel_slot slots[4];
    // The CNode has no guard: give it one, so that 62 zero bits lead to it.
    assert_int_equal(kernel_inspect_cnode(&w->kernel, NULL, WORLD_FREE, slots, 4), 2);
    assert_int_equal(slots[0].slot, 1);
    assert_int_equal(slots[1].kind, SEL4_CAP_TAG_ENDPOINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusals_name_what_is_wrong, world_start, world_end),
        cmocka_unit_test_setup_teardown(every_object_costs_its_size, world_start, world_end),
        cmocka_unit_test_setup_teardown(memory_comes_back_when_the_last_child_goes, world_start,
                                        world_end),
        cmocka_unit_test_setup_teardown(a_copy_makes_the_original_full, world_start, world_end),
        cmocka_unit_test_setup_teardown(device_memory_holds_only_frames_and_untypeds, world_start,
                                        world_end),
        cmocka_unit_test_setup_teardown(a_destination_may_lie_deeper, world_start, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
