# SPDX-License-Identifier: BSD-2-Clause
"""What the sections of the benchmark share: races of commands, memory, signed packages, tables."""
import json
import math
import os
import shutil
import statistics
import struct
import subprocess
import sys
import time

DEVNULL_ACTIONS = [(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0), (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]
MINISIGN_KEY = "bench.minisign"


def once(commands):
    """Runs commands one after the other; seconds and seconds of processors, or None when one of them fails."""
    begin, used = time.perf_counter(), 0
    for command in commands:
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=DEVNULL_ACTIONS)
        _, status, usage = os.wait4(pid, 0)
        used += usage.ru_utime + usage.ru_stime
        if status != 0:
            return None
    return time.perf_counter() - begin, used


def memory(commands):
    """Peak resident KiB of the largest process of these commands."""
    peaks = []
    for command in commands:
        run = subprocess.run(["/usr/bin/time", "-q", "-f", "%M", "-o", "peak", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if run.returncode != 0:
            return None
        with open("peak", encoding="ascii") as file:
            peaks.append(int(file.read()))
    return max(peaks)


def summary(taken):
    seconds, used = zip(*taken)
    return {"min": min(seconds), "median": statistics.median(seconds), "max": max(seconds), "cpu": statistics.median(used)}


def on_cores(count, commands):
    """As `once`, on so many processors; None = on all."""
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(processors)[:count])
    taken = once(commands)
    os.sched_setaffinity(0, processors)
    return taken


def race(rows, rounds, cores=None):
    """Runs the rows in turns, so that a busy moment hits them all. Of each: seconds and peak memory, or None where it fails.

    `cores` says for some rows how many processors they may have.
    """
    times = {name: [] for name in rows}
    for turn in range(rounds + 1):
        for name, commands in rows.items():
            taken = on_cores((cores or {}).get(name), commands) if commands and None not in times[name] else None
            if turn > 0 or taken is None:  # the first turn warms caches
                times[name].append(taken)
    return {name: None if None in taken else {**summary(taken), "peak_kib": memory(rows[name])} for name, taken in times.items()}


def memory_text(row):
    return f"{row['peak_kib'] / 1024:9.1f}" if row["peak_kib"] is not None else f"{'-':>9}"


def show(title, rows):
    """A table of a race; ratios are of medians, to the first row."""
    print(f"\n{title}\n  {'':28}{'min ms':>10}{'median':>10}{'max':>10}{'cpu':>10}{'ratio':>8}{'MiB':>9}")
    first = next(iter(rows.values())) or {'median': math.nan}
    for name, row in rows.items():
        if row is None:
            print(f"  {name:28}  not possible on this machine")
        else:
            ms = "".join(f"{row[key] * 1e3:10.2f}" for key in ("min", "median", "max", "cpu"))
            print(f"  {name:28}{ms}{row['median'] / first['median']:8.2f}{memory_text(row)}")


def tool(name):
    """Where a program is, or None."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def quiet(*command, **more):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)


def elf(code, data):
    """A program: read-only data, as much of it loaded as fits, then a page of code."""
    page = 4096
    base = 0x200000
    data += bytes(-len(data) % page)
    loaded = min(len(data), 64 << 20)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, 62, 1, base, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    segments = [(5, page + len(data), base, len(code)), (4, page, base + page, loaded)]
    table = b"".join(struct.pack("<IIQQQQQQ", 1, flags, at, vaddr, vaddr, size, size, page) for flags, at, vaddr, size in segments)
    yield (header + table).ljust(page, b"\0")
    yield data
    yield code.ljust(page, b"\0")


class Bench:
    """The folder of one run: keys, packages, peers' files; and what was found."""

    def __init__(self, build):
        self.build = os.path.abspath(build)
        self.kpkg = os.path.join(self.build, "kpkg")
        self.folder = os.path.join(self.build, "bench")
        self.results, self.goals = {}, []
        os.makedirs(self.folder, exist_ok=True)
        self.work = os.path.join(self.folder, "work")
        shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work)
        os.chdir(self.work)
        quiet(self.kpkg, "key", "generate", "signer.key")
        shown = subprocess.run([self.kpkg, "key", "show", "--json", "signer.key"], check=True, capture_output=True, text=True)
        with open("trust.toml", "w", encoding="ascii") as file:
            file.write('schema = 1\ncounter = 1\n[[key]]\nid = "bench"\n'
                       f'ed25519 = "{json.loads(shown.stdout)["ed25519"]}"\n'
                       'state = "active"\nnames = ["*"]\ncounters = [0, 100]\nceiling = "all"\n'
                       '[[rule]]\nnames = "*"\nthreshold = 1\nfloor = 0\n'
                       '[ceiling.all]\nmemory = "64MiB"\ncnode-bits = 12\nthreads = 4\npriority-max = 253\nendpoints = ["*"]\n')
        quiet(self.need("minisign"), "-G", "-W", "-p", MINISIGN_KEY + ".pub", "-s", MINISIGN_KEY)

    def need(self, name):
        path = tool(name)
        if path is None:
            sys.exit(f"bench: {name} is missing; `make bench` installs it")
        return path

    def goal(self, text, met):
        print(f"  {'met   ' if met else 'MISSED'} {text}")
        self.goals.append({"goal": text, "met": bool(met)})

    def minisign(self, name):
        """Signs a file; the command that checks it."""
        quiet(self.need("minisign"), "-S", "-s", MINISIGN_KEY, "-m", name)
        return [self.need("minisign"), "-V", "-p", MINISIGN_KEY + ".pub", "-m", name]

    def sign(self, stem, name, more="", budget="1ms"):
        """Packs and signs STEM.elf under a manifest."""
        with open(stem + ".kpkg.toml", "w", encoding="ascii") as file:
            file.write(f'schema = 1\n[package]\nname = "{name}"\nversion = "1.0.0"\ncounter = 1\nsummary = "Of the benchmark"\n'
                       f'[binary]\npath = "{stem}.elf"\n[cpu]\npriority = 10\nbudget = "{budget}"\nperiod = "100ms"\n'
                       f'[memory]\nlimit = "2MiB"\nstack = "16KiB"\n{more}')
        quiet(self.kpkg, "pack", stem + ".kpkg.toml", "-o", stem + ".kpkg")
        quiet(self.kpkg, "sign", stem + ".kpkg", "--key", "signer.key")
        return stem + ".kpkg"

    def package(self, kibibytes, code=b"\xeb\xfe"):
        """A signed package of so many KiB, nearly all of them random read-only data."""
        stem = f"data-{kibibytes}"
        data = os.urandom(1 << 20) * max(kibibytes >> 10, 1)
        with open(stem + ".elf", "wb") as file:
            file.writelines(elf(code, data[:max(kibibytes - 64, kibibytes // 2) << 10]))
        return self.sign(stem, "bench.data", budget="90ms")
