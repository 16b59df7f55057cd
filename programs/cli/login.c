// SPDX-License-Identifier: BSD-2-Clause
#include "login.h"

#include "base64.h"
#include "crypto.h"
#include "file.h"

#include <jansson.h>
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

static enum status look_in(char **out, const char *path, const struct reference *reference,
                           struct diag *diag)
{
    struct file_content content;
    enum status status = file_read(&content, path, AUTH_FILE_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    json_t *document = json_loadb((const char *)content.at, content.len, 0, NULL);
    const char *entry = find_entry(json_object_get(document, "auths"), reference);
    if (document == NULL) {
        status = refuse(diag, "not JSON", path);
    } else if (entry != NULL) {
        status = decode(out, entry, path, diag);
    }
    json_decref(document);
    file_wipe(&content);
    return status;
}

enum status login_find(char **out, const struct reference *reference, struct diag *diag)
{
    const char *named = getenv("REGISTRY_AUTH_FILE");
    enum status status = STATUS_OK;
    *out = NULL;
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
