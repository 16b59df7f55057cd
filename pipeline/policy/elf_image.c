// SPDX-License-Identifier: BSD-2-Clause
#include "elf_image.h"

#include "reader.h"

// Facts of the ELF-64 object file format (System V ABI).
enum {
    CLASS_64 = 2,
    DATA_LITTLE = 1,
    TYPE_EXEC = 2,
    EHDR_SIZE = 64,
    PHDR_SIZE = 56,
    PT_LOAD = 1,
    PT_DYNAMIC = 2,
    PT_INTERP = 3,
    PF_X = 1,
    PF_W = 2,
};
#define PT_GNU_STACK 0x6474e551U

struct ehdr {
    uint64_t entry;
    uint64_t phoff;
    uint16_t phnum;
};

// A file whose header has been read.
struct table {
    struct bytes binary;
    struct ehdr ehdr;
    struct diag *diag;
};

struct phdr {
    uint32_t type;
    uint32_t flags;
    struct elf_segment segment;
};

static enum status read_identity(struct reader *r, struct diag *diag)
{
    if (!bytes_is(reader_take(r, 4), "\x7f"
                                     "ELF")) {
        return diag_fail(diag, STATUS_ELF_MAGIC, "magic", 0);
    }
    if (reader_u8(r) != CLASS_64) {
        return diag_fail(diag, STATUS_ELF_CLASS, "class", 4);
    }
    if (reader_u8(r) != DATA_LITTLE) {
        return diag_fail(diag, STATUS_ELF_ENDIAN, "data encoding", 5);
    }
    (void)reader_take(r, 10);
    return STATUS_OK;
}

static enum status read_ehdr(struct table *table, uint16_t machine)
{
    struct reader r = reader_of(table->binary);
    struct diag *diag = table->diag;
    struct ehdr *ehdr = &table->ehdr;
    enum status status = read_identity(&r, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (reader_u16(&r) != TYPE_EXEC) {
        return diag_fail(diag, STATUS_ELF_TYPE, "type", 16);
    }
    if (reader_u16(&r) != machine) {
        return diag_fail(diag, STATUS_ELF_MACHINE, "machine", 18);
    }
    (void)reader_u32(&r); // version
    ehdr->entry = reader_u64(&r);
    ehdr->phoff = reader_u64(&r);
    (void)reader_u64(&r); // section headers
    (void)reader_u32(&r); // flags
    uint16_t ehsize = reader_u16(&r);
    uint16_t phentsize = reader_u16(&r);
    ehdr->phnum = reader_u16(&r);
    (void)reader_take(&r, EHDR_SIZE - r.pos); // the rest is about sections
    if (ehsize != EHDR_SIZE || r.failed) {
        return diag_fail(diag, STATUS_ELF_EHSIZE, "header size", 52);
    }
    size_t len = (size_t)ehdr->phnum * PHDR_SIZE;
    if (ehdr->phoff > table->binary.len || len > table->binary.len - ehdr->phoff) {
        return diag_fail(diag, STATUS_ELF_PHDR_BOUNDS, "program headers", 32);
    }
    if (phentsize != PHDR_SIZE) {
        return diag_fail(diag, STATUS_ELF_PHENTSIZE, "program header size", 54);
    }
    return STATUS_OK;
}

// The program headers lie in the file, which read_ehdr has checked.
static struct phdr read_phdr(const struct table *table, size_t index)
{
    size_t at = (size_t)table->ehdr.phoff + index * PHDR_SIZE;
    struct reader r = reader_of(bytes_part(table->binary, at, PHDR_SIZE));
    struct phdr phdr = {.type = reader_u32(&r)};
    phdr.flags = reader_u32(&r);
    phdr.segment.offset = reader_u64(&r);
    phdr.segment.vaddr = reader_u64(&r);
    (void)reader_u64(&r); // physical address
    phdr.segment.filesz = reader_u64(&r);
    phdr.segment.memsz = reader_u64(&r);
    phdr.segment.write = (phdr.flags & PF_W) != 0;
    phdr.segment.execute = (phdr.flags & PF_X) != 0;
    return phdr;
}

// What of its place in the file and in memory is wrong with one segment.
static enum status check_place(const struct elf_segment *s, struct bytes binary)
{
    if (s->offset > binary.len || s->filesz > binary.len - s->offset) {
        return STATUS_ELF_SEG_BOUNDS;
    }
    if (s->memsz > UINT64_MAX - s->vaddr) {
        return STATUS_ELF_SEG_WRAP;
    }
    if (s->filesz > s->memsz) {
        return STATUS_ELF_FILESZ_MEMSZ;
    }
    return s->offset % BOUND_PAGE != s->vaddr % BOUND_PAGE ? STATUS_ELF_ALIGN : STATUS_OK;
}

// Does what ends at `end` (not 0) reach into the page of `start`?
static bool reaches_page(uint64_t end, uint64_t start)
{
    return (end - 1) / BOUND_PAGE >= start / BOUND_PAGE;
}

static bool share_file_page(const struct elf_segment *a, const struct elf_segment *b)
{
    if (a->filesz == 0 || b->filesz == 0) {
        return false;
    }
    const struct elf_segment *low = a->offset <= b->offset ? a : b;
    const struct elf_segment *high = low == a ? b : a;
    return reaches_page(low->offset + low->filesz, high->offset);
}

// The rules between a segment and those before it.
static enum status check_order(const struct elf_image *image, const struct elf_segment *s)
{
    for (size_t i = 0; i < image->count; i++) {
        const struct elf_segment *before = &image->segments[i];
        uint64_t end = before->vaddr + before->memsz;
        if (s->vaddr < before->vaddr) {
            return STATUS_ELF_ORDER;
        }
        if (s->vaddr < end) {
            return STATUS_ELF_OVERLAP;
        }
        if (reaches_page(end, s->vaddr) || share_file_page(before, s)) {
            return STATUS_ELF_SHARED_PAGE;
        }
    }
    return STATUS_OK;
}

// Pages of a read-only segment are mapped in place, so what the file holds beside it in its first
// and last page would be readable, or run, as well.
static bool has_neighbours(const struct elf_segment *s, struct bytes binary)
{
    if (s->write || s->filesz == 0) {
        return false;
    }
    size_t start = (size_t)s->offset;
    size_t end = start + (size_t)s->filesz;
    size_t before = start % BOUND_PAGE;
    size_t after = (BOUND_PAGE - end % BOUND_PAGE) % BOUND_PAGE;
    if (after > binary.len - end) {
        after = binary.len - end;
    }
    return !bytes_all_zero(bytes_part(binary, start - before, before)) ||
           !bytes_all_zero(bytes_part(binary, end, after));
}

static enum status check_rights(const struct elf_segment *s, struct bytes binary)
{
    if (has_neighbours(s, binary)) {
        return STATUS_ELF_TAIL;
    }
    if (s->write && s->execute) {
        return STATUS_ELF_WX;
    }
    return s->vaddr < ELF_VADDR_LEAST || s->vaddr + s->memsz > ELF_VADDR_END ? STATUS_ELF_VADDR
                                                                             : STATUS_OK;
}

static enum status add_segment(struct elf_image *image, const struct elf_segment *segment,
                               struct bytes binary)
{
    enum status status = check_place(segment, binary);
    if (status != STATUS_OK || segment->memsz == 0) {
        return status;
    }
    status = check_order(image, segment);
    if (status != STATUS_OK) {
        return status;
    }
    status = check_rights(segment, binary);
    if (status != STATUS_OK) {
        return status;
    }
    if (image->count == BOUND_SEGMENTS) {
        return STATUS_ELF_TOO_MANY;
    }
    image->segments[image->count++] = *segment;
    return STATUS_OK;
}

// Fails with `status` if there is a program header of this type with one of these flags (0: any).
static enum status refuse_type(enum status status, uint32_t type, uint32_t flags,
                               const struct table *table)
{
    for (size_t i = 0; i < table->ehdr.phnum; i++) {
        struct phdr phdr = read_phdr(table, i);
        if (phdr.type == type && (flags == 0 || (phdr.flags & flags) != 0)) {
            return diag_fail(table->diag, status, "program header", i);
        }
    }
    return STATUS_OK;
}

static enum status read_segments(struct elf_image *image, const struct table *table)
{
    for (size_t i = 0; i < table->ehdr.phnum; i++) {
        struct phdr phdr = read_phdr(table, i);
        if (phdr.type != PT_LOAD) {
            continue;
        }
        enum status status = add_segment(image, &phdr.segment, table->binary);
        if (status != STATUS_OK) {
            return diag_fail_detail(table->diag, status, "program header", i, phdr.segment.vaddr);
        }
    }
    if (image->count == 0) {
        return diag_fail(table->diag, STATUS_ELF_NO_LOAD, "program headers", table->ehdr.phnum);
    }
    return STATUS_OK;
}

static enum status check_entry(const struct elf_image *image, struct diag *diag)
{
    for (size_t i = 0; i < image->count; i++) {
        const struct elf_segment *s = &image->segments[i];
        if (s->execute && image->entry >= s->vaddr && image->entry - s->vaddr < s->filesz) {
            return STATUS_OK;
        }
    }
    return diag_fail_detail(diag, STATUS_ELF_ENTRY, "entry point", 24, image->entry);
}

enum status elf_image_read(struct elf_image *image, struct bytes binary, uint16_t machine,
                           struct diag *diag)
{
    struct table table = {.binary = binary, .diag = diag};
    struct elf_image made = {0};
    enum status status = read_ehdr(&table, machine);
    if (status == STATUS_OK) {
        status = refuse_type(STATUS_ELF_INTERP, PT_INTERP, 0, &table);
    }
    if (status == STATUS_OK) {
        status = refuse_type(STATUS_ELF_DYNAMIC, PT_DYNAMIC, 0, &table);
    }
    if (status == STATUS_OK) {
        status = read_segments(&made, &table);
    }
    made.entry = table.ehdr.entry;
    if (status == STATUS_OK) {
        status = check_entry(&made, diag);
    }
    if (status == STATUS_OK) {
        status = refuse_type(STATUS_ELF_STACK_EXEC, PT_GNU_STACK, PF_X, &table);
    }
    if (status == STATUS_OK) {
        *image = made;
    }
    return status;
}
