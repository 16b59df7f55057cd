// SPDX-License-Identifier: BSD-2-Clause

// The user's login at a registry, from where podman and docker keep it (containers-auth.json(5));
// the first place that has one wins. Passwords are wiped, in jansson's memory as well.

#include "login.h"

#include "base64.h"
#include "credential.h"
#include "crypto.h"
#include "file.h"

#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AUTH_FILE_MAX = 1 << 20, LOGIN_MAX = 4096 };

// A place for credentials: a folder from the environment and a file below it.
struct place {
    const char *variable;
    const char *below;
};
static const struct place PLACES[] = {
    {"XDG_RUNTIME_DIR", "/containers/auth.json"},
    {"XDG_CONFIG_HOME", "/containers/auth.json"},
    {"HOME", "/.config/containers/auth.json"},
    {"DOCKER_CONFIG", "/config.json"},
    {"HOME", "/.docker/config.json"},
};

static enum status refuse(struct diag *diag, const char *what, const char *path)
{
    diag_fail(diag, STATUS_REGISTRY_AUTH, what, 0);
    diag_subject(diag, bytes_text(path));
    return STATUS_REGISTRY_AUTH;
}

// The entry for "registry/a/b", "registry/a", "registry", or as older programs wrote the last.
static const char *find_entry(json_t *auths, const struct reference *reference)
{
    char key[sizeof(reference->registry) + sizeof(reference->repository) + sizeof("https://")];
    snprintf(key, sizeof(key), "%s/%s", reference->registry, reference->repository);
    for (char *end = key + strlen(key); end != NULL; end = strrchr(key, '/')) {
        *end = '\0';
        const char *found = json_string_value(json_object_get(json_object_get(auths, key), "auth"));
        if (found != NULL) {
            return found;
        }
    }
    snprintf(key, sizeof(key), "https://%s", reference->registry);
    return json_string_value(json_object_get(json_object_get(auths, key), "auth"));
}

static enum status decode(char **out, const char *entry, const char *path, struct diag *diag)
{
    char login[LOGIN_MAX + 1];
    size_t len = 0;
    bool good = base64_decode((uint8_t *)login, LOGIN_MAX, &len, bytes_text(entry)) &&
                len <= LOGIN_MAX && memchr(login, ':', len) != NULL &&
                memchr(login, '\0', len) == NULL;
    enum status status = STATUS_OK;
    if (good) {
        login[len] = '\0';
        *out = strdup(login);
        status = *out != NULL ? STATUS_OK : diag_fail(diag, STATUS_NO_MEMORY, "login", 0);
    } else {
        status = refuse(diag, "entry in", path);
    }
    crypto_wipe(login, sizeof(login));
    return status;
}

// The helper that the file has for the registry: in credHelpers, where "" says that there is none,
// else in credsStore.
static enum status find_helper(const char **out, json_t *document, const char *registry,
                               const char *path, struct diag *diag)
{
    json_t *found = json_object_get(json_object_get(document, "credHelpers"), registry);
    found = found != NULL ? found : json_object_get(document, "credsStore");
    if (found != NULL && !json_is_string(found)) {
        return refuse(diag, "helper in", path);
    }
    *out = found != NULL ? json_string_value(found) : "";
    return STATUS_OK;
}

static enum status find_in(char **out, json_t *document, const char *path,
                           const struct reference *reference, struct diag *diag)
{
    const char *helper = "";
    enum status status = find_helper(&helper, document, reference->registry, path, diag);
    if (status == STATUS_OK && helper[0] != '\0') {
        status = credential_get(out, helper, reference->registry, diag);
    }
    if (status != STATUS_OK || *out != NULL) {
        return status;
    }
    const char *entry = find_entry(json_object_get(document, "auths"), reference);
    return entry != NULL ? decode(out, entry, path, diag) : STATUS_OK;
}

static enum status look_in(char **out, const char *path, const struct reference *reference,
                           struct diag *diag)
{
    struct file_content content;
    enum status status = file_read(&content, path, AUTH_FILE_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    json_t *document = json_loadb((const char *)content.at, content.len, 0, NULL);
    status = document != NULL ? find_in(out, document, path, reference, diag)
                              : refuse(diag, "not JSON", path);
    json_decref(document);
    file_wipe(&content);
    return status;
}

// jansson copies what it reads and what it is given, passwords as well.
static void wipe_and_free(void *at)
{
    if (at != NULL) {
        crypto_wipe(at, malloc_usable_size(at));
    }
    free(at);
}

enum status login_find(char **out, const struct reference *reference, struct diag *diag)
{
    const char *named = getenv("REGISTRY_AUTH_FILE");
    enum status status = STATUS_OK;
    *out = NULL;
    json_set_alloc_funcs(malloc, wipe_and_free);
    if (named != NULL) {
        return look_in(out, named, reference, diag);
    }
    for (size_t i = 0; i < sizeof(PLACES) / sizeof(PLACES[0]) && *out == NULL; i++) {
        const char *folder = getenv(PLACES[i].variable);
        char path[4096];
        if (folder == NULL ||
            snprintf(path, sizeof(path), "%s%s", folder, PLACES[i].below) >= (int)sizeof(path) ||
            access(path, R_OK) != 0) {
            continue;
        }
        status = look_in(out, path, reference, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return status;
}

void login_free(char *login)
{
    if (login != NULL) {
        crypto_wipe(login, strlen(login));
        free(login);
    }
}
