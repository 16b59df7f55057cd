// SPDX-License-Identifier: BSD-2-Clause

// The root task's ELF file (System V ABI, ELF-64). Only what a loader needs is read: entry point
// and program headers, each checked against the file and the user's address range before a byte of
// it is used. Sections, names and alignment are ignored. The file is whoever's: it may be made to
// hurt.

#include "image.h"

#include "reader.h"
#include "sel4_cap.h"

enum { CLASS_64 = 2, HEADER_SIZE = 64, PROGRAM_HEADER_SIZE = 56, PAGE = 4096 };

// Behind the image come the IPC buffer, the boot info and the extra boot info.
enum { PAGES_AFTER_IMAGE = 3 };

struct segment {
    uint64_t offset;
    uint64_t vaddr;
    uint64_t file_size;
    uint64_t memory_size;
};

// The place of the program header table, from bytes 32 to 63 of the file header.
struct headers {
    uint64_t offset;
    unsigned count;
    unsigned size;
};

static struct headers headers_of(struct bytes file)
{
    struct reader r = reader_of(bytes_part(file, 32, 32));
    struct headers headers = {.offset = reader_u64(&r)};
    (void)reader_take(&r, 14);
    headers.size = reader_u16(&r);
    headers.count = reader_u16(&r);
    return headers;
}

static enum status read_segment(struct segment *out, struct bytes file, unsigned index,
                                struct diag *diag)
{
    struct headers headers = headers_of(file);
    uint64_t skip = (uint64_t)headers.size * index;
    bool fits = headers.size >= PROGRAM_HEADER_SIZE && headers.offset <= file.len &&
                skip <= file.len - headers.offset &&
                file.len - headers.offset - skip >= PROGRAM_HEADER_SIZE;
    if (!fits) {
        return diag_fail(diag, STATUS_IMAGE, "program header", index);
    }
    struct reader r = reader_of(bytes_part(file, headers.offset + skip, PROGRAM_HEADER_SIZE));
    (void)reader_u64(&r);
    out->offset = reader_u64(&r);
    out->vaddr = reader_u64(&r);
    (void)reader_u64(&r);
    out->file_size = reader_u64(&r);
    out->memory_size = reader_u64(&r);
    if (out->memory_size == 0) {
        return STATUS_OK;
    }
    // The pages behind the image need room below the top, and one for rounding up.
    uint64_t top = SEL4_USER_TOP - (UINT64_C(1) + PAGES_AFTER_IMAGE) * PAGE;
    bool sound = out->offset <= file.len && out->file_size <= file.len - out->offset &&
                 out->file_size <= out->memory_size && out->vaddr < top &&
                 out->memory_size <= top - out->vaddr;
    return sound ? STATUS_OK : diag_fail(diag, STATUS_IMAGE, "segment", index);
}

enum status image_measure(struct image *out, struct bytes file, struct diag *diag)
{
    static const uint8_t magic[] = {0x7f, 'E', 'L', 'F', CLASS_64};
    if (file.len < HEADER_SIZE || memcmp(file.at, magic, sizeof(magic)) != 0) {
        return diag_fail(diag, STATUS_IMAGE, "ELF header", 0);
    }
    struct image image = {.file = file, .start = UINT64_MAX};
    struct reader r = reader_of(bytes_part(file, 24, 8));
    image.entry = reader_u64(&r);
    for (unsigned i = 0; i < headers_of(file).count; i++) {
        struct segment segment;
        enum status status = read_segment(&segment, file, i, diag);
        if (status != STATUS_OK) {
            return status;
        }
        uint64_t end = segment.vaddr + segment.memory_size;
        if (segment.memory_size == 0) {
            continue;
        }
        image.start = segment.vaddr < image.start ? segment.vaddr : image.start;
        image.end = end > image.end ? end : image.end;
    }
    image.end = (image.end + PAGE - 1) & ~(uint64_t)(PAGE - 1);
    if (image.start >= image.end || image.start % PAGE != 0) {
        return diag_fail(diag, STATUS_IMAGE, "lowest address", image.start);
    }
    if (image.entry < image.start || image.entry >= image.end) {
        return diag_fail(diag, STATUS_IMAGE, "entry point", image.entry);
    }
    *out = image;
    return STATUS_OK;
}

enum status image_load(struct machine *machine, uint64_t paddr, const struct image *image,
                       struct diag *diag)
{
    for (unsigned i = 0; i < headers_of(image->file).count; i++) {
        struct segment segment;
        enum status status = read_segment(&segment, image->file, i, diag);
        if (status != STATUS_OK) {
            return status;
        }
        if (segment.memory_size == 0) {
            continue; // and was not looked at
        }
        struct bytes content = bytes_part(image->file, segment.offset, segment.file_size);
        if (!machine->operations->load(machine, paddr + (segment.vaddr - image->start), content)) {
            return diag_fail(diag, STATUS_HOST_REFUSED, "memory", content.len);
        }
    }
    return STATUS_OK;
}
