// SPDX-License-Identifier: BSD-2-Clause

// One side of a comparison: a package, a system or a plan becomes the authority that it gives. Each
// file is read once, and what is judged is what is compared. All strings are views into what the
// side holds until side_close.

#include "side.h"

#include "package_file.h"
#include "plan_read.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

struct arena *side_arena(struct side *side)
{
    return &side->compose->arena;
}

void side_close(struct side *side)
{
    free(side->name);
    if (side->package != NULL) {
        package_file_free(side->package);
        free(side->package);
    }
    file_free(&side->document);
    compose_free(side->compose);
}

// A manifest lies beside its package: x.kpkg and x.kpkg.toml. Empty when memory is short.
static const char *manifest_path(struct side *side, const char *package)
{
    size_t size = strlen(package) + sizeof(".toml");
    char *at = arena_take(side_arena(side), size, 1);
    struct text t = text_of(at, at != NULL ? size : 0);
    text_put(&t, package);
    text_put(&t, ".toml");
    text_char(&t, '\0');
    return at != NULL ? at : "";
}

// A package, or the line in its manifest, is what a diag is about.
static enum status blame(struct side *side, const char *package, const struct diag *diag)
{
    side->at_fault = diag->line != 0 ? manifest_path(side, package) : package;
    return diag->status;
}

static struct authority_target *target_named(struct side *side, struct bytes name)
{
    uint32_t i = authority_find(&side->authority, name);
    return i != AUTHORITY_NOBODY ? &side->authority.targets[i] : NULL;
}

// The keys of the valid signatures of a package.
static enum status take_signers(struct side *side, struct authority_target *target,
                                struct diag *diag)
{
    const struct package *header = &side->package->header;
    uint8_t(*keys)[32] = arena_take(side_arena(side), header->slot_count + 1, 32);
    if (keys == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "signers", header->slot_count);
    }
    for (size_t i = 0; i < header->slot_count; i++) {
        if (!package_file_signature_valid(side->package, i)) {
            return diag_fail(diag, STATUS_SIG_INVALID, "signature slot", i);
        }
        memcpy(keys[i], header->slots[i].key, 32);
    }
    target->signers = (const uint8_t(*)[32])keys;
    target->signer_count = header->slot_count;
    return STATUS_OK;
}

// The trusted keys that signed a package.
static void take_trusted(struct side *side, struct authority_target *target,
                         const struct verified *verified)
{
    uint8_t(*keys)[32] = arena_take(side_arena(side), BOUND_KEYS, 32);
    for (size_t i = 0; keys != NULL && i < verified->trust->key_count; i++) {
        if (verified->decision.signers >> i & 1) {
            memcpy(keys[target->signer_count++], verified->trust->keys[i].key, 32);
        }
    }
    target->signers = (const uint8_t(*)[32])keys;
}

// Verifies and compiles what the file names.
static enum status compose_side(struct side *side, char *path, const struct side_options *options,
                                struct diag *diag)
{
    struct compose *c = side->compose;
    struct operands operand = {.count = 1, .at = &path};
    enum status status = compose_read(c, operand, options->trust, COMPOSE_TRUST_NEEDED, diag);
    if (status == STATUS_OK) {
        status = compose_check(c, diag);
    }
    side->at_fault = c->at_fault;
    return status;
}

// A package as the trust file lets it run: verified, and what it asks for covered by ceilings.
// Peers are somebody else's packages: that they are not there is no fault of this one.
static enum status open_judged(struct side *side, char *path, const struct side_options *options,
                               struct diag *diag)
{
    struct compose *c = side->compose;
    enum status status = compose_side(side, path, options, diag);
    if (status == STATUS_OK && c->refused[0].status != STATUS_OK &&
        c->refused[0].status != STATUS_PEER_ABSENT) {
        *diag = c->refused[0];
        return blame(side, path, diag);
    }
    return status;
}

// A package for itself: what its manifest asks for, whoever signed it.
static enum status open_claimed(struct side *side, const char *path,
                                const struct manifest **manifest, struct diag *diag)
{
    struct manifest *read = arena_take(side_arena(side), 1, sizeof(*read));
    side->package = calloc(1, sizeof(*side->package));
    if (side->package == NULL || read == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "package", 0);
    }
    enum status status = package_file_read_whole(side->package, path, diag);
    if (status == STATUS_OK) {
        status = manifest_read(read, package_file_manifest(side->package), side_arena(side), diag);
    }
    const struct package *header = &side->package->header;
    if (status == STATUS_OK) {
        status = manifest_matches(read, package_name(header), header->counter, diag);
    }
    *manifest = read;
    return status == STATUS_OK ? status : blame(side, path, diag);
}

// What is compared is what was judged: the file is read once.
static enum status open_package(struct side *side, char *path, const struct side_options *options,
                                struct diag *diag)
{
    bool judged = options->trust != NULL;
    const struct manifest *manifest = &side->compose->manifests[0];
    enum status status =
        judged ? open_judged(side, path, options, diag) : open_claimed(side, path, &manifest, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = authority_manifest(&side->authority, manifest, side_arena(side), diag);
    if (status != STATUS_OK) {
        return blame(side, path, diag);
    }
    struct authority_target *target = target_named(side, manifest->name.value);
    target->file =
        bytes_text(options->manifest != NULL ? options->manifest : manifest_path(side, path));
    if (judged) {
        take_trusted(side, target, &side->compose->verified[0]);
        return STATUS_OK;
    }
    return take_signers(side, target, diag);
}

static enum status open_system(struct side *side, char *path, const struct side_options *options,
                               struct diag *diag)
{
    struct compose *c = side->compose;
    enum status status = compose_side(side, path, options, diag);
    for (size_t i = 0; status == STATUS_OK && i < c->package_count; i++) {
        *diag = c->refused[i];
        status = diag->status != STATUS_OK ? blame(side, c->package_paths[i], diag) : STATUS_OK;
    }
    if (status == STATUS_OK) {
        side->plan = &c->plan;
        status = authority_plan(&side->authority, &c->plan, &c->arena, diag);
    }
    for (uint32_t i = 0; status == STATUS_OK && i < c->plan.target_count; i++) {
        const struct plan_target *planned = &c->plan.targets[i];
        struct authority_target *target = target_named(side, planned->name);
        const struct manifest *manifest = &c->manifests[planned->package_index];
        target->version = manifest->version.value;
        target->file = bytes_text(manifest_path(side, c->package_paths[planned->package_index]));
        authority_manifest_place(target, manifest);
        take_trusted(side, target, &c->verified[planned->package_index]);
    }
    return status;
}

static enum status open_plan(struct side *side, const char *path, struct diag *diag)
{
    struct plan *plan = arena_take(side_arena(side), 1, sizeof(*plan));
    if (plan == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "plan", 0);
    }
    enum status status = file_read(&side->document, path, PLAN_READ_MAX, diag);
    if (status == STATUS_OK) {
        status = plan_read(plan, file_bytes(&side->document), side_arena(side), diag);
    }
    side->plan = plan;
    return status == STATUS_OK ? authority_plan(&side->authority, plan, side_arena(side), diag)
                               : status;
}

bool side_is_system(const char *path)
{
    return file_ends_with(path, ".toml");
}

enum status side_open(struct side *side, const char *path, const struct side_options *options,
                      struct diag *diag)
{
    *side = (struct side){.compose = compose_new(), .at_fault = path};
    if (side->compose == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "operand", 0);
    }
    if (file_ends_with(path, ".json")) {
        return open_plan(side, path, diag);
    }
    side->name = strdup(path);
    if (side->name == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    return side_is_system(path) ? open_system(side, side->name, options, diag)
                                : open_package(side, side->name, options, diag);
}
