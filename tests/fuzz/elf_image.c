// SPDX-License-Identifier: BSD-2-Clause

// The ELF reader: what it accepts can be loaded without a further look at the file, and is the same
// program without what `kpkg pack` leaves out.

#include "elf_image.h"
#include "elf_trim.h"

#include <string.h>

#include "fuzz.h"

static void check_segment(const struct elf_segment *s, struct bytes binary)
{
    FUZZ_CHECK(s->offset <= binary.len && s->filesz <= binary.len - s->offset);
    FUZZ_CHECK(s->filesz <= s->memsz && s->memsz > 0);
    FUZZ_CHECK(s->offset % BOUND_PAGE == s->vaddr % BOUND_PAGE);
    FUZZ_CHECK(s->vaddr >= ELF_VADDR_LEAST && s->vaddr < ELF_VADDR_END);
    FUZZ_CHECK(s->memsz <= ELF_VADDR_END - s->vaddr);
    FUZZ_CHECK(!(s->write && s->execute));
}

static void check_trimmed(const struct elf_image *image, struct bytes binary)
{
    struct file_content copy = {.at = malloc(binary.len), .len = binary.len};
    struct elf_image trimmed;
    struct diag diag = {0};
    FUZZ_CHECK(copy.at != NULL);
    memcpy(copy.at, binary.at, binary.len);
    elf_trim(&copy);
    struct bytes rest = {copy.at, copy.len};
    FUZZ_CHECK(copy.len <= binary.len);
    FUZZ_CHECK(elf_image_read(&trimmed, rest, 62, &diag) == STATUS_OK);
    FUZZ_CHECK(trimmed.entry == image->entry && trimmed.count == image->count);
    for (size_t i = 0; i < image->count; i++) {
        const struct elf_segment *a = &image->segments[i], *b = &trimmed.segments[i];
        FUZZ_CHECK(a->vaddr == b->vaddr && a->memsz == b->memsz && a->filesz == b->filesz);
        FUZZ_CHECK(a->offset == b->offset && a->write == b->write && a->execute == b->execute);
    }
    free(copy.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct bytes binary = {at, len};
    struct elf_image image;
    struct diag diag = {0};
    enum status status = elf_image_read(&image, binary, 62, &diag);
    if (status != STATUS_OK) {
        FUZZ_CHECK(diag.status == status && diag.what != NULL);
        return 0;
    }
    FUZZ_CHECK(image.count >= 1 && image.count <= BOUND_SEGMENTS);
    uint64_t next_page = 0;
    for (size_t i = 0; i < image.count; i++) {
        const struct elf_segment *s = &image.segments[i];
        check_segment(s, binary);
        FUZZ_CHECK(s->vaddr / BOUND_PAGE >= next_page);
        next_page = (s->vaddr + s->memsz - 1) / BOUND_PAGE + 1;
    }
    check_trimmed(&image, binary);
    return 0;
}
