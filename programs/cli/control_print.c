// SPDX-License-Identifier: BSD-2-Clause

// What a running system says of itself. Names, versions and objects come from packages over the
// line: they are escaped here for a terminal and in JSON.

#include "control_print.h"

#include "json_bytes.h"
#include "print.h"

#include <inttypes.h>
#include <stdio.h>

static const char *life_of(const struct control_instance *instance)
{
    static const char *const lives[CONTROL_LIVES] = {
        [CONTROL_DOWN] = "down",           [CONTROL_DORMANT] = "on-demand",
        [CONTROL_RUNNING] = "running",     [CONTROL_WAITING] = "restarting",
        [CONTROL_SUSPENDED] = "suspended",
    };
    return lives[instance->life];
}

static const char *live_of(const struct control_cap *cap)
{
    static const char *const verdicts[CONTROL_LIVE_COUNT] = {
        [CONTROL_AS_PLANNED] = "as planned",
        [CONTROL_STOOD_IN] = "stood in",
        [CONTROL_DIFFERS] = "DIFFERS",
        [CONTROL_NOT_SHOWN] = "not shown",
    };
    return verdicts[cap->live];
}

static const char *kind_of(const struct control_cap *cap)
{
    static const char *const kinds[] = {"issued", "built-in", "tripwire"};
    return cap->kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[cap->kind] : "unknown";
}

// Padded to `width` columns.
static void put(struct bytes text, int width)
{
    print_name(stdout, text);
    printf("%*s", (int)text.len < width ? width - (int)text.len : 0, "");
}

void control_print_head(void)
{
    puts(
        "INSTANCE         STATE       LIVES  PACKAGE                  VERSION   MEMORY     CPU ms  "
        "FAULTS  DENIALS");
}

void control_print_row(const struct control_instance *instance)
{
    put(instance->name, 16);
    printf(" %-11s %5" PRIu64 "  ", life_of(instance), instance->incarnation);
    put(instance->package, 24);
    putchar(' ');
    put(instance->version, 9);
    printf(" %5" PRIu64 " KiB %8" PRIu64 "  %6" PRIu64 "  %7" PRIu64 "\n",
           instance->memory_limit / 1024, instance->cpu_us / 1000, instance->faults,
           instance->denials);
}

void control_print_instance(const struct control_instance *i)
{
    put(i->name, 0);
    printf(": %s\n  package    ", life_of(i));
    put(i->package, 0);
    putchar(' ');
    put(i->version, 0);
    printf(", counter %" PRIu64 "%s\n", i->counter, i->arrived ? ", arrived at run time" : "");
    printf("  lives      %" PRIu64 ", %" PRIu64 " of %" PRIu64 " restarts used\n", i->incarnation,
           i->restarts, i->max_restarts);
    printf("  memory     %" PRIu64 " of %" PRIu64 " bytes\n", i->memory_used, i->memory_limit);
    printf("  slots      %" PRIu64 " of %" PRIu64 "\n", i->slots_used, i->slots);
    printf("  cpu        %" PRIu64 " us used; %" PRIu64 " us in each %" PRIu64
           " us, priority %" PRIu64 " (at most %" PRIu64 ")%s\n",
           i->cpu_us, i->budget_us, i->period_us, i->priority, i->max_priority,
           i->passive ? ", passive" : "");
    printf("  faults     %" PRIu64 "\n", i->faults);
    printf("  denials    %" PRIu64 " of %" PRIu64 "\n", i->denials, i->max_denials);
}

void control_print_system(const struct control_system *system)
{
    printf("left: %" PRIu64 " KiB of memory, %" PRIu64 " slots, %" PRIu64 " of %" PRIu64
           " places for packages\n",
           system->memory_left / 1024, system->slots_left, system->stores - system->stores_used,
           system->stores);
}

void control_print_cap(const struct control_cap *cap)
{
    printf("  slot %-5" PRIu64 " ", cap->slot);
    put(cap->name, 18);
    printf(" %-9s ", kind_of(cap));
    put(cap->type, 13);
    putchar(' ');
    put(cap->rights, 5);
    printf(" %#18" PRIx64 "  %-10s -> ", cap->badge, live_of(cap));
    put(cap->object, 0);
    putchar('\n');
}

json_t *control_print_instance_json(const struct control_instance *instance)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", json_bytes_text(instance->name));
    json_object_set_new(object, "state", json_string(life_of(instance)));
    json_object_set_new(object, "package", json_bytes_text(instance->package));
    json_object_set_new(object, "version", json_bytes_text(instance->version));
#define NUMBER_MEMBER(name, width)                                                                 \
    json_object_set_new(object, #name, json_integer((json_int_t)instance->name));
    CONTROL_INSTANCE_NUMBERS(NUMBER_MEMBER)
#undef NUMBER_MEMBER
    json_object_del(object, "life");
    json_object_set_new(object, "arrived", json_boolean(instance->arrived != 0));
    json_object_set_new(object, "passive", json_boolean(instance->passive != 0));
    return object;
}

json_t *control_print_system_json(const struct control_system *system)
{
    return json_pack("{s:I, s:I, s:I, s:I}", "memory_left", (json_int_t)system->memory_left,
                     "slots_left", (json_int_t)system->slots_left, "stores",
                     (json_int_t)system->stores, "stores_used", (json_int_t)system->stores_used);
}

json_t *control_print_cap_json(const struct control_cap *cap)
{
    char badge[20];
    snprintf(badge, sizeof(badge), "0x%" PRIx64, cap->badge);
    return json_pack("{s:I, s:o, s:s, s:o, s:o, s:s, s:o, s:s}", "slot", (json_int_t)cap->slot,
                     "name", json_bytes_text(cap->name), "kind", kind_of(cap), "type",
                     json_bytes_text(cap->type), "rights", json_bytes_text(cap->rights), "badge",
                     badge, "object", json_bytes_text(cap->object), "live", live_of(cap));
}
