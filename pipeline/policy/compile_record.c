// SPDX-License-Identifier: BSD-2-Clause
#include "compile_record.h"

#include "bounds.h"
#include "compile_caps.h"
#include "plan.h"
#include "text.h"

// The record's parts; the program's end is a capability that nobody asks for.
enum { RECORD_HEADER = 192, RECORD_CAP = 48, RECORD_REGION = 56, BUILT_IN = 1 };

struct parts {
    uint64_t caps, regions, text; // text: bytes of arguments, each with its NUL
};

static struct parts parts_of(const struct manifest *manifest, const struct system_package *package)
{
    const struct schema_texts arguments = package->arguments;
    struct parts parts = {.caps = BUILT_IN + compile_caps_slots(manifest)};
    for (size_t i = 0; i < manifest->cap_count; i++) {
        parts.regions += manifest_is_area(&manifest->caps[i]);
    }
    for (size_t i = 0; i < arguments.count; i++) {
        parts.text += arguments.at[i].value.len + 1;
    }
    parts.text += package->parent.value.len != 0 ? PLAN_CHILD_ARGUMENT + 1 : 0;
    return parts;
}

static void put(struct text *text, uint64_t value, const char *what)
{
    text_put_u64(text, value);
    text_put(text, what);
}

enum status compile_record(const struct manifest *manifest, const struct system_package *package,
                           struct diag *diag)
{
    struct parts parts = parts_of(manifest, package);
    uint64_t len =
        RECORD_HEADER + RECORD_CAP * parts.caps + RECORD_REGION * parts.regions + parts.text;
    if (len <= BOUND_PAGE) {
        return STATUS_OK;
    }
    char room[96];
    struct text text = text_of(room, sizeof room);
    put(&text, parts.caps, " capabilities, ");
    put(&text, parts.regions, " regions, ");
    put(&text, parts.text, " bytes of arguments");
    diag_fail(diag, STATUS_RECORD_TOO_LARGE, "start-up record", len);
    diag_subject(diag, text_bytes(&text));
    diag_detail(diag, BOUND_PAGE);
    return STATUS_RECORD_TOO_LARGE;
}
