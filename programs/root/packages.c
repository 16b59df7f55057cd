// SPDX-License-Identifier: BSD-2-Clause
#include "packages.h"

#include "bootinfo.h"
#include "dump.h"
#include "override.h"
#include "plan_check.h"

// Room for the packages that may arrive, after those of the file.
static void add_places(struct root *root)
{
    struct system *system = &root->system;
    memcpy(root->listed, system->packages, system->package_count * sizeof *root->listed);
    system->packages = root->listed;
    system->package_count += system->control.places.value;
}

enum status packages_read_system(struct root *root, struct diag *diag)
{
    enum status status = trust_read(&root->trust, root->bundle.trust, &root->arena, diag);
    return status != STATUS_OK
               ? status
               : system_read(&root->system, root->bundle.system, &root->arena, diag);
}

// What events say about a package; names only where they are verified.
static struct audit_package facts_of(const struct root_package *package)
{
    struct audit_package facts = {.size = package->file.len, .place = package->place};
    if (package->verified.trust != NULL) {
        facts.name = package_name(&package->verified.package);
        facts.id = package->verified.package.id;
        facts.policy = package->verified.package.manifest_digest;
        facts.signer = package->verified.package.slots[0].key;
        facts.version = package->manifest.version.value;
    }
    return facts;
}

static enum status read_contents(struct root_package *package, struct arena *arena,
                                 struct diag *diag)
{
    const struct package *header = &package->verified.package;
    enum status status = manifest_read(&package->manifest, package->verified.manifest, arena, diag);
    if (status == STATUS_OK) {
        status = manifest_matches(&package->manifest, package_name(header), header->counter, diag);
    }
    if (status == STATUS_OK) {
        status = elf_image_read(&package->elf, package->verified.binary, header->machine, diag);
    }
    return status;
}

enum status packages_judge(struct root_package *package, struct root *root, struct arena *arena,
                           struct diag *diag)
{
    *diag = (struct diag){0};
    enum status status = verify_package(&package->verified, package->file, &root->trust, diag);
    if (status != STATUS_OK) {
        struct audit_package facts = facts_of(package);
        audit_event_refused(root_at(root), AUDIT_PACKAGE_REFUSED, &facts, diag);
        return status;
    }
    status = read_contents(package, arena, diag);
    struct audit_package facts = facts_of(package);
    audit_event_verified(root_at(root), &facts);
    package->known = status == STATUS_OK;
    if (!package->known) {
        audit_event_refused(root_at(root), AUDIT_POLICY_REFUSED, &facts, diag);
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
            root->packages[index].place = index + 1;
            return true;
        }
    }
    return false;
}

static void take_package(struct root *root, uint32_t index)
{
    struct bytes file = root->bundle.packages[index];
    root->packages[index].file = file;
    root->packages[index].place = index + 1;
    root->packages[index].frames = bootinfo_frame(root->bootinfo, file.at);
    if (is_known(root, index)) {
        struct audit_package facts = facts_of(&root->packages[index]);
        audit_event_verified(root_at(root), &facts);
        return;
    }
    struct diag diag;
    enum status status = packages_judge(&root->packages[index], root, &root->arena, &diag);
    root->denied |= status != STATUS_OK;
}

// A package that was refused has no name that may be believed, so its place in the system file
// stands for it.
static enum status name_instances(struct root *root, struct diag *diag)
{
    struct bytes instances[BOUND_TARGETS];
    char places[BOUND_TARGETS][16];
    struct bytes names[BOUND_TARGETS];
    for (uint32_t i = 0; i < root->bundle.package_count; i++) {
        struct text place = text_of(places[i], sizeof(places[i]));
        text_put(&place, "refused-");
        text_put_u64(&place, i + 1);
        names[i] = root->packages[i].known ? package_name(&root->packages[i].verified.package)
                                           : text_bytes(&place);
    }
    enum status status = system_instances(instances, &root->system, names, diag);
    for (uint32_t i = 0; i < root->bundle.package_count && status == STATUS_OK; i++) {
        root->packages[i].name = instances[i];
        root->packages[i].arguments = root->system.packages[i].arguments;
    }
    return status;
}

void packages_report(struct root *root, uint32_t target)
{
    uint32_t index = root->plan.targets[target].package_index;
    struct audit_package facts = facts_of(&root->packages[index]);
    uint8_t digest[32];
    dump_digest_target(digest, &root->plan, target);
    audit_event_compiled(root_at(root), &facts, &root->plan, target, digest);
}

void packages_report_refused(struct root *root, const struct root_package *package,
                             const struct diag *refused)
{
    struct audit_package facts = facts_of(package);
    audit_event_refused(root_at(root), AUDIT_POLICY_REFUSED, &facts, refused);
}

// What was refused stays out of every later plan.
static void report_all(struct root *root, const struct diag *refused)
{
    uint32_t target = 0;
    for (uint32_t i = 0; i < root->bundle.package_count; i++) {
        if (!root->packages[i].known) {
            continue;
        }
        if (refused[i].status != STATUS_OK) {
            packages_report_refused(root, &root->packages[i], &refused[i]);
            root->packages[i].known = false;
            root->denied = true;
            continue;
        }
        packages_report(root, target);
        target++;
    }
}

enum status packages_compile(struct plan *plan, struct diag *refused, struct root *root,
                             struct arena *arena, struct diag *diag)
{
    struct policy_instance instances[BOUND_TARGETS] = {0};
    for (uint32_t i = 0; i < root->system.package_count; i++) {
        struct root_package *package = &root->packages[i];
        instances[i] = (struct policy_instance){
            .name = package->name,
            .verified = package->known ? &package->verified : NULL,
            .manifest = &package->manifest,
            .elf = &package->elf,
        };
    }
    struct policy_input input = {.system = &root->system, .instances = instances};
    enum status status = policy_compile(plan, refused, &input, arena, diag);
    return status == STATUS_OK ? plan_check(plan, &input, arena, diag) : status;
}

enum status packages_plan(struct root *root, struct diag *diag)
{
    struct diag refused[BOUND_TARGETS] = {0};
    for (uint32_t i = 0; i < root->bundle.package_count; i++) {
        take_package(root, i);
        root_flush(root);
    }
    enum status status = name_instances(root, diag);
    add_places(root);
    for (uint32_t i = 0; i < root->bundle.package_count && status == STATUS_OK; i++) {
        struct root_package *package = &root->packages[i];
        if (package->known) {
            status = override_apply(&package->manifest, &root->system, package->name, diag);
        }
    }
    if (status == STATUS_OK) {
        status = packages_compile(&root->plan, refused, root, &root->arena, diag);
    }
    if (status == STATUS_OK) {
        report_all(root, refused);
    }
    return status;
}

const struct root_package *packages_of(const struct root *root, uint32_t target)
{
    return &root->packages[root->plan.targets[target].package_index];
}

struct schema_texts packages_arguments(const struct root *root, uint32_t target)
{
    return packages_of(root, target)->arguments;
}
