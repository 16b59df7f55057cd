// SPDX-License-Identifier: BSD-2-Clause
// CNode operations, derivation and badges (fact sheet, sections 3, 5.2 and 11).

#include "kernel_world.h"

enum { EP = WORLD_FREE, NTFN, NODE, A, B, C, D };

static void make_objects(struct world *w)
{
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, EP, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_NOTIFICATION, 0, NTFN, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 4, NODE, 1), 0);
}

static bool full(struct world *w, uint64_t slot)
{
    world_syscall(w, SEL4_SYSCALL_NB_SEND, (struct world_call){.rdi = slot});
    return w->trace.kind != SEL4_CAP_TAG_NULL;
}

static enum sel4_error move(struct world *w, uint64_t to, uint64_t from)
{
    return WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_MOVE, WORLD_WORDS(to, 64, from, 64),
                        WORLD_CAPS(SEL4_SLOT_CNODE));
}

static enum sel4_error mutate(struct world *w, uint64_t to, uint64_t from, uint64_t data)
{
    return WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_MUTATE, WORLD_WORDS(to, 64, from, 64, data),
                        WORLD_CAPS(SEL4_SLOT_CNODE));
}

static void checks_have_an_order(void **state)
{
    struct world *w = *state;
    make_objects(w);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(A)),
                     SEL4_ERROR_TRUNCATED_MESSAGE);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(A, 8)),
                     SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 1), SEL4_LOOKUP_GUARD_MISMATCH);
    assert_int_equal(world_word(w, 2), 8);
    assert_int_equal(world_word(w, 3), 0);
    assert_int_equal(world_word(w, 4), 47);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(A, 63)),
                     SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 1), SEL4_LOOKUP_DEPTH_MISMATCH);
    assert_int_equal(world_word(w, 2), 63);
    assert_int_equal(world_word(w, 3), 64);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(EP, 64, EP)),
                     SEL4_ERROR_TRUNCATED_MESSAGE);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(EP, 64, EP, 64),
                                  WORLD_CAPS(SEL4_SLOT_CNODE)),
                     SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(
        WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(A, 64, EP, 64), WORLD_CAPS(EP)),
        SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 0), 1);
    assert_int_equal(world_word(w, 1), SEL4_LOOKUP_INVALID_ROOT);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(A, 64, B, 64),
                                  WORLD_CAPS(SEL4_SLOT_CNODE)),
                     SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 0), 1);
    assert_int_equal(world_word(w, 1), SEL4_LOOKUP_MISSING_CAPABILITY);
    assert_int_equal(world_word(w, 2), 64);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(A, 64, EP, 64),
                                  WORLD_CAPS(SEL4_SLOT_CNODE)),
                     SEL4_ERROR_TRUNCATED_MESSAGE);
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_DELETE, WORLD_WORDS(EP, 0)),
                     SEL4_ERROR_RANGE_ERROR);
}

static void some_caps_cannot_be_copied(void **state)
{
    struct world *w = *state;
    make_objects(w);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PAGE_TABLE, 0, A, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_PML4, 0, B, 1), 0);
    static const uint64_t sources[] = {SEL4_SLOT_IRQ_CONTROL, SEL4_SLOT_IO_PORT_CONTROL, A, B};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(world_copy(w, C, sources[i], 15), SEL4_ERROR_ILLEGAL_OPERATION);
    }
    assert_int_equal(world_copy(w, C, SEL4_SLOT_VSPACE, 15), 0);
    assert_int_equal(world_copy(w, D, w->untyped, 15), SEL4_ERROR_REVOKE_FIRST);
    assert_int_equal(move(w, D, SEL4_SLOT_IRQ_CONTROL), 0);
    assert_int_equal(move(w, SEL4_SLOT_IRQ_CONTROL, D), 0);
}

static void badges_are_set_once(void **state)
{
    struct world *w = *state;
    make_objects(w);
    assert_int_equal(world_mint(w, A, EP, 15, 77), 0);
    assert_int_equal(world_mint(w, B, A, 15, 78), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(world_mint(w, B, A, 15, 0), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(mutate(w, B, EP, 5), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(world_copy(w, B, A, 15), 0);
    assert_int_equal(world_mint(w, C, NTFN, 15, 3), 0);
}

static void guards_are_kept_or_refused(void **state)
{
    struct world *w = *state;
    make_objects(w);
    struct kernel_slot slot;
    assert_int_equal(world_mint(w, A, NODE, 15, sel4_cnode_data(0x1ff, 4)), 0);
    assert_int_equal(world_mint(w, B, NODE, 15, sel4_cnode_data(0, 61)),
                     SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(mutate(w, B, NODE, sel4_cnode_data(5, 60)), 0);
    struct kernel_slot slots[200];
    unsigned radix = 0;
    size_t count = kernel_inspect_cspace(&w->kernel, NULL, slots, 200, &radix);
    slot = slots[count - 1];
    assert_int_equal(slot.slot, B);
    assert_int_equal(slot.data, sel4_cnode_data(5, 60));
    slot = slots[count - 2];
    assert_int_equal(slot.data, sel4_cnode_data(0xf, 4));
    assert_int_equal(world_mint(w, C, A, 15, 0), 0);
    count = kernel_inspect_cspace(&w->kernel, NULL, slots, 200, &radix);
    assert_int_equal(slots[count - 1].data, 0);
}

static void two_levels_resolve_exactly(void **state)
{
    struct world *w = *state;
    make_objects(w);
    // A radix-16 root with the small CNode behind a guard: 44 zero bits, 16 + 4 bits of slots.
    assert_int_equal(world_retype(w, SEL4_OBJECT_CNODE, 12, A, 1), 0);
    assert_int_equal(world_mint(w, B, A, 15, sel4_cnode_data(0, 44)), 0);
    assert_int_equal(WORLD_INVOKE(w, B, CNODE_MINT,
                                  WORLD_WORDS(3, 56, NODE, 64, 15, sel4_cnode_data(1, 4)),
                                  WORLD_CAPS(SEL4_SLOT_CNODE)),
                     0);
    uint64_t index = 3 << 8 | 1 << 4 | 9;
    assert_int_equal(WORLD_INVOKE(w, B, CNODE_COPY, WORLD_WORDS(index, 64, EP, 64, 15),
                                  WORLD_CAPS(SEL4_SLOT_CNODE)),
                     0);
    assert_int_equal(WORLD_INVOKE(w, B, CNODE_DELETE, WORLD_WORDS(index | 0x20, 64)),
                     SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 1), SEL4_LOOKUP_GUARD_MISMATCH);
    assert_int_equal(world_word(w, 2), 8);
    assert_int_equal(world_word(w, 3), 1);
    assert_int_equal(world_word(w, 4), 4);
    assert_int_equal(WORLD_INVOKE(w, B, CNODE_DELETE, WORLD_WORDS(4 << 8, 64)),
                     SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(world_word(w, 1), SEL4_LOOKUP_DEPTH_MISMATCH);
    assert_int_equal(world_word(w, 2), 8);
    assert_int_equal(world_word(w, 3), 0);
    assert_int_equal(WORLD_INVOKE(w, B, CNODE_DELETE, WORLD_WORDS(index, 64)), 0);
}

static void revoke_follows_derivation(void **state)
{
    struct world *w = *state;
    make_objects(w);
    assert_int_equal(world_copy(w, A, EP, 15), 0);
    assert_int_equal(world_copy(w, B, A, 15), 0);
    assert_int_equal(world_revoke(w, A), 0);
    assert_true(full(w, B));
    assert_int_equal(world_mint(w, C, EP, 15, 5), 0);
    assert_int_equal(world_copy(w, D, C, 15), 0);
    assert_int_equal(world_revoke(w, C), 0);
    assert_false(full(w, D));
    assert_true(full(w, C));
    assert_true(full(w, A));
    assert_int_equal(move(w, D, EP), 0);
    assert_int_equal(world_revoke(w, D), 0);
    assert_true(full(w, D));
    assert_false(full(w, A));
    assert_false(full(w, B));
    assert_false(full(w, C));
}

static void copies_outlive_the_original(void **state)
{
    struct world *w = *state;
    make_objects(w);
    assert_int_equal(world_copy(w, A, EP, 15), 0);
    assert_int_equal(world_delete(w, EP), 0);
    assert_int_equal(world_mint(w, B, A, 15, 9), 0);
    assert_int_equal(world_revoke(w, A), 0);
    assert_true(full(w, B));
    assert_int_equal(world_revoke(w, w->untyped), 0);
    assert_false(full(w, A));
    assert_false(full(w, B));
}

static void a_middle_untyped_may_go(void **state)
{
    struct world *w = *state;
    uint64_t large = w->untyped;
    assert_int_equal(world_retype(w, SEL4_OBJECT_UNTYPED, 12, A, 1), 0);
    w->untyped = A;
    assert_int_equal(world_retype(w, SEL4_OBJECT_ENDPOINT, 0, B, 1), 0);
    assert_int_equal(world_delete(w, A), 0);
    assert_true(full(w, B));
    assert_int_equal(world_revoke(w, large), 0);
    assert_false(full(w, B));
}

static enum sel4_error rotate(struct world *w, const uint64_t slots[3])
{
    return WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_ROTATE,
                        WORLD_WORDS(slots[0], 64, sel4_cnode_data(1, 1), slots[1], 64,
                                    sel4_cnode_data(2, 2), slots[2], 64),
                        WORLD_CAPS(SEL4_SLOT_CNODE, SEL4_SLOT_CNODE));
}

static uint64_t data_of(struct world *w, uint64_t slot)
{
    struct kernel_slot slots[200];
    unsigned radix = 0;
    size_t count = kernel_inspect_cspace(&w->kernel, NULL, slots, 200, &radix);
    for (size_t i = 0; i < count; i++) {
        if (slots[i].slot == slot) {
            return slots[i].data;
        }
    }
    fail();
    return 0;
}

static void rotate_moves_two_caps(void **state)
{
    struct world *w = *state;
    make_objects(w);
    assert_int_equal(world_copy(w, A, NODE, 15), 0);
    assert_int_equal(rotate(w, (uint64_t[]){B, A, A}), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(rotate(w, (uint64_t[]){A, A, NODE}), SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(rotate(w, (uint64_t[]){EP, A, NODE}), SEL4_ERROR_DELETE_FIRST);
    assert_int_equal(rotate(w, (uint64_t[]){B, A, C}), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(rotate(w, (uint64_t[]){B, C, A}), SEL4_ERROR_FAILED_LOOKUP);
    assert_int_equal(rotate(w, (uint64_t[]){B, A, NODE}), 0);
    assert_int_equal(data_of(w, B), sel4_cnode_data(1, 1));
    assert_int_equal(data_of(w, A), sel4_cnode_data(2, 2));
    assert_false(full(w, NODE));
    // The original is in A now; revoking it there takes the copy in B.
    assert_int_equal(rotate(w, (uint64_t[]){A, B, A}), 0);
    assert_int_equal(data_of(w, A), sel4_cnode_data(1, 1));
    assert_int_equal(world_revoke(w, B), 0);
    assert_false(full(w, A));
    assert_true(full(w, B));
    assert_int_equal(world_delete(w, B), 0);
    assert_int_equal(rotate(w, (uint64_t[]){A, EP, NTFN}), SEL4_ERROR_ILLEGAL_OPERATION);
}

static void badged_senders_are_cancelled(void **state)
{
    struct world *w = *state;
    make_objects(w);
    assert_int_equal(world_mint(w, A, EP, 15, 5), 0);
    assert_int_equal(world_mint(w, B, EP, 15, 6), 0);
    assert_int_equal(world_mint(w, C, EP, 7, 5), 0);
    world_thread(w, 1100, 150, false);
    world_resume(w, 1100);
    assert_true(world_runs(w, 1100));
    uint64_t ip = w->registers.word[REG_RIP];
    world_syscall(w, SEL4_SYSCALL_SEND, (struct world_call){.rdi = A});
    assert_true(world_runs_root(w));
    assert_int_equal(
        WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_CANCEL_BADGED_SENDS, WORLD_WORDS(C, 64)),
        SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(
        WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_CANCEL_BADGED_SENDS, WORLD_WORDS(D, 64)),
        SEL4_ERROR_ILLEGAL_OPERATION);
    assert_int_equal(
        WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_CANCEL_BADGED_SENDS, WORLD_WORDS(EP, 64)), 0);
    assert_true(world_runs_root(w));
    assert_int_equal(
        WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_CANCEL_BADGED_SENDS, WORLD_WORDS(B, 64)), 0);
    assert_true(world_runs_root(w));
    world_syscall(w, SEL4_SYSCALL_CALL,
                  (struct world_call){
                      .rdi = SEL4_SLOT_CNODE,
                      .rsi = sel4_message_info(
                          w->kernel.abi.label[SEL4_INVOCATION_CNODE_CANCEL_BADGED_SENDS], 0, 0, 2),
                      .mr = {A, 64}});
    assert_true(world_runs(w, 1100));
    assert_int_equal(w->registers.word[REG_RIP], ip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(checks_have_an_order, world_start, world_end),
        cmocka_unit_test_setup_teardown(some_caps_cannot_be_copied, world_start, world_end),
        cmocka_unit_test_setup_teardown(badges_are_set_once, world_start, world_end),
        cmocka_unit_test_setup_teardown(guards_are_kept_or_refused, world_start, world_end),
        cmocka_unit_test_setup_teardown(two_levels_resolve_exactly, world_start, world_end),
        cmocka_unit_test_setup_teardown(revoke_follows_derivation, world_start, world_end),
        cmocka_unit_test_setup_teardown(copies_outlive_the_original, world_start, world_end),
        cmocka_unit_test_setup_teardown(a_middle_untyped_may_go, world_start, world_end),
        cmocka_unit_test_setup_teardown(rotate_moves_two_caps, world_start, world_end),
        cmocka_unit_test_setup_teardown(badged_senders_are_cancelled, world_start, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
