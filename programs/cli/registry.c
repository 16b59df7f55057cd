// SPDX-License-Identifier: BSD-2-Clause

// A transfer is kpkg-oci's: the network and TLS are in a process that has no key and no trust file.
// It gets the request, room for its answer, stderr and the file as descriptors, and no path; what
// it says is a claim that the caller checks (spec/oci.md, 5).

#include "registry.h"

#include "json_bytes.h"
#include "login.h"
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum status registry_request(json_t **out, const struct registry_peer *peer, bool push,
                             struct diag *diag)
{
    char *login = NULL;
    char origin[sizeof(peer->reference.registry) + sizeof("https://")];
    enum status status = login_find(&login, &peer->reference, diag);
    if (status != STATUS_OK) {
        return status;
    }
    snprintf(origin, sizeof(origin), "%s://%s", peer->plain_http ? "http" : "https",
             peer->reference.registry);
    *out = json_pack("{s:b, s:s, s:s, s:s, s:s*, s:o*}", "push", (int)push, "origin", origin,
                     "repository", peer->reference.repository, "reference", peer->reference.name,
                     "user", login, "watched",
                     peer->watched != NULL ? json_bytes_text(bytes_text(peer->watched)) : NULL);
    login_free(login);
    return *out != NULL ? STATUS_OK : diag_fail(diag, STATUS_NO_MEMORY, "request", 0);
}

// A text as a file in memory, to be read from its start.
static int memory_file(json_t *content)
{
    int file = memfd_create("kpkg-oci", MFD_CLOEXEC);
    if (file >= 0 && content != NULL &&
        (json_dumpfd(content, file, JSON_COMPACT) != 0 || lseek(file, 0, SEEK_SET) != 0)) {
        close(file);
        return -1;
    }
    return file;
}

static enum status status_named(const char *name)
{
    for (int status = STATUS_OK + 1; status < STATUS_COUNT; status++) {
        if (strcmp(status_name((enum status)status), name) == 0) {
            return (enum status)status;
        }
    }
    return STATUS_BUG;
}

// The diag that kpkg-oci filled. `what` is a literal there and a copy here.
static enum status said(json_t *answer, struct diag *diag)
{
    const char *name, *what, *subject;
    json_int_t where, detail;
    // Static: the diagnosis borrows it until it is printed.
    static char place[80];
    if (json_unpack(answer, "{s:s, s:s, s:I, s:I, s:s}", "error", &name, "what", &what, "where",
                    &where, "detail", &detail, "subject", &subject) != 0) {
        return diag_fail(diag, STATUS_BUG, "kpkg-oci's answer", 0);
    }
    snprintf(place, sizeof(place), "%s", what);
    enum status status = diag_fail(diag, status_named(name), place, (uint64_t)where);
    diag_detail(diag, (uint64_t)detail);
    diag_subject(diag, bytes_text(subject));
    return status;
}

static enum status read_answer(json_t **out, int from, struct diag *diag)
{
    (void)lseek(from, 0, SEEK_SET);
    json_t *answer = json_loadfd(from, JSON_DISABLE_EOF_CHECK, NULL);
    enum status status = STATUS_OK;
    if (answer == NULL || json_object_get(answer, "error") != NULL ||
        json_string_value(json_object_get(answer, "digest")) == NULL) {
        status = said(answer, diag);
        json_decref(answer);
        return status;
    }
    *out = answer;
    return status;
}

static enum status run_helper(const char *path, struct tool_files files, struct diag *diag)
{
    const char *const words[] = {path, NULL};
    pid_t child;
    enum status status = tool_spawn(&child, path, words, files, diag);
    if (status == STATUS_OK && !tool_wait(child)) {
        status = diag_fail(diag, STATUS_TOOL, "kpkg-oci failed", 0);
    }
    return status;
}

enum status registry_run(json_t **answer, json_t *request, int file, int state, struct diag *diag)
{
    char path[PATH_MAX];
    int asked = memory_file(request);
    int answered = memory_file(NULL);
    json_decref(request);
    enum status status = STATUS_OK;
    if (!tool_find_own(path, "kpkg-oci")) {
        status = diag_fail(diag, STATUS_TOOL, "missing", 0);
        diag_subject(diag, bytes_text("../libexec/kpkg/kpkg-oci"));
    } else if (asked < 0 || answered < 0) {
        status = diag_fail(diag, STATUS_IO, strerrordesc_np(errno), 0);
    } else {
        const int files[] = {asked, answered, STDERR_FILENO, file, state};
        status = run_helper(path, (struct tool_files){state >= 0 ? 5 : 4, files}, diag);
    }
    if (status == STATUS_OK) {
        status = read_answer(answer, answered, diag);
    }
    close(asked);
    close(answered);
    return status;
}
