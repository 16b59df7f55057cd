// SPDX-License-Identifier: BSD-2-Clause
#include "plan_check_parts.h"
#include "plan_check_peer.h"

// An address space shows the segments of the binary with their access, the areas of the runtime,
// and the regions and devices of the manifest; there is no page beside these, none is writable and
// executable, and every frame and paging structure is used (spec/plan.md, 4).
//
// Walks the mappings of a target in ascending order against what the binary and the manifest ask
// for, from the lowest address to the highest: nothing may lie between, and nothing may be left.
struct walk {
    struct plan_check_work *w;
    const struct plan_target *target;
    const struct policy_instance *from;
    uint32_t index; // of the target
    uint32_t next;  // mapping of the target that comes next
};

static const struct toml_span nobody;

static uint64_t down(uint64_t address)
{
    return address & ~0xfffULL;
}

static uint64_t up(uint64_t address)
{
    return down(address + 0xfff);
}

static const struct plan_object *object_of(const struct walk *walk, const struct plan_mapping *m)
{
    return &walk->w->plan->objects[m->object];
}

static enum status wrong(const struct walk *walk, const char *what)
{
    return plan_check_fail(walk->w, STATUS_PLAN_MAPPING, what,
                           walk->target->first_mapping + walk->next, walk->index);
}

static bool is_frames(enum plan_type type)
{
    return type == PLAN_FRAME || type == PLAN_LARGE_FRAME || type == PLAN_PACKAGE_PAGES ||
           type == PLAN_SYSTEM_PAGES;
}

// A mapping must show all frames of one of the target's own runs, and no run is shown twice.
static enum status check_backing(struct walk *walk, const struct plan_mapping *m)
{
    const struct plan_target *t = walk->target;
    bool own = m->object >= t->first_object && m->object - t->first_object < t->objects;
    if (m->target != walk->index || !own || walk->w->used[m->object]) {
        return plan_check_fail(walk->w, STATUS_PLAN_SHARED, "frames of a mapping",
                               t->first_mapping + walk->next, walk->index);
    }
    const struct plan_object *o = object_of(walk, m);
    if (!is_frames(o->type) || m->first != 0 || m->pages != o->count) {
        return wrong(walk, "frames of a mapping");
    }
    if ((m->fill == PLAN_FILL_IN_PLACE) != (o->type == PLAN_PACKAGE_PAGES) ||
        (o->type == PLAN_PACKAGE_PAGES && m->write)) {
        return plan_check_fail(walk->w, STATUS_PLAN_SHARED, "pages of the package",
                               t->first_mapping + walk->next, walk->index);
    }
    bool shared = m->fill == PLAN_FILL_REGION || m->fill == PLAN_FILL_DEVICE;
    if (shared != (o->type == PLAN_SYSTEM_PAGES)) {
        return plan_check_fail(walk->w, STATUS_PLAN_SHARED, "pages of the system",
                               t->first_mapping + walk->next, walk->index);
    }
    walk->w->used[m->object] = true;
    return STATUS_OK;
}

// Only what a manifest's section asked for has its line.
static bool is_asked(const struct plan_mapping *m, const struct toml_span *span)
{
    return m->span.line == span->line && m->span.column == span->column &&
           m->span.offset == span->offset && m->span.len == span->len;
}

static bool copies_nothing(const struct plan_mapping *m)
{
    return m->copy_from == 0 && m->copy_len == 0 && m->copy_at == 0;
}

// The part of a segment that has bytes in the file: [start, end).
static bool is_file_part(const struct walk *walk, const struct plan_mapping *m,
                         const struct elf_segment *s)
{
    const struct plan_object *o = object_of(walk, m);
    if (!s->write) {
        return m->fill == PLAN_FILL_IN_PLACE && copies_nothing(m) && o->vaddr == s->offset / 4096;
    }
    return m->fill == PLAN_FILL_COPY && o->type == PLAN_FRAME && m->copy_from == s->offset &&
           m->copy_len == s->filesz && m->copy_at == s->vaddr;
}

static bool is_zero_part(const struct walk *walk, const struct plan_mapping *m)
{
    return m->fill == PLAN_FILL_ZERO && object_of(walk, m)->type == PLAN_FRAME && copies_nothing(m);
}

// The next mapping, which must be [start, end) with this access.
static enum status take(const struct plan_mapping **out, struct walk *walk, uint64_t start,
                        uint64_t end)
{
    if (walk->next == walk->target->mappings) {
        return wrong(walk, "missing mapping");
    }
    const struct plan_mapping *m =
        &walk->w->plan->mappings[walk->target->first_mapping + walk->next];
    enum status status = check_backing(walk, m);
    if (status != STATUS_OK) {
        return status;
    }
    if (m->vaddr != start || (uint64_t)m->pages << object_of(walk, m)->size_bits != end - start) {
        return wrong(walk, "addresses of a mapping");
    }
    *out = m;
    return STATUS_OK;
}

static enum status check_segment(struct walk *walk, const struct elf_segment *s)
{
    uint64_t start = down(s->vaddr), end = up(s->vaddr + s->memsz);
    uint64_t file_end = s->filesz != 0 ? up(s->vaddr + s->filesz) : start;
    const uint64_t limits[] = {start, file_end, end};
    for (unsigned part = 0; part < 2; part++) {
        const struct plan_mapping *m;
        if (limits[part] == limits[part + 1]) {
            continue;
        }
        enum status status = take(&m, walk, limits[part], limits[part + 1]);
        if (status != STATUS_OK) {
            return status;
        }
        bool right = part == 0 ? is_file_part(walk, m, s) : is_zero_part(walk, m);
        if (!right || !is_asked(m, &nobody) || m->signers != 0 || m->write != s->write ||
            m->execute != s->execute) {
            return wrong(walk, "mapping of a segment");
        }
        walk->next++;
    }
    return STATUS_OK;
}

// One of the target's own areas: zeroed or the record, never executable.
static enum status check_area(struct walk *walk, uint64_t start, uint64_t len, enum plan_type type)
{
    const struct plan_mapping *m;
    if (len == 0) {
        return STATUS_OK;
    }
    enum status status = take(&m, walk, start, start + len);
    if (status != STATUS_OK) {
        return status;
    }
    bool record = start == walk->target->record;
    if (!is_asked(m, &nobody) || m->signers != 0 || m->execute || m->write == record ||
        !copies_nothing(m) || m->fill != (record ? PLAN_FILL_RECORD : PLAN_FILL_ZERO) ||
        object_of(walk, m)->type != type) {
        return wrong(walk, "mapping of an area");
    }
    walk->next++;
    return STATUS_OK;
}

// guard, record, guard, IPC buffer, guard, stack, guard, heap; each guard is one page, but before a
// heap that starts at a multiple of 2 MiB.
static enum status check_areas(struct walk *walk)
{
    const struct plan_target *t = walk->target;
    const struct manifest_memory *memory = &walk->from->manifest->memory;
    uint64_t stack = memory->stack.value, heap = memory->heap.value;
    uint64_t heap_at = 0x10006000 + stack, large = 0;
    if (heap >= 0x200000) {
        heap_at = (heap_at + 0x1fffff) & ~0x1fffffULL;
        large = heap & ~0x1fffffULL;
    }
    if (t->record != 0x10001000 || t->ipc_buffer != 0x10003000 ||
        t->stack_top != 0x10005000 + stack || t->heap != heap_at || t->heap_len != heap) {
        return wrong(walk, "addresses of the areas");
    }
    enum status status = check_area(walk, t->record, 4096, PLAN_FRAME);
    if (status == STATUS_OK) {
        status = check_area(walk, t->ipc_buffer, 4096, PLAN_FRAME);
    }
    if (status == STATUS_OK) {
        status = check_area(walk, t->stack_top - stack, stack, PLAN_FRAME);
    }
    if (status == STATUS_OK) {
        status = check_area(walk, heap_at, large, PLAN_LARGE_FRAME);
    }
    if (status == STATUS_OK) {
        status = check_area(walk, heap_at + large, heap - large, PLAN_FRAME);
    }
    return status;
}

// A region or device that is there. Which system object it shows is plan_check_shared's.
static enum status check_shared(struct walk *walk, const struct manifest_cap *asked, uint64_t start)
{
    const struct plan_mapping *m;
    enum status status = take(&m, walk, start, start + asked->size.value);
    if (status != STATUS_OK) {
        return status;
    }
    bool device = asked->kind == MANIFEST_DEVICE;
    if (m->fill != (device ? PLAN_FILL_DEVICE : PLAN_FILL_REGION) || m->execute ||
        m->write != asked->write || !is_asked(m, &asked->span) || !copies_nothing(m) ||
        !bytes_equal(m->name, asked->name)) {
        return wrong(walk, "mapping of a region");
    }
    walk->next++;
    return STATUS_OK;
}

// guard, region, guard, region: those that are there, in the order of the manifest, after the heap.
static enum status check_all_shared(struct walk *walk)
{
    const struct manifest *m = walk->from->manifest;
    uint64_t start = walk->target->heap + walk->target->heap_len + 4096;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < m->cap_count && status == STATUS_OK; i++) {
        if (plan_check_peer_area(walk->w, &m->caps[i], walk->from)) {
            status = check_shared(walk, &m->caps[i], start);
            start += m->caps[i].size.value + 4096;
        }
    }
    return status;
}

// Is some structure of this type there for the address?
static bool translates(const struct walk *walk, enum plan_type type, unsigned bits, uint64_t vaddr)
{
    for (uint32_t i = 0; i < walk->target->objects; i++) {
        const struct plan_object *o = &walk->w->plan->objects[walk->target->first_object + i];
        if (o->type == type && vaddr >= o->vaddr && (vaddr - o->vaddr) >> bits < o->count) {
            return true;
        }
    }
    return false;
}

// As many structures as regions of 2^bits bytes are in use, and one for each of these: so every
// structure is needed.
static enum status check_level(const struct walk *walk, enum plan_type type, unsigned bits)
{
    uint64_t regions = 0, last = UINT64_MAX, made = 0;
    for (uint32_t i = 0; i < walk->target->mappings; i++) {
        const struct plan_mapping *m = &walk->w->plan->mappings[walk->target->first_mapping + i];
        uint8_t page_bits = object_of(walk, m)->size_bits;
        if (page_bits >= bits) {
            continue;
        }
        uint64_t end = (m->vaddr + ((uint64_t)m->pages << page_bits) - 1) >> bits;
        for (uint64_t region = m->vaddr >> bits; region <= end; region++) {
            regions += region != last;
            last = region;
            if (!translates(walk, type, bits, region << bits)) {
                return wrong(walk, "paging structures");
            }
        }
    }
    for (uint32_t i = 0; i < walk->target->objects; i++) {
        const struct plan_object *o = &walk->w->plan->objects[walk->target->first_object + i];
        if (o->type == type) {
            made += o->count;
            if (o->vaddr & ((1ULL << bits) - 1)) {
                return wrong(walk, "address of a paging structure");
            }
        }
    }
    return made == regions ? STATUS_OK : wrong(walk, "number of paging structures");
}

// Every frame of the target has its place in the address space.
static enum status check_all_used(const struct walk *walk)
{
    for (uint32_t i = 0; i < walk->target->objects; i++) {
        uint32_t object = walk->target->first_object + i;
        enum plan_type type = walk->w->plan->objects[object].type;
        if (is_frames(type) && !walk->w->used[object]) {
            return wrong(walk, "frames without a mapping");
        }
    }
    return STATUS_OK;
}

static enum status check_target(struct walk *walk)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < walk->from->elf->count && status == STATUS_OK; i++) {
        status = check_segment(walk, &walk->from->elf->segments[i]);
    }
    if (status == STATUS_OK) {
        status = check_areas(walk);
    }
    if (status == STATUS_OK) {
        status = check_all_shared(walk);
    }
    if (status == STATUS_OK && walk->next != walk->target->mappings) {
        status = wrong(walk, "mapping that nobody asked for");
    }
    if (status == STATUS_OK) {
        status = check_all_used(walk);
    }
    if (status == STATUS_OK) {
        status = check_level(walk, PLAN_PDPT, 39);
    }
    if (status == STATUS_OK) {
        status = check_level(walk, PLAN_PAGE_DIRECTORY, 30);
    }
    return status == STATUS_OK ? check_level(walk, PLAN_PAGE_TABLE, 21) : status;
}

enum status plan_check_space(struct plan_check_work *w)
{
    for (uint32_t i = 0; i < w->plan->target_count; i++) {
        struct walk walk = {
            .w = w, .target = &w->plan->targets[i], .from = plan_check_instance(w, i), .index = i};
        enum status status = plan_check_vacant(w, i) ? STATUS_OK : check_target(&walk);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}
