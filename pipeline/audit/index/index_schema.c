// SPDX-License-Identifier: BSD-2-Clause

// The tables as each database wants them. A version in the index says which they are; another one
// is refused, not guessed at.

#include "index_schema.h"

#define TEXT_OF(number) #number
#define NUMBER(number)  TEXT_OF(number)

// A time is in nanoseconds: of a run since 1970, of an event since its run's clock began.
#define RUN(INT, END)                                                                              \
    "CREATE TABLE run (\n"                                                                         \
    "  id " INT " PRIMARY KEY,\n"                                                                  \
    "  boot TEXT NOT NULL,        -- the run's name, from log.start\n"                             \
    "  head TEXT NOT NULL,        -- tree head of the records taken in\n"                          \
    "  nonce TEXT NOT NULL,\n"                                                                     \
    "  vkey TEXT NOT NULL,        -- as log.start names it\n"                                      \
    "  kernel TEXT NOT NULL,\n"                                                                    \
    "  began " INT " NOT NULL,    -- ns since 1970\n"                                              \
    "  clock TEXT NOT NULL CHECK (clock IN ('statement', 'file')),  -- who says when it began\n"   \
    "  length " INT " NOT NULL,   -- ns\n"                                                         \
    "  records " INT " NOT NULL,\n"                                                                \
    "  checkpoints " INT " NOT NULL,\n"                                                            \
    "  signed " INT " NOT NULL,   -- records that a verified signature covers\n"                   \
    "  dropped " INT " NOT NULL,\n"                                                                \
    "  suppressed " INT " NOT NULL,\n"                                                             \
    "  verdict TEXT NOT NULL CHECK (verdict IN ('sound', 'incomplete', 'invalid')),\n"             \
    "  finding TEXT NOT NULL,     -- of kpkg audit verify\n"                                       \
    "  line " INT " NOT NULL,     -- of the finding\n"                                             \
    "  key_from TEXT NOT NULL CHECK (key_from IN ('given', 'report', 'none')),\n"                  \
    "  UNIQUE (boot, head)\n" END

#define PACKAGE(INT, END)                                                                          \
    "CREATE TABLE package (\n"                                                                     \
    "  run " INT " NOT NULL REFERENCES run (id),\n"                                                \
    "  id " INT " NOT NULL,\n"                                                                     \
    "  name TEXT NOT NULL,\n"                                                                      \
    "  version TEXT NOT NULL,     -- '' of a refused one\n"                                        \
    "  pkg TEXT NOT NULL,         -- the package id, '' where it is not known\n"                   \
    "  policy TEXT NOT NULL,\n"                                                                    \
    "  signer TEXT NOT NULL,\n"                                                                    \
    "  verified " INT " NOT NULL CHECK (verified IN (0, 1)),\n"                                    \
    "  PRIMARY KEY (run, id)\n" END

#define TARGET(INT, END)                                                                           \
    "CREATE TABLE target (\n"                                                                      \
    "  run " INT " NOT NULL REFERENCES run (id),\n"                                                \
    "  id " INT " NOT NULL,\n"                                                                     \
    "  name TEXT NOT NULL,\n"                                                                      \
    "  package " INT ",\n"                                                                         \
    "  plan TEXT NOT NULL,\n"                                                                      \
    "  PRIMARY KEY (run, id),\n"                                                                   \
    "  UNIQUE (run, name),\n"                                                                      \
    "  FOREIGN KEY (run, package) REFERENCES package (run, id)\n" END

#define EVENT(INT, END)                                                                            \
    "CREATE TABLE event (\n"                                                                       \
    "  run " INT " NOT NULL REFERENCES run (id),\n"                                                \
    "  line " INT " NOT NULL,     -- of events.jsonl, from 1\n"                                    \
    "  seq " INT " NOT NULL,\n"                                                                    \
    "  t " INT " NOT NULL,        -- ns since the run began\n"                                     \
    "  t0 " INT ",                -- of the first, where n > 1\n"                                  \
    "  n " INT " NOT NULL,        -- events that this record stands for\n"                         \
    "  type TEXT NOT NULL,\n"                                                                      \
    "  sev TEXT NOT NULL,\n"                                                                       \
    "  target " INT ",\n"                                                                          \
    "  inc " INT ",\n"                                                                             \
    "  package " INT ",\n"                                                                         \
    "  class TEXT CHECK (class IN ('start', 'denial', 'fault', 'stop', 'call')),\n"                \
    "  dur " INT ",               -- ns, of a call\n"                                              \
    "  reason TEXT,\n"                                                                             \
    "  what TEXT,\n"                                                                               \
    "  data TEXT NOT NULL,        -- JSON, as it stands in the log\n"                              \
    "  PRIMARY KEY (run, line),\n"                                                                 \
    "  FOREIGN KEY (run, target) REFERENCES target (run, id),\n"                                   \
    "  FOREIGN KEY (run, package) REFERENCES package (run, id)\n" END

#define INDICES                                                                                    \
    "CREATE INDEX run_began ON run (began);\n"                                                     \
    "CREATE INDEX package_name ON package (name, version);\n"                                      \
    "CREATE INDEX target_name ON target (name);\n"                                                 \
    "CREATE INDEX event_class ON event (run, target, class) WHERE class IS NOT NULL;\n"

#define SCHEMA(INT, END, KEYED)                                                                    \
    "CREATE TABLE kpkg_index (version " INT " NOT NULL" END                                        \
    "INSERT INTO kpkg_index (version) VALUES (" NUMBER(VERSION) ");\n" RUN(INT, END)               \
        PACKAGE(INT, KEYED) TARGET(INT, KEYED) EVENT(INT, KEYED)

#define VERSION 2
_Static_assert(VERSION == INDEX_VERSION, "the script writes the version");

const char index_schema_sqlite[] = SCHEMA("INTEGER", ") STRICT;\n", ") STRICT, WITHOUT ROWID;\n");
const char index_schema_indices[] = INDICES;
const char index_schema_postgres[] = SCHEMA("BIGINT", ");\n", ");\n");

const struct index_columns index_schema_tables[INDEX_TABLES] = {
    [INDEX_RUN] = {"run",
                   18,
                   {"id", "boot", "head", "nonce", "vkey", "kernel", "began", "clock", "length",
                    "records", "checkpoints", "signed", "dropped", "suppressed", "verdict",
                    "finding", "line", "key_from"}},
    [INDEX_PACKAGE] = {"package",
                       8,
                       {"run", "id", "name", "version", "pkg", "policy", "signer", "verified"}},
    [INDEX_TARGET] = {"target", 5, {"run", "id", "name", "package", "plan"}},
    [INDEX_EVENT] = {"event",
                     16,
                     {"run", "line", "seq", "t", "t0", "n", "type", "sev", "target", "inc",
                      "package", "class", "dur", "reason", "what", "data"}},
};
