# SPDX-License-Identifier: BSD-2-Clause
"""Compile, check and diff of whole systems, by the commands; order, reach and diff of larger authorities, by the library."""
import json
import os
import subprocess

from common import elf, race, show

# Packages and capabilities of each: a system has at most 64 packages with 64 capabilities.
SYSTEMS = {10: (2, 5), 1000: (20, 50), 3968: (64, 62)}


def write_system(bench, packages, caps):
    """A chain: every package has bells of its own and rings one of the package before."""
    rows = []
    for i in range(packages):
        stem = f"p{i}"
        with open(stem + ".elf", "wb") as file:
            file.writelines(elf(b"\xeb\xfe", b"data"))
        own = "".join(f'[notification.bell{k}]\nrole = "wait"\nallow = ["*"]\n' for k in range(caps - 1))
        peer = f'[notification.ring]\nrole = "signal"\nto = "bench.p{i - 1}/bell0"\n' if i > 0 else f'[notification.bell{caps}]\nrole = "wait"\n'
        bench.sign(stem, f"bench.p{i}", own + peer)
        rows.append(f'[[package]]\nfile = "{stem}.kpkg"\n')
    with open("system.toml", "w", encoding="ascii") as file:
        file.write('schema = 1\nname = "bench"\ntrust = "trust.toml"\n'
                   f'assert = ["no-flow bench.p0 -> bench.p{packages - 1}"]\n' + "".join(rows))
    return "system.toml"


def commands(bench, caps, shape):
    system = write_system(bench, *shape)
    with open("plan.json", "wb") as file:
        subprocess.run([bench.kpkg, "plan", "--json", system], check=True, stdout=file)
    rows = race({"plan (verify, compile, check)": [[bench.kpkg, "plan", system]], "check (and decide reach)": [[bench.kpkg, "check", system]],
                 "diff of two plans": [[bench.kpkg, "diff", "plan.json", "plan.json"]]}, 7)
    show(f"a system of {shape[0]} packages, {caps} capabilities", rows)
    return rows


def run(bench):
    results = {str(caps): commands(bench, caps, shape) for caps, shape in SYSTEMS.items()}
    told = subprocess.run([os.path.join(bench.build, "tests/bench/reach_bench")], check=True, capture_output=True, text=True).stdout
    library = [json.loads(line) for line in told.splitlines()]
    print("\nauthority graphs, ms" + "".join(f"{key:>22}" for key in library[0]))
    for row in library:
        print(f"{'':20}{row['capabilities']:22}" + "".join(f"{row[key] * 1e3:22.3f}" for key in list(row)[1:]))
    bench.results["graph"] = {"systems": results, "authorities": library}
