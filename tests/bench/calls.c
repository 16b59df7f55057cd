// SPDX-License-Identifier: BSD-2-Clause
// What kernel calls cost, from inside: a root task that prints medians in ticks of the time stamp
// counter, on real seL4 and on the hosted kernel alike.
//
// usage: as the boot image of either; prints "> NAME: TICKS" and "> ticks per us: N".
#include "harness.h"
#include "timer.h"

enum { ROUNDS = 15, CALLS = 200, PAGES = 64, RIGHTS = SEL4_RIGHT_ALL };
enum { AREA = 0x10000000, WRITE_READ = 3 };

extern const char image_start[]; // from the linker script

static uint64_t ticks(void)
{
    return __builtin_ia32_rdtsc();
}

static void print_number(uint64_t value)
{
    char text[21];
    size_t at = sizeof(text) - 1;
    text[at] = '\0';
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    print(text + at);
}

static void report(const char *name, uint64_t value)
{
    line(name);
    print(" ");
    print_number(value);
    print("\n");
}

static uint64_t median(uint64_t *value)
{
    for (unsigned i = 1; i < ROUNDS; i++) {
        for (unsigned j = i; j > 0 && value[j] < value[j - 1]; j--) {
            uint64_t swap = value[j];
            value[j] = value[j - 1];
            value[j - 1] = swap;
        }
    }
    return value[ROUNDS / 2];
}

// Median over the rounds of what one of `count` operations costs.
static void measure(const char *name, void (*round)(uint64_t), uint64_t argument, unsigned count)
{
    uint64_t cost[ROUNDS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t begin = ticks();
        round(argument);
        cost[i] = (ticks() - begin) / count;
    }
    report(name, median(cost));
}

static void poll(uint64_t notification)
{
    for (unsigned i = 0; i < CALLS; i++) {
        do_nb_wait(notification);
    }
}

static void call(uint64_t endpoint)
{
    for (unsigned i = 0; i < CALLS; i++) {
        do_call(endpoint, sel4_message_info(0, 0, 0, 4));
    }
}

// Replies for ever; runs on its callers' time.
struct server {
    uint64_t endpoint, reply;
};

static void serve(void *argument)
{
    const struct server *server = argument;
    do_recv(server->endpoint, server->reply);
    for (;;) {
        do_reply_recv(server->endpoint, server->reply, sel4_message_info(0, 0, 0, 4), 0);
    }
}

static void map_tables(uint64_t space, uint64_t vaddr)
{
    need(CALL(make(SEL4_OBJECT_PDPT, 0), PDPT_MAP, MRS(vaddr, 0), CAPS(space)), "map a PDPT");
    need(CALL(make(SEL4_OBJECT_PAGE_DIRECTORY, 0), PAGE_DIRECTORY_MAP, MRS(vaddr, 0), CAPS(space)),
         "map a page directory");
    need(CALL(make(SEL4_OBJECT_PAGE_TABLE, 0), PAGE_TABLE_MAP, MRS(vaddr, 0), CAPS(space)),
         "map a page table");
}

// A second address space that holds the same image.
static uint64_t make_space(void)
{
    uint64_t space = make(SEL4_OBJECT_PML4, 0);
    uint64_t vaddr = (uint64_t)image_start;
    need(CALL(SEL4_SLOT_ASID_POOL, ASID_POOL_ASSIGN, NO_MRS, CAPS(space)), "assign an ASID");
    map_tables(space, vaddr);
    for (uint64_t at = boot->user_image_frames.start; at < boot->user_image_frames.end; at++) {
        need(CALL(copy_of(at, RIGHTS), PAGE_MAP, MRS(vaddr, WRITE_READ, 0), CAPS(space)),
             "map the image");
        vaddr += PAGE;
    }
    return space;
}

// `space` 0: the server shares the caller's address space.
static uint64_t start_server(uint64_t space)
{
    static struct server servers[2];
    struct server *server = &servers[space != 0];
    struct thread thread = thread_make();
    server->endpoint = make(SEL4_OBJECT_ENDPOINT, 0);
    server->reply = make(SEL4_OBJECT_REPLY, 0);
    if (space != 0) {
        need(CALL(thread.tcb, TCB_SET_SPACE, MRS(0, 0), CAPS(0, SEL4_SLOT_CNODE, space)),
             "give the thread its space");
    }
    thread_start(&thread, serve, server);
    do_yield();
    need(CALL(thread.sched_context, SCHED_CONTEXT_UNBIND, NO_MRS, NO_CAPS), "make it passive");
    return server->endpoint;
}

static void map_pages(uint64_t first)
{
    for (uint64_t i = 0; i < PAGES; i++) {
        need(CALL(first + i, PAGE_MAP, MRS(AREA + i * PAGE, WRITE_READ, 0), CAPS(SEL4_SLOT_VSPACE)),
             "map a page");
    }
    for (uint64_t i = 0; i < PAGES; i++) {
        *(volatile uint64_t *)(AREA + i * PAGE) = i;
    }
    for (uint64_t i = 0; i < PAGES; i++) {
        need(CALL(first + i, PAGE_UNMAP, NO_MRS, NO_CAPS), "unmap a page");
    }
}

static uint64_t make_pages(void)
{
    uint64_t untyped = make_untyped(20);
    uint64_t first = slots_new(PAGES);
    need(CALL(untyped, UNTYPED_RETYPE, MRS(abi.type[SEL4_OBJECT_SMALL_PAGE], 0, 0, 0, first, PAGES),
              CAPS(SEL4_SLOT_CNODE)),
         "make pages");
    uint64_t table = make(SEL4_OBJECT_PAGE_TABLE, 0);
    need(CALL(table, PAGE_TABLE_MAP, MRS(AREA, 0), CAPS(SEL4_SLOT_VSPACE)), "map a page table");
    return first;
}

void conformance_main(void)
{
    report("ticks per us", ticks_per_us());
    measure("system call (poll a notification)", poll, make(SEL4_OBJECT_NOTIFICATION, 0), CALLS);
    measure("call and reply, one address space", call, start_server(0), CALLS);
    measure("call and reply, two address spaces", call, start_server(make_space()), CALLS);
    measure("map, touch and unmap a page", map_pages, make_pages(), PAGES);
}
