// SPDX-License-Identifier: BSD-2-Clause
#include "trust_ceiling.h"

#include "name.h"
#include "number.h"

enum { PORT_DIGITS = 4 };

static bool parse_ports(struct trust_ports *out, struct bytes text)
{
    uint64_t first = 0, last = 0;
    bool ports = number_hex_range(&first, &last, text, PORT_DIGITS);
    *out = (struct trust_ports){(uint16_t)first, (uint16_t)last};
    return ports;
}

static bool is_ports(struct bytes text)
{
    struct trust_ports ports;
    return parse_ports(&ports, text);
}

static const struct schema_form ports_form = {is_ports, "a range such as \"0xc000-0xc03f\""};

static uint32_t number(struct schema *s, struct toml *table, const char *key, uint64_t most)
{
    return (uint32_t)schema_integer_or(s, table, key, (struct schema_range){0, most}, 0).value;
}

static const struct bytes *read_patterns(size_t *count, struct schema *s, struct toml *table,
                                         const char *key)
{
    struct schema_texts texts = schema_strings(s, table, key, NULL);
    struct bytes *patterns = schema_take(s, table, texts.count, sizeof *patterns);
    for (size_t i = 0; i < texts.count && patterns != NULL; i++) {
        patterns[i] = texts.at[i].value;
        if (name_pattern_check(patterns[i], NULL) != STATUS_OK) {
            schema_fail(s, toml_find(table, bytes_text(key)), STATUS_POLICY_PATTERN,
                        "a name, \"prefix.*\" or \"*\"");
        }
    }
    *count = texts.count;
    return patterns;
}

static void read_lists(struct trust_ceiling *c, struct schema *s, struct toml *table)
{
    c->endpoints = read_patterns(&c->endpoint_count, s, table, "endpoints");
    c->spawns = read_patterns(&c->spawn_count, s, table, "spawn");
    struct schema_numbers irqs =
        schema_integers(s, table, "irq", (struct schema_range){0, UINT32_MAX});
    struct schema_texts ports = schema_strings(s, table, "ioport", &ports_form);
    uint32_t *lines = schema_take(s, table, irqs.count, sizeof *lines);
    struct trust_ports *ranges = schema_take(s, table, ports.count, sizeof *ranges);
    if (s->status != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < irqs.count; i++) {
        lines[i] = (uint32_t)irqs.at[i].value;
    }
    for (size_t i = 0; i < ports.count; i++) {
        (void)parse_ports(&ranges[i], ports.at[i].value);
    }
    c->irqs = lines;
    c->irq_count = irqs.count;
    c->ports = ranges;
    c->port_count = ports.count;
}

static void read_ceiling(struct trust_ceiling *c, struct schema *s, struct toml *table)
{
    if (!name_is_label(table->key)) {
        schema_fail(s, table, STATUS_POLICY_SCHEMA, "a label: [a-z][a-z0-9-]{0,30}");
    }
    c->name = table->key;
    c->memory = schema_size_or(s, table, "memory", (struct schema_range){0, INT64_MAX}, 0).value;
    c->cnode_bits = number(s, table, "cnode-bits", BOUND_CNODE_BITS);
    c->threads = number(s, table, "threads", UINT32_MAX);
    c->priority_max = number(s, table, "priority-max", 255);
    c->dma = schema_flag(s, table, "dma");
    read_lists(c, s, table);
}

void trust_ceiling_read(struct trust *trust, struct schema *schema, struct toml *root)
{
    struct toml *all = schema_table_or_null(schema, root, "ceiling");
    struct trust_ceiling *ceilings = schema_take_each(schema, all, sizeof *ceilings);
    struct toml *table = schema_first(schema, ceilings != NULL ? all : NULL);
    for (; table != NULL; table = schema_next(schema, table)) {
        read_ceiling(&ceilings[trust->ceiling_count++], schema, table);
    }
    trust->ceilings = ceilings;
}
