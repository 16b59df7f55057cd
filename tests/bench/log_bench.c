// SPDX-License-Identifier: BSD-2-Clause

// Writes a log of many records, signed in epochs, as the root task would in a long run of targets
// that die again and again. usage: log_bench RECORDS LOG VKEY

#include "audit_epoch.h"
#include "audit_note.h"
#include "crypto_start.h"

#include <stdio.h>
#include <stdlib.h>

enum { TARGETS = 16, NAME = 32, BETWEEN_US = 400, SPAWN_STEPS = 2, BATCH = 10 };

static struct audit_log events;
static struct audit_epoch epoch;
static struct plan_target targets[TARGETS];
static char names[TARGETS][NAME];
static const struct plan plan = {.targets = targets, .target_count = TARGETS};

static size_t put(void *context, struct bytes bytes)
{
    bool framed = bytes.len == 1 && bytes.at[0] == 0x1e; // a file has no frames
    return framed ? bytes.len : fwrite(bytes.at, 1, bytes.len, context);
}

static void start(struct audit_at at)
{
    static const uint8_t seed[CRYPTO_SEED] = {0x5e, 0xed};
    audit_epoch_begin(&epoch, seed);
    struct audit_start facts = {.boot = {seed, 16},
                                .trust = seed,
                                .kernel = "hosted",
                                .proof = "none",
                                .key = epoch.run,
                                .mcs = true};
    audit_event_start(at, &facts);
    for (uint8_t i = 0; i < TARGETS; i++) {
        int len = snprintf(names[i], NAME, "com.example.target-%u", i);
        targets[i] = (struct plan_target){.name = {(uint8_t *)names[i], (size_t)len},
                                          .package_id = {i},
                                          .untyped_bits = 20,
                                          .budget_us = 1000,
                                          .period_us = 10000};
        struct audit_package package = {.name = targets[i].name,
                                        .version = bytes_text("1.0.0"),
                                        .id = targets[i].package_id,
                                        .policy = seed,
                                        .signer = epoch.run,
                                        .size = 20480};
        audit_event_verified(at, &package);
        audit_event_compiled(at, &package, &plan, i, seed);
    }
}

// A life of six records.
static void live(struct audit_at at, uint32_t target, uint64_t incarnation)
{
    static const struct audit_step steps[SPAWN_STEPS] = {{"build", 21000}, {"start", 900}};
    struct audit_subject subject = audit_event_subject(&plan, target, incarnation);
    struct audit_spawn spawn = {49, steps, SPAWN_STEPS};
    struct audit_fault denied = {.type = AUDIT_FAULT_CAP,
                                 .ip = 0x4012a7 + incarnation,
                                 .cap = {.cptr = 0x4000 + target, .lookup = "guard_mismatch"}};
    struct audit_fault vm = {.type = AUDIT_FAULT_VM,
                             .ip = 0x4012c0,
                             .vm = {.address = incarnation << 12,
                                    .fsr = 6,
                                    .access = "write",
                                    .cause = "unmapped",
                                    .near = bytes_text("none")}};
    struct audit_reclaim clean = {.bytes = 1 << 20, .objects = 14, .caps = 22};
    struct audit_restart restart = {.cause = {AUDIT_FAULT_VM, events.counters.attempted},
                                    .restarts = incarnation,
                                    .max = incarnation};
    audit_event_spawned(at, &subject, &plan, &spawn);
    audit_event_held(at, &subject, 100);
    audit_event_fault(at, &subject, &denied, AUDIT_RESTARTED);
    audit_event_fault(at, &subject, &vm, AUDIT_RESTARTED);
    audit_event_reclaimed(at, &subject, &clean);
    subject.incarnation++;
    audit_event_restarted(at, &subject, &restart);
}

static void flush(struct audit_at at, const struct audit_sink *sink)
{
    audit_log_flush(&events, sink);
    if (audit_log_checkpoint_due(&events, at.now)) {
        audit_epoch_checkpoint(at, &epoch);
        audit_log_flush(&events, sink);
    }
}

static bool write_vkey(const char *path)
{
    char at[AUDIT_NOTE_VKEY];
    struct text vkey = text_of(at, sizeof at);
    FILE *to = fopen(path, "w");
    audit_note_put_vkey(&vkey, epoch.run, epoch.run);
    return to != NULL && fprintf(to, "%.*s\n", (int)vkey.len, at) > 0 && fclose(to) == 0;
}

int main(int count, char **words)
{
    FILE *to = count == 4 ? fopen(words[2], "wb") : NULL;
    if (to == NULL || crypto_start() != STATUS_OK) {
        return EXIT_FAILURE;
    }
    struct audit_sink sink = {.put = put, .context = to};
    struct audit_at at = {.log = &events};
    uint64_t wanted = strtoull(words[1], NULL, 10);
    start(at);
    // Stats, end and seal come after the last life, and a checkpoint or a change of keys before.
    for (uint64_t i = 0; events.counters.stored + 6 + 5 <= wanted; i++) {
        live(at, (uint32_t)(i % TARGETS), i / TARGETS + 1);
        at.now += BETWEEN_US * 1000;
        if (i % BATCH == 0) {
            flush(at, &sink);
        }
    }
    flush(at, &sink);
    audit_event_stats(at);
    audit_event_end(at, "shutdown");
    audit_epoch_seal(at, &epoch);
    audit_log_flush(&events, &sink);
    return fclose(to) == 0 && write_vkey(words[3]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
