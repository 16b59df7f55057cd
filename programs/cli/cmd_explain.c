// SPDX-License-Identifier: BSD-2-Clause
#include "authority_words.h"
#include "command.h"
#include "compose.h"
#include "diag_print.h"
#include "dump_words.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

// `kpkg explain`: why does an instance hold what it holds. The line of its manifest, who signed it,
// and the ceiling that covers it.

struct explain_options {
    const char *trust;
};

// What is being explained.
struct question {
    const struct compose *c;
    const struct plan_target *target;
    const char *slot; // a number or a name; NULL: all
};

// Names and lines are the packages' own.
static void put_bytes(struct bytes raw)
{
    char room[512];
    struct text t = text_of(room, sizeof(room));
    text_put_json(&t, raw);
    printf("%.*s", (int)t.len, room);
}

// The line of the manifest as it stands there.
static void quote(const struct question *q, const struct plan_span *span)
{
    const struct manifest *manifest = &q->c->manifests[q->target->package_index];
    struct bytes text = manifest->text;
    size_t from = span->offset, end = span->offset;
    while (from > 0 && text.at[from - 1] != '\n') {
        from--;
    }
    while (end < text.len && text.at[end] != '\n') {
        end++;
    }
    fputs("    asked for by ", stdout);
    put_bytes(bytes_text(q->c->package_paths[q->target->package_index]));
    printf(".toml:%u: ", (unsigned)span->line);
    put_bytes(bytes_part(text, from, end - from));
    putchar('\n');
}

static void put_signers(const struct question *q, uint64_t signers)
{
    const struct trust *trust = &q->c->trust;
    for (size_t i = 0; i < trust->key_count; i++) {
        const struct trust_key *key = &trust->keys[i];
        if (!(signers >> i & 1)) {
            continue;
        }
        fputs("    granted by key ", stdout);
        put_bytes(key->id);
        printf(" (%s...)", print_hex(key->key, 8));
        if (key->ceiling != NULL) {
            fputs(", up to ceiling ", stdout);
            put_bytes(key->ceiling->name);
        }
        putchar('\n');
    }
}

static void put_reason(const struct question *q, const struct plan_span *span, uint64_t signers)
{
    if (span->line != 0) {
        quote(q, span);
        put_signers(q, signers);
    }
}

static void put_object(const struct question *q, const struct plan_cap *cap)
{
    if (cap->object != PLAN_AUDITOR) {
        printf(" on %s ", plan_type_name(cap->type));
        put_bytes(q->c->plan.objects[cap->object].name);
    } else if (cap->service != PLAN_SERVICE_NONE) {
        printf(" on the root task's %s", dump_words_service(cap->service));
    }
}

static void put_limit(enum authority_limit_kind kind, struct authority_limit limit)
{
    char room[64];
    struct text t = text_of(room, sizeof(room));
    authority_words_put_limit(&t, kind, &limit);
    printf("%.*s", (int)t.len, room);
}

// What a right to start others is to in this system.
static void put_children(const struct question *q, const struct plan_cap *cap)
{
    const struct plan *plan = &q->c->plan;
    for (uint32_t i = 0; i < plan->target_count; i++) {
        const struct plan_target *child = &plan->targets[i];
        if (child->parent == cap->holder + 1U && child->parent_slot == cap->slot) {
            printf("    starts child %u, ", (unsigned)child->child);
            put_bytes(child->name);
            fputs(", in ", stdout);
            put_limit(AUTHORITY_MEMORY,
                      (struct authority_limit){.value = 1ULL << child->untyped_bits});
            fputs(" of memory\n", stdout);
        }
    }
}

static void explain_cap(const struct question *q, const struct plan_cap *cap)
{
    char rights[5];
    printf("  slot %u", (unsigned)cap->slot);
    if (cap->name.len != 0) {
        putchar(' ');
        put_bytes(cap->name);
    }
    if (cap->kind == PLAN_CAP_TRIPWIRE) {
        puts(cap->name.len != 0 ? ": a tripwire, for the peer is not in this system"
                                : ": a tripwire; nobody asked for anything here");
    } else {
        printf(": %s", dump_words_rights(rights, cap->rights));
        put_object(q, cap);
        printf(", badge 0x%llx\n", (unsigned long long)cap->badge);
        if (cap->span.line == 0) {
            puts("    built in: every target has it");
        }
        if (cap->relay != 0) {
            puts("    traced: its calls pass a relay and are recorded as ipc.trace");
        }
        if (cap->service == PLAN_SERVICE_SPAWN) {
            put_children(q, cap);
        }
    }
    put_reason(q, &cap->span, cap->signers);
}

static bool is_asked(const struct question *q, struct bytes name, uint32_t slot)
{
    char number[16];
    snprintf(number, sizeof(number), "%u", (unsigned)slot);
    return q->slot == NULL || (name.len != 0 && bytes_is(name, q->slot)) ||
           strcmp(number, q->slot) == 0;
}

static void put_parent(const struct plan *plan, const struct plan_target *target)
{
    if (target->parent != 0) {
        const struct plan_target *parent = &plan->targets[target->parent - 1];
        fputs("  child of ", stdout);
        put_bytes(parent->name);
        fputs(", which starts it through ", stdout);
        put_bytes(plan->caps[parent->first_cap + target->parent_slot].name);
        puts("; memory and time are part of its own");
    }
}

static void put_limits(const struct plan_target *target)
{
    printf("  package ");
    put_bytes(target->package);
    printf(", memory ");
    put_limit(AUTHORITY_MEMORY, (struct authority_limit){.value = 1ULL << target->untyped_bits});
    printf(", priority %u, cpu ", target->priority);
    put_limit(AUTHORITY_CPU,
              (struct authority_limit){.value = target->budget_us, .per = target->period_us});
    putchar('\n');
}

// What is asked about, before the first thing that there is to tell.
static void put_head(const struct question *q, unsigned told)
{
    if (told != 0) {
        return;
    }
    put_bytes(q->target->name);
    putchar('\n');
    if (q->slot == NULL) {
        put_limits(q->target);
        put_parent(&q->c->plan, q->target);
    }
}

// Unissued slots are told only when they are asked for: there are many.
static unsigned explain(const struct question *q)
{
    const struct plan *plan = &q->c->plan;
    unsigned told = 0;
    for (uint32_t i = 0; i < q->target->caps; i++) {
        const struct plan_cap *cap = &plan->caps[q->target->first_cap + i];
        bool empty = cap->kind == PLAN_CAP_TRIPWIRE && cap->name.len == 0;
        if (is_asked(q, cap->name, cap->slot) && (q->slot != NULL || !empty)) {
            put_head(q, told++);
            explain_cap(q, cap);
        }
    }
    for (uint32_t i = 0; i < q->target->mappings; i++) {
        const struct plan_mapping *m = &plan->mappings[q->target->first_mapping + i];
        if (m->span.line != 0 && is_asked(q, m->name, UINT32_MAX)) {
            put_head(q, told++);
            fputs("  memory ", stdout);
            put_bytes(m->name);
            printf(": %s %s, %u pages at 0x%llx\n", m->write ? "RW" : "R", dump_words_fill(m->fill),
                   (unsigned)m->pages, (unsigned long long)m->vaddr);
            put_reason(q, &m->span, m->signers);
        }
    }
    return told;
}

static int answer(const struct compose *c, const char *what)
{
    const char *slash = strchr(what, '/');
    size_t len = slash != NULL ? (size_t)(slash - what) : strlen(what);
    struct question q = {.c = c, .slot = slash != NULL ? slash + 1 : NULL};
    for (uint32_t i = 0; i < c->plan.target_count; i++) {
        if (bytes_equal(c->plan.targets[i].name, (struct bytes){(const uint8_t *)what, len})) {
            q.target = &c->plan.targets[i];
        }
    }
    if (q.target == NULL) {
        return diag_usage("no such instance in this system", what);
    }
    return explain(&q) > 0 ? EXIT_CODE_OK : diag_usage("no such slot of this instance", what);
}

static int run(const void *given, struct operands operands)
{
    const struct explain_options *options = given;
    struct operands system = {.count = 1, .at = operands.at};
    struct diag diag;
    struct compose *c = compose_new();
    if (c == NULL) {
        return EXIT_CODE_TROUBLE;
    }
    enum status status = compose_read(c, system, options->trust, COMPOSE_TRUST_TRIAL, &diag);
    if (status == STATUS_OK) {
        status = compose_check(c, &diag);
    }
    int code = diag_finish(status, c->at_fault, &diag);
    if (status == STATUS_OK) {
        code = compose_report(c);
        int told = answer(c, operands.at[1]);
        code = told > code ? told : code;
    }
    compose_free(c);
    return code;
}

static const struct option_spec OPTIONS[] = {
    {.letter = 't',
     .name = "trust",
     .value = "FILE",
     .help = "judge by this trust file",
     .offset = offsetof(struct explain_options, trust)},
};

const struct command cmd_explain = {
    .name = "explain",
    .operands = "SYSTEM.toml|FILE INSTANCE[/SLOT]",
    .summary = "Say why an instance holds a capability",
    .details =
        "For each capability of an instance, or the one in a slot (its number or its name):\n"
        "the line of the manifest that asks for it, the key that granted it, the ceiling that\n"
        "covers it.\n",
    .options = OPTIONS,
    .option_count = sizeof(OPTIONS) / sizeof(OPTIONS[0]),
    .options_size = sizeof(struct explain_options),
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
