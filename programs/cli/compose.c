// SPDX-License-Identifier: BSD-2-Clause

// A system from its files: read everything once, judge each package, name the instances, compile
// the plan and check it. From then on all works on what was read, never on the files again, so that
// what was judged is what runs. Lengths are bounded by the formats; all that is parsed goes into
// one arena, which ends with the system.

#include "compose.h"

#include "assertion.h"
#include "diag_print.h"
#include "override.h"
#include "plan_check.h"
#include "text.h"
#include "trial.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Address space, not memory: only what is used is ever backed.
static const size_t ARENA_SIZE = (size_t)1 << 30;
// Of a system file or trust file.
enum { TEXT_MAX = 65536 };

static struct compose *no_memory(void)
{
    struct diag diag;
    enum status status = diag_fail(&diag, STATUS_NO_MEMORY, "address space", ARENA_SIZE);
    (void)diag_finish(status, NULL, &diag);
    return NULL;
}

struct compose *compose_new(void)
{
    struct compose *c = calloc(1, sizeof(*c));
    if (c == NULL) {
        return no_memory();
    }
    void *memory = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        free(c);
        return no_memory();
    }
    c->arena = arena_of(memory, ARENA_SIZE);
    return c;
}

void compose_free(struct compose *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < c->package_count; i++) {
        free(c->package_paths[i]);
        file_free(&c->packages[i]);
    }
    free(c->trust_path);
    file_free(&c->trust_text);
    file_free(&c->system_text);
    munmap(c->arena.at, ARENA_SIZE);
    free(c);
}

// The system of packages that were named on the command line. File names in it are for people, so
// only the plain ones are repeated.
static enum status make_system(struct compose *c, size_t count, struct diag *diag)
{
    char *at = aligned_alloc(BOUND_PAGE, TEXT_MAX);
    if (at == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "system file", TEXT_MAX);
    }
    struct text t = text_of(at, TEXT_MAX);
    text_put(&t, "schema = 1\nname = \"run\"\ntrust = \"trust.toml\"\n");
    for (size_t i = 0; i < count; i++) {
        text_put(&t, "[[package]]\nfile = \"package-");
        text_put_u64(&t, i + 1);
        text_put(&t, ".kpkg\"\n");
    }
    c->system_text = (struct file_content){.at = (uint8_t *)at, .len = t.len};
    return STATUS_OK;
}

static bool names_system(const char *path)
{
    return file_ends_with(path, ".toml");
}

static enum status read_system(struct compose *c, struct operands operands, struct diag *diag)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; operands.count > 1 && i < operands.count; i++) {
        if (names_system(operands.at[i])) {
            status = diag_fail(diag, STATUS_USAGE, "a system file comes alone", 0);
            diag_subject(diag, bytes_text(operands.at[i]));
            return status;
        }
    }
    if (names_system(operands.at[0])) {
        c->system_path = c->at_fault = operands.at[0];
        status = file_read(&c->system_text, c->system_path, TEXT_MAX, diag);
    } else if (operands.count > BOUND_TARGETS) {
        return diag_fail(diag, STATUS_USAGE, "too many packages, at most", BOUND_TARGETS);
    } else {
        status = make_system(c, operands.count, diag);
    }
    if (status == STATUS_OK) {
        status = system_read(&c->system, file_bytes(&c->system_text), &c->arena, diag);
    }
    if (status != STATUS_OK && status != STATUS_IO &&
        file_ends_with(operands.at[0], ".kpkg.toml")) {
        return diag_fail(diag, STATUS_USAGE,
                         "a manifest is no system: `kpkg pack` makes a package of it", 0);
    }
    return status == STATUS_OK ? assertion_check(&c->system, diag) : status;
}

// A path of the system file, seen from where that file is.
static char *path_in_system(const struct compose *c, struct bytes relative)
{
    char *name = strndup((const char *)relative.at, relative.len);
    char *path = name != NULL ? file_beside(c->system_path, name) : NULL;
    free(name);
    return path;
}

static enum status read_trial_trust(struct compose *c, struct diag *diag)
{
    c->at_fault = "trial trust";
    enum status status = trial_trust(&c->trust_text, diag);
    return status == STATUS_OK ? trust_read(&c->trust, file_bytes(&c->trust_text), &c->arena, diag)
                               : status;
}

static enum status read_trust(struct compose *c, const char *given, enum compose_trust mode,
                              struct diag *diag)
{
    if (given != NULL) {
        c->trust_path = strdup(given);
    } else if (c->system_path != NULL) {
        c->trust_path = path_in_system(c, c->system.trust.value);
    } else if (mode == COMPOSE_TRUST_NEEDED) {
        return diag_fail(diag, STATUS_USAGE, "packages alone need --trust FILE", 0);
    } else {
        return read_trial_trust(c, diag);
    }
    if (c->trust_path == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    c->at_fault = c->trust_path;
    enum status status = file_read(&c->trust_text, c->trust_path, TEXT_MAX, diag);
    return status == STATUS_OK ? trust_read(&c->trust, file_bytes(&c->trust_text), &c->arena, diag)
                               : status;
}

static enum status read_package(struct compose *c, const char *operand, struct diag *diag)
{
    size_t i = c->package_count;
    char *path = c->system_path != NULL ? path_in_system(c, c->system.packages[i].file.value)
                                        : strdup(operand);
    if (path == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    c->package_paths[i] = path;
    c->package_count++;
    c->at_fault = path;
    size_t max = package_layout_file_max(PACKAGE_BINARY_MAX);
    enum status status = file_read(&c->packages[i], path, max, diag);
    // Without a trust file nothing vouches for the packages: a key of this run signs the copies in
    // memory, and the trust file that was made for it lets them be whatever they ask for.
    if (status == STATUS_OK && c->trust_path == NULL) {
        status = trial_sign(&c->packages[i], diag);
    }
    return status;
}

enum status compose_read(struct compose *c, struct operands operands, const char *trust_path,
                         enum compose_trust mode, struct diag *diag)
{
    enum status status = read_system(c, operands, diag);
    if (status == STATUS_OK) {
        status = read_trust(c, trust_path, mode, diag);
    }
    for (size_t i = 0; status == STATUS_OK && i < c->system.package_count; i++) {
        status = read_package(c, operands.at[i < operands.count ? i : 0], diag);
    }
    return status;
}

enum status compose_read_memory(struct compose *c, struct bytes package, struct diag *diag)
{
    enum status status = make_system(c, 1, diag);
    if (status == STATUS_OK) {
        status = system_read(&c->system, file_bytes(&c->system_text), &c->arena, diag);
    }
    if (status == STATUS_OK) {
        status = read_trial_trust(c, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    c->packages[0].at = aligned_alloc(BOUND_PAGE, package.len);
    if (c->packages[0].at == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "package", package.len);
    }
    memcpy(c->packages[0].at, package.at, package.len);
    c->packages[0].len = package.len;
    c->package_count = 1;
    return trial_sign(&c->packages[0], diag);
}

// Instances of one file share what is known about it: nothing is verified twice.
// By bytes, not by path: two names of one file, or two copies of it, are the same package.
static bool is_checked(struct compose *c, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (c->refused[j].status == STATUS_OK &&
            bytes_equal(file_bytes(&c->packages[j]), file_bytes(&c->packages[i]))) {
            c->verified[i] = c->verified[j];
            c->manifests[i] = c->manifests[j];
            c->elves[i] = c->elves[j];
            return true;
        }
    }
    return false;
}

// One package up to what the compiler needs to know of it.
static enum status check_package(struct compose *c, size_t i, struct diag *diag)
{
    if (is_checked(c, i)) {
        return STATUS_OK;
    }
    struct verified *verified = &c->verified[i];
    enum status status = verify_package(verified, file_bytes(&c->packages[i]), &c->trust, diag);
    if (status == STATUS_OK) {
        status = manifest_read(&c->manifests[i], verified->manifest, &c->arena, diag);
    }
    if (status == STATUS_OK) {
        status = manifest_matches(&c->manifests[i], package_name(&verified->package),
                                  verified->package.counter, diag);
    }
    if (status == STATUS_OK) {
        status = elf_image_read(&c->elves[i], verified->binary, verified->package.machine, diag);
    }
    return status;
}

// Instance names come from package names; a refused package has none to offer and gets one that
// only keeps it apart.
static struct bytes placeholder_name(struct arena *arena, size_t i)
{
    enum { NAME_SIZE = 32 };
    char *at = arena_take(arena, NAME_SIZE, 1);
    struct text t = text_of(at, at != NULL ? NAME_SIZE : 0);
    text_put(&t, "refused-");
    text_put_u64(&t, i);
    return text_bytes(&t);
}

static enum status name_instances(struct compose *c, struct diag *diag)
{
    struct bytes names[BOUND_TARGETS], instances[BOUND_TARGETS];
    for (size_t i = 0; i < c->package_count; i++) {
        bool good = c->refused[i].status == STATUS_OK;
        names[i] = good ? package_name(&c->verified[i].package) : placeholder_name(&c->arena, i);
    }
    enum status status = system_instances(instances, &c->system, names, diag);
    for (size_t i = 0; status == STATUS_OK && i < c->package_count; i++) {
        bool good = c->refused[i].status == STATUS_OK;
        if (good) {
            status = override_apply(&c->manifests[i], &c->system, instances[i], diag);
        }
        c->instances[i] = (struct policy_instance){
            .name = instances[i],
            .verified = good ? &c->verified[i] : NULL,
            .manifest = &c->manifests[i],
            .elf = &c->elves[i],
        };
    }
    return status;
}

enum status compose_check(struct compose *c, struct diag *diag)
{
    for (size_t i = 0; i < c->package_count; i++) {
        // All are judged, so that one command shows everything that is wrong.
        c->refused[i].status = check_package(c, i, &c->refused[i]);
    }
    c->at_fault = c->system_path;
    enum status status = name_instances(c, diag);
    struct policy_input input = {.system = &c->system, .instances = c->instances};
    if (status == STATUS_OK) {
        status = policy_compile(&c->plan, c->refused, &input, &c->arena, diag);
    }
    if (status == STATUS_OK) {
        status = plan_check(&c->plan, &input, &c->arena, diag);
    }
    return status;
}

int compose_report(const struct compose *c)
{
    int code = EXIT_CODE_OK;
    for (size_t i = 0; i < c->package_count; i++) {
        if (c->refused[i].status != STATUS_OK) {
            diag_print_package(c->package_paths[i], &c->refused[i]);
            code = EXIT_CODE_REFUSED;
        }
    }
    return code;
}

struct bundle compose_bundle(const struct compose *c)
{
    struct bundle bundle = {.trust = file_bytes(&c->trust_text),
                            .system = file_bytes(&c->system_text),
                            .package_count = (uint32_t)c->package_count};
    for (size_t i = 0; i < c->package_count; i++) {
        bundle.packages[i] = file_bytes(&c->packages[i]);
    }
    return bundle;
}
