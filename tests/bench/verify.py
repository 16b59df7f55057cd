# SPDX-License-Identifier: BSD-2-Clause
"""kpkg verify beside what else checks a file: signatures, plain hashes, reading it, and the memory's bandwidth."""
import json
import os
import subprocess

from common import quiet, race, show, tool

ONE_CORE = "kpkg verify, 1 core"
SIZES = {1: 41, 64: 11, 1024: 3}  # MiB: rounds


def openssl(name):
    """Ed25519 over the whole file; openssl reads it into memory."""
    quiet("openssl", "genpkey", "-algorithm", "ed25519", "-out", "openssl.key")
    quiet("openssl", "pkey", "-in", "openssl.key", "-pubout", "-out", "openssl.pub")
    quiet("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", "openssl.key", "-in", name, "-out", name + ".openssl")
    return [tool("openssl"), "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "openssl.pub", "-in", name, "-sigfile", name + ".openssl"]


def signify(name):
    if not os.path.exists("signify.pub"):
        quiet("signify-openbsd", "-G", "-n", "-p", "signify.pub", "-s", "signify.sec")
    quiet("signify-openbsd", "-S", "-s", "signify.sec", "-m", name, "-x", name + ".signify")
    return [tool("signify-openbsd"), "-V", "-p", "signify.pub", "-m", name, "-x", name + ".signify"]


def or_none(make, name):
    """The command, or None where the peer is missing or refuses such a file."""
    try:
        return [make(name)]
    except (subprocess.CalledProcessError, FileNotFoundError):
        return None


def bandwidth(bench):
    run = subprocess.run([os.path.join(bench.build, "tests/bench/memory_bench")], check=True, capture_output=True, text=True)
    return json.loads(run.stdout)


def run(bench):
    results = {"memory_GBps": bandwidth(bench)}
    print(f"\nreading memory: {results['memory_GBps']['one core']:.1f} GB/s on one core, {results['memory_GBps']['all cores']:.1f} GB/s on all")
    for mebibytes, rounds in SIZES.items():
        name = bench.package(mebibytes << 10)
        own = [bench.kpkg, "verify", name, "--trust", "trust.toml"]
        cores = {ONE_CORE: 1, **{f"kpkg verify, {2 ** i} cores": 2 ** i for i in range(1, os.cpu_count().bit_length())}}
        rows = {row: [own] for row in cores}
        rows.update({"minisign -V": [bench.minisign(name)], "signify -V": or_none(signify, name), "openssl pkeyutl -verify": or_none(openssl, name),
                     "openssl dgst -blake2b512": [[tool("openssl"), "dgst", "-blake2b512", name]], "b2sum": [[tool("b2sum"), name]],
                     "b3sum": [[tool("b3sum"), name]] if tool("b3sum") else None, "cat": [[tool("cat"), name]]})
        results[f"{mebibytes} MiB"] = rows = race(rows, rounds, cores)
        show(f"verify, {mebibytes} MiB", rows)
        for path in (name, name + ".signify", name + ".openssl", f"data-{mebibytes << 10}.elf"):
            if os.path.exists(path):
                os.unlink(path)
    ratio = results["64 MiB"]["minisign -V"]["cpu"] / results["64 MiB"][ONE_CORE]["cpu"]  # what other work on the machine disturbs least
    bench.goal(f"verify at 64 MiB on one core in a third of minisign's processor time ({ratio:.2f})", ratio >= 3)
    bench.results["verify"] = results
