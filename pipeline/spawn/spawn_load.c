// SPDX-License-Identifier: BSD-2-Clause
#include "spawn.h"

#include "vspace.h"

// The target's own frames are written through a window of the root task before they are mapped
// for the target; read-only pages of the binary are shown where they lie, for all instances. The
// root task keeps no mapping of a target's memory.

enum { PAGE = 1 << PLAN_PAGE_BITS };

struct loader {
    const struct objects_site *site;
    const struct spawn_source *source;
    cap_slot vspace;
};

static const struct plan_object *object_at(const struct loader *loader, uint32_t object)
{
    return &loader->site->plan->objects[object];
}

// A run of paging structures, each right after the other's span.
static enum status map_tables(const struct loader *loader, uint32_t object, struct diag *diag)
{
    const struct plan_object *run = object_at(loader, object);
    enum sel4_object type = SEL4_OBJECT_PAGE_TABLE;
    unsigned span_bits = 21;
    if (run->type == PLAN_PDPT) {
        type = SEL4_OBJECT_PDPT;
        span_bits = 39;
    } else if (run->type == PLAN_PAGE_DIRECTORY) {
        type = SEL4_OBJECT_PAGE_DIRECTORY;
        span_bits = 30;
    }
    for (uint32_t i = 0; i < run->count; i++) {
        struct vspace_map map = {
            .object = objects_cap(loader->site, object, i),
            .vspace = loader->vspace,
            .vaddr = run->vaddr + ((uint64_t)i << span_bits),
        };
        enum status status = vspace_map_table(loader->site->kernel, type, &map, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

// The upper levels first: the kernel looks a structure's place up in the one above.
static enum status map_all_tables(const struct loader *loader, struct diag *diag)
{
    static const enum plan_type levels[] = {PLAN_PDPT, PLAN_PAGE_DIRECTORY, PLAN_PAGE_TABLE};
    const struct plan_target *target = &loader->site->plan->targets[loader->site->target];
    for (unsigned level = 0; level < sizeof(levels) / sizeof(levels[0]); level++) {
        for (uint32_t i = 0; i < target->objects; i++) {
            uint32_t object = target->first_object + i;
            if (object_at(loader, object)->type != levels[level]) {
                continue;
            }
            enum status status = map_tables(loader, object, diag);
            if (status != STATUS_OK) {
                return status;
            }
        }
    }
    return STATUS_OK;
}

static uint8_t rights_of(const struct plan_mapping *mapping)
{
    return mapping->write ? SEL4_RIGHT_READ | SEL4_RIGHT_WRITE : SEL4_RIGHT_READ;
}

// The root task's capability to the frame that this page shows: of its image, where the binary is,
// or of a region or device.
static cap_slot shown_frame(const struct loader *loader, const struct plan_mapping *mapping,
                            uint32_t page)
{
    const struct plan_object *shown = object_at(loader, mapping->object);
    uint32_t index = mapping->first + page;
    return shown->type == PLAN_PACKAGE_PAGES
               ? loader->source->frames + shown->vaddr + index
               : objects_cap(loader->site, (uint32_t)shown->vaddr, index);
}

// A frame that is there already, as a copy in the holder that allows what the mapping does.
static enum status take_shown_page(const struct loader *loader, const struct plan_mapping *mapping,
                                   uint32_t page, struct diag *diag)
{
    const struct objects_site *site = loader->site;
    struct cnode_derive copy = {
        .to = cspace_slot(site->cspace, objects_cap(site, mapping->object, mapping->first + page)),
        .from = cspace_slot(site->cspace, shown_frame(loader, mapping, page)),
        .rights = rights_of(mapping),
    };
    return cnode_copy(site->kernel, &copy, diag);
}

// The bytes of one page that come from the binary.
static void copy_page(const struct loader *loader, const struct plan_mapping *mapping,
                      uint32_t page)
{
    uint64_t start = mapping->vaddr + (uint64_t)page * PAGE;
    uint64_t from = mapping->copy_at > start ? mapping->copy_at : start;
    uint64_t copy_end = mapping->copy_at + mapping->copy_len;
    uint64_t end = copy_end < start + PAGE ? copy_end : start + PAGE;
    if (from < end) {
        uint64_t offset = mapping->copy_from + (from - mapping->copy_at);
        memcpy(loader->source->window + (from - start), loader->source->binary.at + offset,
               end - from);
    }
}

// Writes a new frame through the window. It is zero until then: the kernel zeroes an untyped before
// it makes anything from it.
static enum status fill_page(const struct loader *loader, const struct plan_mapping *mapping,
                             uint32_t page, struct diag *diag)
{
    const struct objects_site *site = loader->site;
    struct vspace_map map = {
        .object = objects_cap(site, mapping->object, mapping->first + page),
        .vspace = SEL4_SLOT_VSPACE,
        .vaddr = (uintptr_t)loader->source->window,
        .rights = SEL4_RIGHT_READ | SEL4_RIGHT_WRITE,
    };
    enum status status = vspace_map_frame(site->kernel, &map, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (mapping->fill == PLAN_FILL_RECORD) {
        status = spawn_record(loader->source->window, site, loader->source, diag);
    } else {
        copy_page(loader, mapping, page);
    }
    enum status unmapped = vspace_unmap_frame(site->kernel, map.object, diag);
    return status != STATUS_OK ? status : unmapped;
}

static bool is_shown(const struct plan_mapping *mapping)
{
    return mapping->fill == PLAN_FILL_IN_PLACE || mapping->fill == PLAN_FILL_REGION ||
           mapping->fill == PLAN_FILL_DEVICE;
}

static enum status load_page(const struct loader *loader, const struct plan_mapping *mapping,
                             uint32_t page, struct diag *diag)
{
    const struct objects_site *site = loader->site;
    enum status status = STATUS_OK;
    if (is_shown(mapping)) {
        status = take_shown_page(loader, mapping, page, diag);
    } else if (mapping->fill != PLAN_FILL_ZERO) {
        status = fill_page(loader, mapping, page, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct vspace_map map = {
        .object = objects_cap(site, mapping->object, mapping->first + page),
        .vspace = loader->vspace,
        .vaddr = mapping->vaddr + ((uint64_t)page << object_at(loader, mapping->object)->size_bits),
        .rights = rights_of(mapping),
        .uncached = mapping->fill == PLAN_FILL_DEVICE,
    };
    return vspace_map_frame(site->kernel, &map, diag);
}

enum status spawn_load(const struct objects_site *site, const struct spawn_source *source,
                       struct diag *diag)
{
    const struct plan_target *target = &site->plan->targets[site->target];
    struct loader loader = {
        .site = site,
        .source = source,
        .vspace = objects_cap(site, objects_find(site, PLAN_VSPACE), 0),
    };
    enum status status = vspace_assign(site->kernel, SEL4_SLOT_ASID_POOL, loader.vspace, diag);
    if (status == STATUS_OK) {
        status = map_all_tables(&loader, diag);
    }
    for (uint32_t i = 0; i < target->mappings && status == STATUS_OK; i++) {
        const struct plan_mapping *mapping = plan_mapping_at(site->plan, site->target, i);
        for (uint32_t page = 0; page < mapping->pages && status == STATUS_OK; page++) {
            status = load_page(&loader, mapping, page, diag);
        }
    }
    return status;
}
