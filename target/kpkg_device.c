// SPDX-License-Identifier: BSD-2-Clause

// Regions, interrupts and ports. A driver invokes the kernel itself (seL4 manual, 8.1 and 8.2); the
// numbers of these invocations move with the kernel's version and are in the record.

#include "arch.h"
#include "kpkg.h"
#include "sel4_message.h"
#include "sel4_syscall.h"

void *kpkg_region(const char *name, size_t *len)
{
    const struct kpkg_record *record = kpkg_record();
    const uint8_t *table = (const uint8_t *)record + record->regions_offset;
    for (uint32_t i = 0; i < record->region_count; i++) {
        const struct kpkg_record_region *region =
            (const void *)(table + i * sizeof(struct kpkg_record_region));
        if (strncmp(region->name, name, sizeof region->name) == 0) {
            if (len != NULL) {
                *len = region->len;
            }
            return (void *)region->address;
        }
    }
    return NULL;
}

uint64_t kpkg_irq_handler(const char *name)
{
    char handler[sizeof((struct kpkg_record_cap *)0)->name];
    kpkg_format(handler, sizeof handler, "%s.handler", name);
    return kpkg_cap(handler);
}

void kpkg_irq_ack(uint64_t handler)
{
    struct arch_message raw = {
        .cap_or_badge = handler,
        .info = sel4_message_info(kpkg_record()->labels.irq_ack, 0, 0, 0),
    };
    arch_syscall(&raw, SEL4_SYSCALL_CALL, 0);
}

static uint32_t port_in(uint64_t ports, uint16_t label, uint16_t port)
{
    struct arch_message raw = {
        .cap_or_badge = ports,
        .info = sel4_message_info(label, 0, 0, 1),
        .word = {port},
    };
    arch_syscall(&raw, SEL4_SYSCALL_CALL, 0);
    return sel4_message_label(raw.info) == 0 ? (uint32_t)raw.word[0] : UINT32_MAX;
}

static void port_out(uint64_t ports, uint16_t label, uint16_t port, uint32_t value)
{
    struct arch_message raw = {
        .cap_or_badge = ports,
        .info = sel4_message_info(label, 0, 0, 2),
        .word = {port, value},
    };
    arch_syscall(&raw, SEL4_SYSCALL_CALL, 0);
}

uint8_t kpkg_port_in8(uint64_t ports, uint16_t port)
{
    return (uint8_t)port_in(ports, kpkg_record()->labels.in8, port);
}

uint16_t kpkg_port_in16(uint64_t ports, uint16_t port)
{
    return (uint16_t)port_in(ports, kpkg_record()->labels.in16, port);
}

uint32_t kpkg_port_in32(uint64_t ports, uint16_t port)
{
    return port_in(ports, kpkg_record()->labels.in32, port);
}

void kpkg_port_out8(uint64_t ports, uint16_t port, uint8_t value)
{
    port_out(ports, kpkg_record()->labels.out8, port, value);
}

void kpkg_port_out16(uint64_t ports, uint16_t port, uint16_t value)
{
    port_out(ports, kpkg_record()->labels.out16, port, value);
}

void kpkg_port_out32(uint64_t ports, uint16_t port, uint32_t value)
{
    port_out(ports, kpkg_record()->labels.out32, port, value);
}
