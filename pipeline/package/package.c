// SPDX-License-Identifier: BSD-2-Clause
#include "package.h"

#include "name.h"
#include "package_digest.h"
#include "reader.h"

static const uint8_t magic[8] = {0x89, 'K', 'P', 'K', 'G', '\r', '\n', 0x1a};

enum { FLAGS_NONE = 0, RESERVED_WORD_AT = 0x2c, NAME_AT = 0x70, RESERVED_TAIL_AT = 0xb0 };

static enum status check_file_length(struct bytes page0, uint64_t file_len, uint64_t binary_max,
                                     struct diag *diag)
{
    enum status status = STATUS_OK;
    if (file_len < BOUND_PAGE || page0.len < BOUND_PAGE) {
        status = STATUS_TRUNCATED;
    } else if (file_len % BOUND_PAGE != 0) {
        status = STATUS_LENGTH_UNALIGNED;
    } else if (file_len > package_layout_file_max(binary_max)) {
        status = STATUS_FILE_TOO_LARGE;
    }
    if (status != STATUS_OK) {
        diag_fail(diag, status, "file length", file_len);
    }
    return status;
}

// A magic whose letters are intact was damaged by a transfer that rewrites CR, LF or eighth bits.
static enum status check_magic(struct bytes found, struct diag *diag)
{
    if (memcmp(found.at, magic, sizeof magic) == 0) {
        return STATUS_OK;
    }
    bool named = (found.at[0] | 0x80) == magic[0] && memcmp(found.at + 1, magic + 1, 4) == 0;
    return diag_fail(diag, named ? STATUS_MAGIC_TEXT_MANGLED : STATUS_MAGIC, "header", 0);
}

// Zero bytes of page 0 from `from` up to `to`; `where` is the offset of the first that is not.
static enum status check_zero(struct bytes page0, size_t from, size_t to, enum status status,
                              struct diag *diag)
{
    for (size_t i = from; i < to; i++) {
        if (page0.at[i] != 0) {
            return diag_fail(diag, status, "page 0", i);
        }
    }
    return STATUS_OK;
}

static void copy(uint8_t *to, struct reader *r, size_t len)
{
    struct bytes part = reader_take(r, len);
    memcpy(to, part.at, part.len);
}

// Magic to reserved bytes. The order of the checks is that of the status table, not of the fields.
static enum status read_fields(struct package *out, struct bytes page0, struct diag *diag)
{
    struct reader r = reader_of(page0);
    enum status status = check_magic(reader_take(&r, sizeof magic), diag);
    uint16_t version = reader_u16(&r);
    out->machine = reader_u16(&r);
    uint32_t flags = reader_u32(&r);
    out->counter = reader_u64(&r);
    out->layout.manifest_len = reader_u64(&r);
    out->binary_len = reader_u64(&r);
    out->abi = reader_u32(&r);
    reader_u32(&r);
    copy(out->manifest_digest, &r, CRYPTO_DIGEST);
    copy(out->table_digest, &r, CRYPTO_DIGEST);
    copy(out->name, &r, sizeof out->name);
    const struct {
        uint64_t found, wanted, offset;
        enum status status;
    } words[] = {
        {version, PACKAGE_VERSION, 0x08, STATUS_VERSION},
        {flags, FLAGS_NONE, 0x0c, STATUS_FLAGS},
        {out->machine, PACKAGE_MACHINE_X86_64, 0x0a, STATUS_MACHINE},
        {out->abi, PACKAGE_ABI, 0x28, STATUS_ABI},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words && status == STATUS_OK; i++) {
        if (words[i].found != words[i].wanted) {
            status =
                diag_fail_detail(diag, words[i].status, "header", words[i].offset, words[i].found);
        }
    }
    if (status == STATUS_OK) {
        status = check_zero(page0, RESERVED_WORD_AT, RESERVED_WORD_AT + 4, STATUS_RESERVED, diag);
    }
    if (status == STATUS_OK) {
        status = check_zero(page0, RESERVED_TAIL_AT, PACKAGE_HEADER, STATUS_RESERVED, diag);
    }
    return status;
}

static enum status read_layout(struct package *out, uint64_t file_len, uint64_t binary_max,
                               struct diag *diag)
{
    enum status status =
        package_layout(&out->layout, out->layout.manifest_len, out->binary_len, binary_max, diag);
    if (status == STATUS_OK && file_len != out->layout.file_len) {
        status = file_len < out->layout.file_len ? STATUS_BODY_TRUNCATED : STATUS_TRAILING_DATA;
        diag_fail_detail(diag, status, "file length", file_len, out->layout.file_len);
    }
    return status;
}

static size_t terminated_length(const uint8_t *at, size_t size)
{
    size_t len = 0;
    while (len < size && at[len] != 0) {
        len++;
    }
    return len;
}

static enum status check_name(const struct package *package, struct diag *diag)
{
    struct bytes name = package_name(package);
    if (name.len == 0) {
        return diag_fail(diag, STATUS_NAME_EMPTY, "name", 0);
    }
    if (name.len > BOUND_NAME) {
        return diag_fail(diag, STATUS_NAME_UNTERMINATED, "name", BOUND_NAME);
    }
    for (size_t i = name.len; i < sizeof package->name; i++) {
        if (package->name[i] != 0) {
            return diag_fail(diag, STATUS_NAME_PADDING, "name", i);
        }
    }
    return name_check(name, diag);
}

static struct bytes slot_bytes(struct bytes page0, size_t slot)
{
    return bytes_part(page0, PACKAGE_SLOTS_AT + slot * PACKAGE_SLOT, PACKAGE_SLOT);
}

static bool slot_used(struct bytes page0, size_t slot)
{
    return !bytes_all_zero(slot_bytes(page0, slot));
}

static int slot_compare(struct bytes page0, size_t a, size_t b)
{
    return memcmp(slot_bytes(page0, a).at, slot_bytes(page0, b).at, CRYPTO_KEY);
}

// Whether a used slot before `slot` has the same key.
static bool slot_repeats(struct bytes page0, size_t slot)
{
    for (size_t i = 0; i < slot; i++) {
        if (slot_used(page0, i) && slot_compare(page0, i, slot) == 0) {
            return true;
        }
    }
    return false;
}

// Whether a used slot before `slot` has a greater key.
static bool slot_descends(struct bytes page0, size_t slot)
{
    for (size_t i = 0; i < slot; i++) {
        if (slot_used(page0, i) && slot_compare(page0, i, slot) > 0) {
            return true;
        }
    }
    return false;
}

static bool slot_after_gap(struct bytes page0, size_t slot)
{
    return slot > 0 && !slot_used(page0, slot - 1);
}

// One rule over all used slots; `where` is the first slot that breaks it.
static enum status check_slots(struct bytes page0, bool (*broken)(struct bytes, size_t),
                               enum status status, struct diag *diag)
{
    for (size_t slot = 0; slot < BOUND_SIGNATURES; slot++) {
        if (slot_used(page0, slot) && broken(page0, slot)) {
            return diag_fail(diag, status, "signature slot", slot);
        }
    }
    return STATUS_OK;
}

static enum status read_slots(struct package *out, struct bytes page0, struct diag *diag)
{
    size_t area = PACKAGE_SLOTS_END - PACKAGE_SLOTS_AT;
    if (bytes_all_zero(bytes_part(page0, PACKAGE_SLOTS_AT, area))) {
        return diag_fail(diag, STATUS_UNSIGNED, "signature slot", 0);
    }
    enum status status = check_slots(page0, slot_repeats, STATUS_SIG_DUPLICATE, diag);
    if (status == STATUS_OK) {
        status = check_slots(page0, slot_descends, STATUS_SIG_ORDER, diag);
    }
    if (status == STATUS_OK) {
        status = check_slots(page0, slot_after_gap, STATUS_SIG_GAP, diag);
    }
    if (status == STATUS_OK) {
        status = check_zero(page0, PACKAGE_SLOTS_END, BOUND_PAGE, STATUS_SIG_AREA, diag);
    }
    for (size_t slot = 0; slot < BOUND_SIGNATURES && slot_used(page0, slot); slot++) {
        struct reader r = reader_of(slot_bytes(page0, slot));
        copy(out->slots[slot].key, &r, CRYPTO_KEY);
        copy(out->slots[slot].signature, &r, CRYPTO_SIGNATURE);
        out->slot_count = slot + 1;
    }
    return status;
}

enum status package_read_header(struct package *out, struct bytes page0, uint64_t file_len,
                                uint64_t binary_max, struct diag *diag)
{
    struct package package = {0};
    enum status status = check_file_length(page0, file_len, binary_max, diag);
    if (status == STATUS_OK) {
        status = read_fields(&package, page0, diag);
    }
    if (status == STATUS_OK) {
        status = read_layout(&package, file_len, binary_max, diag);
    }
    if (status == STATUS_OK) {
        status = check_name(&package, diag);
    }
    if (status == STATUS_OK) {
        package_digest_id(package.id, page0);
        *out = package;
    }
    return status;
}

enum status package_read(struct package *out, struct bytes page0, uint64_t file_len,
                         uint64_t binary_max, struct diag *diag)
{
    struct package package;
    enum status status = package_read_header(&package, page0, file_len, binary_max, diag);
    if (status == STATUS_OK) {
        status = read_slots(&package, page0, diag);
    }
    if (status == STATUS_OK) {
        *out = package;
    }
    return status;
}

struct bytes package_name(const struct package *package)
{
    return (struct bytes){package->name, terminated_length(package->name, sizeof package->name)};
}
