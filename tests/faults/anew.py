#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Refuses one kernel call of a run in which an instance that is there is started anew, by its parent or over the control channel, each
call in its turn: what it has may then not come back, and who asked is told that it does not start.

usage: anew.py BUILD FAIL_EACH STEP, which is for the parent's run: the other one is short
"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
STEP = int(sys.argv.pop())
FAIL_EACH = sys.argv.pop()

# pylint: disable=wrong-import-position
import actors  # noqa: E402
import channel  # noqa: E402
import frames  # noqa: E402
import runs  # noqa: E402
import scenario  # noqa: E402

DONE, STATE = b"0", b"3"


class Anew(actors.Actors):
    def image(self, control=""):
        self.write("actors.system.toml", self.system.replace("[[package]]", control + "[[package]]", 1))
        self.ok("image", "actors.system.toml", "-o", "image.elf")
        return self.path("image.elf")

    def fail_each(self, judge, step, image, *script):
        """Judges every run; a clean one ends well, and in at least one of the others somebody was told that something did not come back."""
        with subprocess.Popen([FAIL_EACH, image, str(step), *script], stdout=subprocess.PIPE) as process:
            found = runs.read(process.stdout)
            self.assertEqual(judge(next(found)), [])
            told = 0
            for run in found:
                with self.subTest(call=run.call, operation=run.operation):
                    told += judge(run) == ["KPKG_E_INSTANCE_STATE"]
                    self.nothing_lost_starts(run)
        self.assertEqual(process.returncode, 0)
        self.assertGreater(told, 0)

    def nothing_lost_starts(self, run):
        for leak in run.leaks():
            again = [e for e in run.of("target.spawned", leak["tgt"]) + run.of("target.failed", leak["tgt"]) if e["seq"] > leak["seq"]]
            self.assertEqual(again, [])

    @staticmethod
    def reasons(run):
        return [e["data"]["reason"] for e in run.of("control.refused")]

    def judge_child(self, run):
        """What is answered as done has become a start, in this life or with the reason why not; what is not, has its reason in the log."""
        answers = re.findall(rb"start 0: (\d)", run.output)
        begun = run.of("target.spawned", "w0") + run.of("target.failed", "w0")
        self.assertEqual((answers.count(DONE), answers.count(STATE)), (len(begun), len(self.reasons(run))))
        return self.reasons(run)

    def test_a_suspended_child(self):
        self.boss("start=0", "ended=0", "start=0", "ended=0", "exit=0")
        self.child("w0", "die=2", "exit=0", more='[fault]\naction = "suspend"\n')
        self.fail_each(self.judge_child, STEP, self.image())

    def judge_restart(self, run):
        self.assertEqual((run.end, run.reason()), ("exit", ["shutdown"]))
        return self.reasons(run)

    def test_a_restart_over_the_channel(self):
        self.actor("server", "serve", more=actors.SERVES)
        script = frames.Script()
        script.ask(frames.RESTART, b"server")
        script.ask(frames.SHUTDOWN)
        self.write("script", script.frames)
        self.fail_each(self.judge_restart, 1, self.image(channel.CONTROL), self.path("script"))


scenario.main()
