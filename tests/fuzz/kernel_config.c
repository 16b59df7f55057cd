// SPDX-License-Identifier: BSD-2-Clause

// A kernel's configuration as an SDK has it: {"options":{..},"invocations":{..}} stands for the two
// files; anything else is given as both. What is accepted is what the code was made for.

#include "kernel_config.h"

#include <jansson.h>
#include <string.h>

#include "fuzz.h"

static enum status read_pair(struct kernel_config *out, const json_t *pair, struct diag *diag)
{
    char *texts[2] = {json_dumps(json_object_get(pair, "options"), JSON_ENCODE_ANY),
                      json_dumps(json_object_get(pair, "invocations"), JSON_ENCODE_ANY)};
    struct bytes files[2];
    for (size_t i = 0; i < 2; i++) {
        files[i] = texts[i] != NULL ? bytes_text(texts[i]) : (struct bytes){0};
    }
    enum status status = kernel_config_read(out, files[0], files[1], diag);
    free(texts[0]);
    free(texts[1]);
    return status;
}

// Every label that the configuration has is in the file, and no other.
static void check_accepted(const struct kernel_config *config, const json_t *invocations)
{
    struct sel4_abi abi = labels_of(config->abi);
    size_t known = 0;
    for (unsigned i = 0; i < SEL4_INVOCATION_COUNT; i++) {
        const json_t *found = json_object_get(invocations, labels_name((enum sel4_invocation)i));
        known += found != NULL;
        FUZZ_CHECK(found == NULL ? abi.label[i] == SEL4_LABEL_ABSENT
                                 : json_integer_value(found) == abi.label[i]);
    }
    FUZZ_CHECK(known == json_object_size(invocations));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct kernel_config config;
    struct diag diag = {0};
    struct bytes text = {at, len};
    json_t *pair = json_loadb((const char *)at, len, 0, NULL);
    enum status status = json_object_size(pair) == 2
                             ? read_pair(&config, pair, &diag)
                             : kernel_config_read(&config, text, text, &diag);
    if (status == STATUS_OK) {
        check_accepted(&config, json_object_get(pair, "invocations"));
        FUZZ_CHECK(kernel_config_release(&config)[0] != '\0');
    } else {
        FUZZ_CHECK(diag.status == status && diag.what != NULL);
        FUZZ_CHECK(status != STATUS_KERNEL_OPTION || kernel_config_wanted(diag.what)[0] != '\0');
    }
    json_decref(pair);
    return 0;
}
