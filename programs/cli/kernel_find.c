// SPDX-License-Identifier: BSD-2-Clause

// Where a real seL4 kernel is and what it was built as. An SDK's configuration is a folder with
// elf/sel4_32.elf, the kernel's own gen_config.json and the numbers of its invocations; what these
// files say decides whether this root task fits (kernel_config.h). A place that somebody named is
// the only one that is looked at; the files are not trusted with more than the choice of a kernel
// that the user can replace anyway.

#include "kernel_find.h"

#include "crypto.h"
#include "file.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KERNEL_IN_CONFIG "/elf/sel4_32.elf"

enum { ELF_MAX = 16 << 20, JSON_MAX = 1 << 20, VERSION_MAX = 4096 };

static bool name_file(char path[static PATH_MAX], const char *folder, const char *rest)
{
    int len = snprintf(path, PATH_MAX, "%s%s", folder, rest);
    return len > 0 && len < PATH_MAX;
}

// Two levels up: from elf/sel4_32.elf to the folder of the configuration.
static void folder_of(char folder[static PATH_MAX], const char *elf)
{
    char *end = folder;
    snprintf(folder, PATH_MAX, "%s", elf);
    for (int level = 0; level < 2 && end != NULL; level++) {
        end = strrchr(folder, '/');
        if (end != NULL) {
            *end = '\0';
        }
    }
    if (end == NULL) {
        snprintf(folder, PATH_MAX, "..");
    }
}

static enum status read_beside(struct file_content *out, const char *folder, const char *rest,
                               size_t max, struct diag *diag)
{
    char path[PATH_MAX];
    if (!name_file(path, folder, rest)) {
        return diag_fail(diag, STATUS_KERNEL_FILE, "path", PATH_MAX);
    }
    if (file_read(out, path, max, diag) != STATUS_OK) {
        enum status status = diag_fail(diag, STATUS_KERNEL_FILE, rest + 1, 0);
        diag_subject(diag, bytes_text(strerror(errno)));
        return status;
    }
    return STATUS_OK;
}

// One word; an SDK without the file is one that was taken apart.
static void read_version(char version[static KERNEL_NAME], const char *folder)
{
    struct file_content text = {0};
    if (read_beside(&text, folder, "/../../../VERSION", VERSION_MAX, NULL) == STATUS_OK) {
        for (size_t i = 0; i < text.len && i + 1 < KERNEL_NAME && isgraph(text.at[i]); i++) {
            version[i] = (char)text.at[i];
        }
        file_free(&text);
    }
}

static enum status read_elf(struct kernel *kernel, struct diag *diag)
{
    struct file_content elf = {0};
    enum status status = read_beside(&elf, kernel->elf, "", ELF_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    if (elf.len < EI_NIDENT || memcmp(elf.at, ELFMAG, SELFMAG) != 0 ||
        elf.at[EI_CLASS] != ELFCLASS32) {
        status = diag_fail(diag, STATUS_KERNEL_FILE, "a 32-bit ELF file, sel4_32.elf", 0);
    } else {
        crypto_sha256(kernel->digest, file_bytes(&elf));
    }
    file_free(&elf);
    return status;
}

static enum status read_config(struct kernel *kernel, const char *folder, struct diag *diag)
{
    struct file_content options = {0}, labels = {0};
    enum status status =
        read_beside(&options, folder, "/include/kernel/gen_config.json", JSON_MAX, diag);
    if (status == STATUS_OK) {
        status = read_beside(&labels, folder, "/invocations_all.json", JSON_MAX, diag);
    }
    if (status == STATUS_OK) {
        status =
            kernel_config_read(&kernel->config, file_bytes(&options), file_bytes(&labels), diag);
    }
    file_free(&options);
    file_free(&labels);
    return status;
}

// Reads everything about the kernel at `elf`; what is wrong with it goes into `refused`.
static void take_kernel(struct kernel_list *list, const char *elf)
{
    if (list->count == KERNELS_MAX) {
        return;
    }
    struct kernel *kernel = &list->at[list->count++];
    char folder[PATH_MAX];
    *kernel = (struct kernel){0};
    snprintf(kernel->elf, sizeof(kernel->elf), "%s", elf);
    folder_of(folder, elf);
    const char *name = strrchr(folder, '/');
    snprintf(kernel->name, sizeof(kernel->name), "%.*s", KERNEL_NAME - 1,
             name == NULL ? folder : name + 1);
    read_version(kernel->sdk, folder);
    enum status status = read_elf(kernel, &kernel->refused);
    if (status == STATUS_OK) {
        status = read_config(kernel, folder, &kernel->refused);
    }
    kernel->refused.status = status;
}

static void take_matches(struct kernel_list *list, const char *place, const char *pattern)
{
    char path[PATH_MAX];
    glob_t found;
    if (!name_file(path, place, pattern) || glob(path, 0, NULL, &found) != 0) {
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        take_kernel(list, found.gl_pathv[i]);
    }
    globfree(&found);
}

// The 32-bit file stands beside the 64-bit one, which no multiboot loader of QEMU takes.
static void take_file(struct kernel_list *list, const char *path)
{
    char other[PATH_MAX];
    size_t len = strlen(path);
    const char *long_name = "/sel4.elf";
    size_t tail = strlen(long_name);
    if (len > tail && strcmp(path + len - tail, long_name) == 0 &&
        snprintf(other, sizeof(other), "%.*s/sel4_32.elf", (int)(len - tail), path) < PATH_MAX) {
        path = other;
    }
    take_kernel(list, path);
}

static void take_place(struct kernel_list *list, const char *place)
{
    static const char *const patterns[] = {
        KERNEL_IN_CONFIG,
        "/*" KERNEL_IN_CONFIG,
        "/board/x86_64_generic/*" KERNEL_IN_CONFIG,
    };
    struct stat about;
    if (stat(place, &about) != 0) {
        return;
    }
    if (!S_ISDIR(about.st_mode)) {
        take_file(list, place);
    }
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]) && list->count == 0; i++) {
        take_matches(list, place, patterns[i]);
    }
}

static void take_installed(struct kernel_list *list)
{
    glob_t found;
    if (glob("/opt/microkit-sdk*", 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc && list->count == 0; i++) {
            take_place(list, found.gl_pathv[i]);
        }
        globfree(&found);
    }
}

enum status kernel_find_all(struct kernel_list *out, const char *path, struct diag *diag)
{
    static const char *const variables[] = {"KPKG_KERNEL", "MICROKIT_SDK"};
    out->count = 0;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]) && path == NULL; i++) {
        const char *place = getenv(variables[i]);
        path = place != NULL && place[0] != '\0' ? place : NULL;
    }
    // Where somebody named a place, no other kernel will do.
    if (path != NULL) {
        if (access(path, F_OK) != 0) {
            return file_trouble(path, diag);
        }
        take_place(out, path);
        return out->count > 0 ? STATUS_OK
                              : diag_fail(diag, STATUS_KERNEL_FILE, "elf/sel4_32.elf below it", 0);
    }
    take_installed(out);
    return out->count > 0 ? STATUS_OK : diag_fail(diag, STATUS_KERNEL_ABSENT, NULL, 0);
}

static const struct kernel *choose(const struct kernel_list *list, const char *name)
{
    if (name == NULL && list->count == 1) {
        return &list->at[0];
    }
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->at[i].name, name != NULL ? name : "release") == 0) {
            return &list->at[i];
        }
    }
    return NULL;
}

enum status kernel_find(struct kernel *out, const char *path, const char *name, struct diag *diag)
{
    static struct kernel_list list;
    enum status status = kernel_find_all(&list, path, diag);
    if (status != STATUS_OK) {
        return status;
    }
    const struct kernel *chosen = choose(&list, name);
    if (chosen == NULL) {
        status = diag_fail(diag, STATUS_KERNEL_FILE, "configuration", 0);
        diag_subject(diag, bytes_text(name != NULL ? name : "release"));
        return status;
    }
    if (chosen->refused.status != STATUS_OK) {
        *diag = chosen->refused;
        return diag->status;
    }
    *out = *chosen;
    return STATUS_OK;
}

const char *kernel_find_release(const struct kernel *kernel)
{
    static const struct {
        const char *sdk, *release;
    } releases[] = {{"2.1.0", "14.0.0"}, {"2.2.0", "15.0.0"}, {"2.3.0", "16.0.0"}};
    for (size_t i = 0; i < sizeof(releases) / sizeof(releases[0]); i++) {
        if (strcmp(kernel->sdk, releases[i].sdk) == 0) {
            return releases[i].release;
        }
    }
    return kernel_config_release(&kernel->config);
}
