// SPDX-License-Identifier: BSD-2-Clause

// A plan or a golden file in the form of caps.issued: [slot, kind, object, rights] for each target.
// Of hardware and peers the last word of a golden file's path is the name that a plan has.

#include "report_baseline.h"

#include "audit_plan.h"
#include "export_finding.h"

#include <string.h>

static json_t *golden_row(const json_t *cap)
{
    const char *object = export_finding_text(cap, "object"), *slash = strrchr(object, '/');
    return json_pack("[n, s, s, s]", export_finding_text(cap, "type"),
                     slash != NULL ? slash + 1 : object, export_finding_text(cap, "rights"));
}

static json_t *golden_rows(const json_t *target)
{
    json_t *rows = json_pack("[[n, s, s, s]]", "endpoint", "exit", "W"), *cap;
    size_t i;
    json_array_foreach(json_object_get(target, "caps"), i, cap)
    {
        json_array_append_new(rows, golden_row(cap));
    }
    return rows;
}

json_t *report_baseline(struct bytes file)
{
    json_t *golden = json_loadb((const char *)file.at, file.len, JSON_REJECT_DUPLICATES, NULL);
    json_t *out = NULL, *target;
    size_t i;
    if (strcmp(export_finding_text(golden, "schema"), "kpkg.golden/v1") == 0) {
        out = json_object();
        json_array_foreach(json_object_get(golden, "targets"), i, target)
        {
            json_object_set_new(out, export_finding_text(target, "name"), golden_rows(target));
        }
    }
    json_decref(golden);
    return out != NULL ? out : audit_plan_rows(file);
}
