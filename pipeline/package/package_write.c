// SPDX-License-Identifier: BSD-2-Clause
#include "package_write.h"

#include "name.h"
#include "package_digest.h"
#include "reader.h"

static enum status layout_of(struct package_layout *out, const struct package_parts *parts,
                             struct diag *diag)
{
    return package_layout(out, parts->manifest.len, parts->binary.len, PACKAGE_BINARY_MAX, diag);
}

enum status package_write_length(uint64_t *out, const struct package_parts *parts,
                                 struct diag *diag)
{
    struct package_layout layout;
    enum status status = layout_of(&layout, parts, diag);
    if (status == STATUS_OK) {
        *out = layout.file_len;
    }
    return status;
}

static void write_table(uint8_t *file, const struct package_layout *layout)
{
    struct bytes pages = {file + BOUND_PAGE, layout->pages * BOUND_PAGE};
    package_digest_pages(file + layout->table_offset, 0, pages);
}

static void write_header(uint8_t *page0, const struct package_parts *parts,
                         const struct package_layout *layout)
{
    static const uint8_t magic[8] = {0x89, 'K', 'P', 'K', 'G', '\r', '\n', 0x1a};
    memcpy(page0, magic, sizeof magic);
    reader_put_le16(page0 + 0x08, PACKAGE_VERSION);
    reader_put_le16(page0 + 0x0a, PACKAGE_MACHINE_X86_64);
    reader_put_le64(page0 + 0x10, parts->counter);
    reader_put_le64(page0 + 0x18, parts->manifest.len);
    reader_put_le64(page0 + 0x20, parts->binary.len);
    reader_put_le32(page0 + 0x28, PACKAGE_ABI);
    struct bytes table = {page0 + layout->table_offset, layout->table_len};
    package_digest_manifest(page0 + 0x30, parts->manifest);
    package_digest_table(page0 + 0x50, parts->binary.len, table);
    memcpy(page0 + 0x70, parts->name.at, parts->name.len);
}

enum status package_write(uint8_t *file, const struct package_parts *parts, struct diag *diag)
{
    struct package_layout layout;
    enum status status = layout_of(&layout, parts, diag);
    if (status == STATUS_OK) {
        status = name_check(parts->name, diag);
    }
    if (status != STATUS_OK) {
        return status;
    }
    memset(file, 0, layout.file_len);
    memcpy(file + BOUND_PAGE, parts->binary.at, parts->binary.len);
    memcpy(file + layout.manifest_offset, parts->manifest.at, parts->manifest.len);
    write_table(file, &layout);
    write_header(file, parts, &layout);
    return STATUS_OK;
}

enum status package_write_record(uint8_t *records, size_t count, size_t most,
                                 const struct package_slot *slot, struct diag *diag)
{
    size_t place = 0; // records with a smaller key
    for (size_t i = 0; i < count; i++) {
        int order = memcmp(records + i * PACKAGE_SLOT, slot->key, CRYPTO_KEY);
        if (order == 0) {
            return diag_fail(diag, STATUS_SIG_DUPLICATE, "signature slot", i);
        }
        place += order < 0;
    }
    if (count == most) {
        return diag_fail(diag, STATUS_SIG_FULL, "signature slot", count);
    }
    uint8_t *at = records + place * PACKAGE_SLOT;
    memmove(at + PACKAGE_SLOT, at, (count - place) * PACKAGE_SLOT);
    memcpy(at, slot->key, CRYPTO_KEY);
    memcpy(at + CRYPTO_KEY, slot->signature, CRYPTO_SIGNATURE);
    return STATUS_OK;
}

enum status package_write_slot(uint8_t page0[static BOUND_PAGE], const struct package_slot *slot,
                               struct diag *diag)
{
    uint8_t *slots = page0 + PACKAGE_SLOTS_AT;
    size_t used = 0;
    while (used < BOUND_SIGNATURES &&
           !bytes_all_zero((struct bytes){slots + used * PACKAGE_SLOT, PACKAGE_SLOT})) {
        used++;
    }
    return package_write_record(slots, used, BOUND_SIGNATURES, slot, diag);
}
