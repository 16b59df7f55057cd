// SPDX-License-Identifier: BSD-2-Clause

// A verifier's statement (in-toto Statement v1; spec/audit.md, 9): which log, by which key, what
// was found. What was not given is not claimed: a result without a nonce says so.

#include "attest_result.h"

#include "attest_run.h"

#define VERIFIER_ID "https://kpkg.invalid/verifier/v0.1"

static bool is_release_kernel(struct bytes log)
{
    bool whole;
    struct bytes line = audit_check_line(&log, &whole);
    json_t *start = json_loadb((const char *)line.at, line.len, 0, NULL);
    const json_t *config = json_object_get(json_object_get(start, "data"), "cfg");
    bool release = json_is_false(json_object_get(config, "debug")) &&
                   json_is_false(json_object_get(config, "printing"));
    json_decref(start);
    return release;
}

json_t *attest_result(const struct attest_result *result)
{
    const struct audit_verify_report *report = result->report;
    bool sound = report->finding == AUDIT_FINDING_SOUND;
    bool sel4 = bytes_is(report->kernel, "sel4");
    const struct {
        bool holds;
        const char *name;
    } rules[] = {
        {sound, "KPKG_LOG_COMPLETE"},
        {sound && result->key_given, "KPKG_LOG_AUTHENTIC"},
        {sound && result->nonce_given, "KPKG_LOG_FRESH"},
        {sound && result->plan_matches, "KPKG_RUNTIME_EQUALS_PLAN"},
        {sound && report->counts.denied == 0 && report->counts.faults == 0, "KPKG_NO_DENIALS"},
        {sound && audit_verify_conforms(report), "KPKG_RUN_CONFORMS"},
        {sound && sel4, "KPKG_SEL4_KERNEL"},
        {sound && sel4 && is_release_kernel(result->log), "KPKG_RELEASE_KERNEL"},
    };
    json_t *properties = json_array();
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].holds) {
            json_array_append_new(properties, json_string(rules[i].name));
        }
    }
    return json_pack("{s:s, s:o, s:s, s:{s:{s:s}, s:o, s:o}}", "_type",
                     "https://in-toto.io/Statement/v1", "subject", attest_run_subjects(result->log),
                     "predicateType", "https://in-toto.io/attestation/svr/v0.1", "predicate",
                     "verifier", "id", VERIFIER_ID, "timeCreated", attest_run_time(), "properties",
                     properties);
}
