// SPDX-License-Identifier: BSD-2-Clause

// Files that people give to `kpkg hosted` by mistake, told by name before anything runs. This
// protects nobody: the hosted kernel's own loader checks what it needs
// (sel4/hosted/kernel/image.c), and a Linux program that passes here would only fault. ELF: System
// V ABI, chapters 4 and 5.

#include "foreign.h"

#include "reader.h"

enum {
    IDENT = 16,
    HEADER = 64,
    PROGRAM_HEADER = 56,
    NOTE_HEADER = 12,

    CLASS_64 = 2,
    LITTLE_ENDIAN_DATA = 1,
    OS_GNU = 3,
    TYPE_EXECUTABLE = 2,
    TYPE_DYNAMIC = 3,
    MACHINE_X86_64 = 62,

    SEGMENT_INTERPRETER = 3,
    SEGMENT_NOTE = 4,
    NOTE_ABI_TAG = 1, // of GNU: what operating system it is for
};

static const uint8_t PACKAGE[] = {0x89, 'K', 'P', 'K', 'G'};
static const uint8_t ELF[] = {0x7f, 'E', 'L', 'F'};

#define KERNEL_SPACE UINT64_C(0xffff800000000000)

struct segment {
    uint32_t type;
    uint64_t offset, vaddr, size;
};

static enum status name_it(struct diag *diag, const char *what)
{
    diag_fail(diag, STATUS_FOREIGN, "the file", 0);
    diag_subject(diag, bytes_text(what));
    return STATUS_FOREIGN;
}

static uint64_t padded(uint32_t len)
{
    return ((uint64_t)len + 3) & ~UINT64_C(3);
}

static bool has_abi_tag(struct bytes notes)
{
    struct reader r = reader_of(notes);
    while (notes.len - r.pos >= NOTE_HEADER) {
        uint32_t name_len = reader_u32(&r), len = reader_u32(&r), type = reader_u32(&r);
        struct bytes name = reader_take(&r, padded(name_len));
        (void)reader_take(&r, padded(len));
        if (r.failed) {
            return false;
        }
        if (type == NOTE_ABI_TAG && name_len == 4 && memcmp(name.at, "GNU", 4) == 0) {
            return true;
        }
    }
    return false;
}

static enum status check_segment(struct bytes file, const struct segment *segment,
                                 struct diag *diag)
{
    bool inside = segment->offset <= file.len && segment->size <= file.len - segment->offset;
    if (segment->type == SEGMENT_INTERPRETER) {
        return name_it(diag, "a Linux program, dynamically linked");
    }
    if (segment->type == SEGMENT_NOTE && inside &&
        has_abi_tag(bytes_part(file, segment->offset, segment->size))) {
        return name_it(diag, "a Linux program");
    }
    return segment->vaddr >= KERNEL_SPACE ? name_it(diag, "a kernel") : STATUS_OK;
}

static enum status check_segments(struct bytes file, struct diag *diag)
{
    struct reader header = reader_of(bytes_part(file, 32, 32));
    uint64_t offset = reader_u64(&header);
    (void)reader_take(&header, 14);
    uint16_t size = reader_u16(&header), count = reader_u16(&header);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t skip = size * i;
        if (offset > file.len || skip > file.len - offset ||
            file.len - offset - skip < PROGRAM_HEADER) {
            return STATUS_OK; // the kernel's loader says so
        }
        struct reader r = reader_of(bytes_part(file, offset + skip, PROGRAM_HEADER));
        struct segment segment = {.type = reader_u32(&r)};
        (void)reader_u32(&r);
        segment.offset = reader_u64(&r);
        segment.vaddr = reader_u64(&r);
        (void)reader_u64(&r);
        segment.size = reader_u64(&r);
        enum status status = check_segment(file, &segment, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status check_type(uint16_t type, struct diag *diag)
{
    switch (type) {
    case TYPE_EXECUTABLE:
        return STATUS_OK;
    case TYPE_DYNAMIC:
        return name_it(diag, "a shared object or a position-independent program");
    default:
        return name_it(diag, "an object file that is not linked");
    }
}

enum status foreign_check(struct bytes file, struct diag *diag)
{
    if (bytes_starts_with(file, (struct bytes){PACKAGE, sizeof(PACKAGE)})) {
        return name_it(diag, "a package; `kpkg run` takes it");
    }
    if (file.len < HEADER || !bytes_starts_with(file, (struct bytes){ELF, sizeof(ELF)})) {
        return name_it(diag, "no ELF file");
    }
    if (file.at[4] != CLASS_64) {
        return name_it(diag, "a 32-bit ELF file");
    }
    struct reader r = reader_of(bytes_part(file, IDENT, 4));
    uint16_t type = reader_u16(&r), machine = reader_u16(&r);
    if (file.at[5] != LITTLE_ENDIAN_DATA || machine != MACHINE_X86_64) {
        return name_it(diag, "an ELF file for another machine");
    }
    if (file.at[7] == OS_GNU) {
        return name_it(diag, "a Linux program, statically linked");
    }
    enum status status = check_segments(file, diag);
    return status == STATUS_OK ? check_type(type, diag) : status;
}
