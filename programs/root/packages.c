// SPDX-License-Identifier: BSD-2-Clause
#include "packages.h"

#include "dump.h"
#include "override.h"
#include "plan_check.h"

enum status packages_read_system(struct root *root, struct diag *diag)
{
    enum status status = trust_read(&root->trust, root->bundle.trust, &root->arena, diag);
    return status != STATUS_OK
               ? status
               : system_read(&root->system, root->bundle.system, &root->arena, diag);
}

// What events say about a package; names only where they are verified.
static struct audit_package facts_of(const struct root *root, uint32_t index)
{
    const struct root_package *package = &root->packages[index];
    struct audit_package facts = {.size = root->bundle.packages[index].len, .place = index + 1};
    if (package->verified.trust != NULL) {
        facts.name = package_name(&package->verified.package);
        facts.id = package->verified.package.id;
        facts.policy = package->verified.package.manifest_digest;
        facts.signer = package->verified.package.slots[0].key;
        facts.version = package->manifest.version.value;
    }
    return facts;
}

static enum status read_contents(struct root *root, struct root_package *package, struct diag *diag)
{
    const struct package *header = &package->verified.package;
    enum status status =
        manifest_read(&package->manifest, package->verified.manifest, &root->arena, diag);
    if (status == STATUS_OK) {
        status = manifest_matches(&package->manifest, package_name(header), header->counter, diag);
    }
    if (status == STATUS_OK) {
        status = elf_image_read(&package->elf, package->verified.binary, header->machine, diag);
    }
    return status;
}

// Instances of one file share its bytes, and what is known about them: nothing is verified twice.
static bool is_known(struct root *root, uint32_t index)
{
    struct bytes file = root->bundle.packages[index];
    for (uint32_t i = 0; i < index; i++) {
        if (root->packages[i].known && root->bundle.packages[i].at == file.at &&
            root->bundle.packages[i].len == file.len) {
            root->packages[index] = root->packages[i];
            return true;
        }
    }
    return false;
}

static void take_package(struct root *root, uint32_t index)
{
    if (is_known(root, index)) {
        struct audit_package facts = facts_of(root, index);
        audit_event_verified(root_at(root), &facts);
        return;
    }
    struct root_package *package = &root->packages[index];
    struct diag diag = {0};
    enum status status =
        verify_package(&package->verified, root->bundle.packages[index], &root->trust, &diag);
    if (status != STATUS_OK) {
        struct audit_package facts = facts_of(root, index);
        audit_event_refused(root_at(root), &facts, &diag);
        root->denied = true;
        return;
    }
    status = read_contents(root, package, &diag);
    struct audit_package facts = facts_of(root, index);
    audit_event_verified(root_at(root), &facts);
    package->known = status == STATUS_OK;
    if (!package->known) {
        audit_event_policy_refused(root_at(root), &facts, &diag);
        root->denied = true;
    }
}

// A package that was refused has no name that may be believed, so its place in the system file
// stands for it.
static enum status name_instances(struct bytes *instances, const struct root *root,
                                  struct diag *diag)
{
    char places[BOUND_TARGETS][16];
    struct bytes names[BOUND_TARGETS];
    for (uint32_t i = 0; i < root->bundle.package_count; i++) {
        struct text place = text_of(places[i], sizeof(places[i]));
        text_put(&place, "refused-");
        text_put_u64(&place, i + 1);
        names[i] = root->packages[i].known ? package_name(&root->packages[i].verified.package)
                                           : text_bytes(&place);
    }
    return system_instances(instances, &root->system, names, diag);
}

static void report_compiled(struct root *root, const struct diag *refused)
{
    uint32_t target = 0;
    for (uint32_t i = 0; i < root->bundle.package_count; i++) {
        struct audit_package facts = facts_of(root, i);
        if (!root->packages[i].known) {
            continue;
        }
        if (refused[i].status != STATUS_OK) {
            audit_event_policy_refused(root_at(root), &facts, &refused[i]);
            root->denied = true;
            continue;
        }
        uint8_t digest[32];
        dump_digest_target(digest, &root->plan, target);
        audit_event_compiled(root_at(root), &facts, &root->plan, target, digest);
        target++;
    }
}

enum status packages_plan(struct root *root, struct diag *diag)
{
    struct policy_instance instances[BOUND_TARGETS] = {0};
    struct bytes names[BOUND_TARGETS];
    struct diag refused[BOUND_TARGETS] = {0};
    for (uint32_t i = 0; i < root->bundle.package_count; i++) {
        take_package(root, i);
        root_flush(root);
    }
    enum status status = name_instances(names, root, diag);
    if (status != STATUS_OK) {
        return status;
    }
    for (uint32_t i = 0; i < root->bundle.package_count && status == STATUS_OK; i++) {
        struct root_package *package = &root->packages[i];
        if (package->known) {
            status = override_apply(&package->manifest, &root->system, names[i], diag);
        }
        instances[i] = (struct policy_instance){
            .name = names[i],
            .verified = package->known ? &package->verified : NULL,
            .manifest = &package->manifest,
            .elf = &package->elf,
        };
    }
    struct policy_input input = {.system = &root->system, .instances = instances};
    if (status == STATUS_OK) {
        status = policy_compile(&root->plan, refused, &input, &root->arena, diag);
    }
    if (status == STATUS_OK) {
        status = plan_check(&root->plan, &input, &root->arena, diag);
    }
    if (status == STATUS_OK) {
        report_compiled(root, refused);
    }
    return status;
}

const struct root_package *packages_of(const struct root *root, uint32_t target)
{
    return &root->packages[root->plan.targets[target].package_index];
}

struct schema_texts packages_arguments(const struct root *root, uint32_t target)
{
    return root->system.packages[root->plan.targets[target].package_index].arguments;
}
