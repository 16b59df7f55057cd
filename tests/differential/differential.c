// SPDX-License-Identifier: BSD-2-Clause
// Random system calls, valid and invalid, from a seed: the same ELF file on two kernels must see
// the same words.
//
// An executor thread makes the calls on a sandbox of slots; the main thread, of lower priority,
// runs when the executor blocks, faults or is done, records how it ended and starts it again at the
// next step. What is seen goes into a running hash, printed every BLOCK steps; the steps of the
// window that the runner asks for are printed whole, so that a difference is found by two more
// runs. Nothing seen depends on physical addresses or on time.
//
// Instead of choosing calls it can make those of a script, in the form in which it prints calls: so
// that a difference is narrowed to the calls that matter (shrink.py), and stays tested.

#include "harness.h"
#include "model.h"

enum { BLOCK = 100, HASHED_WORDS = 12, SCRIPT_WORDS = 1 << 18, HIDES = 1 << 12 };

// The runner writes these into the ELF file, behind the mark.
static volatile const struct {
    char mark[16];
    uint64_t seed, steps, from, to;
    uint64_t script_len; // words; 0 = calls are chosen
    uint64_t script[SCRIPT_WORDS];
} parameters __attribute__((section(".data.parameters"))) = {
    .mark = "kpkg-difference", .seed = 1, .steps = 2000};

static struct model model;
static uint64_t hash = 0xcbf29ce484222325;
static uint64_t step;
static volatile bool finished;
static uint64_t fault_reply;
static struct call current;

static void hash_word(uint64_t word)
{
    for (unsigned i = 0; i < 64; i += 8) {
        hash = (hash ^ (word >> i & 0xff)) * 0x100000001b3;
    }
}

static bool in_window(void)
{
    return step >= parameters.from && step < parameters.to;
}

static size_t without_zeros(const uint64_t *words, size_t count)
{
    while (count > 0 && words[count - 1] == 0) {
        count--;
    }
    return count;
}

// What script_next reads: the numbers of words and caps stand before them.
static void announce(void)
{
    size_t words = without_zeros(current.words, MODEL_WORDS);
    size_t caps = without_zeros(current.caps, 3);
    line("call");
    words_end((uint64_t[]){current.trap.rdx, current.trap.rdi, current.invocation,
                           (current.trap.rsi & 0xfff) | (current.hide_words ? HIDES : 0),
                           current.trap.r12, current.trap.r13, words, caps},
              8);
    line("  words");
    words_end(current.words, words);
    line("  caps");
    words_end(current.caps, caps);
}

static struct call script_next(void)
{
    static uint64_t at;
    const volatile uint64_t *w = parameters.script + at;
    struct call c = {.invocation = (enum sel4_invocation)w[2], .hide_words = (w[3] & HIDES) != 0};
    uint64_t words = w[6], caps = w[7];
    for (uint64_t i = 0; i < words && i < MODEL_WORDS; i++) {
        c.words[i] = w[8 + i];
    }
    for (uint64_t i = 0; i < caps && i < 3; i++) {
        c.caps[i] = w[8 + words + i];
    }
    c.label = c.invocation < SEL4_INVOCATION_COUNT ? abi.label[c.invocation] : MODEL_MESSAGE_LABEL;
    c.trap = (struct trap){.rdx = w[0],
                           .rdi = w[1],
                           .rsi = c.label << 12 | (w[3] & 0xfff),
                           .r10 = c.words[0],
                           .r8 = c.words[1],
                           .r9 = c.words[2],
                           .r15 = c.words[3],
                           .r12 = w[4],
                           .r13 = w[5]};
    at += 8 + words + caps;
    return c;
}

// Every step ends here, with what was seen of it.
static void record(const char *how, const uint64_t *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hash_word(words[i]);
    }
    hash_word((uint64_t)how[0]);
    if (in_window()) {
        line(how);
        words_end(words, count);
    }
    step++;
    if (step % BLOCK == 0) {
        line("hash");
        words_end((uint64_t[]){step, hash}, 2);
    }
}

static void execute(void *argument)
{
    struct thread *executor = argument;
    while (step < parameters.steps) {
        current = parameters.script_len != 0 ? script_next() : model_next(&model);
        for (size_t i = 0; i < MODEL_WORDS; i++) {
            executor->buffer->message[i] = current.words[i];
        }
        for (size_t i = 0; i < 3; i++) {
            executor->buffer->caps_or_badges[i] = current.caps[i];
        }
        if (in_window()) {
            announce();
        }
        struct trap t = current.trap;
        trap_enter(&t);
        uint64_t label = sel4_message_label(t.rsi), length = sel4_message_length(t.rsi);
        if (current.trap.rdx == (uint64_t)SEL4_SYSCALL_CALL) {
            model_result(&model, &current, label);
        }
        uint64_t seen[HASHED_WORDS] = {t.rdi, t.rsi, t.r10, t.r8,  t.r9,
                                       t.r15, t.rdx, t.r12, t.r13, t.rax};
        if (current.hide_words) {
            seen[2] = seen[3] = seen[4] = seen[5] = 0; // addresses and times
        }
        seen[10] = length > 4 && !current.hide_words ? executor->buffer->message[4] : 0;
        seen[11] = length > 5 && !current.hide_words ? executor->buffer->message[5] : 0;
        record("done", seen, HASHED_WORDS);
    }
    finished = true;
    thread_park();
}

// An unknown system call's registers are those of the thread's last interruption, wherever that
// was.
static void record_fault(const struct answer *fault)
{
    bool cap = fault->label == SEL4_FAULT_CAP;
    uint64_t words[] = {fault->label, fault->length, cap ? fault->mr[1] : 0, cap ? fault->mr[2] : 0,
                        cap ? fault->mr[3] : 0};
    record("fault", words, 5);
}

void conformance_main(void)
{
    struct thread executor = thread_make();
    fault_reply = make(SEL4_OBJECT_REPLY, 0);
    model_start(&model, parameters.seed);
    line("differential: seed and steps");
    words_end((uint64_t[]){parameters.seed, parameters.steps}, 2);
    while (!finished) {
        thread_start(&executor, execute, &executor);
        if (finished) {
            break;
        }
        struct answer fault = do_nb_recv(executor.fault_endpoint, fault_reply);
        if (fault.badge != 0) {
            record_fault(&fault);
        } else {
            record("blocked", NULL, 0);
        }
        thread_stop(&executor);
    }
    line("end");
    words_end((uint64_t[]){step, hash}, 2);
}
