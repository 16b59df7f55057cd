// SPDX-License-Identifier: BSD-2-Clause
#include "manifest.h"

#include "bounds.h"
#include "forms.h"
#include "manifest_caps.h"

// Defaults and ranges are those of spec/policy.md, section Manifest.

#define KIB         1024ULL
#define MILLISECOND 1000ULL
#define SECOND      1000000ULL

static const struct schema_codes codes = {STATUS_MANIFEST_UNKNOWN_KEY, STATUS_MANIFEST_MISSING_KEY,
                                          STATUS_MANIFEST_VALUE};

static const struct schema_range any_count = {0, UINT32_MAX};
static const struct schema_range any_counter = {0, INT64_MAX};
static const struct schema_range one_to_max = {1, UINT32_MAX};
static const struct schema_range priorities = {0, 255};
static const struct schema_range durations = {1, 3600 * SECOND};
static const struct schema_range limits = {16 * KIB, 1ULL << 40};
static const struct schema_range stacks = {BOUND_PAGE, 1ULL << 30};
static const struct schema_range heaps = {0, 1ULL << 30};

static void read_package(struct schema *s, struct manifest *m)
{
    struct toml *package = schema_table(s, s->root, "package");
    m->name = schema_string(s, package, "name", &forms_package_name);
    m->version = schema_string(s, package, "version", &forms_version);
    m->counter = schema_integer(s, package, "counter", any_counter);
    m->summary = schema_string_or(s, package, "summary", NULL, "");
    struct toml *binary = schema_table(s, s->root, "binary");
    m->binary_path = schema_string(s, binary, "path", &forms_path);
}

static void read_cpu(struct schema *s, struct manifest_cpu *cpu)
{
    static const char *const overruns[] = {"wait", "stop", "restart", NULL};
    struct toml *table = schema_table(s, s->root, "cpu");
    cpu->priority = schema_integer(s, table, "priority", priorities);
    cpu->max_priority = schema_integer_or(s, table, "max-priority", priorities, 0);
    cpu->passive = schema_flag(s, table, "passive");
    if (!cpu->passive) {
        cpu->budget = schema_time(s, table, "budget", durations);
        cpu->period = schema_time(s, table, "period", durations);
        cpu->on_overrun = schema_choice_or(s, table, "on-overrun", overruns, MANIFEST_OVERRUN_WAIT);
    }
    if (table != NULL) {
        cpu->span = table->span;
    }
}

static void check_pages(struct schema *s, const struct toml *table, const char *key, uint64_t size)
{
    if (size % BOUND_PAGE != 0) {
        schema_refuse(s, table, key, "a multiple of 4KiB");
    }
}

static void read_memory(struct schema *s, struct manifest_memory *memory)
{
    struct toml *table = schema_table(s, s->root, "memory");
    memory->limit = schema_power(s, table, "limit", limits);
    memory->stack = schema_size_or(s, table, "stack", stacks, 16 * KIB);
    memory->heap = schema_size_or(s, table, "heap", heaps, 0);
    if (table == NULL) {
        return;
    }
    memory->span = table->span;
    check_pages(s, table, "stack", memory->stack.value);
    check_pages(s, table, "heap", memory->heap.value);
}

static void read_fault(struct schema *s, struct manifest_fault *fault)
{
    static const char *const actions[] = {"stop", "restart", "suspend", NULL};
    struct toml *table = schema_table_or_null(s, s->root, "fault");
    fault->action = schema_choice_or(s, table, "action", actions, MANIFEST_STOP);
    fault->max_restarts = schema_integer_or(s, table, "max-restarts", any_count, 3);
    fault->window = schema_time_or(s, table, "window", durations, 10 * SECOND);
    fault->backoff = schema_time_or(s, table, "backoff", durations, 100 * MILLISECOND);
}

static bool trace(struct manifest_cap *caps, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (caps[i].kind == MANIFEST_ENDPOINT && bytes_equal(caps[i].name, name)) {
            caps[i].traced = true;
            return true;
        }
    }
    return false;
}

static void read_audit(struct schema *s, struct manifest_cap *caps, struct manifest *m)
{
    struct toml *table = schema_table_or_null(s, s->root, "audit");
    m->max_denials = schema_integer_or(s, table, "max-denials", one_to_max, 100);
    struct schema_texts names = schema_strings(s, table, "trace", NULL);
    for (size_t i = 0; i < names.count; i++) {
        if (!trace(caps, m->cap_count, names.at[i].value)) {
            schema_refuse(s, table, "trace", "names of endpoints of this manifest");
        }
    }
}

static void read_expect(struct schema *s, struct toml *table, struct manifest_expect *expect)
{
    expect->type = schema_string(s, table, "type", &forms_event);
    expect->has_code = schema_has(table, "code");
    expect->code = schema_integer_or(s, table, "code", any_count, 0);
    expect->within = schema_time_or(s, table, "within", durations, 0);
    expect->span = table->span;
}

static void read_expects(struct schema *s, struct manifest *m)
{
    struct toml *all = schema_tables_or_null(s, s->root, "expect");
    struct manifest_expect *expects = schema_take_each(s, all, sizeof *expects);
    struct toml *table = schema_first(s, expects != NULL ? all : NULL);
    for (; table != NULL; table = schema_next(s, table)) {
        read_expect(s, table, &expects[m->expect_count++]);
    }
    m->expects = expects;
}

static void read_all(struct schema *s, struct manifest *m, struct manifest_cap *caps)
{
    m->caps = caps;
    (void)schema_integer(s, s->root, "schema", (struct schema_range){1, 1});
    read_package(s, m);
    read_cpu(s, &m->cpu);
    read_memory(s, &m->memory);
    m->cap_count = manifest_caps_read(caps, s);
    read_fault(s, &m->fault);
    read_audit(s, caps, m);
    read_expects(s, m);
}

enum status manifest_read(struct manifest *manifest, struct bytes text, struct arena *arena,
                          struct diag *diag)
{
    struct schema s = {.codes = &codes, .text = text, .arena = arena, .diag = diag};
    struct manifest m = {.text = text};
    struct manifest_cap *caps = arena_take(arena, BOUND_TARGET_CAPS, sizeof *caps);
    if (caps == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "arena of the manifest", 0);
    }
    if (schema_parse(&s) != NULL) {
        read_all(&s, &m, caps);
    }
    enum status status = schema_finish(&s);
    if (status == STATUS_OK) {
        *manifest = m;
    }
    return status;
}

static enum status mismatch(enum status status, struct toml_span at, const struct manifest *m,
                            struct diag *diag)
{
    return toml_fail(diag, status, "manifest and header", at,
                     bytes_part(m->text, at.offset, at.len));
}

enum status manifest_matches(const struct manifest *manifest, struct bytes name, uint64_t counter,
                             struct diag *diag)
{
    if (!bytes_equal(manifest->name.value, name)) {
        return mismatch(STATUS_NAME_MISMATCH, manifest->name.span, manifest, diag);
    }
    if (manifest->counter.value != counter) {
        return mismatch(STATUS_COUNTER_MISMATCH, manifest->counter.span, manifest, diag);
    }
    return STATUS_OK;
}
