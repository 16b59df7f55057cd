# SPDX-License-Identifier: BSD-2-Clause
"""kpkg audit import and query: the index says what the logs say, once, all or nothing, and cannot be written by who asks.

usage: index.py BUILD [postgres]; exit status 77 where there is no PostgreSQL server to start, or no kpkg-postgres.
"""
import csv
import io
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import unittest

import demo_log
import evidence
import scenario

SERVER = None
if sys.argv[-1] == "postgres":
    import postgres
    sys.argv.pop()
    missing = postgres.missing() + ([] if os.path.exists(os.path.join(scenario.BUILD, "libexec/kpkg/kpkg-postgres")) else ["kpkg-postgres"])
    if missing:
        print("not found: " + ", ".join(missing))
        sys.exit(77)
    SERVER = postgres.Server()
    unittest.addModuleCleanup(SERVER.stop)

HOSTILE = "a\\b\t\n'\";DROP TABLE run;--\x1b[31m\u202e\u00e9"
SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../spec/audit-index.md")


def as_written(text):
    """The inside of a JSON string."""
    return json.dumps(text)[1:-1]


class Index(demo_log.DemoLog):
    databases = 0

    def setUp(self):
        super().setUp()
        Index.databases += 1
        self.db = "runs.sqlite"
        if SERVER:
            self.name = f"db{Index.databases}"
            SERVER.psql(f"CREATE DATABASE {self.name}")
            self.db = SERVER.url(self.name)

    def select(self, statement):
        """Rows, by the database's own program, all as text."""
        if SERVER:
            return SERVER.psql(statement, self.name)
        with sqlite3.connect(f"file:{self.path(self.db)}?mode=ro", uri=True) as database:
            return [["" if value is None else str(value) for value in row] for row in database.execute(statement)]

    def take(self, *files, code=0, key=True):
        run = self.run_kpkg("audit", "import", *files, "--db", self.db, *(("--vkey", self.vkey) if key else ()), "--json")
        self.assertEqual(run.returncode, code, run.stderr)
        return [(log["finding"], log["outcome"]) for log in json.loads(run.stdout)["logs"]]

    def ask(self, *words):
        return json.loads(self.ok("audit", "query", *words, "--db", self.db, "--format", "json"))["rows"]

    def change(self, name, boot, edit=lambda event: None):
        """The demo's log as another run of it, with changes, signed like the first."""
        events = json.loads(json.dumps(self.logged))
        events[0]["data"]["boot"] = boot
        for event in events:
            edit(event)
        return self.write(name, b"".join(line + b"\n" for line in evidence.forge(events, demo_log.SEED)))

    def version(self, name, boot, version):
        def edit(event):
            if event["type"] == "package.verified" and event["data"]["name"] == "org.kpkg.intruder":
                event["data"]["version"] = version
        return self.change(name, boot, edit)

    def at(self, name, seconds):
        os.utime(self.path(name), (seconds, seconds))

    def of_class(self, *prefixes):
        return [e for e in self.logged if e["type"].startswith(prefixes) and e["data"]["action"] != "resumed"]

    def test_the_rows_are_the_records(self):
        self.assertEqual(self.take("events.jsonl"), [("sound", "imported")])
        rows = self.select("SELECT line, seq, t, e.n, type, sev, coalesce(name, ''), coalesce(inc, 0), data FROM event e"
                           " LEFT JOIN target t ON t.run = e.run AND t.id = e.target ORDER BY line")
        lines = self.read("events.jsonl").decode().splitlines()
        self.assertEqual(len(rows), len(lines))
        for i, (row, line, event) in enumerate(zip(rows, lines, self.logged)):
            said = [i + 1, event["seq"], event["t"], event.get("n", 1), event["type"], event["sev"], event.get("tgt", ""), event.get("inc", 0)]
            self.assertEqual(row[:8], [str(value) for value in said])
            self.assertEqual(row[8], line[line.index('"data":') + 7:-1])
        leaves = [evidence.leaf(line.encode()) for line in lines]
        run, = self.select("SELECT boot, head, vkey, records, signed, verdict, finding, key_from, clock FROM run")
        self.assertEqual(run, [self.logged[0]["data"]["boot"], "sha256:" + evidence.root(leaves).hex(), self.vkey, str(len(lines)),
                               str(len(lines) - 1), "sound", "sound", "given", "file"])
        if not SERVER:  # what SQLite was not asked to look at while the rows came
            self.assertEqual((self.select("PRAGMA integrity_check"), self.select("PRAGMA foreign_key_check")), ([["ok"]], []))
        packages = self.select("SELECT name, version, pkg FROM package ORDER BY id")
        self.assertEqual(packages, [[e["data"][k] for k in ("name", "version", "pkg")] for e in self.logged if e["type"] == "package.verified"])

    def test_who_was_denied_what_since_when_by_version(self):
        for name, boot, version, seconds in (("old", "11" * 16, "1.0.0", 1_700_000_000), ("new", "22" * 16, "2.0.0", 1_710_000_000),
                                             ("newer", "33" * 16, "2.0.0", 1_720_000_000)):
            self.version(name, boot, version)
            self.at(name, seconds)
        self.take("old", "new", "newer")
        denials, faults = self.of_class("deny.", "fault.cap"), self.of_class("fault.vm", "fault.sys", "fault.exc", "fault.tim")
        self.assertGreater(min(len(denials), len(faults)), 5)
        for name, events in (("denials", denials), ("faults", faults)):
            rows = self.ask(name)
            self.assertEqual(sum(row["times"] for row in rows), 3 * sum(e.get("n", 1) for e in events))
            for version, runs in (("1.0.0", 1), ("2.0.0", 2)):
                of_version = self.ask(name, "--version", version)
                self.assertEqual(of_version, [row for row in rows if row["version"] == version])
                self.assertEqual({row["runs"] for row in of_version}, {runs})
            self.assertEqual({row["target"] for row in rows}, {"intruder"})
        slot = [e for e in denials if e["type"] == "deny.tripwire"][0]
        first = [row for row in self.ask("denials", "--version", "2.0.0") if row["what"] == f"slot {slot['data']['slot']} label {slot['data']['label']}"][0]
        length = self.logged[-1]["t"]
        self.assertEqual(first["first"], self.ask("runs", "--run", "22")[0]["began"][:-5] + first["first"][-5:])
        self.assertTrue(first["first"].startswith("2024-03-09T15:59:5") and first["last"].startswith("2024-07-03T09:46:3"), (first, length))
        versions = {row["version"]: row for row in self.ask("versions", "--package", "org.kpkg.intruder")}
        self.assertEqual([(v, r["runs"], r["denials"], r["faults"]) for v, r in versions.items()],
                         [("1.0.0", 1, len(denials), len(faults)), ("2.0.0", 2, 2 * len(denials), 2 * len(faults))])
        self.assertEqual(versions["2.0.0"]["first"][:10], "2024-03-09")
        self.assertEqual([row["run"][:2] for row in self.ask("runs")], ["11", "22", "33"])
        self.assertEqual([row["run"][:2] for row in self.ask("runs", "--version", "2.0.0")], ["22", "33"])
        targets = self.ask("targets", "--target", "intruder")
        starts = sum(e["type"] == "target.spawned" and e["tgt"] == "intruder" for e in self.logged)
        self.assertEqual([(t["version"], t["starts"], t["evidence"]) for t in targets], [("1.0.0", starts, "sound"), ("2.0.0", 2 * starts, "sound")])

    def test_a_package_that_takes_the_place_of_another(self):
        """What happened before is of the old version, what happens after of the new one."""
        def about(kind, **data):
            return {"v": 1, "seq": 0, "t": 0, "type": kind, "sev": "info", "tgt": "guest", "inc": 1, "prev": "", "data": data}
        events = [json.loads(json.dumps(self.logged[0]))]
        for version in ("1.0.0", "2.0.0"):
            pkg = "blake2b:" + version[0] * 64
            verified = about("package.verified", name="test.guest", version=version, pkg=pkg, policy=pkg, signer="ed25519:" + "0" * 64, size=1)
            del verified["tgt"], verified["inc"]
            events += [verified, about("policy.compiled", pkg=pkg, policy=pkg, plan="sha256:" + "0" * 64, caps=1, objects=1),
                       about("fault.vm", ip="0x1", addr="0x" + version[0], access="read", fsr="0x4", cause="unmapped", near="none", action="killed")]
        for seq, event in enumerate(events):
            event.update(seq=seq, t=seq)
        events[0].update(t=0)
        self.write("replaced", b"".join(line + b"\n" for line in evidence.forge(events, demo_log.SEED)))
        self.assertEqual(self.take("replaced", code=3), [("no_end", "imported")])
        self.assertEqual([(row["version"], row["what"].split()[3], row["times"]) for row in self.ask("faults")], [("1.0.0", "0x1", 1), ("2.0.0", "0x2", 1)])

    def test_filters(self):
        self.version("a", "11" * 16, "1.0.0")
        self.version("b", "22" * 16, "1.0.0")
        self.at("a", 1_700_000_000)
        self.at("b", 1_710_000_000)
        self.take("a", "b")
        everything = sum(row["times"] for row in self.ask("faults"))
        for words, share in ((("--since", "2024-01-01"), 2), (("--until", "2024-01-01"), 2), (("--since", "2024-03-09T16:00:01Z"), 0),
                             (("--until", "2023-11-14T22:13:00Z"), 0), (("--run", "22"), 2), (("--run", "3"), 0), (("--target", "intruder"), 1),
                             (("--target", "log"), 0), (("--package", "org.kpkg.intruder"), 1), (("--package", "org.kpkg.log"), 0),
                             (("--version", "1.0.0"), 1), (("--version", "2"), 0),
                             (("--until", "9999-12-31"), 1), (("--since", "9999-12-31"), 0), (("--since", "2262-04-12"), 0)):
            times = sum(row["times"] for row in self.ask("faults", *words))
            self.assertEqual(times, everything // share if share else 0, words)
        reasons = [e for e in self.logged if e["data"].get("cause") == "readonly"]
        self.assertEqual(sum(row["times"] for row in self.ask("faults", "--reason", "readonly")), 2 * len(reasons))
        self.assertEqual(len(self.ask("runs", "--until", "2024-01-01")), 1)
        self.assertEqual(len(self.ask("runs", "--target", "nobody")), 0)

    def test_a_run_is_there_once(self):
        self.assertEqual(self.take("events.jsonl", key=False), [("sound", "imported")])
        self.assertEqual([row["evidence"] for row in self.ask("runs")], ["sound, without a key"])
        self.assertEqual(self.take("events.jsonl", "events.jsonl"), [("sound", "imported in place of less"), ("sound", "already there")])
        self.assertEqual(self.take("events.jsonl", key=False), [("sound", "already there")])
        self.assertEqual([row["evidence"] for row in self.ask("runs")], ["sound"])
        self.assertEqual(self.select("SELECT count(*) FROM event"), [[str(len(self.logged))]])

    def test_a_cut_log_gives_way_to_the_whole_one(self):
        lines = self.read("events.jsonl").splitlines(keepends=True)
        for count in (60, 100):
            self.write(f"cut{count}", b"".join(lines[:count]))
        self.assertEqual(self.take("cut60", code=3), [("no_end", "imported")])
        self.assertEqual([(r["evidence"], r["records"]) for r in self.ask("runs")], [("incomplete", 60)])
        self.assertEqual(self.take("cut100", code=3), [("no_end", "imported in place of less")])
        self.assertEqual(self.take("cut60", code=3), [("no_end", "already there")])
        self.assertEqual(self.take("events.jsonl"), [("sound", "imported in place of less")])
        self.assertEqual(self.take("cut100", code=3), [("no_end", "already there")])
        self.assertEqual([(r["evidence"], r["records"]) for r in self.ask("runs")], [("sound", len(lines))])

    def test_what_is_wrong_with_a_log_is_kept(self):
        lines = self.read("events.jsonl").splitlines(keepends=True)
        self.write("bad", b"".join(lines[:70] + lines[71:]))
        self.assertEqual(self.take("bad", code=4), [("removed", "imported")])
        self.assertEqual(self.select("SELECT verdict, finding, line, records FROM run"), [["invalid", "removed", "71", "70"]])
        self.assertEqual(self.select("SELECT count(*) FROM event"), [["70"]])
        self.assertEqual({row["evidence"] for row in self.ask("denials")}, {"invalid"})
        # The true log takes its place; one of the same boot that contradicts it is a run of its own.
        self.assertEqual(self.take("events.jsonl"), [("sound", "imported in place of less")])
        other = self.change("other", self.logged[0]["data"]["boot"], lambda event: event.update(t=event["t"] + 1))
        self.assertEqual(self.take(other), [("sound", "imported")])
        self.assertEqual(len(self.ask("runs")), 2)

    def test_logs_that_name_no_run(self):
        self.write("none", b"")
        self.write("text", b"hello\n")
        for name in ("none", "text"):
            self.fails_after_finding("INDEX_LOG", name)
        run = self.run_kpkg("audit", "import", "events.jsonl", "--db", self.db, "--vkey", evidence.make_vkey(bytes([7] * 32)))
        self.assertIn("key: ", run.stderr)
        self.assertIn("KPKG_E_INDEX_LOG", run.stderr)

    def fails_after_finding(self, name, *files):
        run = self.run_kpkg("audit", "import", *files, "--db", self.db, "--vkey", self.vkey)
        self.assertEqual((run.returncode, run.stdout), (1, ""), run.stderr)
        self.assertIn(f"KPKG_E_{name}: ", run.stderr)

    def test_all_or_nothing(self):
        self.write("text", b"hello\n")
        self.take("events.jsonl")
        before = self.select("SELECT boot, records FROM run"), self.select("SELECT count(*) FROM event")
        self.change("second", "22" * 16)
        run = self.run_kpkg("audit", "import", "second", "text", "--db", self.db, "--vkey", self.vkey)
        self.assertEqual(run.returncode, 1, run.stderr)
        run = self.run_kpkg("audit", "import", "second", "missing", "--db", self.db, "--vkey", self.vkey)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertEqual((self.select("SELECT boot, records FROM run"), self.select("SELECT count(*) FROM event")), before)

    @unittest.skipIf(SERVER, "of the file")
    def test_a_full_disk_or_a_kill_leaves_what_was_there(self):
        self.take("events.jsonl")
        self.change("second", "22" * 16)
        self.change("third", "33" * 16)
        before = self.read(self.db)
        for kill in (False, True):
            for room in (0, 4096, 40000):
                limit = len(before) + room
                run = subprocess.run([scenario.KPKG, "audit", "import", "second", "--db", self.db], cwd=self.folder, capture_output=True, text=True,
                                     timeout=60, check=False, restore_signals=kill,  # Python's children ignore SIGXFSZ unless it is restored
                                     preexec_fn=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                if kill:
                    self.assertEqual(run.returncode, -signal.SIGXFSZ)
                    self.assertIn("import again", self.fails("DATABASE", "audit", "query", "runs", "--db", self.db, code=2).stderr)
                else:
                    self.assertEqual(run.returncode, 2)
                    self.assertIn("KPKG_E_DATABASE: ", run.stderr)
                self.take("events.jsonl")
                self.assertEqual(self.read(self.db), before)
        self.take("third")
        self.assertEqual([row["run"][:2] for row in self.ask("runs")], [self.logged[0]["data"]["boot"][:2], "33"])

    def test_two_imports_at_once(self):
        for i in range(6):
            self.change(f"run{i}", f"{i}{i}" * 16)
        running = [subprocess.Popen([scenario.KPKG, "audit", "import", *(f"run{(i + j) % 6}" for j in range(4)), "--db", self.db],
                                    cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for i in range(3)]
        for process in running:
            self.assertEqual((process.communicate(timeout=60)[1], process.returncode), ("", 0))
        self.assertEqual(self.select("SELECT count(*), count(DISTINCT boot) FROM run"), [["6", "6"]])

    def test_a_report_folder(self):
        self.system()
        self.ok("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--report", "report")
        self.assertEqual(self.take("report", key=False), [("sound", "imported")])
        statement = json.loads(self.read("report/run.intoto.jsonl").splitlines()[0])
        payload = json.loads(evidence.base64.b64decode(statement["payload"]))
        row, = self.ask("runs")
        self.assertEqual((row["ended"], row["evidence"]), (payload["predicate"]["attestedAt"][:-1] + ".000Z", "sound, by its own key"))
        self.assertEqual(self.select("SELECT clock FROM run"), [["statement"]])
        # A time that the run's key has not signed does not count.
        payload["predicate"]["attestedAt"] = "2001-01-01T00:00:00Z"
        statement["payload"] = evidence.base64.b64encode(json.dumps(payload).encode()).decode()
        self.write("report/run.intoto.jsonl", json.dumps(statement) + "\n")
        self.take("report", key=False)
        self.ok("audit", "import", "report", "--db", self.db, "--vkey", "report/run.vkey")
        self.assertEqual(self.select("SELECT clock FROM run"), [["file"]])

    def test_hostile_names(self):
        def edit(event):
            if event.get("tgt") == "intruder":
                event["tgt"] = HOSTILE
            if event["type"] == "package.verified":
                event["data"]["version"] = HOSTILE
        self.take(self.change("hostile", "11" * 16, edit))
        rows = self.ask("denials")
        self.assertEqual({(row["target"], row["version"]) for row in rows}, {(as_written(HOSTILE), as_written(HOSTILE))})
        self.assertEqual(self.ask("denials", "--target", as_written(HOSTILE)), rows)
        self.assertEqual(self.ask("denials", "--target", "' OR '1'='1"), [])
        table = self.ok("audit", "query", "denials", "--db", self.db)
        self.assertTrue(all(c == "\n" or c.isprintable() and c.isascii() for c in table))
        self.assertEqual(len(table.splitlines()), len(rows) + 1)
        # What --sql makes of it is data as well.
        statement = "SELECT 'a' || char(27) || char(10) || 'b' AS x" if not SERVER else "SELECT 'a' || chr(27) || chr(10) || 'b' AS x"
        self.assertEqual(self.ok("audit", "query", "--sql", statement, "--db", self.db), "x         \na\\x1b\\x0ab\n".replace("x         ", "x"))

    def test_forms(self):
        self.take("events.jsonl")
        rows = self.ask("faults")
        text = subprocess.run([scenario.KPKG, "audit", "query", "faults", "--db", self.db, "--format", "csv"], cwd=self.folder, check=True,
                              capture_output=True, timeout=60).stdout.decode()
        self.assertEqual(list(csv.DictReader(io.StringIO(text, newline=""))), [{k: str(v) for k, v in row.items()} for row in rows])
        table = self.ok("audit", "query", "faults", "--db", self.db).splitlines()
        self.assertEqual([re.split(r"  +", line.strip())[0] for line in table], ["target"] + [row["target"] for row in rows])

    def test_who_asks_cannot_write(self):
        self.take("events.jsonl")
        for statement in ("DELETE FROM event", "UPDATE run SET verdict = 'sound'", "DROP TABLE event", "SELECT 1; DELETE FROM event",
                          "INSERT INTO kpkg_index VALUES (2)", "CREATE TABLE x (y INTEGER)", " ", "COMMIT",
                          "WITH gone AS (DELETE FROM event RETURNING 1) SELECT * FROM gone"):
            run = self.run_kpkg("audit", "query", "--sql", statement, "--db", self.db)
            self.assertEqual((run.returncode, run.stdout), (2, ""), statement)
            self.assertIn("KPKG_E_DATABASE: ", run.stderr)
        if not SERVER:
            for statement in ("ATTACH 'other.sqlite' AS other", "PRAGMA writable_schema = 1", "SELECT load_extension('x')", "VACUUM"):
                self.fails("DATABASE", "audit", "query", "--sql", statement, "--db", self.db, code=2)
            self.assertFalse(os.path.exists(self.path("other.sqlite")))
        self.assertEqual(self.ask("--sql", "SELECT count(*) AS n FROM event"), [{"n": len(self.logged)}])

    def test_the_schema(self):
        with open(SPEC, encoding="utf-8") as file:
            documented = re.search(r"```sql\n(.*?)```", file.read(), re.S)[1]
        self.assertEqual(self.ok("audit", "query", "--schema"), documented)
        printed = self.ok("audit", "query", "--schema", "--db", self.db)
        self.assertEqual(printed, documented.replace("INTEGER", "BIGINT").replace(" STRICT, WITHOUT ROWID", "").replace(" STRICT", "") if SERVER else documented)
        self.take("events.jsonl")
        if SERVER:
            return
        with sqlite3.connect(self.path(self.db)) as database:
            self.assertEqual({row[5] for row in database.execute("PRAGMA table_list") if not row[1].startswith("sqlite_")}, {1})
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def test_other_databases(self):
        self.fails("INDEX_VERSION" if SERVER else "DATABASE", "audit", "query", "runs", "--db", self.db, code=1 if SERVER else 2)
        if not SERVER:
            self.write("text.sqlite", b"not a database, and longer than a header of one would be: " * 20)
            self.fails("DATABASE", "audit", "query", "runs", "--db", "text.sqlite", code=2)
            sqlite3.connect(self.path("empty.sqlite")).executescript("CREATE TABLE mine (x)").close()
            self.fails("INDEX_VERSION", "audit", "query", "runs", "--db", "empty.sqlite")
        self.take("events.jsonl")
        statement = "UPDATE kpkg_index SET version = 1"
        if SERVER:
            SERVER.psql(statement, self.name)
        else:
            with sqlite3.connect(self.path(self.db)) as database:
                database.execute(statement)
        self.fails("INDEX_VERSION", "audit", "query", "runs", "--db", self.db)
        self.fails("INDEX_VERSION", "audit", "import", "events.jsonl", "--db", self.db)

    def test_an_url_is_not_repeated(self):
        url = "postgresql://nobody:secret@/none?host=/nonexistent"
        run = self.run_kpkg("audit", "query", "runs", "--db", url)
        self.assertEqual(run.returncode, 2)
        self.assertNotIn("secret", run.stderr)

    def test_usage(self):
        self.take("events.jsonl")
        for words in (("runs", "--reason", "x"), ("nothing",), (), ("runs", "--sql", "SELECT 1"), ("--sql", "SELECT 1", "--target", "x"),
                      ("runs", "--format", "xml"), ("runs", "--since", "yesterday"), ("runs", "--until", "2024-13-01")):
            self.fails("USAGE", "audit", "query", *words, "--db", self.db, code=2)
        self.fails("USAGE", "audit", "query", "runs", code=2)
        self.fails("USAGE", "audit", "import", "events.jsonl", code=2)


scenario.main()
