// SPDX-License-Identifier: BSD-2-Clause
#include "manifest_caps.h"

#include "bounds.h"
#include "forms.h"

static const char *const accesses[] = {"read", "read-write", NULL};
static const struct schema_range areas = {BOUND_PAGE, 1ULL << 30};
static const struct schema_range lines = {0, 23}; // pins of the first I/O APIC

// "package/name", whose form has been checked.
static struct manifest_peer peer_of(struct schema_text to)
{
    struct manifest_peer peer = {.span = to.span};
    return bytes_split(&peer.package, &peer.name, to.value, '/') ? peer : (struct manifest_peer){0};
}

static void read_peer(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    cap->peer = peer_of(schema_string(s, table, "to", &forms_peer));
    cap->optional = schema_flag(s, table, "optional");
}

static void read_endpoint(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    static const char *const roles[] = {"serve", "call", "send", NULL};
    schema_require(s, table, "role");
    cap->role = schema_choice(s, table, "role", roles);
    cap->owner = cap->role == MANIFEST_SERVE;
    if (cap->owner) {
        cap->allow = schema_strings(s, table, "allow", &forms_pattern);
    } else {
        read_peer(s, table, cap);
    }
}

static void read_notification(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    static const char *const roles[] = {"wait", "signal", NULL};
    schema_require(s, table, "role");
    cap->role = MANIFEST_WAIT + schema_choice(s, table, "role", roles);
    cap->owner = !schema_has(table, "to");
    if (cap->owner) {
        cap->allow = schema_strings(s, table, "allow", &forms_pattern);
    } else {
        read_peer(s, table, cap);
    }
}

static void read_area(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    cap->size = schema_size(s, table, "size", areas);
    cap->write = schema_choice(s, table, "access", accesses) == 1;
    if (cap->size.value % BOUND_PAGE != 0) {
        schema_refuse(s, table, "size", "a multiple of 4KiB");
    }
}

static void read_region(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    static const char *const roles[] = {"own", "map", NULL};
    schema_require(s, table, "role");
    cap->role = MANIFEST_OWN + schema_choice(s, table, "role", roles);
    cap->owner = cap->role == MANIFEST_OWN;
    read_area(s, table, cap);
    if (cap->owner) {
        cap->share = schema_words(s, table, "allow", &forms_pattern, accesses);
    } else {
        read_peer(s, table, cap);
    }
}

static void read_irq(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    static const char *const triggers[] = {"edge", "level", NULL};
    static const char *const polarities[] = {"high", "low", NULL};
    cap->at = schema_integer(s, table, "line", lines);
    cap->level = schema_choice_or(s, table, "trigger", triggers, 0) == 1;
    cap->low = schema_choice_or(s, table, "polarity", polarities, 0) == 1;
    cap->signal = schema_string_or(s, table, "signal", &forms_label, "").value;
}

static void read_ports(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    struct schema_text ports = schema_string(s, table, "ports", &forms_ports);
    cap->at.span = cap->last.span = ports.span;
    (void)forms_ports_of(&cap->at.value, &cap->last.value, ports.value);
}

static void read_device(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    struct schema_text address = schema_string(s, table, "address", &forms_address);
    cap->at.span = address.span;
    (void)forms_address_of(&cap->at.value, address.value);
    read_area(s, table, cap);
    cap->shared = schema_flag(s, table, "shared");
    if (cap->shared && cap->write) {
        schema_refuse(s, table, "shared", "access = \"read\" of what is shared");
    }
}

static void read_spawn(struct schema *s, struct toml *table, struct manifest_cap *cap)
{
    static const struct schema_range counts = {1, MANIFEST_CHILDREN};
    static const struct schema_range memory = {16384, 1ULL << 40};
    struct schema_text package = schema_string(s, table, "package", &forms_package_name);
    struct schema_text cpu = schema_string(s, table, "cpu", &forms_percent);
    cap->role = MANIFEST_START;
    cap->owner = false;
    cap->peer = (struct manifest_peer){.package = package.value, .span = package.span};
    cap->most = schema_integer(s, table, "most", counts);
    cap->size = schema_power(s, table, "memory", memory);
    cap->cpu.span = cpu.span;
    (void)forms_percent_of(&cap->cpu.value, cpu.value);
}

// Everything of a kind but what all have.
struct section {
    const char *name;
    void (*read)(struct schema *s, struct toml *table, struct manifest_cap *cap);
};

static const struct section sections[] = {
    [MANIFEST_ENDPOINT] = {"endpoint", read_endpoint},
    [MANIFEST_NOTIFICATION] = {"notification", read_notification},
    [MANIFEST_REGION] = {"region", read_region},
    [MANIFEST_IRQ] = {"irq", read_irq},
    [MANIFEST_IOPORT] = {"ioport", read_ports},
    [MANIFEST_DEVICE] = {"device", read_device},
    [MANIFEST_SPAWN] = {"spawn", read_spawn},
};

static void read_cap(struct schema *s, struct toml *table, enum manifest_kind kind,
                     struct manifest_cap *cap)
{
    *cap = (struct manifest_cap){.kind = kind,
                                 .role = MANIFEST_DRIVE,
                                 .owner = true,
                                 .name = table->key,
                                 .span = table->span};
    if (!name_is_label(table->key)) {
        schema_fail(s, table, s->codes->value, "a name of letters a-z, digits and '-'");
    }
    sections[kind].read(s, table, cap);
}

static void check_new(struct schema *s, const struct toml *table, const struct manifest_cap *caps,
                      size_t count, bool area)
{
    size_t areas_before = 0;
    for (size_t i = 0; i < count; i++) {
        areas_before += manifest_is_area(&caps[i]);
        if (bytes_equal(caps[i].name, table->key)) {
            schema_fail(s, table, STATUS_CAP_NAME, "name of a capability");
        }
    }
    if (count == BOUND_TARGET_CAPS || (area && areas_before == BOUND_TARGET_AREAS)) {
        schema_fail(s, table, STATUS_TOO_MANY_CAPS, "capabilities of one manifest");
    }
}

// The notification that an interrupt signals must be one that this program waits for and owns.
static void check_signal(struct schema *s, const struct toml *table,
                         const struct manifest_cap *caps, const struct manifest_cap *irq)
{
    bool found = irq->signal.len == 0;
    for (const struct manifest_cap *cap = caps; cap != irq; cap++) {
        found = found || (cap->kind == MANIFEST_NOTIFICATION && cap->role == MANIFEST_WAIT &&
                          cap->owner && bytes_equal(cap->name, irq->signal));
    }
    if (!found) {
        schema_refuse(s, table, "signal",
                      "a notification of this manifest with role \"wait\" and no `to`");
    }
}

size_t manifest_caps_read(struct manifest_cap *caps, struct schema *s)
{
    size_t count = 0;
    for (enum manifest_kind kind = MANIFEST_ENDPOINT; kind <= MANIFEST_SPAWN; kind++) {
        struct toml *all = schema_table_or_null(s, s->root, sections[kind].name);
        struct toml *table = schema_first(s, all);
        for (; table != NULL; table = schema_next(s, table)) {
            struct manifest_cap new = {.kind = kind};
            check_new(s, table, caps, count, manifest_is_area(&new));
            if (s->status != STATUS_OK) {
                return count;
            }
            read_cap(s, table, kind, &caps[count]);
            check_signal(s, table, caps, &caps[count++]);
        }
    }
    return count;
}
