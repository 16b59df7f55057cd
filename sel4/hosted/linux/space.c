// SPDX-License-Identifier: BSD-2-Clause

// A stub's mappings behave as a TLB does, and the same rules keep it right: a translation is loaded
// only from the kernel half's page tables as they are now (space_fill), and before user code runs
// again everything is dropped that was flushed since (space_settle). So a stub never has a right
// that the tables do not give at that moment. Fewer mappings than the tables have are always
// correct; each lack costs one miss.
//
// `mapped` is the hull of what was ever loaded: flushes outside need no call. Mappings are
// MAP_SHARED parts of the memory file, so a frame that is mapped in two address spaces is one.

#include "space.h"

#include "hidden.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum {
    PAGE_BITS = 12,
    AROUND = 512, // pages loaded at once, at most, if they are contiguous: one call for 2 MiB
};
#define PAGE (UINT64_C(1) << PAGE_BITS)

// Linear, but the last one is nearly always it; there are as many as protection domains.
static struct space *find(struct spaces *all, uint64_t root)
{
    if (all->last < all->count && all->at[all->last].root == root) {
        return &all->at[all->last];
    }
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i].root == root) {
            all->last = i;
            return &all->at[i];
        }
    }
    return NULL;
}

bool space_fpu_save(struct space *s)
{
    struct machine_fpu *fpu = s->fpu;
    s->fpu = NULL;
    return fpu == NULL || arch_fpu_read(s->pid, fpu);
}

// A stub keeps the FPU state of the thread that ran last in it, and mostly that one runs next. So
// state moves only when another thread needs the stub, or the thread runs in another stub: it must
// be read from there first, for that copy is the newest.
bool space_fpu_load(struct spaces *all, struct space *s, struct machine_fpu *fpu)
{
    if (fpu == NULL || s->fpu == fpu) {
        return true;
    }
    bool alive = space_fpu_save(s);
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i].fpu == fpu) {
            alive = space_fpu_save(&all->at[i]) && alive;
        }
    }
    s->fpu = fpu;
    return alive && arch_fpu_load(s->pid, fpu);
}

void space_fpu_forget(struct spaces *all, const struct machine_fpu *fpu)
{
    for (size_t i = 0; i < all->count; i++) {
        if (all->at[i].fpu == fpu) {
            all->at[i].fpu = NULL;
        }
    }
}

// Ends a stub; its threads may go on elsewhere.
static void end(struct space *s)
{
    (void)space_fpu_save(s); // a stub that is gone has lost it
    stub_kill(s->pid);
}

// A stub is a cache of page tables: where the host gives no more processes, another one makes room.
static pid_t clone_stub(struct spaces *all, struct seed *seed, struct arch_frame *frame)
{
    pid_t pid = all->count < SPACE_LIMIT ? seed_clone(seed, frame) : 0;
    while (pid == 0 && all->count > 0) {
        size_t victim = (all->last + 1) % all->count;
        end(&all->at[victim]);
        all->at[victim] = all->at[--all->count];
        pid = seed_clone(seed, frame);
    }
    return pid;
}

struct space *space_get(struct spaces *all, struct seed *seed, uint64_t root)
{
    struct space *s = find(all, root);
    if (s != NULL) {
        return s;
    }
    struct space fresh = {.root = root, .is_new = true, .mapped = {USER_END, 0}};
    fresh.pid = clone_stub(all, seed, &fresh.frame);
    if (fresh.pid == 0) {
        return NULL;
    }
    all->last = all->count++;
    all->at[all->last] = fresh;
    return &all->at[all->last];
}

void space_forget(struct spaces *all, uint64_t root)
{
    struct space *s = find(all, root);
    if (s != NULL) {
        end(s);
        *s = all->at[--all->count];
    }
}

void space_forget_all(struct spaces *all)
{
    while (all->count != 0) {
        stub_kill(all->at[--all->count].pid);
    }
}

static struct space_range hull(struct space_range a, struct space_range b)
{
    return (struct space_range){a.from < b.from ? a.from : b.from, a.to > b.to ? a.to : b.to};
}

static bool is_adjacent(struct space_range a, struct space_range b)
{
    return a.from <= b.to && b.from <= a.to;
}

// Dropping more than was asked costs misses, never correctness: so a full list grows its last
// range.
static void add_pending(struct space *s, struct space_range range)
{
    for (size_t i = 0; i < s->pending_count; i++) {
        if (is_adjacent(s->pending[i], range)) {
            s->pending[i] = hull(s->pending[i], range);
            return;
        }
    }
    if (s->pending_count < SPACE_PENDING) {
        s->pending[s->pending_count++] = range;
    } else {
        s->pending[SPACE_PENDING - 1] = hull(s->pending[SPACE_PENDING - 1], range);
    }
}

void space_flush(struct spaces *all, uint64_t root, uint64_t vaddr, uint64_t len)
{
    struct space *s = find(all, root);
    if (s == NULL) {
        return;
    }
    uint64_t from = vaddr & ~(PAGE - 1);
    uint64_t to = len < UINT64_MAX - vaddr ? vaddr + len : UINT64_MAX;
    to = to < USER_END ? (to + PAGE - 1) & ~(PAGE - 1) : USER_END;
    from = from > s->mapped.from ? from : s->mapped.from;
    to = to < s->mapped.to ? to : s->mapped.to;
    if (from < to) {
        add_pending(s, (struct space_range){from, to});
    }
}

static bool unmap(struct space *s, uint64_t from, uint64_t to)
{
    if (from >= to) {
        return true;
    }
    struct arch_call call = {SYS_munmap, {from, to - from}};
    int64_t result;
    return stub_call(s->pid, &s->frame, &call, &result) && result == 0;
}

// A translation as one mapping: [vaddr, vaddr + len) is paddr onwards.
struct extent {
    uint64_t vaddr;
    uint64_t paddr;
    uint64_t len;
    bool writable;
};

static bool continues(const struct machine *m, uint64_t root, const struct extent *e,
                      uint64_t vaddr, uint64_t paddr)
{
    struct machine_page page;
    return machine_walk(m, root, vaddr, &page) && page.size_bits == PAGE_BITS &&
           page.paddr == paddr && page.readable && page.writable == e->writable;
}

// Extends a 4 KiB translation over its neighbours, inside an aligned window.
static void extend(const struct machine *m, uint64_t root, struct extent *e)
{
    uint64_t window = e->vaddr & ~(AROUND * PAGE - 1);
    while (e->vaddr > window && e->paddr >= PAGE &&
           continues(m, root, e, e->vaddr - PAGE, e->paddr - PAGE)) {
        e->vaddr -= PAGE;
        e->paddr -= PAGE;
        e->len += PAGE;
    }
    while (e->vaddr + e->len < window + AROUND * PAGE &&
           continues(m, root, e, e->vaddr + e->len, e->paddr + e->len)) {
        e->len += PAGE;
    }
}

// No page and no window reaches over the end of the hidden area.
_Static_assert(HIDDEN_END % (UINT64_C(1) << 30) == 0, "largest page");

// Cuts the mapping to what the memory file backs, and before the hidden area. False when `vaddr`
// itself is cut off.
static bool clip(struct extent *e, uint64_t backing, uint64_t vaddr)
{
    if (e->paddr >= backing || (vaddr >= HIDDEN && vaddr < HIDDEN_END)) {
        return false;
    }
    if (e->len > backing - e->paddr) {
        e->len = backing - e->paddr;
    }
    if (vaddr < HIDDEN && e->vaddr + e->len > HIDDEN) {
        e->len = HIDDEN - e->vaddr;
    }
    return vaddr - e->vaddr < e->len;
}

// The stub's file 0 is physical memory. x86 user pages are always executable here: the tables of
// this kernel have no bit against it.
static enum space_fill load(struct space *s, const struct extent *e)
{
    uint64_t protection = PROT_READ | PROT_EXEC | (e->writable ? PROT_WRITE : 0);
    struct arch_call call = {SYS_mmap,
                             {e->vaddr, e->len, protection, MAP_SHARED | MAP_FIXED, 0, e->paddr}};
    int64_t result;
    if (!stub_call(s->pid, &s->frame, &call, &result)) {
        return SPACE_LOST;
    }
    // The host's limit of mappings or memory: a second miss would meet it again.
    if (result == -ENOMEM) {
        return SPACE_LOST;
    }
    if (result != (int64_t)e->vaddr) {
        return SPACE_ABSENT; // below the host's vm.mmap_min_addr, or on its sealed pages
    }
    s->mapped = hull(s->mapped, (struct space_range){e->vaddr, e->vaddr + e->len});
    return SPACE_FILLED;
}

// A single page that has a translation gets it at once, which spares the miss that would follow.
static bool settle(struct space *s, const struct machine *m, uint64_t backing, struct space_range r)
{
    struct machine_page page;
    if (r.to - r.from == PAGE && machine_walk(m, s->root, r.from, &page) && page.readable &&
        page.size_bits == PAGE_BITS) {
        struct extent e = {page.vaddr, page.paddr, PAGE, page.writable};
        if (clip(&e, backing, r.from)) {
            enum space_fill loaded = load(s, &e);
            if (loaded != SPACE_ABSENT) {
                return loaded == SPACE_FILLED;
            }
        }
    }
    // The hidden area stays.
    return unmap(s, r.from, r.to < HIDDEN ? r.to : HIDDEN) &&
           unmap(s, r.from > HIDDEN_END ? r.from : HIDDEN_END, r.to);
}

bool space_settle(struct space *s, const struct machine *m, uint64_t backing)
{
    // Taken from the end; the order is of no matter, for all are dropped before anything runs.
    while (s->pending_count != 0) {
        if (!settle(s, m, backing, s->pending[--s->pending_count])) {
            return false;
        }
    }
    return true;
}

enum space_fill space_fill(struct space *s, const struct machine *m, uint64_t backing,
                           uint64_t vaddr, bool protection)
{
    struct machine_page page;
    if (vaddr >= USER_END || !machine_walk(m, s->root, vaddr, &page)) {
        return SPACE_ABSENT;
    }
    if (!page.readable || (protection && !page.writable)) {
        return SPACE_DENIED;
    }
    struct extent e = {page.vaddr, page.paddr, UINT64_C(1) << page.size_bits, page.writable};
    if (page.size_bits == PAGE_BITS) {
        extend(m, s->root, &e);
    }
    return clip(&e, backing, vaddr) ? load(s, &e) : SPACE_ABSENT;
}
