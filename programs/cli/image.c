// SPDX-License-Identifier: BSD-2-Clause

// The boot image: the root task's ELF file, linked into kpkg, and the bundle of packages behind it
// as one more loadable segment. Its program header takes the place of an empty one, so no byte of
// the file moves and the same inputs give the same image.

#include "image.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 };

extern const uint8_t image_root_start[];
extern const uint8_t image_root_end[];

struct bytes image_root(void)
{
    return (struct bytes){image_root_start, (size_t)(image_root_end - image_root_start)};
}

static uint64_t page_up(uint64_t value)
{
    return (value + PAGE - 1) / PAGE * PAGE;
}

// Where the bundle's header is in the root task's file, and where the image ends in memory.
struct place {
    size_t header;
    uint64_t vaddr;
};

static enum status find_place(struct place *out, struct bytes root, struct diag *diag)
{
    Elf64_Ehdr elf;
    if (root.len < sizeof(elf)) {
        return diag_fail(diag, STATUS_IMAGE, "root task", root.len);
    }
    memcpy(&elf, root.at, sizeof(elf));
    size_t table = (size_t)elf.e_phnum * sizeof(Elf64_Phdr);
    if (memcmp(elf.e_ident, ELFMAG, SELFMAG) != 0 || elf.e_phentsize != sizeof(Elf64_Phdr) ||
        elf.e_phoff > root.len || root.len - elf.e_phoff < table) {
        return diag_fail(diag, STATUS_IMAGE, "root task's ELF header", 0);
    }
    struct place place = {0};
    for (size_t i = 0; i < elf.e_phnum; i++) {
        size_t at = elf.e_phoff + i * sizeof(Elf64_Phdr);
        Elf64_Phdr header;
        memcpy(&header, root.at + at, sizeof(header));
        uint64_t end = page_up(header.p_vaddr + header.p_memsz);
        if (header.p_type == PT_NULL) {
            place.header = at;
        } else if (header.p_type == PT_LOAD && end > place.vaddr) {
            place.vaddr = end;
        }
    }
    if (place.header == 0) {
        return diag_fail(diag, STATUS_IMAGE, "no empty program header in the root task", 0);
    }
    *out = place;
    return STATUS_OK;
}

enum status image_build(struct file_content *out, struct bytes root, const struct bundle *bundle,
                        struct diag *diag)
{
    struct place place = {0};
    enum status status = find_place(&place, root, diag);
    if (status != STATUS_OK) {
        return status;
    }
    size_t offset = page_up(root.len);
    size_t len = bundle_size(bundle);
    uint8_t *image = aligned_alloc(PAGE, page_up(offset + len));
    if (image == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "boot image", offset + len);
    }
    Elf64_Phdr header = {.p_type = PT_LOAD,
                         .p_flags = PF_R,
                         .p_offset = offset,
                         .p_vaddr = place.vaddr,
                         .p_paddr = place.vaddr,
                         .p_filesz = len,
                         .p_memsz = len,
                         .p_align = PAGE};
    memcpy(image, root.at, root.len);
    memset(image + root.len, 0, offset - root.len);
    memcpy(image + place.header, &header, sizeof(header));
    bundle_write(image + offset, bundle);
    *out = (struct file_content){.at = image, .len = offset + len};
    return STATUS_OK;
}
