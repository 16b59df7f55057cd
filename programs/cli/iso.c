// SPDX-License-Identifier: BSD-2-Clause
#include "iso.h"

#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Any moment does, as long as it is always the same: 1980-01-01, the first that every file system
// knows.
#define EPOCH  "315532800"
#define HYBRID ISO_GRUB_MODULES "/boot_hybrid.img"

enum { ISO_MAX = 1 << 30, KERNEL_MAX = 16 << 20 };

static const char commands[] = "echo 'kpkg: loading seL4'\n"
                               "multiboot /boot/sel4.elf\n"
                               "module /boot/system.elf\n"
                               "boot\n";

// A folder of its own: `tree` becomes the disk, the rest is on the way.
enum part { FOLDER, TREE, BOOT, CORE, KERNEL, SYSTEM, CONFIG, DISK, PARTS };
static const char *const names[PARTS] = {
    [FOLDER] = "",
    [TREE] = "/tree",
    [BOOT] = "/tree/boot",
    [CORE] = "/tree/boot/core.img",
    [KERNEL] = "/tree/boot/sel4.elf",
    [SYSTEM] = "/tree/boot/system.elf",
    [CONFIG] = "/grub.cfg",
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

static void remove_all(const struct place *place)
{
    for (size_t i = PARTS; i-- > 0;) {
        remove(place->path[i]);
    }
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
        status = file_write(place->path[SYSTEM], image, FILE_SECRET, diag);
    }
    if (status == STATUS_OK) {
        status = file_write(place->path[CONFIG], bytes_text(commands), FILE_REPLACE, diag);
    }
    file_free(&elf);
    return status;
}

static enum status make_core(const struct place *place, struct diag *diag)
{
    if (access(HYBRID, R_OK) != 0) {
        enum status status = diag_fail(diag, STATUS_TOOL, "missing", 0);
        diag_subject(diag, bytes_text(HYBRID ": apt-get install " ISO_GRUB_PACKAGE));
        return status;
    }
    const char *words[] = {"grub-mkimage",
                           "-O",
                           "i386-pc-eltorito",
                           "-d",
                           ISO_GRUB_MODULES,
                           "-p",
                           "/boot",
                           "-c",
                           place->path[CONFIG],
                           "-o",
                           place->path[CORE],
                           "biosdisk",
                           "iso9660",
                           "multiboot",
                           "normal",
                           "boot",
                           "echo",
                           NULL};
    return tool_run(words, "grub-common", diag);
}

// xorriso copies times into the disk.
static enum status set_times(const struct place *place, struct diag *diag)
{
    const struct timespec times[2] = {{.tv_sec = atol(EPOCH)}, {.tv_sec = atol(EPOCH)}};
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
                           HYBRID,
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
        status = make_core(place, diag);
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
