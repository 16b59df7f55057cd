// SPDX-License-Identifier: BSD-2-Clause

// The run's own statement (in-toto Statement v1; spec/audit.md, 9): the subject is the log's
// digest, the materials are what the image's maker said in log.start.

#include "attest_run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// What is collected from the records, in their order.
struct collected {
    json_t *start;    // data of log.start
    json_t *key;      // data of the last log.key; NULL when there is none
    json_t *targets;  // array
    json_t *packages; // array of package.verified data
};

static const char *string_of(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value != NULL ? value : "";
}

// "function:hex" as a DigestSet. A package id and a digest under a domain are no plain hashes of a
// file, so they go by names of their own.
static json_t *digest_set(const char *digest)
{
    const char *colon = strchr(digest, ':');
    if (colon == NULL) {
        return json_object();
    }
    bool plain = strncmp(digest, "sha256:", 7) == 0;
    return json_pack("{s:s}", plain ? "sha256" : "kpkgBlake2b256", colon + 1);
}

static json_t *find_target(json_t *targets, const char *name)
{
    size_t i;
    json_t *target;
    json_array_foreach(targets, i, target)
    {
        if (strcmp(string_of(target, "name"), name) == 0) {
            return target;
        }
    }
    target = json_pack("{s:s, s:i}", "name", name, "incarnations", 0);
    json_array_append_new(targets, target);
    return target;
}

static void set_digest(json_t *target, const char *key, const char *digest)
{
    json_object_set_new(target, key, json_pack("{s:o}", "digest", digest_set(digest)));
}

static void add(json_t *target, const char *key, json_int_t more)
{
    json_int_t now = json_integer_value(json_object_get(target, key));
    json_object_set_new(target, key, json_integer(now + more));
}

static void take_issued(json_t *target, const json_t *data)
{
    json_int_t rows = (json_int_t)json_array_size(json_object_get(data, "caps"));
    bool first = json_integer_value(json_object_get(data, "part")) == 1;
    json_int_t before = first ? 0
                              : json_integer_value(json_object_get(
                                    json_object_get(target, "issuedCapabilities"), "count"));
    json_object_set_new(target, "issuedCapabilities",
                        json_pack("{s:o, s:I, s:s}", "digest", digest_set(string_of(data, "table")),
                                  "count", before + rows, "comparedWith",
                                  string_of(data, "oracle")));
}

// How many of its endpoints are traced; all else that it sends its peers is between them.
static void take_traced(json_t *target, const json_t *data)
{
    json_t *traced = json_object_get(data, "traced");
    if (traced != NULL) {
        json_object_set(target, "tracedEndpoints", traced);
    }
}

// Absent when an end was not compared, or differed.
static void take_checked(json_t *target, const json_t *data)
{
    json_t *issued = json_object_get(target, "issuedCapabilities");
    if (json_is_true(json_object_get(data, "equal"))) {
        json_object_set(issued, "comparedAtEnd", json_object_get(data, "oracle"));
    } else {
        json_object_del(issued, "comparedAtEnd");
    }
}

static void take_target(json_t *target, const char *type, const json_t *data, json_int_t times)
{
    if (strcmp(type, "policy.compiled") == 0) {
        set_digest(target, "package", string_of(data, "pkg"));
        set_digest(target, "policy", string_of(data, "policy"));
        set_digest(target, "plan", string_of(data, "plan"));
    } else if (strcmp(type, "caps.issued") == 0) {
        take_issued(target, data);
    } else if (strcmp(type, "caps.checked") == 0) {
        take_checked(target, data);
    } else if (strcmp(type, "target.spawned") == 0) {
        add(target, "incarnations", 1);
        json_object_set_new(target, "outcome", json_string("running"));
        take_traced(target, data);
    } else if (strcmp(type, "ipc.trace") == 0) {
        add(target, "tracedCalls", times);
    } else if (strncmp(type, "deny.", 5) == 0) {
        add(target, "denials", times);
    } else if (strncmp(type, "fault.", 6) == 0) {
        add(target, "faults", times);
    } else if (strcmp(type, "target.exited") == 0) {
        json_object_set_new(target, "outcome", json_string("exited"));
        json_object_set(target, "exitCode", json_object_get(data, "code"));
    } else if (strcmp(type, "target.failed") == 0) {
        json_object_set_new(target, "outcome", json_string("failed"));
    } else if (strcmp(type, "target.suspended") == 0) {
        json_object_set_new(target, "outcome", json_string("suspended"));
    } else if (strcmp(type, "target.killed") == 0) {
        json_object_set_new(target, "outcome", json_string("killed"));
    }
}

static void take_event(struct collected *to, const json_t *event)
{
    const char *type = string_of(event, "type"), *target = string_of(event, "tgt");
    json_t *data = json_object_get(event, "data");
    json_t *folded = json_object_get(event, "n");
    if (strcmp(type, "log.start") == 0) {
        to->start = json_incref(data);
    } else if (strcmp(type, "log.key") == 0) {
        json_decref(to->key);
        to->key = json_incref(data);
    } else if (strcmp(type, "package.verified") == 0) {
        json_array_append(to->packages, data);
    } else if (target[0] != '\0') {
        json_int_t times = folded != NULL ? json_integer_value(folded) : 1;
        take_target(find_target(to->targets, target), type, data, times);
    }
}

static struct collected collect(struct bytes log)
{
    struct collected to = {.targets = json_array(), .packages = json_array()};
    while (log.len != 0) {
        bool whole;
        struct bytes line = audit_check_line(&log, &whole);
        json_t *event = json_loadb((const char *)line.at, line.len, 0, NULL);
        take_event(&to, event);
        json_decref(event);
    }
    return to;
}

static void drop(struct collected *collected)
{
    json_decref(collected->start);
    json_decref(collected->key);
    json_decref(collected->targets);
    json_decref(collected->packages);
}

static void add_file(json_t *subjects, const json_t *start, const char *key, const char *name)
{
    const char *digest = string_of(start, key);
    if (digest[0] != '\0') {
        json_array_append_new(subjects,
                              json_pack("{s:s, s:o}", "name", name, "digest", digest_set(digest)));
    }
}

static json_t *subjects_of(const struct collected *from)
{
    json_t *subjects = json_array();
    size_t i;
    json_t *package;
    json_array_foreach(from->packages, i, package)
    {
        char name[192];
        snprintf(name, sizeof(name), "%s-%s.kpkg", string_of(package, "name"),
                 string_of(package, "version"));
        json_array_append_new(subjects, json_pack("{s:s, s:o}", "name", name, "digest",
                                                  digest_set(string_of(package, "pkg"))));
    }
    add_file(subjects, from->start, "root_image", "root.elf");
    add_file(subjects, from->start, "kernel_image", "kernel");
    return subjects;
}

json_t *attest_run_subjects(struct bytes log)
{
    struct collected from = collect(log);
    json_t *subjects = subjects_of(&from);
    drop(&from);
    return subjects;
}

json_t *attest_run_time(void)
{
    static const long long last = 253402300799; // of the year 9999, and of RFC 3339
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    long long said = epoch != NULL ? strtoll(epoch, NULL, 10) : -1;
    time_t now = said >= 0 && said <= last ? (time_t)said : time(NULL);
    char text[32];
    struct tm utc;
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return json_string(text);
}

static void set_file(json_t *platform, const char *key, const json_t *start, const char *from)
{
    const char *digest = string_of(start, from);
    if (digest[0] != '\0') {
        set_digest(platform, key, digest);
    }
}

// Kernel and root task are what the image builder said they were: nobody measured them.
static json_t *platform_of(const json_t *start)
{
    const json_t *config = json_object_get(start, "cfg");
    bool debug = json_is_true(json_object_get(config, "debug"));
    json_t *platform = json_pack(
        "{s:s, s:s, s:b, s:s, s:s, s:s, s:s}", "kernelKind", string_of(start, "kernel"), "arch",
        string_of(config, "arch"), "mcs", json_is_true(json_object_get(config, "mcs")), "mode",
        debug ? "debug" : "normal", "debugStatus", debug ? "enabled" : "disabled", "keyProtection",
        "software", "measuredBy", "self");
    set_file(platform, "kernel", start, "kernel_image");
    set_file(platform, "rootTask", start, "root_image");
    set_digest(platform, "trustStore", string_of(start, "trust"));
    return platform;
}

static json_t *log_of(const struct audit_verify_report *report, const char *seal_vkey)
{
    const struct audit_check *check = &report->check;
    struct audit_note head;
    char hex_at[64];
    struct text hex = text_of(hex_at, sizeof(hex_at));
    struct bytes note = {(const uint8_t *)check->note, check->note_len};
    if (audit_note_read(&head, note, NULL) != AUDIT_NOTE_SOUND) {
        return NULL;
    }
    text_put_hex(&hex, (struct bytes){head.root.at, sizeof(head.root.at)});
    return json_pack("{s:s%, s:I, s:s, s:I, s:s%, s:s%, s:{s:I, s:I, s:I, s:I}, s:b}", "vkey",
                     (const char *)report->vkey.at, report->vkey.len, "epochs",
                     (json_int_t)check->epoch + 1, "sealVkey", seal_vkey, "size",
                     (json_int_t)head.size, "rootHash", hex_at, hex.len, "checkpoint", check->note,
                     check->note_len, "counters", "attempted", (json_int_t)check->next_seq,
                     "stored", (json_int_t)check->tree.size, "dropped", (json_int_t)check->dropped,
                     "suppressed", (json_int_t)check->suppressed, "complete",
                     report->finding == AUDIT_FINDING_SOUND);
}

// What nobody sees (spec/audit.md, section 7).
static json_t *coverage_of(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "nullSlotInvocation", "tripwire",
                     "nonBlockingSendToTripwire", "dropped-when-auditor-busy", "nbsendOutOfRange",
                     "invisible", "signalWithoutWrite", "invisible", "recvDenied", "fault",
                     "timeoutFault", true, "ipc", "traced-endpoints-only");
}

json_t *attest_run(const struct audit_verify_report *report, struct bytes log)
{
    struct collected from = collect(log);
    const json_t *key = from.key != NULL ? from.key : from.start;
    json_t *about = log_of(report, string_of(key, "vkey"));
    json_t *statement = json_pack(
        "{s:s, s:o, s:s, s:{s:s%, s:s%, s:o, s:o, s:O, s:o, s:o}}", "_type",
        "https://in-toto.io/Statement/v1", "subject", subjects_of(&from), "predicateType",
        ATTEST_RUN_TYPE, "predicate", "bootId", (const char *)report->boot.at, report->boot.len,
        "nonce", report->nonce.len != 0 ? (const char *)report->nonce.at : "", report->nonce.len,
        "attestedAt", attest_run_time(), "platform", platform_of(from.start), "targets",
        from.targets, "log", about, "coverage", coverage_of());
    drop(&from);
    return statement;
}
