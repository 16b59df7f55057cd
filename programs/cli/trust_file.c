// SPDX-License-Identifier: BSD-2-Clause
#include "trust_file.h"

#include "package_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bytes trust_file_text(const struct trust_file *file)
{
    return file_bytes(&file->anchor.text);
}

struct bytes trust_file_records(const struct trust_file *file)
{
    return (struct bytes){file->records, file->records_len};
}

void trust_file_payload(uint8_t out[static TRUST_UPDATE_MESSAGE], const struct trust_file *file,
                        const uint8_t key[static CRYPTO_KEY])
{
    trust_update_message(out, trust_file_text(file), file->anchor.trust.counter, key);
}

enum status trust_file_read(struct trust_file *out, const char *path, struct diag *diag)
{
    *out = (struct trust_file){.path = path, .at_fault = path};
    if (asprintf(&out->records_path, "%s.sig", path) < 0) {
        out->records_path = NULL;
        return diag_fail(diag, STATUS_NO_MEMORY, "file name", 0);
    }
    return anchor_read(&out->anchor, path, diag);
}

enum status trust_file_read_records(struct trust_file *file, struct diag *diag)
{
    struct file_content content;
    if (access(file->records_path, F_OK) != 0 && errno == ENOENT) {
        return STATUS_OK;
    }
    file->at_fault = file->records_path;
    enum status status = file_read(&content, file->records_path, sizeof(file->records), diag);
    if (status != STATUS_OK) {
        return status;
    }
    status = trust_update_signatures(&file->anchor.trust, trust_file_text(file),
                                     file_bytes(&content), diag);
    if (status == STATUS_OK) {
        memcpy(file->records, content.at, content.len);
        file->records_len = content.len;
    }
    file_free(&content);
    return status;
}

void trust_file_free(struct trust_file *file)
{
    anchor_free(&file->anchor);
    free(file->records_path);
}

enum status trust_file_add(struct trust_file *file, const struct package_slot *slot,
                           struct diag *diag)
{
    file->at_fault = file->records_path;
    enum status status = package_write_record(file->records, file->records_len / PACKAGE_SLOT,
                                              BOUND_KEYS, slot, diag);
    if (status != STATUS_OK) {
        return status;
    }
    file->records_len += PACKAGE_SLOT;
    return file_write(file->records_path, trust_file_records(file), FILE_REPLACE, diag);
}
