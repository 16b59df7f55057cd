// SPDX-License-Identifier: BSD-2-Clause
#include "compile_objects.h"

#include "text.h"

// Objects are powers of two in size and lie at multiples of their size (spec/plan.md, 3). The
// holder is made first, for the caps to the others go there; after it, always the largest object
// that needs no padding, or, where every one does, the smallest.

static void add(struct compile_draft *draft, enum plan_type type, uint8_t size_bits,
                struct bytes name)
{
    compile_draft_object(
        draft,
        (struct plan_object){.type = type, .size_bits = size_bits, .count = 1, .name = name});
}

struct bytes compile_objects_name(struct bytes name, const char *suffix_text, struct arena *arena)
{
    struct bytes suffix = bytes_text(suffix_text);
    uint8_t *at = arena_take(arena, name.len + suffix.len, 1);
    if (at == NULL) {
        return (struct bytes){0};
    }
    memcpy(at, name.at, name.len);
    memcpy(at + name.len, suffix.at, suffix.len);
    return (struct bytes){at, name.len + suffix.len};
}

bool compile_objects_relayed(const struct manifest_cap *cap)
{
    return cap->traced && cap->role == MANIFEST_CALL && !bytes_is(cap->peer.package, MANIFEST_ROOT);
}

uint32_t compile_objects_relays(const struct manifest *manifest)
{
    uint32_t count = 0;
    for (size_t i = 0; i < manifest->cap_count; i++) {
        count += compile_objects_relayed(&manifest->caps[i]);
    }
    return count;
}

// Each is one run of as many as there are relays.
static void add_relays(struct compile_draft *draft, uint32_t count)
{
    static const struct {
        enum plan_type type;
        uint8_t size_bits;
    } parts[] = {{PLAN_RELAY_TCB, PLAN_TCB_BITS},
                 {PLAN_RELAY_CNODE, PLAN_RELAY_RADIX + PLAN_SLOT_BITS},
                 {PLAN_RELAY_ENDPOINT, PLAN_ENDPOINT_BITS},
                 {PLAN_RELAY_REPLY, PLAN_REPLY_BITS}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts && count != 0; i++) {
        add(draft, parts[i].type, parts[i].size_bits, bytes_text("relay"));
        draft->objects[draft->object_count - 1].count = count;
    }
}

// The memory of all instances that it may start, whether the system has them or not.
static void add_children(struct compile_draft *draft, const struct manifest_cap *spawn)
{
    add(draft, PLAN_CHILD_UNTYPED, plan_size_bits(spawn->size.value), spawn->name);
    draft->objects[draft->object_count - 1].count = (uint32_t)spawn->most.value;
}

static enum status add_kernel_objects(struct compile_draft *draft, const struct manifest *manifest,
                                      struct arena *arena)
{
    uint8_t cnode_size = (uint8_t)(draft->target.cnode_bits + PLAN_SLOT_BITS);
    add(draft, PLAN_CNODE, cnode_size, bytes_text("cnode"));
    add(draft, PLAN_TCB, PLAN_TCB_BITS, bytes_text("tcb"));
    add(draft, PLAN_SCHED_CONTEXT, PLAN_SCHED_CONTEXT_BITS, bytes_text("schedcontext"));
    add_relays(draft, compile_objects_relays(manifest));
    for (size_t i = 0; i < manifest->cap_count; i++) {
        if (manifest->caps[i].role == MANIFEST_START) {
            add_children(draft, &manifest->caps[i]);
        }
        if (manifest->caps[i].role == MANIFEST_SERVE) {
            struct bytes name =
                compile_objects_name(manifest->caps[i].name, COMPILE_OBJECTS_REPLY, arena);
            if (name.at == NULL) {
                return STATUS_NO_MEMORY;
            }
            add(draft, PLAN_REPLY, PLAN_REPLY_BITS, name);
        }
    }
    return STATUS_OK;
}

// The holder has a slot for every object but the untyped and itself; slot 0 stays empty.
static void size_holder(struct compile_draft *draft)
{
    uint64_t slots = 1;
    for (uint32_t i = COMPILE_DRAFT_FIRST; i < draft->object_count; i++) {
        slots += draft->objects[i].count;
    }
    uint8_t bits = 1;
    while (1ULL << bits < slots) {
        bits++;
    }
    draft->target.holder_bits = bits;
    draft->objects[COMPILE_DRAFT_HOLDER].size_bits = (uint8_t)(bits + PLAN_SLOT_BITS);
}

// Is `a` a better next choice than `b` when `used` bytes are taken?
static bool better(const struct plan_object *a, const struct plan_object *b, uint64_t used)
{
    bool a_fits = used % (1ULL << a->size_bits) == 0;
    bool b_fits = used % (1ULL << b->size_bits) == 0;
    if (a_fits != b_fits) {
        return a_fits;
    }
    return a_fits ? a->size_bits > b->size_bits : a->size_bits < b->size_bits;
}

// The object that comes next in the order, of those not `placed` yet.
static uint32_t choose(const struct compile_draft *draft, const bool *placed, uint64_t used)
{
    uint32_t best = draft->object_count;
    for (uint32_t i = 0; i < draft->object_count; i++) {
        if (placed[i] || !plan_is_made(draft->objects[i].type)) {
            continue;
        }
        if (best == draft->object_count ||
            better(&draft->objects[i], &draft->objects[best], used)) {
            best = i;
        }
    }
    return best;
}

// order[i] = present index of the object that becomes the i-th; those that nobody makes become
// last.
static void choose_order(uint32_t *order, const struct compile_draft *draft)
{
    bool placed[COMPILE_DRAFT_OBJECTS] = {
        [COMPILE_DRAFT_UNTYPED] = true, [COMPILE_DRAFT_HOLDER] = true};
    uint64_t used = 1ULL << draft->objects[COMPILE_DRAFT_HOLDER].size_bits;
    uint32_t count = COMPILE_DRAFT_FIRST;
    uint32_t next = choose(draft, placed, used);
    while (next != draft->object_count) {
        uint64_t size = 1ULL << draft->objects[next].size_bits;
        used = (used + size - 1) / size * size + size * draft->objects[next].count;
        placed[next] = true;
        order[count++] = next;
        next = choose(draft, placed, used);
    }
    for (uint32_t i = COMPILE_DRAFT_FIRST; i < draft->object_count; i++) {
        if (!placed[i]) {
            order[count++] = i;
        }
    }
}

// Puts the objects into that order, numbers their slots in the holder and tells the mappings.
static void reorder(struct compile_draft *draft)
{
    uint32_t order[COMPILE_DRAFT_OBJECTS], now[COMPILE_DRAFT_OBJECTS];
    uint32_t slot = 1;
    choose_order(order, draft);
    memcpy(draft->unordered, draft->objects, sizeof draft->objects);
    for (uint32_t i = COMPILE_DRAFT_FIRST; i < draft->object_count; i++) {
        draft->objects[i] = draft->unordered[order[i]];
        draft->objects[i].holder_slot = slot;
        slot += draft->objects[i].count;
        now[order[i]] = i;
    }
    for (uint32_t i = 0; i < draft->mapping_count; i++) {
        draft->mappings[i].object = now[draft->mappings[i].object];
    }
}

static uint64_t bytes_of(const struct compile_draft *draft, const char *name)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < draft->object_count; i++) {
        const struct plan_object *object = &draft->objects[i];
        if (plan_is_made(object->type) && bytes_is(object->name, name)) {
            sum += (uint64_t)object->count << object->size_bits;
        }
    }
    return sum;
}

static void put_part(struct text *text, const char *name, uint64_t bytes)
{
    text_put_u64(text, (bytes + 1023) / 1024);
    text_put(text, name);
}

// "212 KiB: 16 data, 8 bss, 32 stack, 128 heap, 28 other"
static enum status fail_limit(const struct compile_draft *draft, const struct schema_number *limit,
                              struct diag *diag)
{
    char room[96];
    struct text text = text_of(room, sizeof room);
    uint64_t used = draft->target.memory_used;
    uint64_t data = bytes_of(draft, "data"), bss = bytes_of(draft, "bss");
    uint64_t stack = bytes_of(draft, "stack"), heap = bytes_of(draft, "heap");
    uint64_t enough = 1;
    while (enough < used) {
        enough *= 2;
    }
    put_part(&text, " KiB: ", used);
    put_part(&text, " data, ", data);
    put_part(&text, " bss, ", bss);
    put_part(&text, " stack, ", stack);
    put_part(&text, " heap, ", heap);
    put_part(&text, " other", used - data - bss - stack - heap);
    diag_fail(diag, STATUS_MEMORY_LIMIT, "memory.limit", used);
    diag_position(diag, limit->span.line, limit->span.column);
    diag_subject(diag, text_bytes(&text));
    diag_detail(diag, enough);
    return STATUS_MEMORY_LIMIT;
}

enum status compile_objects(struct compile_draft *draft, const struct manifest *manifest,
                            struct arena *arena, struct diag *diag)
{
    struct plan_target *target = &draft->target;
    if (add_kernel_objects(draft, manifest, arena) != STATUS_OK) {
        return diag_fail(diag, STATUS_NO_MEMORY, "names", 0);
    }
    size_holder(draft);
    reorder(draft);
    struct plan alone = {.objects = draft->objects};
    target->memory_used = plan_untyped_use(&alone, 0, draft->object_count);
    if (target->memory_used > 1ULL << target->untyped_bits ||
        target->holder_bits > PLAN_HOLDER_BITS_MAX) {
        return fail_limit(draft, &manifest->memory.limit, diag);
    }
    return STATUS_OK;
}
