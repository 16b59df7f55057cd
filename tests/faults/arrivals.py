#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Refuses one kernel call of a run in which a package is installed, another one replaced and the first removed, each call in its turn:
what fails is undone, who was replaced runs again, and what is asked next works.

usage: arrivals.py BUILD FAIL_EACH STEP
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
STEP = int(sys.argv.pop())
FAIL_EACH = sys.argv.pop()

# pylint: disable=wrong-import-position
import actors  # noqa: E402
import frames  # noqa: E402
import runs  # noqa: E402
import scenario  # noqa: E402
from actors import CALLS, SERVES, STOPS  # noqa: E402

CONTROL = '[limits]\nmemory = "4MiB"\ncpu = "98%"\n[control]\ncpu = "60%"\nplaces = 2\nmemory = "128KiB"\npackage = "128KiB"\n'
YIELDS = ".globl _start\n_start: mov $-11, %rdx\nsyscall\njmp _start\n"  # for ever, to its next period


class Arrivals(actors.Actors):
    def little(self, name, counter, more):
        """A package of few bytes, for each of them takes its time."""
        self.write("little.S", YIELDS)
        subprocess.run(["gcc", "-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096", "-Wl,-z,noexecstack",
                        "-Wl,-z,noseparate-code", "-Wl,-Ttext-segment=0x200000", "-o", "little.elf", "little.S"], cwd=self.folder, check=True, capture_output=True, timeout=scenario.TIMEOUT)
        text = actors.manifest(name, more).replace("actor.elf", "little.elf").replace("counter = 1", f"counter = {counter}")
        file = f"{name}-{counter}.kpkg"
        self.write(file + ".toml", text)
        self.ok("pack", file + ".toml", "-o", file)
        self.ok("sign", file, "--key", "a.key")
        return self.read(file)

    def build(self):
        serves = SERVES + actors.restart(backoff="1ms")
        self.little("server", 1, serves)
        self.actor("client", "call=1", more=CALLS)
        self.system += '[[package]]\nfile = "server-1.kpkg"\n'
        self.write("actors.system.toml", self.system.replace("[[package]]", CONTROL + "[[package]]", 1))
        self.ok("image", "actors.system.toml", "-o", "image.elf")
        script = frames.Script()
        script.send(frames.INSTALL, b"guest", self.little("guest", 1, CALLS))
        script.send(frames.REPLACE, b"server", self.little("server", 2, serves))
        script.ask(frames.REMOVE, b"guest")
        script.ask(frames.SHUTDOWN)
        self.write("script", script.frames)

    def judge(self, run):
        """What failed is refused and undone; everything else is as without the failure."""
        self.assertEqual((run.end, run.reason()), ("exit", ["shutdown"]))
        self.assertTrue(run.operation in runs.TAKES_BACK or not run.leaks(), run.leaks())
        refused = [verb for verb, no in run.verdicts() if no]
        self.assertIn(refused, ([], ["replace"], ["install", "remove"]))
        for failed in run.of("target.failed"):
            self.assertEqual((failed["tgt"], refused[0]), ("guest", "install") if "remove" in refused else ("server", "replace"))
            self.assertEqual((failed["data"]["detail"], failed["data"]["error"]), (run.operation, 3))
        lost = {e.get("tgt") for e in run.leaks()}  # what leaves something is not started again, and its client is told that it is gone
        lost |= {e["tgt"] for e in run.of("caps.checked") if e["data"].get("reason") == "KPKG_E_LIVE_DIFFERS"}
        lost |= {"client"} if "server" in lost else set()
        for name, stays in (("client", 1), ("server", 1), ("guest", 0)):
            lives = len(run.of("target.spawned", name)) + len(run.of("target.failed", name))
            self.assertIn(lives - len(run.of("memory.reclaimed", name)), (stays, 0) if name in lost else (stays,), name)
        for leak in run.leaks():
            again = [e for e in run.of("target.spawned", leak.get("tgt", "")) if e["seq"] > leak["seq"]]
            self.assertEqual(again, [], "what left something was started again")
        stores = sum(verb in ("install", "replace") for verb, _ in run.verdicts())
        kept = [] if "replace" in refused else ["server"]
        self.assertEqual(sum("tgt" not in e for e in run.of("memory.reclaimed")), stores - len(kept))

    def test_a_kernel_call_may_fail(self):
        self.build()
        with subprocess.Popen([FAIL_EACH, self.path("image.elf"), str(STEP), self.path("script")], stdout=subprocess.PIPE) as process:
            found = runs.read(process.stdout)
            clean, count, starts = next(found), 0, 0
            self.assertEqual((clean.code, [v for v, no in clean.verdicts() if not no]), (0, ["install", "replace", "remove", "shutdown"]))
            for run in found:
                with self.subTest(call=run.call, operation=run.operation):
                    self.judge(run)
                count, starts = count + 1, starts + bool(run.of("target.failed"))
        self.assertEqual(process.returncode, 0)
        calls = sum(e["data"]["calls"] for e in clean.of("target.spawned")[2:])
        self.assertGreaterEqual(starts, calls // STEP - 2)
        print(f"{count} kernel calls refused while packages came and went, {starts} of them in a start")


scenario.main()
