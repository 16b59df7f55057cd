// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// What the files of the kernel half know of each other, grouped by file. Decoding functions check
// everything and change nothing; only then one call acts, and that call cannot fail.

#include "kernel.h"
#include "sel4_message.h"

// ---- memory.c: physical memory
// Where a physical address is in this process, and back. Both are the caller's to be right about.
void *memory_at(const struct kernel *k, uint64_t paddr);
uint64_t memory_paddr(const struct kernel *k, const void *at);

// ---- cap.c: values of capabilities
// A cap with all rights and an empty data word; `size_bits` is log2 of the object's size, of a
// CNode its radix.
struct cap cap_make(enum sel4_cap_tag kind, uint64_t paddr, unsigned size_bits);
uint64_t cap_paddr(const struct cap *cap);
bool cap_is(const struct cap *cap, enum sel4_cap_tag kind);
bool cap_allows(const struct cap *cap, unsigned rights); // has all of them
// The object in the machine's memory; only for kinds that have one.
void *cap_object(const struct kernel *k, const struct cap *cap);
// Both are caps of one and the same object: deleting one leaves the other.
bool cap_same_object(const struct cap *a, const struct cap *b);
// What `parent` stands for contains what `child` stands for.
bool cap_same_region(const struct cap *parent, const struct cap *child);
// Takes rights away; kinds without rights stay as they are.
void cap_mask_rights(struct cap *cap, uint64_t rights);
// Applies the data word of Mint (`mutate` false) or Mutate; false = not allowed for this cap.
MUST_CHECK bool cap_set_data(struct cap *cap, uint64_t data, bool mutate);
// Guard and badge of a cap in the words that user code knows.
unsigned cap_guard_size(const struct cap *cnode);
uint64_t cap_guard(const struct cap *cnode);
// Mapping of a frame or paging structure; ASID 0 = not mapped.
uint64_t cap_mapped_vaddr(const struct cap *cap);
unsigned cap_mapped_asid(const struct cap *cap);
void cap_set_mapping(struct cap *cap, unsigned asid, uint64_t vaddr);
// An endpoint that may take faults: Write, and Grant or GrantReply.
bool cap_takes_faults(const struct cap *cap);

// ---- derivation.c: the slots and who came from whom
struct cte *derivation_slot(const struct kernel *k, uint32_t index); // NULL for 0
uint32_t derivation_index(const struct kernel *k, const struct cte *slot);
// Puts a cap that came from `from` into an empty slot.
void derivation_insert(struct kernel *k, struct cte *slot, struct cap cap, struct cte *from);
// Puts the first cap of a new object into an empty slot, a child of `parent` (NULL = of nothing).
void derivation_create(struct kernel *k, struct cte *slot, struct cap cap, struct cte *parent);
// Moves `cap`, the changed or unchanged cap of `from`, to the empty slot `to`.
void derivation_move(struct kernel *k, struct cte *to, struct cte *from, struct cap cap);
// Exchanges two full slots; each gets the changed cap that came from the other.
void derivation_swap(struct kernel *k, struct cte *a, struct cap to_a, struct cte *b,
                     struct cap to_b);
// Empties a slot and takes it out of the list. Its object is the caller's business (delete.c).
void derivation_unlink(struct kernel *k, struct cte *slot);
// Whether Revoke would find anything.
bool derivation_has_children(const struct kernel *k, const struct cte *slot);
bool derivation_is_parent(const struct cte *parent, const struct cte *child);
// No other slot holds a cap of the same object.
bool derivation_is_final(const struct kernel *k, const struct cte *slot);
// The cap that a copy of `slot` with these contents would be.
MUST_CHECK enum sel4_error derivation_copy_of(const struct kernel *k, struct cap *cap,
                                              const struct cte *slot);

// ---- lookup.c: resolving cptrs
struct lookup {
    struct cte *slot; // NULL = failure
    unsigned bits_left;
    struct lookup_failure failure;
};

// Walks `depth` low bits of `cptr` from `root` to the first slot that holds no CNode or uses up all
// bits.
struct lookup lookup_resolve(const struct kernel *k, const struct cap *root, uint64_t cptr,
                             unsigned depth);
// As a system call does: all 64 bits from the thread's CSpace root, leftover bits ignored.
struct lookup lookup_cap(const struct kernel *k, const struct tcb *tcb, uint64_t cptr);
// Exactly `depth` bits (1..64).
struct lookup lookup_slot(const struct kernel *k, const struct cap *root, uint64_t index,
                          unsigned depth);

// ---- invocation.c: one invocation of a cap
struct invocation {
    struct tcb *caller;
    struct cte *slot; // of the invoked cap
    uint64_t cptr;
    uint64_t label;
    enum sel4_invocation operation; // SEL4_INVOCATION_COUNT = the label is unknown
    unsigned length;
    unsigned extra_count;
    struct cte *extra[SEL4_MESSAGE_MAX_CAPS];
    bool call;
    bool blocking;
    bool donate;
    bool first_phase; // of ReplyRecv, NBSendRecv, NBSendWait
    unsigned result_len;
    uint64_t result[REG_COUNT]; // or the words of the error
    struct lookup_failure failure;
    bool faulted;
    bool is_counted; // among the kernel-object invocations
};

// Looks up, decodes, acts and answers. `caller`, `cptr` and the flags are set, the rest is filled
// here.
void invocation_run(struct kernel *k, struct invocation *inv);
uint64_t invocation_word(const struct kernel *k, const struct invocation *inv, unsigned index);
// At least so many words and extra caps.
bool invocation_has(const struct invocation *inv, unsigned words, unsigned caps);
// The extra cap of this index; invocation_has said that it is there.
const struct cap *invocation_extra(const struct invocation *inv, unsigned index);
// Errors with their words in `result`, for `return` in a decoder. Indices count as libsel4 does:
// arguments from 0, capabilities from 1, 0 being the invoked one.
enum sel4_error invocation_argument(struct invocation *inv, uint64_t index);
enum sel4_error invocation_capability(struct invocation *inv, uint64_t index);
enum sel4_error invocation_range(struct invocation *inv, uint64_t min, uint64_t max);
enum sel4_error invocation_missing(struct invocation *inv, bool source, uint64_t bits_left);
enum sel4_error invocation_lookup(struct invocation *inv, bool source,
                                  const struct lookup_failure *failure);
// The slot named by root, index and depth, or an error with its words.
struct slot_name {
    const struct cap *root;
    uint64_t index;
    uint64_t depth;
    bool source;
};
MUST_CHECK enum sel4_error invocation_slot(struct kernel *k, struct cte **out,
                                           struct invocation *inv, struct slot_name name);
// The same for a slot that must be empty (DeleteFirst).
MUST_CHECK enum sel4_error invocation_empty_slot(struct kernel *k, struct cte **out,
                                                 struct invocation *inv, struct slot_name name);

// ---- the objects' own invocations, each in the file of its name
enum sel4_error untyped_decode(struct kernel *k, struct invocation *inv);
enum sel4_error cnode_decode(struct kernel *k, struct invocation *inv);
enum sel4_error tcb_decode(struct kernel *k, struct invocation *inv);
enum sel4_error tcb_registers_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb);
enum sel4_error tcb_space_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb);
// Puts a checked cap into the fault-handler slot.
void tcb_space_set_handler(struct kernel *k, struct invocation *inv, struct tcb *tcb,
                           unsigned extra);
enum sel4_error tcb_sched_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb);
enum sel4_error tcb_debug_decode(struct kernel *k, struct invocation *inv, struct tcb *tcb);
enum sel4_error schedcontrol_decode(struct kernel *k, struct invocation *inv);
enum sel4_error schedcontext_decode(struct kernel *k, struct invocation *inv);
enum sel4_error frame_decode(struct kernel *k, struct invocation *inv);
enum sel4_error paging_decode(struct kernel *k, struct invocation *inv);
enum sel4_error asid_control_decode(struct kernel *k, struct invocation *inv);
enum sel4_error asid_pool_decode(struct kernel *k, struct invocation *inv);
enum sel4_error ioport_control_decode(struct kernel *k, struct invocation *inv);
enum sel4_error ioport_decode(struct kernel *k, struct invocation *inv);
enum sel4_error irq_control_decode(struct kernel *k, struct invocation *inv);
enum sel4_error irq_handler_decode(struct kernel *k, struct invocation *inv);
enum sel4_error iospace_decode(struct kernel *k, struct invocation *inv);
enum sel4_error domain_decode(struct kernel *k, struct invocation *inv);

// ---- delete.c: deletion in steps. False = interrupted (kernel_interrupted): the caller changes
// nothing more.
bool delete_slot(struct kernel *k, struct cte *slot);
bool delete_children(struct kernel *k, struct cte *slot); // Revoke
// Empties a slot whose cap is no container's; in one step.
void delete_plain(struct kernel *k, struct cte *slot);

// ---- tcb.c: threads
// Makes a thread: inactive, in no queue, in the list of all.
void tcb_create(struct kernel *k, struct tcb *tcb, uint8_t domain);
// The object is about to go: takes it out of everything that names it.
void tcb_finalise(struct kernel *k, struct tcb *tcb);
// Changes the state and leaves the ready queues where that follows; other queues are tcb_cancel's.
void tcb_set_state(struct kernel *k, struct tcb *tcb, enum thread_state state);
bool tcb_runnable(const struct tcb *tcb); // as far as its state goes
bool tcb_blocked(const struct tcb *tcb);
void tcb_cancel(struct kernel *k, struct tcb *tcb); // leaves any queue or chain, becomes inactive
// Suspend and Resume (seL4 manual, 6.1); both are fine in any state.
void tcb_suspend(struct kernel *k, struct tcb *tcb);
void tcb_resume(struct kernel *k, struct tcb *tcb);
// At most KERNEL_PRIORITIES - 1, which the caller has checked; keeps every queue in order.
void tcb_set_priority(struct kernel *k, struct tcb *tcb, uint8_t priority);
// Neither side is bound yet; unbinding is for a notification that is.
void tcb_bind(struct tcb *tcb, struct notification *ntfn);
void tcb_unbind(struct notification *ntfn);
// The thread's IPC buffer, NULL when it has none or may not write it.
uint64_t *tcb_buffer(const struct kernel *k, const struct tcb *tcb, bool write);
// Message registers: the first four in registers, the others in the buffer. Without a buffer they
// read as zero and are not written.
uint64_t tcb_message_word(const struct kernel *k, const struct tcb *tcb, unsigned index);
void tcb_set_message_word(const struct kernel *k, struct tcb *tcb, unsigned index, uint64_t word);
// Stores a register, made safe to run with.
void tcb_set_register(struct tcb *tcb, unsigned index, uint64_t value);

// ---- queue.c: waiting threads by priority, first come first served
// A thread is in one queue at most; to remove, it is in this one.
void queue_add(struct queue *queue, struct tcb *tcb);
void queue_remove(struct queue *queue, struct tcb *tcb);

// ---- refill.c: the budget of a scheduling context
uint64_t refill_minimum(const struct kernel *k); // ticks of the smallest budget
unsigned refill_capacity(unsigned size_bits);    // refills that fit in an SC
// The refill that is used now. This and what follows are for configured contexts (refill_max > 0).
struct refill *refill_front(struct sched_context *sc);
// Its time has come; it has what was used and a minimum besides.
bool refill_ready(const struct kernel *k, struct sched_context *sc);
bool refill_sufficient(const struct kernel *k, struct sched_context *sc, uint64_t used);
// Budget and period in ticks, from now; `change` keeps what was used, for a thread that may be
// running.
void refill_start(struct kernel *k, struct sched_context *sc, uint64_t budget, uint64_t period);
void refill_change(struct kernel *k, struct sched_context *sc, uint64_t budget, uint64_t period);
// Takes used ticks off, to come back a period later.
void refill_charge(struct kernel *k, struct sched_context *sc, uint64_t used);
// The thread was blocked: unused budget does not pile up in the past.
void refill_unblock(struct kernel *k, struct sched_context *sc);

// ---- schedule.c
bool schedule_runnable(const struct tcb *tcb);             // could run now
void schedule_choose(struct kernel *k);                    // somebody else may have to run
void schedule_consider(struct kernel *k, struct tcb *tcb); // has become runnable
void schedule_enqueue(struct kernel *k, struct tcb *tcb);  // at the front of its priority
void schedule_append(struct kernel *k, struct tcb *tcb);
void schedule_remove(struct kernel *k, struct tcb *tcb); // from ready and release queues
// Into the release queue until its next refill.
void schedule_postpone(struct kernel *k, struct sched_context *sc);
void schedule_enter(struct kernel *k); // kernel entry: time has passed
bool schedule_check_budget(
    struct kernel *k); // false: it is used up, the current thread was stopped
// `used` ticks of the current context end its turn; `can_fault`: by a timeout fault where there is
// a handler.
void schedule_charge(struct kernel *k, uint64_t used, bool can_fault);
void schedule_commit(struct kernel *k); // charges what current_sc has used so far
void schedule_run(struct kernel *k);    // decides who runs next
// Ticks at which the kernel must be entered; UINT64_MAX = never.
uint64_t schedule_deadline(const struct kernel *k);

// ---- schedcontext.c
bool schedcontext_released(const struct kernel *k, struct sched_context *sc); // has budget now
// Its thread is ready, or waits for the next refill if that is not due. NULL is fine.
void schedcontext_resume(struct kernel *k, struct sched_context *sc);
void schedcontext_wake(struct kernel *k, struct sched_context *sc); // its thread unblocks
// Moves a bound or free context to a thread that has none.
void schedcontext_donate(struct kernel *k, struct sched_context *sc, struct tcb *to);
// The invocations' effects (seL4 manual, 6.1), after all checks.
void schedcontext_bind(struct kernel *k, struct sched_context *sc, struct tcb *tcb);
void schedcontext_unbind(struct kernel *k, struct sched_context *sc);
void schedcontext_bind_notification(struct sched_context *sc, struct notification *ntfn);
void schedcontext_unbind_notification(struct sched_context *sc);
void schedcontext_finalise(struct kernel *k, struct sched_context *sc);
uint64_t schedcontext_take_consumed(struct kernel *k, struct sched_context *sc); // microseconds
// YieldTo is over: the thread that yielded gets its answer.
void schedcontext_end_yield(struct kernel *k, struct tcb *tcb);

// ---- transfer.c: moving a message from one thread to another
struct carrier {
    const struct endpoint *endpoint; // NULL = a reply
    uint64_t badge;
    bool grant;
};
// Delivers what `from` sends, message or fault.
void transfer_send(struct kernel *k, struct tcb *from, struct tcb *to, struct carrier by);

// ---- endpoint.c
struct send {
    bool blocking, call, grant, grant_reply, donate;
    uint64_t badge;
};
// Sends or waits; `how` is what the cap and the system call allow.
void endpoint_send(struct kernel *k, struct tcb *from, struct endpoint *endpoint, struct send how);
// Receives, or waits with `reply` (NULL = none given) for who will have to be answered.
void endpoint_receive(struct kernel *k, struct tcb *to, const struct cap *cap, bool blocking,
                      struct reply *reply);
// The thread stops waiting; its state is the caller's to change.
void endpoint_leave(struct tcb *tcb);
// The endpoint, or one badge of it, goes: who waits repeats its call.
void endpoint_cancel_all(struct kernel *k, struct endpoint *endpoint);
void endpoint_cancel_badged(struct kernel *k, struct endpoint *endpoint, uint64_t badge);
// The thread's priority has changed.
void endpoint_reorder(struct tcb *tcb);

// ---- notification.c
// Wakes the first that waits, or the bound thread, or is kept.
void notification_signal(struct kernel *k, struct notification *ntfn, uint64_t badge);
// Takes what is pending, else waits, or reports 0 where `blocking` is false.
void notification_wait(struct kernel *k, struct tcb *tcb, struct notification *ntfn, bool blocking);
// What is pending, to this thread; there is something.
void notification_take(struct kernel *k, struct tcb *tcb, struct notification *ntfn);
// As for endpoints.
void notification_leave(struct tcb *tcb);
void notification_cancel_all(struct kernel *k, struct notification *ntfn);
// A thread that waits gives back the scheduling context that the notification lent.
void notification_return_sc(struct kernel *k, struct notification *ntfn, struct tcb *tcb);

// ---- reply.c
// `caller` waits at `reply`, which is free, for `callee`'s answer; `donate`: with its scheduling
// context.
void reply_push(struct kernel *k, struct reply *reply, struct tcb *caller, struct tcb *callee,
                bool donate);
// Answers who waits there; nothing where nobody does.
void reply_send(struct kernel *k, struct reply *reply, struct tcb *from, bool grant);
void reply_finalise(struct kernel *k, struct reply *reply);
void reply_cut(struct tcb *caller); // the caller no longer waits
// The thread's reply object forgets it, and it the object. Harmless when it has none.
void reply_unlink(struct tcb *tcb);

// ---- fault.c
// Sends the fault to the thread's handler, or stops the thread where it has none.
void fault_raise(struct kernel *k, struct tcb *tcb, struct fault fault);
void fault_raise_timeout(struct kernel *k, struct tcb *tcb);
bool fault_has_timeout_handler(const struct tcb *tcb);
// Writes the fault message of `from` into `to`; returns its length.
unsigned fault_message(struct kernel *k, struct tcb *from, struct tcb *to);
// Applies the answer of `handler`; true = the thread continues.
bool fault_answer(struct kernel *k, struct tcb *tcb, struct tcb *handler);

// ---- tcb_debug.c
// The thread's instructions are looked at one by one.
bool tcb_debug_steps(const struct tcb *tcb);
// It stands at a breakpoint that was not told yet.
bool tcb_debug_stands(const struct tcb *tcb);
// It has executed an instruction, or stands at a breakpoint: true = *fault is to be raised.
bool tcb_debug_trap(struct tcb *tcb, struct fault *fault);
// The answer to a fault of stepping says how far to go on.
void tcb_debug_continue(struct tcb *tcb, uint64_t steps);

// ---- kernel.c
// Tells the owner that the current thread uses what this kernel has no more than a form of.
void kernel_unsupported(struct kernel *k, const char *what);
// A unit of a long operation is done. True = something waits that must not wait for the rest: the
// system call ends here, as if it had not begun, and is repeated when its thread runs again.
bool kernel_interrupted(struct kernel *k);

// ---- syscall.c
// The system call in the current thread's registers, as a whole or, interrupted, not at all.
void syscall_run(struct kernel *k);

// ---- vspace.c, paging.c, asid.c
uint64_t vspace_root_of(const struct kernel *k, const struct tcb *tcb); // paddr, 0 = none valid
// Bits below the index of a level (1 PT .. 4 PML4), and the entry for `vaddr` in one table.
unsigned vspace_shift(unsigned level);
uint64_t *vspace_index(uint8_t *memory, uint64_t table, uint64_t vaddr, unsigned level);
uint64_t asid_find(const struct kernel *k, unsigned asid); // paddr of a PML4, 0 = none
// The entry for `vaddr` in the table `level` above the pages: 1 PT, 2 PD, 3 PDPT, 4 PML4. NULL when
// an upper table is missing; then *missing is its level.
uint64_t *vspace_entry(const struct kernel *k, uint64_t root, uint64_t vaddr, unsigned level,
                       unsigned *missing);
enum sel4_error vspace_check(struct kernel *k, struct invocation *inv, unsigned extra,
                             uint64_t *root);
void vspace_unmap_frame(struct kernel *k, const struct cap *cap);
void vspace_unmap_table(struct kernel *k, const struct cap *cap);
bool asid_live(const struct kernel *k, const struct cap *pml4);
void asid_delete_pool(struct kernel *k, const struct cap *pool);
void asid_delete(struct kernel *k, const struct cap *pml4);

enum {
    PAGE_PRESENT = 1,
    PAGE_WRITE = 2,
    PAGE_USER = 4,
    PAGE_LARGE = 128,
};
#define PAGE_ADDRESS UINT64_C(0x000ffffffffff000)

// ---- irq.c, ioport.c, domain.c
void irq_pending(struct kernel *k); // takes what the machine has
struct cte *irq_slot(const struct kernel *k, uint64_t vector);
bool irq_can_wake(const struct kernel *k);
void irq_free(struct kernel *k, uint64_t vector);
void ioport_free(struct kernel *k, const struct cap *cap);
void domain_start(struct kernel *k);
void domain_advance(struct kernel *k); // when the time of the current entry is over
