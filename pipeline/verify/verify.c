// SPDX-License-Identifier: BSD-2-Clause
#include "verify.h"

#include "package_digest.h"

// The order is the promise (spec/package.md, 5): who signed page 0, and whether they may, is
// decided from page 0 alone; its digests then judge the page table, the table each page of the
// binary. No byte of manifest or binary is looked at for what it means.

// Every used slot must verify, known signer or not: a package has no garbage in it.
static enum status check_signatures(const struct package *package, struct diag *diag)
{
    for (size_t i = 0; i < package->slot_count; i++) {
        const struct package_slot *slot = &package->slots[i];
        uint8_t message[PACKAGE_DIGEST_MESSAGE];
        package_digest_message(message, package->id, slot->key);
        struct bytes signed_bytes = {message, sizeof message};
        enum status status = crypto_ed25519_verify(slot->signature, signed_bytes, slot->key);
        if (status != STATUS_OK) {
            return diag_fail(diag, status, "signature slot", i);
        }
    }
    return STATUS_OK;
}

enum status verify_head(struct verify *out, struct bytes page0, uint64_t file_len,
                        const struct trust *trust, struct diag *diag)
{
    struct verify v = {.trust = trust};
    enum status status = package_read(&v.package, page0, file_len, trust->binary_max, diag);
    if (status == STATUS_OK) {
        status = check_signatures(&v.package, diag);
    }
    if (status == STATUS_OK) {
        status = trust_decide(&v.decision, &v.package, trust, diag);
    }
    if (status == STATUS_OK) {
        *out = v;
    }
    return status;
}

static struct bytes manifest_of(const struct verify *v)
{
    const struct package_layout *l = &v->package.layout;
    return bytes_part(v->file, l->manifest_offset, l->manifest_len);
}

static struct bytes table_of(const struct verify *v)
{
    const struct package_layout *l = &v->package.layout;
    return bytes_part(v->file, l->table_offset, l->table_len);
}

enum status verify_metadata(struct verify *v, struct bytes file, struct diag *diag)
{
    const struct package *p = &v->package;
    uint8_t digest[CRYPTO_DIGEST];
    if (file.len != p->layout.file_len) {
        return diag_fail(diag, STATUS_BUG, "file length", file.len);
    }
    v->file = file;
    package_digest_manifest(digest, manifest_of(v));
    if (memcmp(digest, p->manifest_digest, sizeof digest) != 0) {
        return diag_fail(diag, STATUS_MANIFEST_DIGEST, "manifest", p->layout.manifest_offset);
    }
    package_digest_table(digest, p->binary_len, table_of(v));
    if (memcmp(digest, p->table_digest, sizeof digest) != 0) {
        return diag_fail(diag, STATUS_TABLE_DIGEST, "page table", p->layout.table_offset);
    }
    return STATUS_OK;
}

void verify_pages(struct verify_part *out, const struct verify *v, uint64_t first,
                  struct bytes pages)
{
    uint64_t end = first + pages.len / BOUND_PAGE;
    uint64_t good = package_digest_match(table_of(v), first, pages);
    *out = (struct verify_part){.first = first, .end = end, .bad = first + good};
}

enum status verify_join(struct verify *v, const struct verify_part *part, struct diag *diag)
{
    if (part->first != v->pages_joined || part->end > v->package.layout.pages) {
        return diag_fail(diag, STATUS_BUG, "page", part->first);
    }
    if (part->bad < part->end) {
        return diag_fail(diag, STATUS_PAGE_DIGEST, "page", part->bad);
    }
    v->pages_joined = part->end;
    return STATUS_OK;
}

// Zero bytes of the file from `from` up to `to`; `where` is the offset of the first that is not.
static enum status check_padding(const struct verify *v, size_t from, size_t to, enum status status,
                                 struct diag *diag)
{
    for (size_t i = from; i < to; i++) {
        if (v->file.at[i] != 0) {
            return diag_fail(diag, status, "padding", i);
        }
    }
    return STATUS_OK;
}

enum status verify_finish(struct verified *out, const struct verify *v, struct diag *diag)
{
    const struct package *p = &v->package;
    const struct package_layout *l = &p->layout;
    if (v->pages_joined != l->pages) {
        return diag_fail(diag, STATUS_BUG, "page", v->pages_joined);
    }
    enum status status = check_padding(v, l->manifest_offset + l->manifest_len, l->table_offset,
                                       STATUS_MANIFEST_PADDING, diag);
    if (status == STATUS_OK) {
        status = check_padding(v, l->table_offset + l->table_len, l->file_len, STATUS_TABLE_PADDING,
                               diag);
    }
    if (status == STATUS_OK) {
        status = check_padding(v, BOUND_PAGE + p->binary_len, l->manifest_offset,
                               STATUS_BINARY_PADDING, diag);
    }
    if (status == STATUS_OK) {
        *out = (struct verified){
            .package = *p,
            .manifest = manifest_of(v),
            .binary = bytes_part(v->file, BOUND_PAGE, p->binary_len),
            .decision = v->decision,
            .trust = v->trust,
        };
    }
    return status;
}

enum status verify_package(struct verified *out, struct bytes file, const struct trust *trust,
                           struct diag *diag)
{
    struct verify v;
    struct bytes page0 = bytes_part(file, 0, file.len < BOUND_PAGE ? file.len : BOUND_PAGE);
    enum status status = verify_head(&v, page0, file.len, trust, diag);
    if (status == STATUS_OK) {
        status = verify_metadata(&v, file, diag);
    }
    if (status == STATUS_OK) {
        struct verify_part all;
        verify_pages(&all, &v, 0,
                     bytes_part(file, BOUND_PAGE, v.package.layout.pages * BOUND_PAGE));
        status = verify_join(&v, &all, diag);
    }
    return status == STATUS_OK ? verify_finish(out, &v, diag) : status;
}
