#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Refuses one kernel call of a run of a system, each in its turn, and judges what the root task makes of it.

usage: faults.py BUILD FAIL_EACH STEP demo|crew|kinds
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
NAME = sys.argv.pop()
STEP = int(sys.argv.pop())
FAIL_EACH = sys.argv.pop()

# pylint: disable=wrong-import-position
import actors  # noqa: E402
import kinds  # noqa: E402
import runs  # noqa: E402
import scenario  # noqa: E402

# The demo's, but the intruder makes its last two attempts only: three incarnations instead of 23.
DEMO = """schema = 1
name = "demo"
trust = "trust.toml"
[[package]]
file = "log.kpkg"
[[package]]
file = "sensor.kpkg"
[[package]]
file = "hello.kpkg"
[[package]]
file = "intruder.kpkg"
arguments = ["22"]
"""
CREW = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "crew.system.toml")
RESTART = {"sensor", "intruder"} | kinds.RESTART  # fault.action of their manifests; the others stop
NEEDS = {"sensor": {"hello"}, "adder": {"foreman"}, "stumbler": {"foreman"}}  # who rings the bell that it waits for, or starts it
AGAIN = {"adder", "stumbler"}  # their parent starts them once more


class Faults(actors.Actors):
    def demo(self):
        for name in ("log", "sensor", "hello", "intruder"):
            self.example(name)
        self.write("image.system.toml", DEMO)

    def crew(self):
        for name in ("log", "foreman", "worker"):
            self.example(name)
        self.trust()
        self.write("trust.toml", self.read("trust.toml").decode() + 'spawn = ["org.kpkg.worker"]\n')
        with open(CREW, encoding="ascii") as file:
            self.write("image.system.toml", file.read())

    def image(self):
        {"demo": self.demo, "crew": self.crew, "kinds": lambda: kinds.build(self)}[NAME]()
        self.ok("image", "image.system.toml", "-o", "image.elf")
        return self.path("image.elf")

    def judge_start(self, run, clean):
        """A step of a start was refused: everything is undone, the event says what it was, and the others run on."""
        failed, = run.of("target.failed")
        who, data = failed["tgt"], failed["data"]
        self.assertEqual((data["reason"], data["detail"], data["error"]), ("KPKG_E_KERNEL_REFUSED", run.operation, 3))
        self.assertEqual(run.leaks(), [])
        undone = run.events[run.events.index(failed) + 1]
        self.assertEqual((undone["type"], undone["tgt"], undone["inc"]), ("memory.reclaimed", who, failed["inc"]))
        self.assertEqual(data["action"], "restarted" if who in RESTART else "killed")
        starts = [e["inc"] for e in run.of("target.spawned") if e["tgt"] == who]
        self.assertNotIn(failed["inc"], starts)
        self.assertEqual(failed["inc"] + 1 in starts, who in RESTART | AGAIN)
        lost = {who} - RESTART - AGAIN
        lost |= {name for name, needs in NEEDS.items() if needs & lost}
        self.assertEqual(run.exits(), {name: code for name, code in clean.exits().items() if name not in lost})
        self.assertEqual(run.reason(), ["halt" if "sensor" in lost else "shutdown"])

    def judge(self, run, clean):
        if run.end == "deadlock":  # a port was refused, before the first word or after the last
            self.assertTrue(run.output == b"" or run.reason(), "nothing runs any more in the middle")
            return
        self.assertEqual(run.end, "exit")
        if run.code != 1 and run.reason():  # a probe of the kernel, or a look at the time: nothing came of it; without an end the log is cut
            self.assertEqual((run.code, run.story()), (clean.code, clean.story()))
        self.assertTrue(run.operation in runs.TAKES_BACK or not run.leaks())
        if run.of("target.failed"):
            self.judge_start(run, clean)
        elif run.of("log.start") and not run.of("target.spawned"):
            refused, = run.of("system.refused")
            data = refused["data"]
            self.assertEqual((data["reason"], data["detail"], data["error"]), ("KPKG_E_KERNEL_REFUSED", run.operation, 3))

    def test_a_kernel_call_may_fail(self):
        with subprocess.Popen([FAIL_EACH, self.image(), str(STEP)], stdout=subprocess.PIPE) as process:
            found = runs.read(process.stdout)
            clean, count, starts = next(found), 0, 0
            self.assertEqual(clean.reason(), ["shutdown"])
            for run in found:
                with self.subTest(call=run.call, operation=run.operation):
                    self.judge(run, clean)
                count, starts = count + 1, starts + bool(run.of("target.failed"))
        self.assertEqual(process.returncode, 0)
        calls = sum(e["data"]["calls"] for e in clean.of("target.spawned"))
        self.assertGreaterEqual(starts, calls // STEP - 1)
        print(f"{count} kernel calls refused, {starts} of them in a start")


scenario.main()
