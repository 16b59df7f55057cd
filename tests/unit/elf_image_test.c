// SPDX-License-Identifier: BSD-2-Clause

// A valid executable is built by code; each test spoils one thing of it and names the rule that
// refuses it.

#include "elf_image.h"
#include "reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
    MACHINE = 62,
    FILE_LEN = 0x4000,
    PHDRS = 64,
    HEADERS = 0, // program header indices
    TEXT = 1,
    DATA = 2,
    STACK = 3,
    COUNT = 4,
};

// Offsets of fields in a program header.
enum { TYPE = 0, FLAGS = 4, OFFSET = 8, VADDR = 16, FILESZ = 32, MEMSZ = 40 };

enum { R = 4, W = 2, X = 1 };

struct file {
    uint8_t at[FILE_LEN];
    size_t len;
};

static uint8_t *phdr(struct file *f, size_t index)
{
    return f->at + PHDRS + 56 * index;
}

static void put_phdr(struct file *f, size_t index, uint32_t flags, const uint64_t place[4])
{
    uint8_t *at = phdr(f, index);
    reader_put_le32(at + TYPE, 1);
    reader_put_le32(at + FLAGS, flags);
    reader_put_le64(at + OFFSET, place[0]);
    reader_put_le64(at + VADDR, place[1]);
    reader_put_le64(at + FILESZ, place[2]);
    reader_put_le64(at + MEMSZ, place[3]);
}

// R: the headers; RX: text; RW: data that begins within a page, and bss.
static struct file valid(void)
{
    struct file f = {.len = 0x2f80};
    memcpy(f.at,
           "\x7f"
           "ELF\2\1\1",
           7);
    reader_put_le16(f.at + 16, 2);
    reader_put_le16(f.at + 18, MACHINE);
    reader_put_le64(f.at + 24, 0x201010);
    reader_put_le64(f.at + 32, PHDRS);
    reader_put_le16(f.at + 52, 64);
    reader_put_le16(f.at + 54, 56);
    reader_put_le16(f.at + 56, COUNT);
    put_phdr(&f, HEADERS, R, (uint64_t[]){0, 0x200000, 0x180, 0x180});
    put_phdr(&f, TEXT, R | X, (uint64_t[]){0x1000, 0x201000, 0x321, 0x321});
    put_phdr(&f, DATA, R | W, (uint64_t[]){0x2f00, 0x203f00, 0x40, 0x2000});
    reader_put_le32(phdr(&f, STACK), 0x6474e551);
    reader_put_le32(phdr(&f, STACK) + FLAGS, R | W);
    memset(f.at + 0x1000, 0x90, 0x321);
    memset(f.at + 0x2e00, 0x55, 0x180);
    return f;
}

static enum status read(struct elf_image *image, const struct file *f, struct diag *diag)
{
    return elf_image_read(image, (struct bytes){f->at, f->len}, MACHINE, diag);
}

static void assert_refused(const struct file *f, enum status status, uint64_t where)
{
    struct elf_image image = {.count = 77};
    struct diag diag = {0};
    assert_string_equal(status_name(read(&image, f, &diag)), status_name(status));
    assert_int_equal(diag.status, status);
    assert_int_equal(diag.where, where);
    assert_int_equal(image.count, 77);
}

static void a_static_executable_is_read(void **state)
{
    (void)state;
    struct file f = valid();
    struct elf_image image;
    assert_int_equal(read(&image, &f, NULL), STATUS_OK);
    assert_int_equal(image.entry, 0x201010);
    assert_int_equal(image.count, 3);
    assert_false(image.segments[0].write || image.segments[0].execute);
    assert_true(!image.segments[1].write && image.segments[1].execute);
    const struct elf_segment *data = &image.segments[2];
    assert_true(data->write && !data->execute);
    assert_int_equal(data->vaddr, 0x203f00);
    assert_int_equal(data->memsz, 0x2000);
    assert_int_equal(data->offset, 0x2f00);
    assert_int_equal(data->filesz, 0x40);
}

static void an_empty_segment_is_passed_over(void **state)
{
    (void)state;
    struct file f = valid();
    struct elf_image image;
    put_phdr(&f, DATA, R | W, (uint64_t[]){0, 0, 0, 0});
    assert_int_equal(read(&image, &f, NULL), STATUS_OK);
    assert_int_equal(image.count, 2);
}

struct spoiled {
    size_t offset;
    size_t width;
    uint64_t value;
    enum status status;
    uint64_t where;
};

static void spoil(struct file *f, const struct spoiled *s)
{
    for (size_t i = 0; i < s->width; i++) {
        f->at[s->offset + i] = (uint8_t)(s->value >> (8 * i));
    }
}

#define AT(index, field) (PHDRS + 56 * (index) + (field))

static void each_rule_refuses_one_change(void **state)
{
    (void)state;
    static const struct spoiled all[] = {
        {0, 1, 0x7e, STATUS_ELF_MAGIC, 0},
        {4, 1, 1, STATUS_ELF_CLASS, 4},
        {5, 1, 2, STATUS_ELF_ENDIAN, 5},
        {16, 2, 3, STATUS_ELF_TYPE, 16},
        {18, 2, 183, STATUS_ELF_MACHINE, 18},
        {52, 2, 63, STATUS_ELF_EHSIZE, 52},
        {32, 8, 0x2f80, STATUS_ELF_PHDR_BOUNDS, 32},
        {32, 8, UINT64_MAX, STATUS_ELF_PHDR_BOUNDS, 32},
        {56, 2, 0xffff, STATUS_ELF_PHDR_BOUNDS, 32},
        {54, 2, 57, STATUS_ELF_PHENTSIZE, 54},
        {56, 2, 0, STATUS_ELF_NO_LOAD, 0},
        {AT(STACK, TYPE), 4, 3, STATUS_ELF_INTERP, STACK},
        {AT(STACK, TYPE), 4, 2, STATUS_ELF_DYNAMIC, STACK},
        {AT(DATA, FILESZ), 8, 0x81, STATUS_ELF_SEG_BOUNDS, DATA},
        {AT(DATA, OFFSET), 8, UINT64_MAX, STATUS_ELF_SEG_BOUNDS, DATA},
        {AT(DATA, FILESZ), 8, UINT64_MAX, STATUS_ELF_SEG_BOUNDS, DATA},
        {AT(DATA, MEMSZ), 8, UINT64_MAX, STATUS_ELF_SEG_WRAP, DATA},
        {AT(DATA, MEMSZ), 8, 0x3f, STATUS_ELF_FILESZ_MEMSZ, DATA},
        {AT(DATA, VADDR), 8, 0x203f01, STATUS_ELF_ALIGN, DATA},
        {AT(DATA, VADDR), 8, 0x1fff00, STATUS_ELF_ORDER, DATA},
        {AT(TEXT, MEMSZ), 8, 0x2f01, STATUS_ELF_OVERLAP, DATA},
        {AT(TEXT, MEMSZ), 8, 0x2001, STATUS_ELF_SHARED_PAGE, DATA},
        {AT(HEADERS, MEMSZ), 8, 0x1001, STATUS_ELF_OVERLAP, TEXT},
        {AT(DATA, OFFSET), 8, 0x1f00, STATUS_ELF_SHARED_PAGE, DATA},
        {AT(TEXT, FILESZ), 8, 0x320, STATUS_ELF_TAIL, TEXT},
        {0x1fff, 1, 1, STATUS_ELF_TAIL, TEXT},
        {0xfff, 1, 1, STATUS_ELF_TAIL, HEADERS},
        {AT(DATA, FLAGS), 4, R, STATUS_ELF_TAIL, DATA},
        {AT(DATA, FLAGS), 4, R | W | X, STATUS_ELF_WX, DATA},
        {AT(HEADERS, VADDR), 8, 0x1ff000, STATUS_ELF_VADDR, HEADERS},
        {AT(DATA, VADDR), 8, 0xffff000 - 0x100, STATUS_ELF_VADDR, DATA},
        {24, 8, 0x201000 + 0x321, STATUS_ELF_ENTRY, 24},
        {24, 8, 0x200010, STATUS_ELF_ENTRY, 24},
        {24, 8, 0, STATUS_ELF_ENTRY, 24},
        {AT(STACK, FLAGS), 4, R | W | X, STATUS_ELF_STACK_EXEC, STACK},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        struct file f = valid();
        spoil(&f, &all[i]);
        assert_refused(&f, all[i].status, all[i].where);
    }
}

static void the_last_address_is_allowed(void **state)
{
    (void)state;
    struct file f = valid();
    struct elf_image image;
    reader_put_le64(phdr(&f, DATA) + VADDR, 0xfffdf00);
    reader_put_le64(phdr(&f, DATA) + MEMSZ, 0x2100);
    assert_int_equal(read(&image, &f, NULL), STATUS_OK);
    reader_put_le64(phdr(&f, DATA) + MEMSZ, 0x2101);
    assert_refused(&f, STATUS_ELF_VADDR, DATA);
}

static void segments_are_counted(void **state)
{
    (void)state;
    struct file f = valid();
    struct elf_image image;
    reader_put_le64(f.at + 32, 0x3000);
    f.len = FILE_LEN;
    memcpy(f.at + 0x3000, phdr(&f, HEADERS), 112); // headers, text
    for (size_t i = 2; i < BOUND_SEGMENTS + 1; i++) {
        uint8_t *bss = f.at + 0x3000 + 56 * i;
        reader_put_le32(bss, 1);
        reader_put_le32(bss + FLAGS, R | W);
        reader_put_le64(bss + VADDR, 0x210000 + 0x1000 * i);
        reader_put_le64(bss + MEMSZ, 1);
    }
    reader_put_le16(f.at + 56, BOUND_SEGMENTS);
    assert_int_equal(read(&image, &f, NULL), STATUS_OK);
    assert_int_equal(image.count, BOUND_SEGMENTS);
    reader_put_le16(f.at + 56, BOUND_SEGMENTS + 1);
    assert_refused(&f, STATUS_ELF_TOO_MANY, BOUND_SEGMENTS);
}

static void no_beginning_of_the_file_is_accepted(void **state)
{
    (void)state;
    struct file f = valid();
    for (size_t len = 0; len < 0x2f40; len++) {
        struct elf_image image;
        f.len = len;
        assert_int_not_equal(read(&image, &f, NULL), STATUS_OK);
    }
    f.len = 0x2f40;
    struct elf_image image;
    assert_int_equal(read(&image, &f, NULL), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_static_executable_is_read),
        cmocka_unit_test(an_empty_segment_is_passed_over),
        cmocka_unit_test(each_rule_refuses_one_change),
        cmocka_unit_test(the_last_address_is_allowed),
        cmocka_unit_test(segments_are_counted),
        cmocka_unit_test(no_beginning_of_the_file_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
