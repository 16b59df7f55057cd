# SPDX-License-Identifier: BSD-2-Clause
"""What the end-to-end tests share: `kpkg` run as a user runs it, in a folder of the test's own.

A test module ends with `scenario.main()`; its first argument is the build folder.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
KPKG = os.path.join(BUILD, "kpkg")
TIMEOUT = 60
EXIT_SKIPPED = 77  # of a test whose real kernels are not there

TRUST_KEY = """
[[key]]
id = "{id}"
ed25519 = "{ed25519}"
state = "{state}"
names = {names}
counters = [{low}, {high}]
ceiling = "all"
"""
TRUST_END = """
[[rule]]
names = "*"
threshold = {threshold}
floor = {floor}

[ceiling.all]
memory = "64MiB"
cnode-bits = 12
threads = 4
priority-max = 253
endpoints = ["*"]
"""


MANIFEST = """schema = 1

[package]
name = "{name}"
version = "1.0.0"
counter = {counter}
summary = "A program of the end-to-end tests"

[binary]
path = "{binary}"

[cpu]
priority = 100
budget = "1ms"
period = "10ms"

[memory]
limit = "256KiB"
stack = "16KiB"
"""


def kernels():
    """What there is to boot: configurations of a supported kernel, if there is a QEMU to boot them in."""
    report = json.loads(subprocess.run([KPKG, "doctor", "--json"], capture_output=True, check=False).stdout)
    qemu = any(c["found"] for c in report["checks"] if c["name"] == "qemu-system-x86_64")
    return [k for k in report["kernels"] if k["supported"] and qemu]


def can_make_disks():
    """Whether all that `kpkg image --iso` needs is here."""
    report = json.loads(subprocess.run([KPKG, "doctor", "--json"], capture_output=True, check=False).stdout)
    return all(c["found"] for c in report["checks"] if c["for"] == "kpkg image --iso")


def is_sanitized():
    """Whether this build carries a sanitizer, which wants memory of its own."""
    with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as file:
        return "\nKPKG_SANITIZE:" in file.read()


def run_words(kernel):
    """What `kpkg run` is told for a kernel: `hosted`, in virtual time, or `sel4`, one that is found; ends with 77 if none is."""
    if kernel == "hosted":
        return ["--deterministic"]
    found = [k for k in kernels() if not k["debug"]]
    if not found:
        print("seL4 not found")
        sys.exit(77)
    return ["--kernel", found[0]["elf"]]


class Scenario(unittest.TestCase):
    """One folder, one signer `a.key`; helpers to make and change what a user would."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="kpkg-e2e-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.a = self.key("a.key")

    def run_kpkg(self, *arguments, environment=None, timeout=TIMEOUT):
        run = subprocess.run([KPKG, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=timeout,
                             check=False, env={**os.environ, **(environment or {})})
        # What this machine denies the sandbox, as a chroot or a container may, is not the test's.
        run.stderr = "".join(line for line in run.stderr.splitlines(True) if not line.startswith("kpkg: note: the host"))
        return run

    def ok(self, *arguments):
        """Runs kpkg, which must succeed without a word on stderr; its stdout."""
        run = self.run_kpkg(*arguments)
        self.assertEqual((run.returncode, run.stderr), (0, ""), f"kpkg {' '.join(arguments)}")
        return run.stdout

    def json(self, *arguments):
        return json.loads(self.ok(*arguments, "--json"))

    def fails(self, name, *arguments, code=1):
        """Runs kpkg, which must fail with this error name and exit code; the whole run."""
        run = self.run_kpkg(*arguments)
        self.assertEqual(run.returncode, code, f"kpkg {' '.join(arguments)}: {run.stderr}")
        first = run.stderr.splitlines()[0] if run.stderr else ""
        self.assertIn(f"KPKG_E_{name}:", first)
        self.assertRegex(first, "^(kpkg: |[^ :]+:[0-9]+:[0-9]+: KPKG_E_)")
        return run

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return name

    def key(self, name):
        """A new key pair; the public key in hex."""
        self.ok("key", "generate", name)
        return self.json("key", "show", name)["ed25519"]

    def trust(self, name="trust.toml", threshold=1, floor=0, keys=None):
        """A trust file; `keys` maps ids to (hex, changes to the defaults of TRUST_KEY)."""
        text = "schema = 1\ncounter = 1\n"
        for identity, (ed25519, changes) in (keys or {"a": (self.a, {})}).items():
            values = {"id": identity, "ed25519": ed25519, "state": "active", "names": '["*"]', "low": 0, "high": 1000}
            text += TRUST_KEY.format(**{**values, **changes})
        return self.write(name, text + TRUST_END.format(threshold=threshold, floor=floor))

    def program(self, name):
        """A copy of a package from tests/programs, signed."""
        return self.example(name, folder="tests/programs")

    def example(self, name, signer="a.key", folder="examples"):
        """A copy of an example package, signed."""
        shutil.copy(os.path.join(BUILD, folder, name + ".kpkg"), self.path(name + ".kpkg"))
        if signer:
            self.ok("sign", name + ".kpkg", "--key", signer)
        return name + ".kpkg"

    def elf(self, name="tiny.elf", extra=()):
        """A program that does nothing for ever, linked as packages have to be."""
        source = self.write(name + ".S", ".globl _start\n_start: jmp _start\n.section .rodata\n.ascii \"tiny\"\n")
        subprocess.run(["gcc", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096",
                        "-Wl,-z,separate-code", "-Wl,-z,noexecstack", "-Wl,-Ttext-segment=0x200000", *extra, "-o", name, source],
                       cwd=self.folder, check=True, capture_output=True, timeout=TIMEOUT)
        return name

    def pack(self, stem="tiny", name="test.tiny", counter=1, signers=("a.key",)):
        """A small package, signed by these keys."""
        self.elf(stem + ".elf")
        self.write(stem + ".kpkg.toml", MANIFEST.format(name=name, counter=counter, binary=stem + ".elf"))
        self.ok("pack", stem + ".kpkg.toml", "-o", stem + ".kpkg")
        for signer in signers:
            self.ok("sign", stem + ".kpkg", "--key", signer)
        return stem + ".kpkg"

    def events(self, name="events.jsonl"):
        """The records of an event log; each line must be an object by itself."""
        return [json.loads(line) for line in self.read(name).splitlines()]


def main():
    """Runs the test classes of the calling module; says at the end how many ran."""
    unittest.main(module="__main__", argv=[sys.argv[0]] + sys.argv[2:], verbosity=1)
