// SPDX-License-Identifier: BSD-2-Clause
#include "bundle.h"

#include "reader.h"

enum {
    AT_VERSION = 0x08,
    AT_COUNT = 0x0c,
    AT_NONCE_LEN = 0x10,
    AT_NONCE = 0x18,
    AT_SEED = 0x38,
    AT_KERNEL = 0x58,
    AT_ROOT = 0x78,
    AT_FLAGS = 0x98,
    AT_SDK = 0xa0,
    AT_ITEMS = 0xc0,
    ITEM_LEN = 24,
    FILES = 2, // trust and system
    FLAG_KNOWN = 1,
    FLAG_DEBUG = 2,
    FLAG_PRINTING = 4,
    FLAGS = FLAG_KNOWN | FLAG_DEBUG | FLAG_PRINTING,
};

_Static_assert(AT_ITEMS + ITEM_LEN * (FILES + BOUND_TARGETS) <= BOUND_PAGE, "entries fit page 0");

static const uint8_t magic[8] = {0x89, 'K', 'P', 'B', 'N', '\r', '\n', 0x1a};

static uint64_t pages_up(uint64_t len)
{
    return (len + BOUND_PAGE - 1) / BOUND_PAGE * BOUND_PAGE;
}

static struct bytes item_of(const struct bundle *bundle, uint32_t index)
{
    if (index < FILES) {
        return index == 0 ? bundle->trust : bundle->system;
    }
    return bundle->packages[index - FILES];
}

// The first package with the same bytes, or `index` itself: what is there twice is written once.
static uint32_t same_as(const struct bundle *bundle, uint32_t index)
{
    struct bytes item = item_of(bundle, index);
    uint32_t first = FILES;
    while (first < index && !(item.len != 0 && bytes_equal(item_of(bundle, first), item))) {
        first++;
    }
    return index < FILES ? index : first;
}

static uint32_t kind_of(uint32_t index)
{
    return index < FILES ? index + BUNDLE_TRUST : BUNDLE_PACKAGE;
}

static void write_kernel(uint8_t *to, const struct bundle_kernel *built)
{
    if (built->known) {
        reader_put_le32(to + AT_FLAGS, FLAG_KNOWN | (built->debug ? FLAG_DEBUG : 0u) |
                                           (built->printing ? FLAG_PRINTING : 0u));
        memcpy(to + AT_SDK, built->sdk, sizeof built->sdk);
    }
}

size_t bundle_size(const struct bundle *bundle)
{
    uint64_t size = BOUND_PAGE;
    for (uint32_t i = 0; i < FILES + bundle->package_count; i++) {
        size += same_as(bundle, i) == i ? pages_up(item_of(bundle, i).len) : 0;
    }
    return size;
}

void bundle_write(uint8_t *to, const struct bundle *bundle)
{
    uint32_t count = FILES + bundle->package_count;
    uint64_t next = BOUND_PAGE, at[FILES + BOUND_TARGETS];
    memset(to, 0, bundle_size(bundle));
    memcpy(to, magic, sizeof magic);
    reader_put_le32(to + AT_VERSION, 1);
    reader_put_le32(to + AT_COUNT, count);
    reader_put_le32(to + AT_NONCE_LEN, bundle->nonce_len);
    memcpy(to + AT_NONCE, bundle->nonce, bundle->nonce_len);
    memcpy(to + AT_SEED, bundle->seed, sizeof bundle->seed);
    memcpy(to + AT_KERNEL, bundle->kernel, sizeof bundle->kernel);
    memcpy(to + AT_ROOT, bundle->root, sizeof bundle->root);
    write_kernel(to, &bundle->built);
    for (uint32_t i = 0; i < count; i++) {
        struct bytes item = item_of(bundle, i);
        uint8_t *entry = to + AT_ITEMS + i * ITEM_LEN;
        reader_put_le32(entry, kind_of(i));
        uint32_t first = same_as(bundle, i);
        at[i] = first == i ? next : at[first];
        reader_put_le64(entry + 8, at[i]);
        reader_put_le64(entry + 16, item.len);
        if (first == i && item.len != 0) {
            memcpy(to + next, item.at, item.len);
        }
        next += first == i ? pages_up(item.len) : 0;
    }
}

static enum status damaged(struct diag *diag, const char *what, uint64_t where)
{
    return diag_fail(diag, STATUS_BUNDLE, what, where);
}

static void copy(uint8_t *to, struct bytes from)
{
    if (from.len != 0) {
        memcpy(to, from.at, from.len);
    }
}

// Text up to the first zero, zeros after it.
static bool is_padded_text(struct bytes field)
{
    size_t len = 0;
    while (len < field.len && field.at[len] > 0x20 && field.at[len] < 0x7f) {
        len++;
    }
    return bytes_all_zero(bytes_part(field, len, field.len - len));
}

static enum status read_kernel(struct bundle_kernel *out, struct reader *r, struct diag *diag)
{
    uint32_t flags = reader_u32(r);
    uint32_t reserved = reader_u32(r);
    struct bytes sdk = reader_take(r, sizeof out->sdk);
    bool known = (flags & FLAG_KNOWN) != 0;
    if (r->failed || reserved != 0 || (flags & ~(uint32_t)FLAGS) != 0 ||
        (!known && (flags != 0 || !bytes_all_zero(sdk)))) {
        return damaged(diag, "kernel of the bundle", AT_FLAGS);
    }
    if (!is_padded_text(sdk)) {
        return damaged(diag, "SDK version in the bundle", AT_SDK);
    }
    out->known = known;
    out->debug = (flags & FLAG_DEBUG) != 0;
    out->printing = (flags & FLAG_PRINTING) != 0;
    copy(out->sdk, sdk);
    return STATUS_OK;
}

// Everything before the entries.
static enum status read_header(struct bundle *out, struct reader *r, struct diag *diag)
{
    struct bytes mark = reader_take(r, sizeof magic);
    uint32_t version = reader_u32(r);
    uint32_t count = reader_u32(r);
    uint32_t nonce_len = reader_u32(r);
    uint32_t reserved = reader_u32(r);
    struct bytes nonce = reader_take(r, sizeof out->nonce);
    struct bytes seed = reader_take(r, sizeof out->seed);
    struct bytes kernel = reader_take(r, sizeof out->kernel);
    struct bytes root = reader_take(r, sizeof out->root);
    if (r->failed || !bytes_equal(mark, (struct bytes){magic, sizeof magic})) {
        return damaged(diag, "bundle magic", 0);
    }
    if (version != 1) {
        return damaged(diag, "bundle version", AT_VERSION);
    }
    if (count < FILES || count > FILES + BOUND_TARGETS) {
        return damaged(diag, "bundle item count", AT_COUNT);
    }
    if (nonce_len > sizeof out->nonce || (nonce_len != 0 && nonce_len < 16) ||
        !bytes_all_zero(bytes_part(nonce, nonce_len, nonce.len - nonce_len))) {
        return damaged(diag, "bundle nonce", AT_NONCE_LEN);
    }
    if (reserved != 0) {
        return damaged(diag, "reserved bytes of the bundle", AT_NONCE_LEN);
    }
    copy(out->nonce, nonce);
    copy(out->seed, seed);
    copy(out->kernel, kernel);
    copy(out->root, root);
    out->nonce_len = (uint8_t)nonce_len;
    out->package_count = count - FILES;
    return read_kernel(&out->built, r, diag);
}

static void put_item(struct bundle *bundle, uint32_t index, struct bytes item)
{
    if (index < FILES) {
        *(index == 0 ? &bundle->trust : &bundle->system) = item;
    } else {
        bundle->packages[index - FILES] = item;
    }
}

// One entry and its bytes, which lie at `*offset` or are those of an earlier package; moves the
// offset behind their padding.
static enum status read_item(struct bundle *out, struct reader *r, uint32_t index, uint64_t *offset,
                             struct diag *diag)
{
    uint64_t where = r->pos;
    uint32_t kind = reader_u32(r);
    uint32_t reserved = reader_u32(r);
    uint64_t at = reader_u64(r);
    uint64_t len = reader_u64(r);
    if (kind != kind_of(index) || reserved != 0 || at > *offset) {
        return damaged(diag, "bundle entry", where);
    }
    if (len > r->from.len - at || pages_up(len) > r->from.len - at) {
        return damaged(diag, "length of a bundle item", where + 16);
    }
    struct bytes item = bytes_part(r->from, at, len);
    put_item(out, index, item);
    uint32_t first = same_as(out, index);
    if (first != index) {
        return item_of(out, first).at == item.at
                   ? STATUS_OK
                   : damaged(diag, "package that is there twice", where);
    }
    if (at != *offset) {
        return damaged(diag, "bundle entry", where);
    }
    *offset = at + pages_up(len);
    if (!bytes_all_zero(bytes_part(r->from, at + len, *offset - at - len))) {
        return damaged(diag, "padding after a bundle item", at + len);
    }
    return STATUS_OK;
}

static enum status read_items(struct bundle *out, struct reader *r, struct diag *diag)
{
    uint64_t offset = BOUND_PAGE;
    for (uint32_t i = 0; i < FILES + out->package_count; i++) {
        enum status status = read_item(out, r, i, &offset, diag);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (offset != r->from.len) {
        return damaged(diag, "bytes after the last bundle item", offset);
    }
    if (!bytes_all_zero(bytes_part(r->from, r->pos, BOUND_PAGE - r->pos))) {
        return damaged(diag, "bytes after the bundle entries", r->pos);
    }
    return STATUS_OK;
}

enum status bundle_read(struct bundle *out, struct bytes from, struct diag *diag)
{
    if (from.len < BOUND_PAGE || from.len % BOUND_PAGE != 0) {
        return damaged(diag, "bundle length", from.len);
    }
    struct bundle read = {0};
    struct reader r = reader_of(from);
    enum status status = read_header(&read, &r, diag);
    if (status == STATUS_OK) {
        status = read_items(&read, &r, diag);
    }
    if (status == STATUS_OK) {
        *out = read;
    }
    return status;
}

void bundle_forget(uint8_t *bundle)
{
    volatile uint8_t *seed = bundle + AT_SEED; // nothing reads it again
    for (size_t i = 0; i < sizeof((struct bundle *)0)->seed; i++) {
        seed[i] = 0;
    }
}
