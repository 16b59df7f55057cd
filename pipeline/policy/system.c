// SPDX-License-Identifier: BSD-2-Clause
#include "system.h"

#include "bounds.h"
#include "forms.h"

static const struct schema_codes codes = {STATUS_SYSTEM_UNKNOWN_KEY, STATUS_SYSTEM_MISSING_KEY,
                                          STATUS_SYSTEM_VALUE};

static struct schema_number read_percent(struct schema *s, struct toml *table, const char *key,
                                         const char *otherwise)
{
    struct schema_text text = schema_string_or(s, table, key, &forms_percent, otherwise);
    struct schema_number number = {.span = text.span};
    (void)forms_percent_of(&number.value, text.value);
    return number;
}

static void read_limits(struct schema *s, struct system *system)
{
    static const struct schema_range sizes = {BOUND_PAGE, INT64_MAX};
    struct toml *table = schema_table_or_null(s, s->root, "limits");
    system->memory = schema_size_or(s, table, "memory", sizes, UINT64_MAX);
    system->cpu = read_percent(s, table, "cpu", "100%");
}

static void read_places(struct schema *s, struct toml *table, struct system_control *control)
{
    static const struct schema_range places = {0, SYSTEM_PLACES};
    static const char *const only[] = {"memory", "package"};
    static const struct schema_range memory = {16384, 1ULL << 40}, package = {131072, 1 << 26};
    control->places = schema_integer_or(s, table, "places", places, 0);
    if (control->places.value != 0) {
        control->memory = schema_power(s, table, "memory", memory);
        control->package = schema_power(s, table, "package", package);
        return;
    }
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++) {
        if (schema_has(table, only[i])) {
            schema_refuse(s, table, only[i], "only together with control.places");
        }
    }
}

static void read_control(struct schema *s, struct system *system)
{
    struct toml *table = schema_table_or_null(s, s->root, "control");
    if (table != NULL) {
        system->control.allowed = true;
        system->control.cpu = read_percent(s, table, "cpu", "10%");
        read_places(s, table, &system->control);
    }
}

static void read_instance(struct schema *s, struct toml *table, struct system_package *package)
{
    static const char *const starts[] = {"auto", "on-demand", NULL};
    package->span = table->span;
    package->file = schema_string(s, table, "file", &forms_path);
    package->as = schema_string_or(s, table, "as", &forms_label, "");
    package->arguments = schema_strings(s, table, "arguments", &forms_argument);
    if (package->arguments.count > BOUND_ARGUMENTS) {
        schema_refuse(s, table, "arguments", "at most 16 arguments");
    }
    if (schema_has(table, "parent")) {
        package->parent = schema_string(s, table, "parent", &forms_peer);
        return; // which also says when it starts
    }
    package->start = schema_choice_or(s, table, "start", starts, SYSTEM_START_AUTO);
}

static void read_packages(struct schema *s, struct system *system)
{
    struct toml *all = schema_tables(s, s->root, "package");
    if (all == NULL) {
        return;
    }
    if (all->count == 0 || all->count > BOUND_TARGETS) {
        schema_refuse(s, s->root, "package", "1 to 64 packages");
        return;
    }
    struct system_package *packages = schema_take_each(s, all, sizeof *packages);
    struct toml *table = schema_first(s, packages != NULL ? all : NULL);
    for (; table != NULL; table = schema_next(s, table)) {
        read_instance(s, table, &packages[system->package_count++]);
    }
    system->packages = packages;
}

// A bound that may be absent.
static struct schema_number read_bound(struct schema *s, struct toml *table, const char *key,
                                       struct schema_number (*read)(struct schema *, struct toml *,
                                                                    const char *,
                                                                    struct schema_range),
                                       struct schema_range range)
{
    return schema_has(table, key) ? read(s, table, key, range) : (struct schema_number){0};
}

static void read_override(struct schema *s, struct toml *table, struct system_override *override)
{
    static const struct schema_range limits = {16384, 1ULL << 40}, priorities = {0, 255};
    static const struct schema_range durations = {1, 3600000000ULL};
    struct toml *memory = schema_table_or_null(s, table, "memory");
    struct toml *cpu = schema_table_or_null(s, table, "cpu");
    override->instance = table->key;
    override->span = table->span;
    override->memory_limit = read_bound(s, memory, "limit", schema_power, limits);
    override->priority = read_bound(s, cpu, "priority", schema_integer, priorities);
    override->max_priority = read_bound(s, cpu, "max-priority", schema_integer, priorities);
    override->budget = read_bound(s, cpu, "budget", schema_time, durations);
    override->period = read_bound(s, cpu, "period", schema_time, durations);
}

// Only a name that the file itself gives can be meant: a package that is refused has none.
static bool is_named(const struct system *system, struct bytes instance)
{
    for (size_t i = 0; i < system->package_count; i++) {
        if (bytes_equal(system->packages[i].as.value, instance)) {
            return true;
        }
    }
    return false;
}

static void read_overrides(struct schema *s, struct system *system)
{
    struct toml *all = schema_table_or_null(s, s->root, "override");
    struct system_override *overrides = schema_take_each(s, all, sizeof *overrides);
    struct toml *table = schema_first(s, overrides != NULL ? all : NULL);
    for (; table != NULL; table = schema_next(s, table)) {
        if (!is_named(system, table->key)) {
            schema_fail(s, table, STATUS_SYSTEM_VALUE, "an instance that a package is given `as`");
        }
        read_override(s, table, &overrides[system->override_count++]);
    }
    system->overrides = overrides;
}

enum status system_read(struct system *system, struct bytes text, struct arena *arena,
                        struct diag *diag)
{
    struct schema s = {.codes = &codes, .text = text, .arena = arena, .diag = diag};
    struct system read = {.text = text};
    if (schema_parse(&s) != NULL) {
        (void)schema_integer(&s, s.root, "schema", (struct schema_range){1, 1});
        read.name = schema_string(&s, s.root, "name", &forms_label);
        read.trust = schema_string(&s, s.root, "trust", &forms_path);
        read.asserts = schema_strings(&s, s.root, "assert", NULL);
        read_limits(&s, &read);
        read_control(&s, &read);
        read_packages(&s, &read);
        read_overrides(&s, &read);
        read.first_place = read.package_count;
        if (read.package_count + read.control.places.value > BOUND_TARGETS) {
            schema_refuse(&s, s.root, "package", "64 packages at most, places included");
        }
    }
    enum status status = schema_finish(&s);
    if (status == STATUS_OK) {
        *system = read;
    }
    return status;
}

static bool is_taken(const struct bytes *instances, size_t count, struct bytes name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(instances[i], name)) {
            return true;
        }
    }
    return false;
}

enum status system_instances(struct bytes *instances, const struct system *system,
                             const struct bytes *package_names, struct diag *diag)
{
    for (size_t i = 0; i < system->package_count; i++) {
        const struct system_package *package = &system->packages[i];
        struct bytes name = package->as.value;
        struct toml_span at = package->as.span;
        if (name.len == 0) {
            name = name_last_label(package_names[i]);
            at = package->span;
        }
        if (is_taken(instances, i, name)) {
            return toml_fail(diag, STATUS_INSTANCE_NAME, "name of an instance", at, name);
        }
        instances[i] = name;
    }
    return STATUS_OK;
}
