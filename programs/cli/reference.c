// SPDX-License-Identifier: BSD-2-Clause

// REGISTRY/REPOSITORY:TAG or @sha256:DIGEST, by the grammar of the OCI distribution specification
// (spec/oci.md, 2), narrower in one thing: the registry is always named, for a default would be
// somebody's choice. What passes holds no character that has a meaning in an URL or a path.

#include "reference.h"

#include <stdlib.h>
#include <string.h>

#define LOWER    "abcdefghijklmnopqrstuvwxyz0123456789"
#define LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS   "0123456789"
#define HEX      "0123456789abcdef"
#define TAG_MORE LETTERS DIGITS "._-"

enum {
    DIGEST_HEX = 64,
    TAG_LEN = 128,
    PORT_MAX = 65535,
    PORT_DIGITS = 5,
};

static bool is_all(const char *text, size_t len, const char *set)
{
    return len > 0 && strspn(text, set) >= len;
}

static bool is_port(const char *text)
{
    size_t len = strlen(text);
    return is_all(text, len, DIGITS) && len <= PORT_DIGITS && text[0] != '0' &&
           strtoul(text, NULL, 10) <= PORT_MAX;
}

// A name with a dot, an address, or "localhost"; then perhaps a port.
static bool is_registry(const char *text)
{
    const char *port = text[0] == '[' ? strchr(text, ']') : text;
    port = port != NULL ? strchr(port, ':') : NULL;
    size_t len = port != NULL ? (size_t)(port - text) : strlen(text);
    bool ipv6 = text[0] == '[' && len > 2 && text[len - 1] == ']' &&
                is_all(text + 1, len - 2, "0123456789abcdefABCDEF:");
    bool name = is_all(text, len, LETTERS DIGITS ".-") && text[0] != '.' && text[0] != '-';
    bool qualified =
        port != NULL || ipv6 || memchr(text, '.', len) != NULL || strcmp(text, "localhost") == 0;
    return (ipv6 || name) && qualified && (port == NULL || is_port(port + 1));
}

// Words of lower-case letters and digits with single separators in between.
static bool is_component(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len) {
        size_t word = strspn(text + at, LOWER);
        at += word;
        if (word == 0 || at >= len) {
            return word > 0 && at == len;
        }
        size_t dashes = strspn(text + at, "-");
        size_t underscores = strspn(text + at, "_");
        if (text[at] != '.' && dashes == 0 && (underscores == 0 || underscores > 2)) {
            return false;
        }
        at += text[at] == '.' ? 1 : dashes + underscores;
    }
    return false;
}

static bool is_repository(const char *text)
{
    for (;;) {
        size_t len = strcspn(text, "/");
        if (!is_component(text, len)) {
            return false;
        }
        if (text[len] == '\0') {
            return true;
        }
        text += len + 1;
    }
}

static bool is_name(const struct reference *reference)
{
    const char *text = reference->name;
    size_t len = strlen(text);
    if (reference->is_digest) {
        return strncmp(text, "sha256:", 7) == 0 && strlen(text + 7) == DIGEST_HEX &&
               is_all(text + 7, DIGEST_HEX, HEX);
    }
    return len <= TAG_LEN && is_all(text, len, TAG_MORE) && strchr(".-", text[0]) == NULL;
}

static enum status refuse(struct diag *diag, const char *what, const char *text)
{
    diag_fail(diag, STATUS_USAGE, what, 0);
    diag_subject(diag, bytes_text(text));
    return STATUS_USAGE;
}

static bool copy(char *to, size_t size, const char *from, size_t len)
{
    if (len == 0 || len >= size) {
        return false;
    }
    memcpy(to, from, len);
    to[len] = '\0';
    return true;
}

enum status reference_read(struct reference *out, const char *text, struct diag *diag)
{
    struct reference reference = {0};
    size_t registry_len = strcspn(text, "/");
    const char *repository = text + registry_len + (text[registry_len] == '/');
    size_t repository_len = strcspn(repository, ":@");
    const char *name = repository + repository_len;
    if (!copy(reference.registry, sizeof(reference.registry), text, registry_len) ||
        !is_registry(reference.registry)) {
        return refuse(diag, "REGISTRY of REGISTRY/REPOSITORY:TAG", text);
    }
    if (!copy(reference.repository, sizeof(reference.repository), repository, repository_len) ||
        !is_repository(reference.repository)) {
        return refuse(diag, "REPOSITORY of REGISTRY/REPOSITORY:TAG", text);
    }
    reference.is_digest = name[0] == '@';
    if (name[0] == '\0' ||
        !copy(reference.name, sizeof(reference.name), name + 1, strlen(name + 1)) ||
        !is_name(&reference)) {
        return refuse(diag, "TAG or DIGEST of REGISTRY/REPOSITORY:TAG", text);
    }
    *out = reference;
    return STATUS_OK;
}
