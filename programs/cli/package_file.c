// SPDX-License-Identifier: BSD-2-Clause

// A package as one file in memory, checked in the order of spec/package.md, 5: header and layout,
// then the digests that the header names. Signatures are a matter of their own: an unsigned package
// can be inspected.

#include "package_file.h"

#include "package_digest.h"

enum status package_file_read(struct package_file *out, const char *path, struct diag *diag)
{
    struct package_file file = {0};
    enum status status =
        file_read(&file.content, path, package_layout_file_max(PACKAGE_BINARY_MAX), diag);
    if (status != STATUS_OK) {
        return status;
    }
    struct bytes all = file_bytes(&file.content);
    struct bytes page0 = bytes_part(all, 0, all.len < BOUND_PAGE ? all.len : BOUND_PAGE);
    status = package_read(&file.header, page0, all.len, PACKAGE_BINARY_MAX, diag);
    if (status == STATUS_UNSIGNED) {
        status = package_read_header(&file.header, page0, all.len, PACKAGE_BINARY_MAX, diag);
    }
    if (status != STATUS_OK) {
        file_free(&file.content);
        return status;
    }
    *out = file;
    return STATUS_OK;
}

void package_file_free(struct package_file *file)
{
    file_free(&file->content);
}

struct bytes package_file_manifest(const struct package_file *file)
{
    const struct package_layout *layout = &file->header.layout;
    return bytes_part(file_bytes(&file->content), layout->manifest_offset, layout->manifest_len);
}

struct bytes package_file_binary(const struct package_file *file)
{
    return bytes_part(file_bytes(&file->content), BOUND_PAGE, file->header.binary_len);
}

bool package_file_signature_valid(const struct package_file *file, size_t slot)
{
    const struct package_slot *used = &file->header.slots[slot];
    uint8_t message[PACKAGE_DIGEST_MESSAGE];
    package_digest_message(message, file->header.id, used->key);
    return crypto_ed25519_verify(used->signature, (struct bytes){message, sizeof(message)},
                                 used->key) == STATUS_OK;
}

enum status package_file_signed(const struct package_file *file, struct diag *diag)
{
    if (file->header.slot_count == 0) {
        return diag_fail(diag, STATUS_UNSIGNED, "package", 0);
    }
    for (size_t i = 0; i < file->header.slot_count; i++) {
        if (!package_file_signature_valid(file, i)) {
            return diag_fail(diag, STATUS_SIG_INVALID, "signature slot", i);
        }
    }
    return STATUS_OK;
}

static bool manifest_is_named(const struct package_file *file)
{
    uint8_t digest[CRYPTO_DIGEST];
    package_digest_manifest(digest, package_file_manifest(file));
    return memcmp(digest, file->header.manifest_digest, sizeof(digest)) == 0;
}

static bool table_is_named(const struct package_file *file, struct bytes table)
{
    uint8_t digest[CRYPTO_DIGEST];
    package_digest_table(digest, file->header.binary_len, table);
    return memcmp(digest, file->header.table_digest, sizeof(digest)) == 0;
}

static enum status check_content(const struct package_file *file, struct diag *diag)
{
    const struct package_layout *layout = &file->header.layout;
    struct bytes all = file_bytes(&file->content);
    struct bytes table = bytes_part(all, layout->table_offset, layout->table_len);
    if (!manifest_is_named(file)) {
        return diag_fail(diag, STATUS_MANIFEST_DIGEST, "manifest", layout->manifest_offset);
    }
    if (!table_is_named(file, table)) {
        return diag_fail(diag, STATUS_TABLE_DIGEST, "page table", layout->table_offset);
    }
    struct bytes pages = bytes_part(all, BOUND_PAGE, layout->pages * BOUND_PAGE);
    uint64_t good = package_digest_match(table, 0, pages);
    return good == layout->pages ? STATUS_OK : diag_fail(diag, STATUS_PAGE_DIGEST, "page", good);
}

enum status package_file_read_whole(struct package_file *out, const char *path, struct diag *diag)
{
    struct package_file file;
    enum status status = package_file_read(&file, path, diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = check_content(&file, diag);
    if (status != STATUS_OK) {
        package_file_free(&file);
        return status;
    }
    *out = file;
    return STATUS_OK;
}
