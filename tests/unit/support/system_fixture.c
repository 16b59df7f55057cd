// SPDX-License-Identifier: BSD-2-Clause
#include "system_fixture.h"

#include "fixture.h"
#include "override.h"
#include "package_sign.h"
#include "package_write.h"
#include "reader.h"
#include "text.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
// clang-format on

enum { BINARY_LEN = 0x4180, ENTRY = 0x401000 };

struct program_header {
    uint32_t flags; // 1 execute, 2 write, 4 read
    uint64_t offset, vaddr, filesz, memsz;
};

static const struct program_header headers[] = {
    {5, 0x1000, 0x401000, 0x1800, 0x1800},
    {4, 0x3000, 0x403000, 0x200, 0x200},
    {6, 0x4000, 0x404000, 0x180, 0x2400},
};

// ELF64 (System V ABI, AMD64 supplement), static, with zeros from the end of each read-only segment
// to the end of its page.
static void write_elf(uint8_t *at)
{
    static const uint8_t ident[16] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    size_t count = sizeof headers / sizeof *headers;
    memset(at, 0, BINARY_LEN);
    memcpy(at, ident, sizeof ident);
    reader_put_le16(at + 16, 2);
    reader_put_le16(at + 18, 62);
    reader_put_le32(at + 20, 1);
    reader_put_le64(at + 24, ENTRY);
    reader_put_le64(at + 32, 64);
    reader_put_le16(at + 52, 64);
    reader_put_le16(at + 54, 56);
    reader_put_le16(at + 56, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        uint8_t *header = at + 64 + i * 56;
        reader_put_le32(header, 1);
        reader_put_le32(header + 4, headers[i].flags);
        reader_put_le64(header + 8, headers[i].offset);
        reader_put_le64(header + 16, headers[i].vaddr);
        reader_put_le64(header + 24, headers[i].vaddr);
        reader_put_le64(header + 32, headers[i].filesz);
        reader_put_le64(header + 40, headers[i].memsz);
        reader_put_le64(header + 48, BOUND_PAGE);
        memset(at + headers[i].offset, 0x90, headers[i].filesz);
    }
}

// The part of `*text` up to the end of the line, without it.
static struct bytes take_line(struct bytes *text)
{
    const uint8_t *end = memchr(text->at, '\n', text->len);
    assert_non_null(end);
    size_t len = (size_t)(end - text->at);
    struct bytes line = bytes_part(*text, 0, len);
    *text = bytes_part(*text, len + 1, text->len - len - 1);
    return line;
}

struct bytes system_fixture_head(struct bytes *text)
{
    struct bytes body = {text->at, 0};
    while (text->len != 0 && !bytes_starts_with(*text, bytes_text("=== "))) {
        body.len += take_line(text).len + 1;
    }
    return body;
}

static void *take(struct system_fixture *f, size_t len)
{
    void *room = arena_take(&f->arena, len, 1);
    assert_non_null(room);
    return room;
}

// "@x" becomes the public key of signer x, in hexadecimal.
static struct bytes with_keys(struct system_fixture *f, struct bytes text)
{
    size_t size = text.len + 64 * 8;
    struct text out = text_of(take(f, size), size);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t key[CRYPTO_KEY];
        if (text.at[i] == '@') {
            fixture_key(key, (char)text.at[++i]);
            text_put_hex(&out, (struct bytes){key, sizeof key});
        } else {
            text_char(&out, (char)text.at[i]);
        }
    }
    assert_false(out.cut);
    return text_bytes(&out);
}

static void expect_ok(enum status status, const struct diag *diag, const char *part)
{
    if (status != STATUS_OK) {
        fail_msg("%s: %s, line %u: %.*s", part, status_name(status), diag->line,
                 (int)diag->subject_len, diag->subject);
    }
}

// Writes and signs the package of a manifest.
static struct bytes package_of(struct system_fixture *f, const struct manifest *manifest,
                               struct bytes signers)
{
    struct package_parts parts = {.name = manifest->name.value,
                                  .counter = manifest->counter.value,
                                  .manifest = manifest->text,
                                  .binary = {take(f, BINARY_LEN), BINARY_LEN}};
    uint64_t len;
    write_elf((uint8_t *)parts.binary.at);
    assert_int_equal(package_write_length(&len, &parts, NULL), STATUS_OK);
    uint8_t *file = take(f, len);
    assert_int_equal(package_write(file, &parts, NULL), STATUS_OK);
    for (size_t i = 0; i < signers.len; i++) {
        uint8_t seed[CRYPTO_SEED];
        fixture_seed(seed, (char)signers.at[i]);
        assert_int_equal(package_sign(file, seed, NULL), STATUS_OK);
    }
    return (struct bytes){file, len};
}

static const char generous[] = "schema = 1\ncounter = 1\n"
                               "[[key]]\nid = \"a\"\ned25519 = \"@a\"\nnames = [\"*\"]\n"
                               "ceiling = \"all\"\n"
                               "[[key]]\nid = \"b\"\ned25519 = \"@b\"\nnames = [\"*\"]\n"
                               "ceiling = \"all\"\n"
                               "[[rule]]\nnames = \"*\"\nthreshold = 1\n"
                               "[ceiling.all]\nmemory = \"1GiB\"\ncnode-bits = 12\nthreads = 9\n"
                               "priority-max = 255\nendpoints = [\"*\"]\nspawn = [\"*\"]\n";

static void read_trust(struct system_fixture *f, struct bytes text)
{
    struct diag diag = {0};
    struct bytes trust = with_keys(f, text);
    expect_ok(trust_read(&f->trust, trust, &f->arena, &diag), &diag, "trust");
}

static void read_package(struct system_fixture *f, size_t i, struct bytes text,
                         struct bytes signers)
{
    struct manifest *manifest = &f->manifests[i];
    struct verified *verified = &f->verified[i];
    struct diag diag = {0};
    if (f->trust.key_count == 0) {
        read_trust(f, bytes_text(generous));
    }
    expect_ok(manifest_read(manifest, text, &f->arena, &diag), &diag, "manifest");
    struct bytes file = package_of(f, manifest, signers);
    expect_ok(verify_package(verified, file, &f->trust, &diag), &diag, "package");
    expect_ok(manifest_read(manifest, verified->manifest, &f->arena, &diag), &diag, "manifest");
    expect_ok(elf_image_read(&f->images[i], verified->binary, 62, &diag), &diag, "binary");
    f->instances[i].verified = verified;
    f->instances[i].manifest = manifest;
    f->instances[i].elf = &f->images[i];
}

static void name_instances(struct system_fixture *f, size_t count)
{
    struct bytes packages[BOUND_TARGETS], names[BOUND_TARGETS];
    struct diag diag = {0};
    assert_int_equal(count, f->system.package_count);
    for (size_t i = 0; i < count; i++) {
        packages[i] = f->instances[i].verified != NULL ? f->manifests[i].name.value
                                                       : f->system.packages[i].as.value;
    }
    expect_ok(system_instances(names, &f->system, packages, &diag), &diag, "instances");
    for (size_t i = 0; i < count; i++) {
        f->instances[i].name = names[i];
        if (f->instances[i].verified != NULL) {
            enum status status =
                override_apply(&f->manifests[i], &f->system, f->instances[i].name, &f->overridden);
            assert_true(status == STATUS_OK || status == STATUS_OVERRIDE);
        }
    }
}

void system_fixture_read(struct system_fixture *f, struct bytes text, struct arena memory)
{
    struct diag diag = {0};
    size_t count = 0;
    *f = (struct system_fixture){.arena = memory};
    f->input = (struct policy_input){.system = &f->system, .instances = f->instances};
    while (text.len != 0) {
        struct bytes line = take_line(&text), body = system_fixture_head(&text);
        if (bytes_is(line, "=== system")) {
            expect_ok(system_read(&f->system, body, &f->arena, &diag), &diag, "system");
        } else if (bytes_is(line, "=== trust")) {
            read_trust(f, body);
        } else if (bytes_is(line, "=== manifest")) {
            read_package(f, count++, body, bytes_text("a"));
        } else if (bytes_starts_with(line, bytes_text("=== manifest "))) {
            read_package(f, count++, body, bytes_part(line, 13, line.len - 13));
        } else {
            assert_true(bytes_is(line, "=== refused"));
            count++;
        }
    }
    name_instances(f, count);
}

void system_fixture_places(struct system_fixture *f, size_t places)
{
    struct system *system = &f->system;
    memcpy(f->listed, system->packages, system->package_count * sizeof *f->listed);
    system->packages = f->listed;
    system->package_count += places;
    system->cpu.value = 100;
    system->control = (struct system_control){
        .allowed = true,
        .cpu.value = 1,
        .places.value = places,
        .memory.value = 1 << 20,
        .package.value = 1 << 17,
    };
}

struct bytes system_fixture_load(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t room = 256 << 10;
    uint8_t *at = arena_take(arena, room, 1);
    assert_non_null(at);
    size_t len = fread(at, 1, room, file);
    fclose(file);
    assert_true(len < room);
    return (struct bytes){at, len};
}

void system_fixture_open(struct system_fixture *f, const char *path, struct arena memory)
{
    struct bytes text = system_fixture_load(path, &memory);
    (void)system_fixture_head(&text);
    system_fixture_read(f, text, memory);
}

void system_fixture_compile(struct plan *plan, struct system_fixture *f, const char *path,
                            struct arena memory)
{
    static struct diag refused[BOUND_TARGETS];
    struct diag diag = {0};
    system_fixture_open(f, path, memory);
    expect_ok(policy_compile(plan, refused, &f->input, &f->arena, &diag), &diag, path);
    assert_int_equal(plan->target_count, f->system.package_count);
}
