// SPDX-License-Identifier: BSD-2-Clause

// Boot: the root task gets its image, its three spaces and a capability for everything else.
// Physical memory from 1 MiB up: the kernel's own page and the root task's small objects; at 4 MiB
// its CNode; from 8 MiB its image. What is left becomes untyped memory, in powers of two.

#include "boot.h"

enum {
    PAGE = 4096,
    TICK_US = 5000, // budget and period of the root task's scheduling context
    ROOT_ASID = 1,
    FIRST_SLOT = SEL4_SLOT_FIRST_FREE,
    SCHED_CONTEXT_BITS = 7,
};

#define LOW_MEMORY_END UINT64_C(0x100000)
#define CNODE_PADDR    UINT64_C(0x400000)
#define IMAGE_PADDR    UINT64_C(0x800000)

struct boot {
    struct kernel *k;
    struct image image;
    struct cte *slots;
    struct sel4_bootinfo *info;
    uint64_t next_slot;
    uint64_t cursor; // small objects
    uint64_t pml4;
    uint64_t ipc_buffer, bootinfo, extra; // paddrs
};

// Small objects, each aligned to its size; what alignment skips stays the kernel's.
static uint64_t take(struct boot *b, uint64_t size)
{
    uint64_t at = (b->cursor + size - 1) & ~(size - 1);
    b->cursor = at + size;
    return at;
}

static void put(struct boot *b, uint64_t slot, struct cap cap)
{
    derivation_create(b->k, &b->slots[slot], cap, NULL);
}

// A paging structure or frame that is mapped from the start: its cap remembers where.
static struct cap mapped(enum sel4_cap_tag kind, uint64_t paddr, uint64_t vaddr)
{
    struct cap cap = cap_make(kind, paddr, 12);
    cap_set_mapping(&cap, ROOT_ASID, vaddr);
    return cap;
}

static void map_page(struct boot *b, uint64_t slot, uint64_t paddr, uint64_t vaddr)
{
    unsigned missing = 0;
    uint64_t *entry = vspace_entry(b->k, b->pml4, vaddr, 1, &missing);
    *entry = paddr | PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
    put(b, slot, mapped(SEL4_CAP_TAG_FRAME, paddr, vaddr));
}

static uint64_t mapped_end(const struct boot *b)
{
    return b->image.end + 3 * (uint64_t)PAGE;
}

// One level of the paging structures over everything that is mapped at boot.
static void map_tables(struct boot *b, enum sel4_cap_tag kind, unsigned level, unsigned span_bits)
{
    uint64_t span = UINT64_C(1) << span_bits;
    for (uint64_t at = b->image.start & ~(span - 1); at < mapped_end(b); at += span) {
        unsigned missing = 0;
        uint64_t table = take(b, PAGE);
        *vspace_entry(b->k, b->pml4, at, level, &missing) =
            table | PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
        put(b, b->next_slot++, mapped(kind, table, at));
    }
}

static uint64_t count_tables(const struct boot *b)
{
    uint64_t pages = 0;
    for (unsigned bits = 21; bits <= 39; bits += 9) {
        pages += ((mapped_end(b) - 1) >> bits) - (b->image.start >> bits) + 1;
    }
    return pages;
}

// Everything that follows fits, so nothing after it can fail: tables in front of the CNode, slots
// for all caps, and slot numbers in 32 bits (derivation_index).
static enum status check_room(const struct boot *b, struct diag *diag)
{
    const struct machine *m = b->k->machine;
    uint64_t size = b->image.end - b->image.start;
    uint64_t tables = count_tables(b) + 16; // and the fixed small objects
    bool fits = m->memory_size > IMAGE_PADDR && size <= m->memory_size - IMAGE_PADDR &&
                tables <= (CNODE_PADDR - LOW_MEMORY_END) / PAGE &&
                size / PAGE + tables + SEL4_BOOTINFO_MAX_UNTYPEDS + FIRST_SLOT <
                    (UINT64_C(1) << SEL4_ROOT_CNODE_BITS) &&
                m->memory_size >> SEL4_SLOT_BITS <= UINT32_MAX;
    return fits ? STATUS_OK : diag_fail(diag, STATUS_IMAGE, "memory for the image", size);
}

static void make_spaces(struct boot *b)
{
    struct kernel *k = b->k;
    struct cap cnode = cap_make(SEL4_CAP_TAG_CNODE, CNODE_PADDR, SEL4_ROOT_CNODE_BITS);
    cnode.data = sel4_cnode_data(0, SEL4_WORD_BITS - SEL4_ROOT_CNODE_BITS);
    b->slots = memory_at(k, CNODE_PADDR);
    k->irq_slots = take(b, PAGE);
    b->pml4 = take(b, PAGE);
    k->asid_pools[0] = take(b, PAGE);
    ((uint64_t *)memory_at(k, k->asid_pools[0]))[ROOT_ASID] = b->pml4;
    put(b, SEL4_SLOT_CNODE, cnode);
    put(b, SEL4_SLOT_VSPACE, mapped(SEL4_CAP_TAG_PML4, b->pml4, 0));
    put(b, SEL4_SLOT_ASID_POOL, cap_make(SEL4_CAP_TAG_ASID_POOL, k->asid_pools[0], 12));
    put(b, SEL4_SLOT_ASID_CONTROL, cap_make(SEL4_CAP_TAG_ASID_CONTROL, 0, 0));
    put(b, SEL4_SLOT_IRQ_CONTROL, cap_make(SEL4_CAP_TAG_IRQ_CONTROL, 0, 0));
    put(b, SEL4_SLOT_IO_PORT_CONTROL, cap_make(SEL4_CAP_TAG_IO_PORT_CONTROL, 0, 0));
    put(b, SEL4_SLOT_DOMAIN, cap_make(SEL4_CAP_TAG_DOMAIN, 0, 0));
}

static void map_image(struct boot *b)
{
    struct sel4_bootinfo *info = b->info;
    info->sched_control.start = b->next_slot;
    put(b, b->next_slot++, cap_make(SEL4_CAP_TAG_SCHED_CONTROL, 0, 0));
    info->sched_control.end = b->next_slot;
    info->user_image_paging.start = b->next_slot;
    map_tables(b, SEL4_CAP_TAG_PDPT, 4, 39);
    map_tables(b, SEL4_CAP_TAG_PAGE_DIRECTORY, 3, 30);
    map_tables(b, SEL4_CAP_TAG_PAGE_TABLE, 2, 21);
    info->user_image_paging.end = b->next_slot;
    map_page(b, SEL4_SLOT_IPC_BUFFER_FRAME, b->ipc_buffer, b->image.end);
    map_page(b, SEL4_SLOT_BOOT_INFO_FRAME, b->bootinfo, b->image.end + PAGE);
    info->extra_bootinfo_pages.start = b->next_slot;
    map_page(b, b->next_slot++, b->extra, b->image.end + 2 * (uint64_t)PAGE);
    info->extra_bootinfo_pages.end = b->next_slot;
    info->user_image_frames.start = b->next_slot;
    for (uint64_t at = b->image.start; at < b->image.end; at += PAGE) {
        map_page(b, b->next_slot++, IMAGE_PADDR + (at - b->image.start), at);
    }
    info->user_image_frames.end = b->next_slot;
}

static void make_thread(struct boot *b)
{
    struct kernel *k = b->k;
    struct tcb *tcb = memory_at(k, take(b, 2048));
    struct sched_context *sc = memory_at(k, take(b, 1 << SCHED_CONTEXT_BITS));
    uint64_t ticks = (uint64_t)TICK_US * k->machine->ticks_per_us;
    tcb_create(k, tcb, 0);
    put(b, SEL4_SLOT_TCB, cap_make(SEL4_CAP_TAG_TCB, memory_paddr(k, tcb), 11));
    put(b, SEL4_SLOT_SCHED_CONTEXT,
        cap_make(SEL4_CAP_TAG_SCHED_CONTEXT, memory_paddr(k, sc), SCHED_CONTEXT_BITS));
    static const struct {
        enum tcb_slot to;
        enum sel4_slot from;
    } held[] = {{TCB_CSPACE, SEL4_SLOT_CNODE},
                {TCB_VSPACE, SEL4_SLOT_VSPACE},
                {TCB_BUFFER, SEL4_SLOT_IPC_BUFFER_FRAME}};
    for (unsigned i = 0; i < sizeof(held) / sizeof(held[0]); i++) {
        struct cte *from = &b->slots[held[i].from];
        derivation_insert(k, &tcb->slot[held[i].to], from->cap, from);
    }
    // The copy in the TCB is of an unmapped frame, as a derived cap is: deleting it unmaps nothing.
    cap_set_mapping(&tcb->slot[TCB_BUFFER].cap, 0, 0);
    tcb->buffer = b->image.end;
    tcb->priority = SEL4_MAX_PRIORITY;
    tcb->mcp = SEL4_MAX_PRIORITY;
    memcpy(tcb->name, "rootserver", sizeof("rootserver"));
    tcb_set_register(tcb, REG_RIP, b->image.entry);
    tcb->registers.word[REG_RDI] = b->image.end + PAGE;
    refill_start(k, sc, ticks, ticks);
    sc->refill_max = refill_capacity(SCHED_CONTEXT_BITS);
    tcb->state = THREAD_RUNNING;
    schedcontext_bind(k, sc, tcb);
    k->root_thread = tcb;
}

static unsigned log2_floor(uint64_t value)
{
    return 63 - (unsigned)__builtin_clzll(value);
}

// Page-aligned memory as untypeds, each aligned to its size.
// The largest power of two that is aligned and fits, again and again; no more than boot info can
// list.
static void give_untyped(struct boot *b, uint64_t start, uint64_t end, bool device)
{
    struct sel4_bootinfo *info = b->info;
    while (start < end && b->next_slot - info->untyped.start < SEL4_BOOTINFO_MAX_UNTYPEDS) {
        unsigned fits = log2_floor(end - start);
        unsigned aligned = start == 0 ? SEL4_MAX_UNTYPED_BITS : (unsigned)__builtin_ctzll(start);
        unsigned bits = fits < aligned ? fits : aligned;
        bits = bits < SEL4_MAX_UNTYPED_BITS ? bits : SEL4_MAX_UNTYPED_BITS;
        struct cap cap = cap_make(SEL4_CAP_TAG_UNTYPED, start, bits);
        cap.device = device ? 1 : 0;
        info->untyped_list[b->next_slot - info->untyped.start] = (struct sel4_untyped_desc){
            .paddr = start, .size_bits = (uint8_t)bits, .is_device = device ? 1 : 0};
        put(b, b->next_slot++, cap);
        start += UINT64_C(1) << bits;
    }
}

static void give_memory(struct boot *b)
{
    const struct machine *m = b->k->machine;
    uint64_t image_end = IMAGE_PADDR + (b->image.end - b->image.start);
    uint64_t small_end = (b->cursor + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    b->info->untyped.start = b->next_slot;
    // Below 1 MiB a PC has firmware and video memory; here it is told as device memory and holds
    // zeros.
    give_untyped(b, 0, LOW_MEMORY_END, true);
    give_untyped(b, m->device_base, m->device_base + m->device_size, true);
    give_untyped(b, small_end, CNODE_PADDR, false);
    give_untyped(b, image_end, m->memory_size & ~(uint64_t)(PAGE - 1), false);
    b->info->untyped.end = b->next_slot;
}

static void fill_info(struct boot *b)
{
    struct sel4_bootinfo *info = b->info;
    info->extra_len = boot_info_extra(b->k, memory_at(b->k, b->extra));
    info->node_count = 1;
    info->io_pt_levels = b->k->config.abi.iommu ? 0 : SEL4_BOOTINFO_NO_IOMMU;
    info->ipc_buffer = b->image.end;
    info->empty = (struct sel4_slot_range){b->next_slot, UINT64_C(1) << SEL4_ROOT_CNODE_BITS};
    info->cnode_size_bits = SEL4_ROOT_CNODE_BITS;
}

enum status kernel_boot(struct kernel *k, struct machine *machine,
                        const struct kernel_config *config, struct bytes image, struct diag *diag)
{
    k->machine = machine;
    k->config = *config;
    k->abi = labels_of(config->abi);
    machine->kernel = k;
    struct boot b = {.k = k, .next_slot = FIRST_SLOT, .cursor = LOW_MEMORY_END};
    enum status status = image_measure(&b.image, image, diag);
    if (status == STATUS_OK) {
        status = check_room(&b, diag);
    }
    if (status == STATUS_OK) {
        status = image_load(machine, IMAGE_PADDR, &b.image, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    k->now = machine->operations->now(machine);
    domain_start(k);
    make_spaces(&b);
    b.ipc_buffer = take(&b, PAGE);
    b.bootinfo = take(&b, PAGE);
    b.extra = take(&b, PAGE);
    b.info = memory_at(k, b.bootinfo);
    map_image(&b);
    make_thread(&b);
    give_memory(&b);
    fill_info(&b);
    return STATUS_OK;
}
