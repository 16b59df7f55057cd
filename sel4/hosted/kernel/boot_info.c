// SPDX-License-Identifier: BSD-2-Clause

// The extra boot info: records of id, length and payload, one after the other (seL4 manual, chapter
// 9; sel4/bootinfo_types.h). Little-endian, as all of x86. All records together fit in one page: 16
// + 4 + 50 * 24 bytes of memory map are the most of it.

#include "boot.h"

#include "reader.h"

enum { MAP_ENTRIES = 50, MAP_ENTRY_SIZE = 24, MAP_RAM = 1, MAP_RESERVED = 2 };

struct writer {
    uint8_t *at;
    uint64_t len;
};

static uint8_t *record(struct writer *w, uint64_t id, uint64_t payload)
{
    uint8_t *at = w->at + w->len;
    reader_put_le64(at, id);
    reader_put_le64(at + 8, sizeof(struct sel4_bootinfo_header) + payload);
    w->len += sizeof(struct sel4_bootinfo_header) + payload;
    return at + sizeof(struct sel4_bootinfo_header);
}

static void map_entry(uint8_t *map, unsigned index, uint64_t base, uint64_t len, uint32_t type)
{
    uint8_t *at = map + 4 + index * MAP_ENTRY_SIZE;
    reader_put_le32(at, MAP_ENTRY_SIZE - 4);
    reader_put_le64(at + 4, base);
    reader_put_le64(at + 12, len);
    reader_put_le32(at + 20, type);
    reader_put_le32(map, (index + 1) * MAP_ENTRY_SIZE);
}

static void put_memory_map(struct writer *w, const struct machine *m)
{
    uint8_t *map = record(w, SEL4_BOOTINFO_MEMORY_MAP, 4 + MAP_ENTRIES * MAP_ENTRY_SIZE);
    map_entry(map, 0, 0, m->memory_size, MAP_RAM);
    if (m->device_size != 0) {
        map_entry(map, 1, m->device_base, m->device_size, MAP_RESERVED);
    }
}

static void put_board(struct writer *w, const struct machine *m)
{
    if (m->device_size != 0) {
        uint8_t *at = record(w, SEL4_BOOTINFO_BOARD, sizeof(struct sel4_bootinfo_board));
        reader_put_le64(at, m->device_base);
        reader_put_le64(at + 8, m->device_size);
    }
}

// Kernels before 16.0.0 end with a padding record whose length runs to the end of the page, of
// which only the header counts.
static void put_padding(struct writer *w)
{
    uint8_t *at = w->at + w->len;
    reader_put_le64(at, SEL4_BOOTINFO_PADDING);
    reader_put_le64(at + 8, 4096 - w->len);
    w->len += sizeof(struct sel4_bootinfo_header);
}

uint64_t boot_info_extra(const struct kernel *k, uint8_t *page)
{
    struct writer w = {.at = page};
    put_memory_map(&w, k->machine);
    reader_put_le32(record(&w, SEL4_BOOTINFO_TSC_FREQUENCY, 4), k->machine->ticks_per_us);
    put_board(&w, k->machine);
    if (k->config.version < 16) {
        put_padding(&w);
    }
    return w.len;
}
