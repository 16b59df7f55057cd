// SPDX-License-Identifier: BSD-2-Clause
#include "command.h"
#include "crypto_random.h"
#include "diag_print.h"
#include "file.h"
#include "forms.h"
#include "key_file.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// `kpkg new`: a package to begin with, which builds, tests and runs. Its files stand in new/; in
// them @NAME@ is the package's name, @LABEL@ the last part of it, @KEY@ the development key,
// @SCHEMAS@ the folder of the JSON Schemas.

enum { TEXT_MAX = 4096, PATH_SIZE = 256 };

struct project {
    struct bytes name;
    struct bytes label;
    char key[2 * CRYPTO_KEY + 1];
    char schemas[1024]; // empty: this program is not installed
};

#define FILE_OF(symbol)                                                                            \
    extern const uint8_t new_files_##symbol[];                                                     \
    extern const uint8_t new_files_##symbol##_end[];
FILE_OF(cmake)
FILE_OF(program)
FILE_OF(manifest)
FILE_OF(system)
FILE_OF(trust)
FILE_OF(gitignore)
FILE_OF(taplo)

// Where each goes; "@" stands for the label.
static const struct {
    const char *path;
    const uint8_t *at, *end;
} FILES[] = {
    {"CMakeLists.txt", new_files_cmake, new_files_cmake_end},
    {"@.c", new_files_program, new_files_program_end},
    {"@.kpkg.toml", new_files_manifest, new_files_manifest_end},
    {"@.system.toml", new_files_system, new_files_system_end},
    {"trust.toml", new_files_trust, new_files_trust_end},
    {".gitignore", new_files_gitignore, new_files_gitignore_end},
    {".taplo.toml", new_files_taplo, new_files_taplo_end}, // the last: not without schemas
};
enum { FILE_COUNT = sizeof(FILES) / sizeof(FILES[0]) };

static void fill_in(struct text *out, struct bytes from, const struct project *project)
{
    const struct {
        const char *mark;
        struct bytes value;
    } marks[] = {
        {"@NAME@", project->name},
        {"@LABEL@", project->label},
        {"@KEY@", bytes_text(project->key)},
        {"@SCHEMAS@", bytes_text(project->schemas)},
    };
    while (from.len != 0) {
        size_t skip = 0;
        for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]) && skip == 0; i++) {
            if (bytes_starts_with(from, bytes_text(marks[i].mark))) {
                text_put_bytes(out, marks[i].value);
                skip = bytes_text(marks[i].mark).len;
            }
        }
        if (skip == 0) {
            text_char(out, (char)from.at[0]);
            skip = 1;
        }
        from = bytes_part(from, skip, from.len - skip);
    }
}

// "LABEL/" and a file in it.
static void put_path(char path[static PATH_SIZE], const struct project *project, const char *in)
{
    struct text t = text_of(path, PATH_SIZE - 1);
    text_put_bytes(&t, project->label);
    text_char(&t, '/');
    if (in[0] == '@') {
        text_put_bytes(&t, project->label);
        in++;
    }
    text_put(&t, in);
    path[t.len] = '\0';
}

static enum status make_key(struct project *project, char path[static PATH_SIZE], struct diag *diag)
{
    uint8_t seed[CRYPTO_SEED], key[CRYPTO_KEY];
    char pem[KEY_FILE_MAX];
    struct text t = text_of(pem, sizeof(pem));
    crypto_random(seed, sizeof(seed));
    crypto_ed25519_public_key(key, seed);
    key_file_write_private(&t, seed);
    crypto_wipe(seed, sizeof(seed));
    put_path(path, project, "dev.key");
    enum status status = file_write(path, text_bytes(&t), FILE_SECRET_NEW, diag);
    crypto_wipe(pem, sizeof(pem));
    struct text hex = text_of(project->key, sizeof(project->key) - 1);
    text_put_hex(&hex, (struct bytes){key, sizeof(key)});
    return status;
}

// Where `cmake --install` puts the schemas that belong to this program, as in a string of TOML.
static void find_schemas(struct project *project)
{
    char *self = realpath("/proc/self/exe", NULL);
    char *beside = self != NULL ? file_beside(self, KPKG_SCHEMAS) : NULL;
    char *folder = beside != NULL ? realpath(beside, NULL) : NULL;
    struct text t = text_of(project->schemas, sizeof(project->schemas) - 1);
    text_put_json(&t, bytes_text(folder != NULL ? folder : ""));
    project->schemas[t.cut ? 0 : t.len] = '\0';
    free(folder);
    free(beside);
    free(self);
}

// Takes back what was made in a folder that was not there before.
static void unmake(const struct project *project)
{
    char path[PATH_SIZE];
    put_path(path, project, "dev.key");
    unlink(path);
    for (size_t i = 0; i < FILE_COUNT; i++) {
        put_path(path, project, FILES[i].path);
        unlink(path);
    }
    put_path(path, project, "");
    rmdir(path);
}

// `path` is the file at fault.
static enum status make(struct project *project, char path[static PATH_SIZE], struct diag *diag)
{
    put_path(path, project, "");
    if (mkdir(path, 0777) != 0) {
        return file_trouble(path, diag);
    }
    enum status status = make_key(project, path, diag);
    size_t count = project->schemas[0] != '\0' ? FILE_COUNT : FILE_COUNT - 1;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        char room[TEXT_MAX];
        struct text t = text_of(room, sizeof(room));
        fill_in(&t, (struct bytes){FILES[i].at, (size_t)(FILES[i].end - FILES[i].at)}, project);
        put_path(path, project, FILES[i].path);
        status = file_write(path, text_bytes(&t), FILE_REPLACE, diag);
    }
    if (status != STATUS_OK) {
        unmake(project);
    }
    return status;
}

static int run(const void *given, struct operands operands)
{
    (void)given;
    char path[PATH_SIZE];
    struct diag diag;
    struct project project = {.name = bytes_text(operands.at[0])};
    if (!forms_package_name.accepts(project.name)) {
        return diag_usage("expected a package name such as com.example.sensor, not",
                          operands.at[0]);
    }
    project.label = name_last_label(project.name);
    find_schemas(&project);
    enum status status = make(&project, path, &diag);
    if (status == STATUS_OK) {
        printf("made %.*s/; next:\n  cd %.*s && cmake -B build && cmake --build build && ctest "
               "--test-dir build\n",
               (int)project.label.len, (const char *)project.label.at, (int)project.label.len,
               (const char *)project.label.at);
    }
    return diag_finish(status, path, &diag);
}

const struct command cmd_new = {
    .name = "new",
    .operands = "NAME",
    .summary = "Write a package to begin with",
    .details =
        "NAME is a package name such as com.example.sensor; its last part becomes a folder with a\n"
        "program, a manifest, a CMake project, a system to try it in, and a development key that\n"
        "the trust file beside it knows; where kpkg is installed, also .taplo.toml, by which "
        "editors\n"
        "find the schemas. The folder must not be there yet.\n",
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
