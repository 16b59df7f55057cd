// SPDX-License-Identifier: BSD-2-Clause

// The ELF reader: what it accepts can be loaded without a further look at the file.

#include "elf_image.h"

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
    return 0;
}
