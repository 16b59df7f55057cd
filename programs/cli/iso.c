// SPDX-License-Identifier: BSD-2-Clause
#include "iso.h"

#include "fat.h"
#include "tool.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Any moment does, as long as it is always the same: 1980-01-01, the first that every file system
// knows. GRUB's and xorriso's own output is then the same for the same input.
#define EPOCH  "315532800"
#define BIOS   "/usr/lib/grub/i386-pc"
#define UEFI   "/usr/lib/grub/x86_64-efi"
#define HYBRID BIOS "/boot_hybrid.img"

enum { ISO_MAX = 1 << 30, KERNEL_MAX = 16 << 20, EFI_PROGRAM_MAX = 16 << 20, SEGMENTS = 16 };

const struct iso_grub iso_grubs[ISO_GRUBS] = {
    [ISO_BIOS] = {.name = "grub for BIOS",
                  .format = "i386-pc-eltorito",
                  .folder = BIOS,
                  .probe = HYBRID,
                  .next = "apt-get install grub-pc-bin",
                  .disks = "biosdisk"},
    [ISO_UEFI] = {.name = "grub for UEFI",
                  .format = "x86_64-efi",
                  .folder = UEFI,
                  .probe = UEFI "/multiboot2.mod",
                  .next = "apt-get install grub-efi-amd64-bin",
                  .disks = "part_msdos"},
};

// The disk that GRUB came from, not another that has files of these names: under UEFI GRUB comes
// from a partition of it. By multiboot2 seL4 learns where UEFI keeps the ACPI tables.
static const char commands[] = "echo 'kpkg: loading seL4'\n"
                               "regexp --set=1:root '^\\(([^,)]+)' \"$cmdpath\"\n"
                               "multiboot2 /boot/sel4.elf\n"
                               "module2 /boot/system.elf\n"
                               "boot\n";

// A folder of its own: `tree` becomes the disk, with `efi.img` behind it; the rest is on the way.
enum part { FOLDER, TREE, BOOT, CORE, KERNEL, SYSTEM, CONFIG, PROGRAM, EFI, DISK, PARTS };
static const char *const names[PARTS] = {
    [FOLDER] = "",
    [TREE] = "/tree",
    [BOOT] = "/tree/boot",
    [CORE] = "/tree/boot/core.img",
    [KERNEL] = "/tree/boot/sel4.elf",
    [SYSTEM] = "/tree/boot/system.elf",
    [CONFIG] = "/grub.cfg",
    [PROGRAM] = "/grub.efi",
    [EFI] = "/efi.img",
    [DISK] = "/disk.iso",
};

struct place {
    char path[PARTS][PATH_MAX];
};

static enum status make_folders(struct place *place, struct diag *diag)
{
    const char *base = getenv("TMPDIR");
    char folder[PATH_MAX / 2];
    snprintf(folder, sizeof(folder), "%s/kpkg-iso-XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(folder) == NULL) {
        return file_trouble(folder, diag);
    }
    for (size_t i = 0; i < PARTS; i++) {
        snprintf(place->path[i], PATH_MAX, "%s%s", folder, names[i]);
    }
    if (mkdir(place->path[TREE], 0755) != 0 || mkdir(place->path[BOOT], 0755) != 0) {
        return file_trouble(place->path[BOOT], diag);
    }
    return STATUS_OK;
}

// Children stand behind their folders in the list, so from its end.
static void remove_all(const struct place *place)
{
    for (size_t i = PARTS; i-- > 0;) {
        remove(place->path[i]);
    }
}

static enum status read_segments(Elf32_Phdr segments[static SEGMENTS], size_t *count,
                                 struct bytes elf, struct diag *diag)
{
    Elf32_Ehdr header;
    if (elf.len < sizeof(header)) {
        return diag_fail(diag, STATUS_KERNEL_FILE, "ELF header", elf.len);
    }
    memcpy(&header, elf.at, sizeof(header));
    size_t table = header.e_phnum * sizeof(Elf32_Phdr);
    if (header.e_phnum > SEGMENTS || header.e_phentsize != sizeof(Elf32_Phdr) ||
        header.e_phoff > elf.len || elf.len - header.e_phoff < table) {
        return diag_fail(diag, STATUS_KERNEL_FILE, "ELF program headers", header.e_phoff);
    }
    memcpy(segments, elf.at + header.e_phoff, table);
    *count = header.e_phnum;
    return STATUS_OK;
}

// The largest room below the kernel's last byte: a hole of it, or what is before its first.
static enum status largest_hole(size_t *out, struct bytes elf, struct diag *diag)
{
    Elf32_Phdr segments[SEGMENTS + 1] = {0}; // the first is empty, at 0
    size_t count = 0;
    enum status status = read_segments(segments + 1, &count, elf, diag);
    *out = 0;
    for (size_t i = 0; i <= count; i++) {
        uint64_t end = (uint64_t)segments[i].p_paddr + segments[i].p_memsz;
        uint64_t next = UINT64_MAX;
        for (size_t j = 1; j <= count; j++) {
            uint64_t start = segments[j].p_paddr;
            next = start >= end && start < next ? start : next;
        }
        if (next != UINT64_MAX && next - end > *out) {
            *out = (size_t)(next - end);
        }
    }
    return status;
}

// GRUB puts the module into the first room that it finds, which may be before the kernel or in a
// hole of it; seL4 wants it behind, or stops. A module larger than every room below comes there:
// zeros after the ELF file's content make it so.
static enum status write_module(const struct place *place, struct bytes elf, struct bytes image,
                                struct diag *diag)
{
    size_t hole = 0;
    enum status status = largest_hole(&hole, elf, diag);
    size_t len = hole >= image.len ? hole + 1 : image.len;
    uint8_t *module = status == STATUS_OK ? calloc(1, len) : NULL;
    if (status == STATUS_OK && module == NULL) {
        status = diag_fail(diag, STATUS_NO_MEMORY, "boot image", len);
    }
    if (status == STATUS_OK) {
        memcpy(module, image.at, image.len);
        status = file_write(place->path[SYSTEM], (struct bytes){module, len}, FILE_SECRET, diag);
        // The image holds the seed of the log's key.
        explicit_bzero(module, len);
    }
    free(module);
    return status;
}

static enum status write_files(const struct place *place, const struct kernel *kernel,
                               struct bytes image, struct diag *diag)
{
    struct file_content elf = {0};
    enum status status = file_read(&elf, kernel->elf, KERNEL_MAX, diag);
    if (status == STATUS_OK) {
        status = file_write(place->path[KERNEL], file_bytes(&elf), FILE_REPLACE, diag);
    }
    if (status == STATUS_OK) {
        status = write_module(place, file_bytes(&elf), image, diag);
    }
    if (status == STATUS_OK) {
        status = file_write(place->path[CONFIG], bytes_text(commands), FILE_REPLACE, diag);
    }
    file_free(&elf);
    return status;
}

static enum status make_core(enum part output, const struct place *place,
                             const struct iso_grub *grub, struct diag *diag)
{
    if (access(grub->probe, R_OK) != 0) {
        enum status status = diag_fail(diag, STATUS_TOOL, "missing", 0);
        char text[DIAG_SUBJECT];
        snprintf(text, sizeof(text), "%s: %s", grub->probe, grub->next);
        diag_subject(diag, bytes_text(text));
        return status;
    }
    const char *words[] = {"grub-mkimage",
                           "-O",
                           grub->format,
                           "-d",
                           grub->folder,
                           "-p",
                           "/boot",
                           "-c",
                           place->path[CONFIG],
                           "-o",
                           place->path[output],
                           grub->disks,
                           "iso9660",
                           "multiboot2",
                           "normal",
                           "boot",
                           "echo",
                           "regexp",
                           NULL};
    return tool_run(words, "grub-common", diag);
}

static enum status make_efi(const struct place *place, struct diag *diag)
{
    struct file_content program = {0}, system = {0};
    enum status status = make_core(PROGRAM, place, &iso_grubs[ISO_UEFI], diag);
    if (status == STATUS_OK) {
        status = file_read(&program, place->path[PROGRAM], EFI_PROGRAM_MAX, diag);
    }
    if (status == STATUS_OK) {
        status = fat_build(&system, file_bytes(&program), diag);
    }
    if (status == STATUS_OK) {
        status = file_write(place->path[EFI], file_bytes(&system), FILE_REPLACE, diag);
    }
    file_free(&program);
    file_free(&system);
    return status;
}

// xorriso copies times into the disk.
static enum status set_times(const struct place *place, struct diag *diag)
{
    const struct timespec epoch = {.tv_sec = strtol(EPOCH, NULL, 10)};
    const struct timespec times[2] = {epoch, epoch};
    for (size_t i = SYSTEM; i >= TREE; i--) {
        bool folder = i == TREE || i == BOOT;
        if (chmod(place->path[i], folder ? 0755 : 0644) != 0 ||
            utimensat(AT_FDCWD, place->path[i], times, 0) != 0) {
            return file_trouble(place->path[i], diag);
        }
    }
    return STATUS_OK;
}

static enum status make_disk(const struct place *place, struct diag *diag)
{
    const char *words[] = {"xorriso",
                           "-as",
                           "mkisofs",
                           "-quiet",
                           "-R",
                           "-uid",
                           "0",
                           "-gid",
                           "0",
                           "-V",
                           "KPKG",
                           "-b",
                           "boot/core.img",
                           "-no-emul-boot",
                           "-boot-load-size",
                           "4",
                           "-boot-info-table",
                           "--grub2-boot-info",
                           "--grub2-mbr",
                           (HYBRID), // one word of two literals
                           "-append_partition",
                           "2",
                           "0xef",
                           place->path[EFI],
                           "-eltorito-alt-boot",
                           "-e",
                           "--interval:appended_partition_2:all::",
                           "-no-emul-boot",
                           "-o",
                           place->path[DISK],
                           place->path[TREE],
                           NULL};
    setenv("SOURCE_DATE_EPOCH", EPOCH, 1);
    return tool_run(words, "xorriso", diag);
}

static enum status build(struct file_content *out, const struct place *place,
                         const struct kernel *kernel, struct bytes image, struct diag *diag)
{
    enum status status = write_files(place, kernel, image, diag);
    if (status == STATUS_OK) {
        status = make_core(CORE, place, &iso_grubs[ISO_BIOS], diag);
    }
    if (status == STATUS_OK) {
        status = make_efi(place, diag);
    }
    if (status == STATUS_OK) {
        status = set_times(place, diag);
    }
    if (status == STATUS_OK) {
        status = make_disk(place, diag);
    }
    return status == STATUS_OK ? file_read(out, place->path[DISK], ISO_MAX, diag) : status;
}

enum status iso_build(struct file_content *out, const struct kernel *kernel, struct bytes image,
                      struct diag *diag)
{
    static struct place place;
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_BLOCK, &blocked, &before); // until the folder, which holds a secret, is gone
    enum status status = make_folders(&place, diag);
    if (status == STATUS_OK) {
        status = build(out, &place, kernel, image, diag);
    }
    remove_all(&place);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}
