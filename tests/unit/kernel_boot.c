// SPDX-License-Identifier: BSD-2-Clause
// What the root task finds when it starts (fact sheet, section 9).

#include "kernel_world.h"

#include "reader.h"

static const struct sel4_bootinfo *bootinfo(struct world *w)
{
    struct machine_page page;
    uint64_t root = w->kernel.root_thread->slot[TCB_VSPACE].cap.object;
    assert_true(machine_walk(&w->machine, root, w->registers.word[REG_RDI], &page));
    return (void *)(w->machine.memory + page.paddr);
}

static void registers_are_clean(void **state)
{
    (void)state;
    struct world *w = world_new("2.3.0");
    for (unsigned i = 0; i < REG_COUNT; i++) {
        if (i != REG_RIP && i != REG_RDI && i != REG_RFLAGS) {
            assert_int_equal(w->registers.word[i], 0);
        }
    }
    assert_int_equal(w->registers.word[REG_RIP], WORLD_ENTRY);
    assert_int_equal(w->registers.word[REG_RFLAGS], 0x202);
    assert_int_equal(w->registers.word[REG_RDI], WORLD_IMAGE + 0x4000);
    world_free(w);
}

static void bootinfo_names_every_slot(void **state)
{
    (void)state;
    struct world *w = world_new("2.3.0");
    const struct sel4_bootinfo *info = bootinfo(w);
    assert_int_equal(info->ipc_buffer, WORLD_IMAGE + 0x3000);
    assert_int_equal(info->user_image_frames.end - info->user_image_frames.start, 3);
    assert_int_equal(info->user_image_paging.end - info->user_image_paging.start, 3);
    assert_int_equal(info->sched_control.start, 16);
    assert_int_equal(info->sched_control.end, 17);
    assert_int_equal(info->cnode_size_bits, 17);
    assert_int_equal(info->io_pt_levels, 0);
    assert_int_equal(info->empty.start, info->untyped.end);
    assert_int_equal(info->empty.end, 1 << 17);
    struct kernel_slot slots[200];
    unsigned radix = 0;
    size_t count = kernel_inspect_cspace(&w->kernel, NULL, slots, 200, &radix);
    assert_int_equal(radix, 17);
    assert_int_equal(slots[0].slot, SEL4_SLOT_TCB);
    assert_int_equal(slots[count - 1].slot, info->empty.start - 1);
    assert_int_equal(slots[count - 1].kind, SEL4_CAP_TAG_UNTYPED);
    world_free(w);
}

static void untypeds_cover_the_memory_once(void **state)
{
    (void)state;
    struct world *w = world_new("2.3.0");
    const struct sel4_bootinfo *info = bootinfo(w);
    uint64_t free_bytes = 0;
    uint64_t end = 0;
    bool was_device = true;
    for (uint64_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const struct sel4_untyped_desc *desc = &info->untyped_list[i];
        uint64_t size = UINT64_C(1) << desc->size_bits;
        if (was_device && desc->is_device == 0) {
            end = 0;
            was_device = false;
        }
        assert_int_equal(desc->paddr % size, 0);
        assert_true(desc->paddr >= end);
        end = desc->paddr + size;
        free_bytes += desc->is_device == 0 ? size : 0;
    }
    assert_true(free_bytes > WORLD_MEMORY - (9 << 20));
    assert_int_equal(end, WORLD_MEMORY);
    world_free(w);
}

static uint64_t find_record(const struct sel4_bootinfo *info, uint64_t id)
{
    const uint8_t *extra = (const uint8_t *)info + SEL4_BOOTINFO_SIZE;
    struct reader r = reader_of((struct bytes){.at = extra, .len = info->extra_len});
    while (r.pos < info->extra_len) {
        uint64_t at = r.pos;
        uint64_t found = reader_u64(&r);
        uint64_t len = reader_u64(&r);
        if (found == id) {
            return at;
        }
        (void)reader_take(&r, len - 16);
        assert_false(r.failed);
    }
    return UINT64_MAX;
}

static void extra_records_follow_the_version(void **state)
{
    (void)state;
    struct world *w = world_new("2.3.0");
    const struct sel4_bootinfo *info = bootinfo(w);
    const uint8_t *extra = (const uint8_t *)info + SEL4_BOOTINFO_SIZE;
    assert_int_equal(find_record(info, SEL4_BOOTINFO_MEMORY_MAP), 0);
    uint64_t tsc = find_record(info, SEL4_BOOTINFO_TSC_FREQUENCY);
    assert_int_equal(extra[tsc + 16], WORLD_TICKS);
    uint64_t board = find_record(info, SEL4_BOOTINFO_BOARD);
    struct reader r = reader_of((struct bytes){.at = extra + board + 16, .len = 16});
    assert_int_equal(reader_u64(&r), WORLD_MEMORY);
    assert_int_equal(reader_u64(&r), WORLD_DEVICE);
    assert_int_equal(find_record(info, SEL4_BOOTINFO_PADDING), UINT64_MAX);
    uint64_t len = info->extra_len;
    world_free(w);
    w = world_new("2.1.0");
    assert_int_equal(bootinfo(w)->extra_len, len + 16);
    world_free(w);
}

static void damaged_images_are_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned offset;
        uint64_t value;
    } damage[] = {
        {0, 0},                            // magic
        {24, WORLD_IMAGE + 0x3000},        // entry behind the image
        {32, 0x1000},                      // program headers outside the file
        {54 - 6, UINT64_C(8) << 48},       // program header size
        {64 + 8, 0x1000},                  // segment outside the file
        {64 + 16, WORLD_IMAGE + 8},        // lowest address unaligned
        {64 + 16, SEL4_USER_TOP - 0x1000}, // above the user limit
        {64 + 32, 0x1001},                 // more in the file than in memory
        {64 + 40, UINT64_C(1) << 40},      // does not fit in memory
    };
    for (unsigned i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
        struct world *w = world_new("2.3.0");
        uint8_t image[0x1000];
        struct diag diag = {0};
        for (unsigned j = 0; j < sizeof(image); j++) {
            image[j] = w->machine.memory[0x800000 + j];
        }
        reader_put_le64(image + damage[i].offset, damage[i].value);
        struct kernel_config config = w->kernel.config;
        struct bytes file = {.at = image, .len = sizeof(image)};
        memset(&w->kernel, 0, sizeof(w->kernel));
        assert_int_equal(kernel_boot(&w->kernel, &w->machine, &config, file, &diag), STATUS_IMAGE);
        assert_int_equal(diag.status, STATUS_IMAGE);
        world_free(w);
    }
}

static void configurations_have_names(void **state)
{
    (void)state;
    struct kernel_config config;
    assert_true(kernel_config_named(&config, "2.3.0-debug-nohuge"));
    assert_true(config.debug && config.abi.hardware_debug && !config.abi.huge_page);
    assert_true(kernel_config_named(&config, "2.1.0"));
    assert_int_equal(config.version, 14);
    assert_false(kernel_config_named(&config, "2.4.0"));
    assert_false(kernel_config_named(&config, "-nohuge"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_are_clean),
        cmocka_unit_test(bootinfo_names_every_slot),
        cmocka_unit_test(untypeds_cover_the_memory_once),
        cmocka_unit_test(extra_records_follow_the_version),
        cmocka_unit_test(damaged_images_are_refused),
        cmocka_unit_test(configurations_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
