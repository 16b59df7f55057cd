// SPDX-License-Identifier: BSD-2-Clause

// The queries that `kpkg audit query` knows by name. All values are parameters: text of a log or of
// the command line never becomes SQL.

#include "index_query.h"

#include <string.h>

// $1 run, $2 since, $3 until, $4 target, $5 package, $6 version, $7 reason.
#define RUN_WANTED  "($1 IS NULL OR substr(r.boot, 1, length($1)) = $1)"
#define RUN_IN_TIME "($2 IS NULL OR r.began + r.length >= $2) AND ($3 IS NULL OR r.began <= $3)"
#define NAMES_WANTED                                                                               \
    "($4 IS NULL OR t.name = $4) AND ($5 IS NULL OR p.name = $5) AND ($6 IS NULL OR p.version = "  \
    "$6)"
#define FIRST "r.began + coalesce(e.t0, e.t)"
#define LAST  "r.began + e.t"
#define EVENT_WANTED                                                                               \
    RUN_WANTED " AND ($2 IS NULL OR " LAST " >= $2) AND ($3 IS NULL OR " FIRST                     \
               " <= $3) AND " NAMES_WANTED " AND ($7 IS NULL OR e.reason = $7)"

// The weakest evidence among the runs of a row: 4 invalid, 3 incomplete, then whose key.
#define EVIDENCE                                                                                   \
    "CASE r.verdict WHEN 'invalid' THEN 4 WHEN 'incomplete' THEN 3 ELSE CASE r.key_from WHEN "     \
    "'none' THEN 2 WHEN 'report' THEN 1 ELSE 0 END END"
#define TIMES(class)                                                                               \
    "CAST(sum(CASE WHEN e.class = '" class "' THEN e.n ELSE 0 END) AS BIGINT) AS " class "s"

// One row for each target, version, type, reason and what.
#define BY_WHAT(class, more)                                                                       \
    "SELECT coalesce(t.name, '') AS target, coalesce(p.name, '') AS package, coalesce(p.version, " \
    "'') AS version, e.type, coalesce(e.reason, '') AS reason, coalesce(e.what, '') AS what, "     \
    "CAST(sum(e.n) AS BIGINT) AS times, count(DISTINCT e.run) AS runs, min(" FIRST                 \
    ") AS first, max(" LAST ") AS last, " more "max(" EVIDENCE                                     \
    ") AS evidence FROM event e JOIN run r ON "                                                    \
    "r.id = e.run LEFT JOIN target t ON t.run = e.run AND t.id = e.target LEFT JOIN package p ON " \
    "p.run = e.run AND p.id = e.package WHERE e.class = '" class "' AND " EVENT_WANTED             \
                                                                 " GROUP BY 1, 2, 3, 4, 5, 6 "     \
                                                                 "ORDER BY 1, 2, 3, 9, 4, 5, 6"
#define DURATIONS                                                                                  \
    "min(e.dur) AS shortest_ns, CAST(sum(e.dur) AS BIGINT) / count(e.dur) AS mean_ns, "            \
    "max(e.dur) AS longest_ns, "

// Events of a run, or of a target, beside it: those in a class have an index.
#define AND_EVENTS(of_target) "LEFT JOIN event e ON e.run = r.id AND e.class IS NOT NULL" of_target

#define ALL_CLASSES TIMES("start") ", " TIMES("denial") ", " TIMES("fault") ", " TIMES("stop")

const struct index_question index_query_questions[] = {
    {"denials", "what was asked for and not given, by target, version and reason",
     BY_WHAT("denial", ""), true},
    {"faults", "what targets did wrong themselves", BY_WHAT("fault", ""), true},
    {"calls", "traced calls, by client, capability and verdict: how often, and how long",
     BY_WHAT("call", DURATIONS), true},
    {"runs", "each run, and what its log is worth",
     "SELECT r.boot AS run, r.began, r.began + r.length AS ended, r.kernel, r.records, r.dropped, "
     "r.finding, " ALL_CLASSES ", max(" EVIDENCE ") AS evidence FROM run r " AND_EVENTS(
         "") " WHERE " RUN_WANTED " AND " RUN_IN_TIME
             " AND (($4 IS NULL AND $5 IS NULL AND $6 IS NULL) OR EXISTS (SELECT 1 FROM target t "
             "LEFT JOIN "
             "package p ON p.run = t.run AND p.id = t.package WHERE t.run = r.id AND " NAMES_WANTED
             "))"
             " GROUP BY r.id, r.boot, r.began, r.length, r.kernel, r.records, r.dropped, r.finding "
             "ORDER BY "
             "r.began, r.boot, r.id",
     false},
    {"versions", "each version of a package: since when it runs, and what came of it",
     "SELECT p.name AS package, p.version, count(DISTINCT r.id) AS runs, min(r.began) AS first, "
     "max(r.began + r.length) AS last, " ALL_CLASSES ", max(" EVIDENCE
     ") AS evidence FROM package p "
     "JOIN run r ON r.id = p.run LEFT JOIN target t ON t.run = p.run AND t.package = "
     "p.id " AND_EVENTS(" AND e.target = t.id") " WHERE " RUN_WANTED " AND " RUN_IN_TIME
                                                " AND " NAMES_WANTED
                                                " AND p.verified = 1 GROUP BY p.name, p.version "
                                                "ORDER BY p.name, 4, p.version",
     false},
    {"targets", "each instance, by version",
     "SELECT t.name AS target, coalesce(p.name, '') AS package, coalesce(p.version, '') AS "
     "version, "
     "count(DISTINCT r.id) AS runs, min(r.began) AS first, max(r.began + r.length) AS "
     "last, " ALL_CLASSES ", max(" EVIDENCE
     ") AS evidence FROM target t JOIN run r ON r.id = t.run LEFT JOIN "
     "package p ON p.run = t.run AND p.id = t.package " AND_EVENTS(
         " AND e.target = t.id") " WHERE " RUN_WANTED " AND " RUN_IN_TIME " AND " NAMES_WANTED
                                 " GROUP BY 1, 2, 3 ORDER BY 1, 2, 5, 3",
     false},
    {NULL, NULL, NULL, false},
};

const struct index_question *index_query_find(const char *name)
{
    const struct index_question *question = index_query_questions;
    while (question->name != NULL && strcmp(question->name, name) != 0) {
        question++;
    }
    return question->name != NULL ? question : NULL;
}

enum index_column index_query_column(const char *name)
{
    static const char *const times[] = {"first", "last", "began", "ended"};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        if (strcmp(name, times[i]) == 0) {
            return INDEX_TIME;
        }
    }
    return strcmp(name, "evidence") == 0 ? INDEX_EVIDENCE : INDEX_PLAIN;
}

const char *index_query_evidence(int64_t rank)
{
    static const char *const names[] = {"sound", "sound, by its own key", "sound, without a key",
                                        "incomplete", "invalid"};
    return rank >= 0 && rank < 5 ? names[rank] : "";
}

static struct index_value wanted(struct bytes text)
{
    return text.len != 0 ? index_text(text) : (struct index_value){0};
}

static struct index_value wanted_time(uint64_t ns)
{
    return ns != 0 ? index_number(ns) : (struct index_value){0};
}

enum status index_query(struct index_store *store, const struct index_question *question,
                        const struct index_filter *filter, const struct index_sink *sink,
                        struct diag *diag)
{
    const struct index_statement statement = {
        .sql = question->sql,
        .parameters = {wanted(filter->run), wanted_time(filter->since), wanted_time(filter->until),
                       wanted(filter->target), wanted(filter->package), wanted(filter->version),
                       wanted(filter->reason)},
        .types = {[1] = INDEX_NUMBER, [2] = INDEX_NUMBER}};
    return store->operations->query(store, &statement, sink, diag);
}
