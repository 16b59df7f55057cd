// SPDX-License-Identifier: BSD-2-Clause
#include "fat.h"

#include "reader.h"

#include <stdlib.h>
#include <string.h>

// From the image's start: the boot sector, two tables of clusters, the root directory, the
// clusters, of which the first has the number 2. Both folders take one.
enum {
    SECTOR = 512,
    CLUSTER = 4096,
    CLUSTERS_MAX = 4084, // one more and it is FAT16
    TABLES = 2,
    ROOT_ENTRIES = 512,
    ENTRY = 32,
    ROOT = ROOT_ENTRIES * ENTRY,
    EFI = 2,
    BOOT,
    PROGRAM,
};
enum { FOLDER = 0x10, ARCHIVE = 0x20 }; // attributes
#define LAST     0xfffU
#define MEDIA    0xf8U // a disk that is not taken out
#define THE_DATE 0x21U // 1980-01-01, the first that there is

struct fat {
    uint8_t *at;
    size_t len;
    size_t table_len;
    size_t clusters;
};

static size_t round_up(size_t value, size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static struct fat lay_out(size_t program_len)
{
    struct fat fat = {.clusters = PROGRAM - EFI + round_up(program_len, CLUSTER) / CLUSTER};
    size_t table_used = (EFI + fat.clusters) * 3 / 2 + 1;
    fat.table_len = round_up(table_used, SECTOR);
    fat.len = SECTOR + TABLES * fat.table_len + ROOT + fat.clusters * CLUSTER;
    return fat;
}

static uint8_t *root(const struct fat *fat)
{
    return fat->at + SECTOR + TABLES * fat->table_len;
}

static uint8_t *cluster(const struct fat *fat, unsigned number)
{
    return root(fat) + ROOT + (size_t)(number - EFI) * CLUSTER;
}

static void put_boot_sector(const struct fat *fat)
{
    static const uint8_t beginning[] = {0xeb, 0x3c, 0x90, 'K', 'P', 'K', 'G', ' ', ' ', ' ', ' '};
    static const char names[23] = "KPKG"        // serial number
                                  "KPKG       " // label
                                  "FAT12   ";
    uint8_t *at = fat->at;
    memcpy(at, beginning, sizeof(beginning));
    reader_put_le16(at + 11, SECTOR);
    at[13] = CLUSTER / SECTOR;
    reader_put_le16(at + 14, 1); // sectors before the tables
    at[16] = TABLES;
    reader_put_le16(at + 17, ROOT_ENTRIES);
    reader_put_le16(at + 19, (uint16_t)(fat->len / SECTOR)); // at most 32 Ki
    at[21] = MEDIA;
    reader_put_le16(at + 22, (uint16_t)(fat->table_len / SECTOR));
    reader_put_le16(at + 24, 32); // sectors a track and
    reader_put_le16(at + 26, 64); // heads, which nobody asks for
    at[36] = 0x80;                // a hard disk
    at[38] = 0x29;                // the three that follow are there
    memcpy(at + 39, names, sizeof(names));
    reader_put_le16(at + SECTOR - 2, 0xaa55);
}

// An entry of a table has 12 bits: two share three bytes.
static void put_next(uint8_t *table, size_t number, unsigned next)
{
    uint8_t *at = table + number / 2 * 3;
    if (number % 2 == 0) {
        at[0] = (uint8_t)next;
        at[1] = (uint8_t)((at[1] & 0xf0U) | next >> 8);
    } else {
        at[1] = (uint8_t)((at[1] & 0x0fU) | (next & 0x0fU) << 4);
        at[2] = (uint8_t)(next >> 4);
    }
}

static void put_table(const struct fat *fat, uint8_t *table)
{
    size_t end = EFI + fat->clusters;
    put_next(table, 0, 0xf00U | MEDIA);
    put_next(table, 1, LAST);
    for (size_t i = EFI; i < end; i++) {
        put_next(table, i, i < PROGRAM || i + 1 == end ? LAST : (unsigned)i + 1);
    }
}

static void put_entry(uint8_t *at, const char name[static 11], uint8_t attribute, unsigned first)
{
    memcpy(at, name, 11);
    at[11] = attribute;
    reader_put_le16(at + 16, THE_DATE); // made
    reader_put_le16(at + 18, THE_DATE); // read
    reader_put_le16(at + 24, THE_DATE); // written
    reader_put_le16(at + 26, (uint16_t)first);
}

// What every folder begins with; the root directory counts as cluster 0.
static uint8_t *put_folder(uint8_t *at, unsigned self, unsigned parent)
{
    put_entry(at, ".          ", FOLDER, self);
    put_entry(at + ENTRY, "..         ", FOLDER, parent);
    return at + (size_t)2 * ENTRY;
}

enum status fat_build(struct file_content *out, struct bytes program, struct diag *diag)
{
    struct fat fat = lay_out(program.len);
    if (program.len == 0 || fat.clusters > CLUSTERS_MAX) {
        return diag_fail(diag, STATUS_FILE_TOO_LARGE, "EFI program", program.len);
    }
    fat.at = aligned_alloc(CLUSTER, round_up(fat.len, CLUSTER)); // as a file's content is: a page
    if (fat.at == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "EFI file system", fat.len);
    }
    memset(fat.at, 0, fat.len);
    put_boot_sector(&fat);
    for (size_t i = 0; i < TABLES; i++) {
        put_table(&fat, fat.at + SECTOR + i * fat.table_len);
    }
    put_entry(root(&fat), "EFI        ", FOLDER, EFI);
    put_entry(put_folder(cluster(&fat, EFI), EFI, 0), "BOOT       ", FOLDER, BOOT);
    uint8_t *entry = put_folder(cluster(&fat, BOOT), BOOT, EFI);
    put_entry(entry, "BOOTX64 EFI", ARCHIVE, PROGRAM);
    reader_put_le32(entry + 28, (uint32_t)program.len);
    memcpy(cluster(&fat, PROGRAM), program.at, program.len);
    *out = (struct file_content){.at = fat.at, .len = fat.len};
    return STATUS_OK;
}
