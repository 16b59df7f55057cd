# SPDX-License-Identifier: BSD-2-Clause
"""A log of a million records: verified, and put into SQLite beside sqlite3's own import of the same rows and the disk."""
import os
import subprocess

from common import quiet, race, show, tool

RECORDS = 1_000_000
ROUNDS = 3
COLUMNS = "run, line, seq, t, t0, n, type, sev, target, inc, package, class, dur, reason, what, data"


def write(path, length):
    """The bytes of the index once more, to the disk."""
    return ["/bin/sh", "-c", f"head -c {length} {path} >again && sync again"]


def run(bench):
    quiet(os.path.join(bench.build, "tests/bench/log_bench"), str(RECORDS), "events.jsonl", "run.vkey")
    known = ["events.jsonl", "--vkey", "run.vkey"]
    quiet(bench.kpkg, "audit", "import", *known, "--db", "first.sqlite")
    # What happened in the run is not the command's failure.
    rows = {"kpkg audit verify": [["/bin/sh", "-c", f"{bench.kpkg} audit verify events.jsonl --vkey run.vkey || test $? = 1"]]}
    fresh = ["/bin/rm", "-f", "own.sqlite", "plain.sqlite", "again"]
    rows["kpkg audit import"] = [fresh, [bench.kpkg, "audit", "import", *known, "--db", "own.sqlite"]]
    if tool("sqlite3"):
        with open("rows.csv", "wb") as file:
            subprocess.run([tool("sqlite3"), "-csv", "first.sqlite", f"SELECT {COLUMNS} FROM event"], check=True, stdout=file)
        rows["sqlite3 .import, plain table"] = [fresh, [tool("sqlite3"), "plain.sqlite", f"CREATE TABLE event ({COLUMNS})", ".mode csv", ".import rows.csv event"]]
    length = os.path.getsize("first.sqlite")
    rows[f"writing {length >> 20} MiB"] = [fresh, write("first.sqlite", length)]
    bench.results["audit"] = rows = race(rows, ROUNDS)
    show("a log of a million records", rows)
    bench.goal(f"a million records verified in about a second ({rows['kpkg audit verify']['cpu']:.2f} s of processor time)", rows["kpkg audit verify"]["cpu"] <= 1.2)
    peer = rows.get("sqlite3 .import, plain table")
    if peer:
        own = rows["kpkg audit import"]["cpu"] - rows["kpkg audit verify"]["cpu"]
        bench.goal(f"an import, less its verification, takes no more than 1.2 of sqlite3's own ({own / peer['cpu']:.2f})", own <= 1.2 * peer["cpu"])
