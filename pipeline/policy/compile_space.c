// SPDX-License-Identifier: BSD-2-Clause
#include "compile_space.h"

#include "compile_ceiling.h"

static const uint64_t page = 1ULL << PLAN_PAGE_BITS;
static const uint64_t large = 1ULL << PLAN_LARGE_BITS;

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static uint8_t size_bits_of(enum plan_type type)
{
    return type == PLAN_LARGE_FRAME ? PLAN_LARGE_BITS : PLAN_PAGE_BITS;
}

// Adds a mapping of its own run of frames; no pages, no mapping. `vaddr` is the object's.
static void add(struct compile_draft *draft, struct plan_mapping mapping, enum plan_type type,
                uint64_t vaddr)
{
    if (mapping.pages == 0) {
        return;
    }
    mapping.object =
        compile_draft_object(draft, (struct plan_object){.type = type,
                                                         .size_bits = size_bits_of(type),
                                                         .count = mapping.pages,
                                                         .vaddr = vaddr,
                                                         .name = mapping.name});
    draft->mappings[draft->mapping_count++] = mapping;
}

static const char *segment_name(const struct elf_segment *segment)
{
    if (segment->execute) {
        return "text";
    }
    return segment->write ? "data" : "rodata";
}

// The pages of a segment that hold bytes of the file: in place when nobody writes to them, else a
// copy.
static void add_file_pages(struct compile_draft *draft, const struct elf_segment *segment,
                           uint32_t pages)
{
    uint64_t start = segment->vaddr / page * page;
    struct plan_mapping mapping = {
        .write = segment->write,
        .execute = segment->execute,
        .fill = PLAN_FILL_IN_PLACE,
        .pages = pages,
        .vaddr = start,
        .name = bytes_text(segment_name(segment)),
    };
    if (!segment->write) {
        add(draft, mapping, PLAN_PACKAGE_PAGES, segment->offset / page);
        return;
    }
    mapping.fill = PLAN_FILL_COPY;
    mapping.copy_from = segment->offset;
    mapping.copy_len = segment->filesz;
    mapping.copy_at = segment->vaddr;
    add(draft, mapping, PLAN_FRAME, 0);
}

static void add_segment(struct compile_draft *draft, const struct elf_segment *segment)
{
    uint64_t start = segment->vaddr / page * page;
    uint64_t end = round_up(segment->vaddr + segment->memsz, page);
    uint64_t file_end = start;
    if (segment->filesz != 0) {
        file_end = round_up(segment->vaddr + segment->filesz, page);
        add_file_pages(draft, segment, (uint32_t)((file_end - start) / page));
    }
    struct plan_mapping zero = {
        .write = segment->write,
        .execute = segment->execute,
        .fill = PLAN_FILL_ZERO,
        .pages = (uint32_t)((end - file_end) / page),
        .vaddr = file_end,
        .name = bytes_text("bss"),
    };
    add(draft, zero, PLAN_FRAME, 0);
}

// One area of the target's own, with a page without a mapping before it; returns its end.
static uint64_t add_area(struct compile_draft *draft, const char *name, uint64_t at, uint64_t len)
{
    struct plan_mapping mapping = {
        .write = true,
        .fill = PLAN_FILL_ZERO,
        .pages = (uint32_t)(len / page),
        .vaddr = at,
        .name = bytes_text(name),
    };
    add(draft, mapping, PLAN_FRAME, 0);
    return at + len;
}

static void add_record(struct compile_draft *draft, uint64_t at)
{
    struct plan_mapping mapping = {
        .fill = PLAN_FILL_RECORD, .pages = 1, .vaddr = at, .name = bytes_text("record")};
    add(draft, mapping, PLAN_FRAME, 0);
}

// From 2 MiB on, a heap starts at a multiple of 2 MiB and is of large frames as far as they go.
static void add_heap(struct compile_draft *draft, uint64_t after, uint64_t len)
{
    struct plan_target *target = &draft->target;
    target->heap = len < large ? after + page : round_up(after + page, large);
    target->heap_len = len;
    struct plan_mapping mapping = {
        .write = true,
        .fill = PLAN_FILL_ZERO,
        .pages = (uint32_t)(len / large),
        .vaddr = target->heap,
        .name = bytes_text("heap"),
    };
    add(draft, mapping, PLAN_LARGE_FRAME, 0);
    add_area(draft, "heap", target->heap + len / large * large, len % large);
}

static void add_areas(struct compile_draft *draft, uint64_t stack, uint64_t heap)
{
    struct plan_target *target = &draft->target;
    target->record = PLAN_AREA_BASE + page;
    add_record(draft, target->record);
    target->ipc_buffer = target->record + 2 * page;
    uint64_t end = add_area(draft, "ipc buffer", target->ipc_buffer, page);
    target->stack_top = add_area(draft, "stack", end + page, stack);
    add_heap(draft, target->stack_top, heap);
}

// Regions and devices that are there, in the order of the manifest, each with a page without a
// mapping before it.
static void add_shared(struct compile_draft *draft, const struct policy_instance *instance,
                       const struct compile_link *links)
{
    const struct manifest *manifest = instance->manifest;
    uint64_t end = draft->target.heap + draft->target.heap_len;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        const struct manifest_cap *cap = &manifest->caps[i];
        if (!manifest_is_area(cap) || links[i].absent) {
            continue;
        }
        struct plan_mapping mapping = {
            .write = cap->write,
            .fill = cap->kind == MANIFEST_REGION ? PLAN_FILL_REGION : PLAN_FILL_DEVICE,
            .pages = (uint32_t)(cap->size.value / page),
            .vaddr = end + page,
            .name = cap->name,
            .span = {cap->span.line, cap->span.column, cap->span.offset, cap->span.len},
            .signers = compile_ceiling_signers(instance, cap),
        };
        add(draft, mapping, PLAN_SYSTEM_PAGES, i);
        end = mapping.vaddr + cap->size.value;
    }
}

// One level of paging structures: as many runs without gaps as the mappings need. `level_bits` is
// the number of address bits below one entry of the level above.
static void add_level(struct compile_draft *draft, enum plan_type type, unsigned level_bits)
{
    uint64_t next = 0; // first address that no structure of this level translates yet
    struct plan_object run = {
        .type = type, .size_bits = PLAN_PAGE_BITS, .name = bytes_text(plan_type_name(type))};
    for (uint32_t i = 0; i < draft->mapping_count; i++) {
        const struct plan_mapping *mapping = &draft->mappings[i];
        const struct plan_object *frames = &draft->objects[mapping->object];
        if (type == PLAN_PAGE_TABLE && frames->type == PLAN_LARGE_FRAME) {
            continue;
        }
        uint64_t first = mapping->vaddr >> level_bits << level_bits;
        uint64_t end = mapping->vaddr + ((uint64_t)mapping->pages << frames->size_bits);
        first = first < next ? next : first;
        if (first >= end) {
            continue;
        }
        if (first != next || run.count == 0) {
            if (run.count != 0) {
                compile_draft_object(draft, run);
            }
            run.vaddr = first;
            run.count = 0;
        }
        next = round_up(end, 1ULL << level_bits);
        run.count += (uint32_t)((next - first) >> level_bits);
    }
    compile_draft_object(draft, run);
}

void compile_space(struct compile_draft *draft, const struct policy_instance *instance,
                   const struct compile_link *links)
{
    const struct elf_image *elf = instance->elf;
    const struct manifest *manifest = instance->manifest;
    draft->target.entry = elf->entry;
    for (size_t i = 0; i < elf->count; i++) {
        add_segment(draft, &elf->segments[i]);
    }
    add_areas(draft, manifest->memory.stack.value, manifest->memory.heap.value);
    add_shared(draft, instance, links);
    compile_draft_object(draft, (struct plan_object){.type = PLAN_VSPACE,
                                                     .size_bits = PLAN_PAGE_BITS,
                                                     .count = 1,
                                                     .name = bytes_text("vspace")});
    add_level(draft, PLAN_PDPT, 39);
    add_level(draft, PLAN_PAGE_DIRECTORY, 30);
    add_level(draft, PLAN_PAGE_TABLE, 21);
}
