// SPDX-License-Identifier: BSD-2-Clause

// Takes section headers, symbols and debug information off an ELF file: what is behind the last
// loaded byte and not named by a program header. Programs run the same without, and no path of the
// machine that built them is packed. A file that is not understood stays as it is.

#include "elf_trim.h"

#include <elf.h>
#include <string.h>

static bool is_elf64(const Elf64_Ehdr *elf, size_t len)
{
    size_t table = (size_t)elf->e_phnum * sizeof(Elf64_Phdr);
    return memcmp(elf->e_ident, ELFMAG, SELFMAG) == 0 && elf->e_ident[EI_CLASS] == ELFCLASS64 &&
           elf->e_ident[EI_DATA] == ELFDATA2LSB && elf->e_phentsize == sizeof(Elf64_Phdr) &&
           elf->e_phoff <= len && table <= len - elf->e_phoff;
}

// Where the headers and the last loaded byte end; the file's length when a segment is outside.
static size_t loaded_end(const struct file_content *file, const Elf64_Ehdr *elf)
{
    size_t end = elf->e_phoff + (size_t)elf->e_phnum * sizeof(Elf64_Phdr);
    for (size_t i = 0; i < elf->e_phnum; i++) {
        Elf64_Phdr header;
        memcpy(&header, file->at + elf->e_phoff + i * sizeof(header), sizeof(header));
        if (header.p_offset > file->len || header.p_filesz > file->len - header.p_offset) {
            return file->len;
        }
        if (header.p_type == PT_LOAD && header.p_offset + header.p_filesz > end) {
            end = header.p_offset + header.p_filesz;
        }
    }
    return end;
}

void elf_trim(struct file_content *file)
{
    Elf64_Ehdr elf;
    if (file->len < sizeof(elf)) {
        return;
    }
    memcpy(&elf, file->at, sizeof(elf));
    if (!is_elf64(&elf, file->len)) {
        return;
    }
    size_t end = loaded_end(file, &elf);
    if (elf.e_shoff < end) {
        return;
    }
    elf.e_shoff = 0;
    elf.e_shnum = 0;
    elf.e_shstrndx = SHN_UNDEF;
    memcpy(file->at, &elf, sizeof(elf));
    file->len = end;
}
