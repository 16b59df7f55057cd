// SPDX-License-Identifier: BSD-2-Clause

// docker-credential helpers: a program for each keychain, asked with the registry on stdin,
// answering JSON. The name comes from the login file and is used only as one word of a file name.

#include "credential.h"

#include "crypto.h"
#include "tool.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PREFIX "docker-credential-"
// What every helper says when it has nothing for a registry.
#define NOTHING "credentials not found in native keychain"
// The user in whose place a helper has an OAuth 2 token, which is no password.
#define TOKEN "<token>"

enum { HELPER_NAME_MAX = 64, ANSWER_MAX = 16 << 10 };

struct answer {
    char text[ANSWER_MAX + 1]; // one more than is allowed shows that there is more
    size_t len;
    bool good; // the helper says so
};

static enum status refuse(struct diag *diag, const char *what, const char *subject)
{
    diag_fail(diag, STATUS_CREDENTIAL_HELPER, what, 0);
    diag_subject(diag, bytes_text(subject));
    return STATUS_CREDENTIAL_HELPER;
}

// So that it is a word of a file name and nothing else.
static bool is_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= HELPER_NAME_MAX && name[len] == '\0';
}

// Its answer goes to memory and not through a pipe: what it leaves running cannot hold us.
static enum status ask(struct answer *out, const char *path, const char *registry,
                       struct diag *diag)
{
    int asked = memfd_create("kpkg-registry", MFD_CLOEXEC);
    int answered = memfd_create("kpkg-credential", MFD_CLOEXEC);
    size_t len = strlen(registry);
    enum status status = STATUS_OK;
    if (asked < 0 || answered < 0 || pwrite(asked, registry, len, 0) != (ssize_t)len) {
        status = diag_fail(diag, STATUS_IO, strerrordesc_np(errno), 0);
    } else {
        const char *const words[] = {path, "get", NULL};
        const int files[] = {asked, answered, STDERR_FILENO};
        pid_t child;
        status = tool_spawn(&child, path, words, (struct tool_files){3, files}, diag);
        out->good = status == STATUS_OK && tool_wait(child);
        ssize_t got = pread(answered, out->text, sizeof(out->text), 0);
        out->len = got > 0 ? (size_t)got : 0;
    }
    close(asked);
    close(answered);
    return status;
}

static bool has_nothing(const struct answer *answer)
{
    size_t len = sizeof(NOTHING) - 1;
    size_t end = answer->len;
    while (end > 0 && strchr(" \r\n", answer->text[end - 1]) != NULL) {
        end--;
    }
    return !answer->good && end == len && memcmp(answer->text, NOTHING, len) == 0;
}

static enum status join(char **out, const char *user, const char *password, struct diag *diag)
{
    size_t size = strlen(user) + strlen(password) + sizeof(":");
    char *login = malloc(size);
    if (login == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "login", size);
    }
    snprintf(login, size, "%s:%s", user, password);
    *out = login;
    return STATUS_OK;
}

static enum status read_answer(char **out, const struct answer *answer, const char *program,
                               struct diag *diag)
{
    json_t *document =
        answer->len <= ANSWER_MAX ? json_loadb(answer->text, answer->len, 0, NULL) : NULL;
    const char *user = json_string_value(json_object_get(document, "Username"));
    const char *password = json_string_value(json_object_get(document, "Secret"));
    enum status status;
    if (user == NULL || password == NULL || user[0] == '\0' || strchr(user, ':') != NULL) {
        status = refuse(diag, "no user and password from", program);
    } else if (strcmp(user, TOKEN) == 0) {
        status = refuse(diag, "an identity token, which is not supported, from", program);
    } else {
        status = join(out, user, password, diag);
    }
    json_decref(document);
    return status;
}

enum status credential_get(char **out, const char *name, const char *registry, struct diag *diag)
{
    char program[sizeof(PREFIX) + HELPER_NAME_MAX], path[PATH_MAX];
    struct answer answer;
    *out = NULL;
    if (!is_name(name)) {
        return refuse(diag, "its name", name);
    }
    snprintf(program, sizeof(program), PREFIX "%s", name);
    if (!tool_find(path, program)) {
        return refuse(diag, "missing", program);
    }
    enum status status = ask(&answer, path, registry, diag);
    if (status == STATUS_OK && !has_nothing(&answer)) {
        status = answer.good ? read_answer(out, &answer, program, diag)
                             : refuse(diag, "failed", program);
    }
    crypto_wipe(&answer, sizeof(answer));
    return status;
}
