// SPDX-License-Identifier: BSD-2-Clause
#include "bootinfo.h"

enum { PAGE = 4096 };

struct bytes bootinfo_record(const struct sel4_bootinfo *bootinfo, enum sel4_bootinfo_record id)
{
    const uint8_t *extra = (const uint8_t *)bootinfo + SEL4_BOOTINFO_SIZE;
    uint64_t pos = 0;
    while (bootinfo->extra_len - pos >= sizeof(struct sel4_bootinfo_header)) {
        struct sel4_bootinfo_header header;
        memcpy(&header, extra + pos, sizeof(header));
        if (header.len < sizeof(header) || header.len > bootinfo->extra_len - pos) {
            break;
        }
        if (header.id == (uint64_t)id) {
            return (struct bytes){extra + pos + sizeof(header), header.len - sizeof(header)};
        }
        pos += header.len;
    }
    return (struct bytes){0};
}

// The IPC buffer's page follows the image.
static uintptr_t image_start(const struct sel4_bootinfo *bootinfo)
{
    uint64_t pages = bootinfo->user_image_frames.end - bootinfo->user_image_frames.start;
    return bootinfo->ipc_buffer - pages * PAGE;
}

cap_slot bootinfo_frame(const struct sel4_bootinfo *bootinfo, const void *page)
{
    return bootinfo->user_image_frames.start + ((uintptr_t)page - image_start(bootinfo)) / PAGE;
}

struct bytes bootinfo_image_from(const struct sel4_bootinfo *bootinfo, const uint8_t *start)
{
    uintptr_t end = bootinfo->ipc_buffer;
    return (struct bytes){start, (uintptr_t)start < end ? end - (uintptr_t)start : 0};
}
