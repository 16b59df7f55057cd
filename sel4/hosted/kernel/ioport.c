// SPDX-License-Identifier: BSD-2-Clause

// I/O ports of x86 (seL4 manual, 8.2): IOPortControl issues ranges, each port to one cap family at
// a time; a port is free again when its last cap is deleted. The cap's data word is first << 16 |
// last.

#include "internal.h"

static bool is_issued(const struct kernel *k, unsigned port)
{
    return (k->ports_issued[port / 64] >> (port % 64) & 1) != 0;
}

static void mark(struct kernel *k, unsigned first, unsigned last, bool issued)
{
    for (unsigned port = first; port <= last; port++) {
        uint64_t bit = UINT64_C(1) << (port % 64);
        uint64_t *word = &k->ports_issued[port / 64];
        *word = issued ? *word | bit : *word & ~bit;
    }
}

static unsigned first_port(const struct cap *cap)
{
    return (unsigned)(cap->data >> 16) & 0xffff;
}

static unsigned last_port(const struct cap *cap)
{
    return (unsigned)cap->data & 0xffff;
}

void ioport_free(struct kernel *k, const struct cap *cap)
{
    mark(k, first_port(cap), last_port(cap), false);
}

enum sel4_error ioport_control_decode(struct kernel *k, struct invocation *inv)
{
    if (inv->operation != SEL4_INVOCATION_IO_PORT_CONTROL_ISSUE) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    if (!invocation_has(inv, 4, 1)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    unsigned first = (unsigned)invocation_word(k, inv, 0) & 0xffff;
    unsigned last = (unsigned)invocation_word(k, inv, 1) & 0xffff;
    if (last < first) {
        return invocation_argument(inv, 1);
    }
    for (unsigned port = first; port <= last; port++) {
        if (is_issued(k, port)) {
            return SEL4_ERROR_REVOKE_FIRST;
        }
    }
    struct cte *slot = NULL;
    enum sel4_error error =
        invocation_empty_slot(k, &slot, inv,
                              (struct slot_name){.root = invocation_extra(inv, 0),
                                                 .index = invocation_word(k, inv, 2),
                                                 .depth = invocation_word(k, inv, 3)});
    if (error != SEL4_ERROR_NONE) {
        return error;
    }
    struct cap cap = cap_make(SEL4_CAP_TAG_IO_PORT, 0, 0);
    cap.data = (uint64_t)first << 16 | last;
    mark(k, first, last, true);
    derivation_create(k, slot, cap, inv->slot);
    return SEL4_ERROR_NONE;
}

static const struct {
    enum sel4_invocation operation;
    unsigned width; // bytes
    bool out;
} accesses[] = {
    {SEL4_INVOCATION_IO_PORT_IN8, 1, false},  {SEL4_INVOCATION_IO_PORT_IN16, 2, false},
    {SEL4_INVOCATION_IO_PORT_IN32, 4, false}, {SEL4_INVOCATION_IO_PORT_OUT8, 1, true},
    {SEL4_INVOCATION_IO_PORT_OUT16, 2, true}, {SEL4_INVOCATION_IO_PORT_OUT32, 4, true},
};

static enum sel4_error access(struct kernel *k, struct invocation *inv, unsigned width, bool out)
{
    const struct machine_operations *operations = k->machine->operations;
    if (!invocation_has(inv, out ? 2 : 1, 0)) {
        return SEL4_ERROR_TRUNCATED_MESSAGE;
    }
    unsigned port = (unsigned)invocation_word(k, inv, 0) & 0xffff;
    // A wide access must lie within the range as a whole.
    if (port < first_port(&inv->slot->cap) || port + width - 1 > last_port(&inv->slot->cap)) {
        return SEL4_ERROR_ILLEGAL_OPERATION;
    }
    uint64_t mask = width == 4 ? UINT32_MAX : (UINT64_C(1) << (8 * width)) - 1;
    if (out) {
        uint64_t value = invocation_word(k, inv, 1) & mask;
        operations->port_out(k->machine, (uint16_t)port, width, (uint32_t)value);
    } else {
        inv->result[0] = operations->port_in(k->machine, (uint16_t)port, width) & mask;
        inv->result_len = 1;
    }
    return SEL4_ERROR_NONE;
}

enum sel4_error ioport_decode(struct kernel *k, struct invocation *inv)
{
    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
        if (inv->operation == accesses[i].operation) {
            return access(k, inv, accesses[i].width, accesses[i].out);
        }
    }
    return SEL4_ERROR_ILLEGAL_OPERATION;
}
