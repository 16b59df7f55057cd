// SPDX-License-Identifier: BSD-2-Clause
#include "compile_ceiling.h"

#include "compile_system.h"
#include "name.h"
#include "number.h"

enum request_kind { MEMORY, CNODE, THREADS, PRIORITY, PEER, SPAWN, IRQ, IOPORT, DMA };

struct request {
    enum request_kind kind;
    const char *what;
    uint64_t amount;   // or line, or first port
    uint64_t last;     // port
    struct bytes peer; // package name
    struct bytes subject;
    struct toml_span span;
};

static bool covers_name(const struct bytes *patterns, size_t count, struct bytes package)
{
    for (size_t i = 0; i < count; i++) {
        if (name_matches(patterns[i], package)) {
            return true;
        }
    }
    return false;
}

static bool covers_irq(const struct trust_ceiling *ceiling, uint64_t line)
{
    for (size_t i = 0; i < ceiling->irq_count; i++) {
        if (ceiling->irqs[i] == line) {
            return true;
        }
    }
    return false;
}

// One range of the ceiling holds all of them.
static bool covers_ports(const struct trust_ceiling *ceiling, uint64_t first, uint64_t last)
{
    for (size_t i = 0; i < ceiling->port_count; i++) {
        if (ceiling->ports[i].first <= first && last <= ceiling->ports[i].last) {
            return true;
        }
    }
    return false;
}

static bool covers(const struct trust_ceiling *ceiling, const struct request *request)
{
    switch (request->kind) {
    case MEMORY:
        return request->amount <= ceiling->memory;
    case CNODE:
        return request->amount <= ceiling->cnode_bits;
    case THREADS:
        return request->amount <= ceiling->threads;
    case PRIORITY:
        return request->amount <= ceiling->priority_max;
    case PEER:
        return covers_name(ceiling->endpoints, ceiling->endpoint_count, request->peer);
    case SPAWN:
        return covers_name(ceiling->spawns, ceiling->spawn_count, request->peer);
    case IRQ:
        return covers_irq(ceiling, request->amount);
    case IOPORT:
        return covers_ports(ceiling, request->amount, request->last);
    case DMA:
        return ceiling->dma;
    }
    return false;
}

static uint64_t covering(const struct verified *verified, const struct request *request)
{
    uint64_t keys = 0;
    for (size_t i = 0; i < verified->trust->key_count; i++) {
        const struct trust_ceiling *ceiling = verified->trust->keys[i].ceiling;
        bool signer = verified->decision.signers >> i & 1;
        if (signer && ceiling != NULL && covers(ceiling, request)) {
            keys |= 1ULL << i;
        }
    }
    return keys;
}

// Hardware may need more keys than the rest.
static uint32_t threshold_of(const struct trust_rule *rule, enum request_kind kind)
{
    switch (kind) {
    case IRQ:
        return rule->threshold_for[TRUST_IRQ];
    case IOPORT:
        return rule->threshold_for[TRUST_IOPORT];
    case DMA:
        return rule->threshold_for[TRUST_DMA];
    default:
        return rule->threshold;
    }
}

static enum status check(const struct verified *verified, const struct request *request,
                         struct diag *diag)
{
    uint64_t keys = covering(verified, request);
    if (keys != 0 && number_ones(keys) >= threshold_of(verified->decision.rule, request->kind)) {
        return STATUS_OK;
    }
    enum status status = keys == 0 ? STATUS_CEILING : STATUS_CEILING_THRESHOLD;
    diag_fail(diag, status, request->what, request->amount);
    diag_subject(diag, request->subject);
    diag_detail(diag, verified->decision.signers & ~keys);
    diag_position(diag, request->span.line, request->span.column);
    return status;
}

// Hardware by what it is, else whom it leads to. Without an IOMMU a device reaches all memory.
static struct request request_of_cap(const struct manifest *manifest,
                                     const struct manifest_cap *cap)
{
    static const struct {
        enum request_kind kind;
        const char *what;
    } requests[] = {
        [MANIFEST_ENDPOINT] = {PEER, "peer"},   [MANIFEST_NOTIFICATION] = {PEER, "peer"},
        [MANIFEST_REGION] = {PEER, "peer"},     [MANIFEST_IRQ] = {IRQ, "irq"},
        [MANIFEST_IOPORT] = {IOPORT, "ioport"}, [MANIFEST_DEVICE] = {DMA, "device"},
        [MANIFEST_SPAWN] = {SPAWN, "spawn"},
    };
    bool drive = cap->role == MANIFEST_DRIVE;
    struct toml_span span = drive ? cap->at.span : cap->peer.span;
    return (struct request){
        .kind = requests[cap->kind].kind,
        .what = requests[cap->kind].what,
        .amount = cap->at.value,
        .last = cap->last.value,
        .peer = cap->peer.package,
        .subject = drive ? bytes_part(manifest->text, span.offset, span.len) : cap->peer.package,
        .span = span,
    };
}

// Owning what others may reach gives no authority over them.
static bool is_free(const struct manifest_cap *cap)
{
    return cap->owner && cap->role != MANIFEST_DRIVE;
}

static struct request request_of_number(enum request_kind kind, const char *what,
                                        struct schema_number number)
{
    return (struct request){.kind = kind,
                            .what = what,
                            .amount = number.value,
                            .subject = bytes_text(what),
                            .span = number.span};
}

// Its own, and one for each instance that it may start.
static struct schema_number threads_of(const struct manifest *manifest)
{
    struct schema_number threads = {.value = 1, .span = manifest->cpu.span};
    for (size_t i = 0; i < manifest->cap_count; i++) {
        threads.value += manifest->caps[i].most.value;
    }
    return threads;
}

enum status compile_ceiling(const struct policy_instance *instance, uint8_t cnode_bits,
                            struct diag *diag)
{
    const struct manifest *m = instance->manifest;
    struct schema_number radix = {.value = cnode_bits,
                                  .span = m->cap_count != 0 ? m->caps[m->cap_count - 1].span
                                                            : m->cpu.span};
    struct schema_number memory = m->memory.limit;
    memory.value += compile_system_memory(m);
    const struct request requests[] = {
        request_of_number(MEMORY, "memory.limit", memory),
        request_of_number(THREADS, "threads", threads_of(m)),
        request_of_number(CNODE, "cnode-bits", radix),
        request_of_number(PRIORITY, "cpu.priority", m->cpu.priority),
        request_of_number(PRIORITY, "cpu.max-priority", m->cpu.max_priority),
    };
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        enum status status = check(instance->verified, &requests[i], diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < m->cap_count; i++) {
        struct request request = request_of_cap(m, &m->caps[i]);
        enum status status =
            is_free(&m->caps[i]) ? STATUS_OK : check(instance->verified, &request, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

uint64_t compile_ceiling_signers(const struct policy_instance *instance,
                                 const struct manifest_cap *cap)
{
    struct request request = request_of_cap(instance->manifest, cap);
    return is_free(cap) ? instance->verified->decision.signers
                        : covering(instance->verified, &request);
}
