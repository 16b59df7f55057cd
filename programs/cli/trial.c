// SPDX-License-Identifier: BSD-2-Clause
#include "trial.h"

#include "crypto.h"
#include "package_sign.h"
#include "text.h"

#include <stdlib.h>

enum { TRUST_SIZE = 4096 };

static const uint8_t SEED[CRYPTO_SEED] = "everybody knows this one";

enum status trial_trust(struct file_content *out, struct diag *diag)
{
    char *at = aligned_alloc(TRUST_SIZE, TRUST_SIZE);
    if (at == NULL) {
        return diag_fail(diag, STATUS_NO_MEMORY, "trust file", TRUST_SIZE);
    }
    uint8_t key[CRYPTO_KEY];
    crypto_ed25519_public_key(key, SEED);
    struct text t = text_of(at, TRUST_SIZE);
    text_put(&t, "schema = 1\ncounter = 1\n[[key]]\nid = \"trial\"\ned25519 = \"");
    text_put_hex(&t, (struct bytes){key, sizeof(key)});
    text_put(&t, "\"\nstate = \"active\"\nnames = [\"*\"]\ncounters = [0, ");
    text_put_i64(&t, INT64_MAX);
    text_put(&t,
             "]\nceiling = \"all\"\n[[rule]]\nnames = \"*\"\nthreshold = 1\n"
             "[ceiling.all]\nmemory = \"1GiB\"\ncnode-bits = 12\nthreads = 1025\n"
             "priority-max = 255\nendpoints = [\"*\"]\nspawn = [\"*\"]\n"
             "irq = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, "
             "22, 23]\nioport = [\"0x0-0xffff\"]\ndma = true\n");
    *out = (struct file_content){.at = (uint8_t *)at, .len = t.len};
    return STATUS_OK;
}

enum status trial_sign(struct file_content *file, struct diag *diag)
{
    struct package package;
    struct bytes page0 = {file->at, file->len < BOUND_PAGE ? file->len : BOUND_PAGE};
    enum status status = package_read_header(&package, page0, file->len, PACKAGE_BINARY_MAX, diag);
    if (status != STATUS_OK) {
        return status;
    }
    memset(file->at + PACKAGE_SLOTS_AT, 0, PACKAGE_SLOTS_END - PACKAGE_SLOTS_AT);
    return package_sign(file->at, SEED, diag);
}
