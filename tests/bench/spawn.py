# SPDX-License-Identifier: BSD-2-Clause
"""The way of a package through the root task: kernel calls of a spawn, time of each part on both kernels, and many lives."""
import json
import os
import statistics
import subprocess
import sys
import time

from common import quiet
from hello import example

LIVES = 100000  # starts and kills
SIZES = (16, 1024, 65536)  # KiB
ROUNDS = {"hosted": 5, "sel4": 2}
DIES = b"\x48\x8b\x04\x25\0\0\0\0"  # mov rax, [0]


def least_calls(target):
    """The least number of invocations that can build what a target's plan says.

    One Retype for all objects of a type and size; one call for each paging structure and page mapped, and a copy of
    the capability of each page that is shared with the image; one Mint for each slot; ASID; a page that is filled is
    mapped and unmapped once; the TCB: space, scheduling, timeout handler, registers with resume, the budget, and
    badged copies of the fault and timeout endpoints.
    """
    made = [o for o in target["objects"] if o["type"] not in ("package pages", "untyped")]
    retypes = len({(o["type"], o["size_bits"]) for o in made})
    paging = sum(o["count"] for o in made if o["type"] in ("pdpt", "page directory", "page table"))
    pages = sum(m["pages"] for m in target["mappings"])
    shared = sum(m["pages"] for m in target["mappings"] if m["fill"] == "in-place")
    filled = sum(m["pages"] for m in target["mappings"] if m["fill"] in ("copy", "record"))
    return retypes + 1 + paging + pages + shared + 2 * filled + len(target["caps"]) + 7


def read_events(path):
    with open(path, encoding="ascii") as file:
        return [json.loads(line) for line in file]


def calls(bench):
    """Kernel calls that spawning each target took, from the log of a run, beside the least."""
    system = ["--trust", "trust.toml", example(bench, "hello"), example(bench, "log")]
    quiet(bench.kpkg, "run", *system, "--events", "calls.jsonl")
    plan = json.loads(subprocess.run([bench.kpkg, "plan", "--json", *system], check=True, capture_output=True).stdout)
    taken = {e["tgt"]: e["data"]["calls"] for e in read_events("calls.jsonl") if e["type"] == "target.spawned"}
    counts = {t["name"]: {"calls": taken[t["name"]], "least": least_calls(t)} for t in plan["targets"]}
    print("\nkernel calls of a spawn, least possible beside")
    for target, count in counts.items():
        print(f"  {target:28}{count['calls']:10}{count['least']:10}{count['calls'] / count['least']:9.2f}")
    bench.goal("a spawn takes at most 1.2 times the least kernel calls", all(c["calls"] <= 1.2 * c["least"] for c in counts.values()))
    return counts


def life(bench, name, kernel):
    """Seconds of each part of the way of a package that dies at once, by the log's times; None where the kernel is missing."""
    words = [] if kernel == "hosted" else ["--kernel", kernel]
    run = subprocess.run([bench.kpkg, "run", "--no-precheck", "--trust", "trust.toml", name, "--events", "phases.jsonl", *words], check=False,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if run.returncode != 1:  # it was stopped, as it must be
        return None
    events = read_events("phases.jsonl")
    at = {e["type"]: e["t"] for e in reversed(events)}
    steps = next(e["data"]["ns"] for e in events if e["type"] == "target.spawned")
    parts = {"verify": at["package.verified"] - at["log.start"], "compile": at["policy.compiled"] - at["package.verified"],
             "build": steps["build"], "load": steps["load"], "start": sum(v for k, v in steps.items() if k not in ("build", "load")),
             "kill": at["memory.reclaimed"] - at["target.killed"]}
    return {part: taken / 1e9 for part, taken in parts.items()}


def phases(bench):
    results = {}
    for kernel, rounds in ROUNDS.items():
        results[kernel] = {}
        for size in SIZES:
            taken = [life(bench, bench.package(size, DIES), kernel) for _ in range(rounds)]
            whole = None not in taken
            results[kernel][f"{size} KiB"] = {part: statistics.median(t[part] for t in taken) for part in taken[0]} if whole else None
        title = "on the hosted kernel" if kernel == "hosted" else "on real seL4, emulated by QEMU"
        print(f"\nthe way of a package {title}, ms\n  {'':12}" + "".join(f"{part:>10}" for part in ("verify", "compile", "build", "load", "start", "kill")))
        for size, parts in results[kernel].items():
            print(f"  {size:12}" + ("  not possible on this machine" if parts is None else "".join(f"{taken * 1e3:10.2f}" for taken in parts.values())))
    return results


def lives(bench, count):
    """Starts and kills, intruders among them, with everything of each asked back; the seconds of each, and what the test said."""
    begin = time.perf_counter()
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e", "leak.py")
    run = subprocess.run([sys.executable, "-B", script, bench.build, str(count), "hosted"], capture_output=True, text=True, check=False)
    seconds = (time.perf_counter() - begin) / count
    said = run.stdout.splitlines()[0] if run.returncode == 0 else run.stderr
    print(f"\n{count} starts and kills: {seconds * 1e3:.2f} ms each\n  {said}")
    bench.goal("nothing is left of any of them", run.returncode == 0)
    return {"lives": count, "seconds": seconds, "whole": run.returncode == 0, "said": said}


def run(bench):
    bench.results["spawn"] = {"calls": calls(bench), "phases": phases(bench)}


def run_lives(bench):
    bench.results["lives"] = lives(bench, LIVES)
