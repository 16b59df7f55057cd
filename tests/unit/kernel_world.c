// SPDX-License-Identifier: BSD-2-Clause
#include "kernel_world.h"

#include "reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct world *world_of(struct machine *m)
{
    return (struct world *)m;
}

static struct machine_event run(struct machine *m, uint64_t root, struct registers *regs,
                                struct machine_fpu *fpu, uint64_t deadline)
{
    struct world *w = world_of(m);
    (void)fpu;
    assert_int_not_equal(root, 0);
    w->deadline = deadline;
    if (!w->pending) {
        w->registers = *regs;
        return (struct machine_event){.kind = MACHINE_STOP};
    }
    w->pending = false;
    *regs = w->registers;
    return w->event;
}

static struct machine_event idle(struct machine *m, uint64_t deadline)
{
    struct world *w = world_of(m);
    w->deadline = deadline;
    if (!w->pending) {
        w->idle = true;
        return (struct machine_event){.kind = MACHINE_STOP};
    }
    w->pending = false;
    return w->event;
}

static void flush(struct machine *m, uint64_t root, uint64_t vaddr, uint64_t len)
{
    (void)root;
    (void)vaddr;
    (void)len;
    world_of(m)->flushes++;
}

static void forget(struct machine *m, uint64_t root)
{
    (void)root;
    world_of(m)->forgets++;
}

static uint64_t now(struct machine *m)
{
    return world_of(m)->now;
}

static uint32_t port_in(struct machine *m, uint16_t port, unsigned width)
{
    world_of(m)->port = port;
    world_of(m)->port_width = width;
    return world_of(m)->port_value;
}

static void port_out(struct machine *m, uint16_t port, unsigned width, uint32_t value)
{
    world_of(m)->port = port;
    world_of(m)->port_width = width;
    world_of(m)->port_value = value;
}

static void interrupt_mask(struct machine *m, unsigned pin, bool masked)
{
    uint32_t bit = 1U << pin;
    world_of(m)->masked = masked ? world_of(m)->masked | bit : world_of(m)->masked & ~bit;
}

static void interrupt_form(struct machine *m, unsigned pin, bool level, bool low)
{
    world_of(m)->by_level |= (uint32_t)level << pin;
    world_of(m)->active_low |= (uint32_t)low << pin;
}

static int interrupt(struct machine *m)
{
    int pin = world_of(m)->interrupt;
    world_of(m)->interrupt = -1;
    return pin;
}

static bool waiting(struct machine *m, uint64_t deadline)
{
    struct world *w = world_of(m);
    w->now += w->work;
    return w->interrupt >= 0 || w->now >= deadline;
}

static void put_char(struct machine *m, char c)
{
    struct world *w = world_of(m);
    assert_true(w->console_len < sizeof(w->console));
    w->console[w->console_len++] = c;
}

static bool load(struct machine *m, uint64_t paddr, struct bytes data)
{
    memcpy(m->memory + paddr, data.at, data.len);
    return true;
}

static void fpu_forget(struct machine *m, const struct machine_fpu *fpu)
{
    world_of(m)->forgotten_fpu = fpu;
}

static const struct machine_operations operations = {
    .load = load,
    .run = run,
    .fpu_forget = fpu_forget,
    .idle = idle,
    .flush = flush,
    .forget = forget,
    .now = now,
    .port_in = port_in,
    .port_out = port_out,
    .interrupt_mask = interrupt_mask,
    .interrupt_form = interrupt_form,
    .interrupt = interrupt,
    .waiting = waiting,
    .put_char = put_char,
};

static void trace(struct kernel *k, const struct kernel_trace *entry)
{
    struct world *w = k->context;
    w->traces++;
    w->trace = *entry;
}

// One segment of one page, and a second one behind a gap of a page.
static size_t make_image(uint8_t *at)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    static const uint64_t segments[2][4] = {{0, WORLD_IMAGE, 0x1000, 0x1000},
                                            {0x40, WORLD_IMAGE + 0x2000, 8, 0x800}};
    memcpy(at, magic, sizeof(magic));
    reader_put_le64(at + 24, WORLD_ENTRY);
    reader_put_le64(at + 32, 64);
    reader_put_le16(at + 54, 56);
    reader_put_le16(at + 56, 2);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t *header = at + 64 + i * 56;
        reader_put_le32(header, 1);
        reader_put_le64(header + 8, segments[i][0]);
        reader_put_le64(header + 16, segments[i][1]);
        reader_put_le64(header + 32, segments[i][2]);
        reader_put_le64(header + 40, segments[i][3]);
    }
    return 0x1000;
}

static void find_untyped(struct world *w)
{
    const uint64_t bootinfo = w->registers.word[REG_RDI];
    struct machine_page page;
    assert_true(machine_walk(&w->machine, w->kernel.root_thread->slot[TCB_VSPACE].cap.object,
                             bootinfo, &page));
    const struct sel4_bootinfo *info = (void *)(w->machine.memory + page.paddr);
    unsigned best = 0;
    for (uint64_t i = 0; i < info->untyped.end - info->untyped.start; i++) {
        const struct sel4_untyped_desc *desc = &info->untyped_list[i];
        if (desc->is_device == 0 && desc->size_bits > best) {
            best = desc->size_bits;
            w->untyped = info->untyped.start + i;
        }
    }
    assert_true(best >= 21);
}

static void go(struct world *w)
{
    w->idle = false;
    w->end = kernel_run(&w->kernel);
}

struct world *world_new(const char *config)
{
    uint8_t image[0x1000] = {0};
    struct kernel_config chosen;
    struct world *w = calloc(1, sizeof(*w));
    // Zero, and of the host only where it is touched.
    void *memory = mmap(NULL, WORLD_MEMORY + WORLD_DEVICE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_non_null(w);
    assert_ptr_not_equal(memory, MAP_FAILED);
    w->machine = (struct machine){.operations = &operations,
                                  .memory = memory,
                                  .memory_size = WORLD_MEMORY,
                                  .device_base = WORLD_MEMORY,
                                  .device_size = WORLD_DEVICE,
                                  .ticks_per_us = WORLD_TICKS};
    w->interrupt = -1;
    w->now = 1000;
    struct bytes file = {.at = image, .len = make_image(image)};
    assert_true(kernel_config_named(&chosen, config));
    assert_int_equal(kernel_boot(&w->kernel, &w->machine, &chosen, file, NULL), STATUS_OK);
    w->kernel.trace = trace;
    w->kernel.context = w;
    go(w);
    find_untyped(w);
    return w;
}

void world_free(struct world *w)
{
    munmap(w->machine.memory, WORLD_MEMORY + WORLD_DEVICE);
    free(w);
}

int world_start(void **state)
{
    struct world *w = world_new("2.3.0");
    assert_int_equal(WORLD_INVOKE(w, SEL4_SLOT_TCB, TCB_SET_PRIORITY,
                                  WORLD_WORDS(WORLD_ROOT_PRIORITY), WORLD_CAPS(SEL4_SLOT_TCB)),
                     SEL4_ERROR_NONE);
    *state = w;
    return 0;
}

int world_end(void **state)
{
    world_free(*state);
    return 0;
}

void world_trap(struct world *w, struct machine_event event)
{
    w->pending = true;
    w->event = event;
    go(w);
    assert_false(w->pending);
}

void world_syscall(struct world *w, int64_t number, struct world_call call)
{
    uint64_t *r = w->registers.word;
    r[REG_RDX] = (uint64_t)number;
    r[REG_RDI] = call.rdi;
    r[REG_RSI] = call.rsi;
    r[REG_R12] = call.r12;
    r[REG_R13] = call.r13;
    r[REG_R10] = call.mr[0];
    r[REG_R8] = call.mr[1];
    r[REG_R9] = call.mr[2];
    r[REG_R15] = call.mr[3];
    world_trap(w, (struct machine_event){.kind = MACHINE_SYSCALL});
}

struct sel4_ipc_buffer *world_buffer(struct world *w)
{
    const struct tcb *tcb = w->kernel.current;
    const struct cap *frame = &tcb->slot[TCB_BUFFER].cap;
    uint64_t offset = tcb->buffer & ((UINT64_C(1) << frame->size_bits) - 1);
    assert_int_equal(frame->kind, SEL4_CAP_TAG_FRAME);
    return (void *)(w->machine.memory + frame->object + offset);
}

enum sel4_error world_invoke(struct world *w, uint64_t cptr, enum sel4_invocation operation,
                             struct world_message message)
{
    struct world_call call = {.rdi = cptr};
    uint8_t label = w->kernel.abi.label[operation];
    assert_int_not_equal(label, 0);
    call.rsi = sel4_message_info(label, 0, message.cap_count, message.count);
    for (unsigned i = 0; i < message.count; i++) {
        if (i < SEL4_MESSAGE_REGISTERS) {
            call.mr[i] = message.words[i];
        } else {
            world_buffer(w)->message[i] = message.words[i];
        }
    }
    for (unsigned i = 0; i < message.cap_count; i++) {
        world_buffer(w)->caps_or_badges[i] = message.caps[i];
    }
    world_syscall(w, SEL4_SYSCALL_CALL, call);
    return (enum sel4_error)sel4_message_label(w->registers.word[REG_RSI]);
}

uint64_t world_word(struct world *w, unsigned index)
{
    static const uint8_t in_register[] = {REG_R10, REG_R8, REG_R9, REG_R15};
    return index < 4 ? w->registers.word[in_register[index]] : world_buffer(w)->message[index];
}

unsigned world_length(struct world *w)
{
    return sel4_message_length(w->registers.word[REG_RSI]);
}

enum sel4_error world_retype(struct world *w, enum sel4_object object, unsigned size_bits,
                             uint64_t slot, unsigned count)
{
    return WORLD_INVOKE(w, w->untyped, UNTYPED_RETYPE,
                        WORLD_WORDS(w->kernel.abi.type[object], size_bits, 0, 0, slot, count),
                        WORLD_CAPS(SEL4_SLOT_CNODE));
}

enum sel4_error world_copy(struct world *w, uint64_t to, uint64_t from, uint64_t rights)
{
    return WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_COPY, WORLD_WORDS(to, 64, from, 64, rights),
                        WORLD_CAPS(SEL4_SLOT_CNODE));
}

enum sel4_error world_mint(struct world *w, uint64_t to, uint64_t from, uint64_t rights,
                           uint64_t badge)
{
    return WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_MINT,
                        WORLD_WORDS(to, 64, from, 64, rights, badge), WORLD_CAPS(SEL4_SLOT_CNODE));
}

enum sel4_error world_delete(struct world *w, uint64_t slot)
{
    return WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_DELETE, WORLD_WORDS(slot, 64));
}

enum sel4_error world_revoke(struct world *w, uint64_t slot)
{
    return WORLD_INVOKE(w, SEL4_SLOT_CNODE, CNODE_REVOKE, WORLD_WORDS(slot, 64));
}

static uint64_t sched_control(const struct world *w)
{
    (void)w;
    return SEL4_SLOT_FIRST_FREE;
}

void world_thread(struct world *w, uint64_t slot, unsigned priority, bool passive)
{
    assert_int_equal(world_retype(w, SEL4_OBJECT_TCB, 0, slot, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_SCHED_CONTEXT, 8, slot + 1, 1), 0);
    assert_int_equal(world_retype(w, SEL4_OBJECT_SMALL_PAGE, 0, slot + 2, 1), 0);
    assert_int_equal(WORLD_INVOKE(w, slot, TCB_CONFIGURE, WORLD_WORDS(0, 0, 0x10000),
                                  WORLD_CAPS(SEL4_SLOT_CNODE, SEL4_SLOT_VSPACE, slot + 2)),
                     0);
    assert_int_equal(WORLD_INVOKE(w, sched_control(w), SCHED_CONTROL_CONFIGURE_FLAGS,
                                  WORLD_WORDS(5000, 5000, 0, slot, 0), WORLD_CAPS(slot + 1)),
                     0);
    assert_int_equal(WORLD_INVOKE(w, slot, TCB_SET_SCHED_PARAMS, WORLD_WORDS(255, priority),
                                  WORLD_CAPS(SEL4_SLOT_TCB, passive ? 0 : slot + 1, 0)),
                     0);
}

void world_resume(struct world *w, uint64_t slot)
{
    struct world_call call = {
        .rdi = slot,
        .rsi = sel4_message_info(w->kernel.abi.label[SEL4_INVOCATION_TCB_RESUME], 0, 0, 0)};
    world_syscall(w, SEL4_SYSCALL_CALL, call);
}

struct tcb *world_tcb(struct world *w, uint64_t slot)
{
    struct tcb *tcb = kernel_inspect_thread(&w->kernel, w->kernel.root_thread, slot);
    assert_non_null(tcb);
    return tcb;
}

bool world_runs(struct world *w, uint64_t slot)
{
    return !w->idle && w->kernel.current == world_tcb(w, slot);
}

bool world_runs_root(struct world *w)
{
    return !w->idle && w->kernel.current == w->kernel.root_thread;
}

void world_pass(struct world *w)
{
    assert_int_not_equal(w->deadline, UINT64_MAX);
    w->now = w->deadline > w->now ? w->deadline : w->now;
    world_trap(w, (struct machine_event){.kind = MACHINE_DEADLINE});
}

void world_wait_us(struct world *w, uint64_t us)
{
    w->now += us * WORLD_TICKS;
    world_trap(w, (struct machine_event){.kind = MACHINE_DEADLINE});
}
