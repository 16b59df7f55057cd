// SPDX-License-Identifier: BSD-2-Clause
#include "artifact.h"

#include "text.h"

#include <string.h>

static const char HEX[] = "0123456789abcdef";
static const char PREFIX[] = "sha256:";

enum { PREFIX_LEN = sizeof(PREFIX) - 1, HEX_LEN = 2 * CRYPTO_DIGEST };

void artifact_digest_text(char out[static ARTIFACT_DIGEST],
                          const uint8_t digest[static CRYPTO_DIGEST])
{
    struct text t = text_of(out, ARTIFACT_DIGEST - 1);
    text_put(&t, PREFIX);
    text_put_hex(&t, (struct bytes){digest, CRYPTO_DIGEST});
    out[t.len] = '\0';
}

bool artifact_digest_is_valid(const char *text)
{
    return strncmp(text, PREFIX, PREFIX_LEN) == 0 && strspn(text + PREFIX_LEN, HEX) == HEX_LEN &&
           text[PREFIX_LEN + HEX_LEN] == '\0';
}

char *artifact_write(const struct artifact *artifact, json_t *annotations)
{
    static const char config[] = ARTIFACT_CONFIG;
    uint8_t digest[CRYPTO_DIGEST];
    char config_digest[ARTIFACT_DIGEST];
    crypto_sha256(digest, bytes_text(config));
    artifact_digest_text(config_digest, digest);
    json_t *manifest = json_pack(
        "{s:i, s:s, s:s, s:{s:s, s:s, s:i, s:s}, s:[{s:s, s:s, s:I}], s:O}", "schemaVersion", 2,
        "mediaType", ARTIFACT_MANIFEST_TYPE, "artifactType", ARTIFACT_TYPE, "config", "mediaType",
        ARTIFACT_CONFIG_TYPE, "digest", config_digest, "size", (int)sizeof(config) - 1, "data",
        "e30=", "layers", "mediaType", ARTIFACT_TYPE, "digest", artifact->digest, "size",
        (json_int_t)artifact->size, "annotations", annotations);
    char *text = manifest != NULL ? json_dumps(manifest, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    json_decref(manifest);
    return text;
}

static enum status refuse(struct diag *diag, const char *what)
{
    return diag_fail(diag, STATUS_REGISTRY_ARTIFACT, what, 0);
}

static bool is_string(const json_t *object, const char *key, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL && strcmp(text, wanted) == 0;
}

static enum status read_layer(struct artifact *out, const json_t *layer, uint64_t size_max,
                              struct diag *diag)
{
    const char *digest = json_string_value(json_object_get(layer, "digest"));
    const json_t *size = json_object_get(layer, "size");
    if (!is_string(layer, "mediaType", ARTIFACT_TYPE)) {
        return refuse(diag, "mediaType of the layer");
    }
    if (digest == NULL || !artifact_digest_is_valid(digest)) {
        return refuse(diag, "digest of the layer");
    }
    if (!json_is_integer(size) || json_integer_value(size) <= 0 ||
        (uint64_t)json_integer_value(size) > size_max) {
        return refuse(diag, "size of the layer");
    }
    memcpy(out->digest, digest, ARTIFACT_DIGEST);
    out->size = (uint64_t)json_integer_value(size);
    return STATUS_OK;
}

static enum status read_manifest(struct artifact *out, const json_t *manifest, uint64_t size_max,
                                 struct diag *diag)
{
    const json_t *layers = json_object_get(manifest, "layers");
    if (!json_is_object(manifest) ||
        json_integer_value(json_object_get(manifest, "schemaVersion")) != 2 ||
        !is_string(manifest, "mediaType", ARTIFACT_MANIFEST_TYPE)) {
        return refuse(diag, "not an OCI image manifest");
    }
    if (!is_string(manifest, "artifactType", ARTIFACT_TYPE)) {
        return refuse(diag, "artifactType");
    }
    if (json_array_size(layers) != 1) {
        return refuse(diag, "layers");
    }
    return read_layer(out, json_array_get(layers, 0), size_max, diag);
}

enum status artifact_read(struct artifact *out, struct bytes manifest, uint64_t size_max,
                          struct diag *diag)
{
    json_t *document =
        json_loadb((const char *)manifest.at, manifest.len, JSON_REJECT_DUPLICATES, NULL);
    if (document == NULL) {
        return refuse(diag, "not JSON");
    }
    enum status status = read_manifest(out, document, size_max, diag);
    json_decref(document);
    return status;
}
