#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The shrinker on kernels that do not exist, and on two that do and differ.

usage: shrink_test.py PROGRAM.elf HOSTED_IMAGE
"""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import shrink  # noqa: E402

PROGRAM, IMAGE = sys.argv[1:3]


class Fake:
    """A kernel that goes wrong after certain calls, in this order."""
    def __init__(self, *needed):
        self.needed, self.tests = needed, 0

    def differs(self, calls):
        self.tests += 1
        at = iter(calls)
        return all(call in at for call in self.needed)


class Shrink(unittest.TestCase):
    def test_only_the_calls_that_matter_stay(self):
        for needed in ((7,), (0, 499), (3, 4, 5), (250,), tuple(range(0, 500, 50))):
            fake = Fake(*needed)
            self.assertEqual(shrink.ddmin(list(range(500)), fake.differs), list(needed))
            self.assertLess(fake.tests, 500)

    def test_all_matter(self):
        fake = Fake(*range(9))
        self.assertEqual(shrink.ddmin(list(range(9)), fake.differs), list(range(9)))
        self.assertEqual(shrink.ddmin([1], Fake().differs), [1])

    def test_a_difference_that_comes_and_goes_ends(self):
        odd = shrink.ddmin(list(range(64)), lambda calls: 5 in calls and len(calls) % 2 == 0)
        self.assertIn(5, odd)
        self.assertEqual(len(odd) % 2, 0)

    def test_the_limit_holds(self):
        fake = Fake(1, 400)
        rest = shrink.ddmin(list(range(500)), fake.differs, limit=6)
        self.assertEqual(fake.tests, 6)
        self.assertTrue({1, 400} < set(rest))

    def test_calls_outlive_a_file(self):
        lines = ["BEGIN", "differential: seed and steps: 0x1 0x2", "call: 0x1 0x2 0x3 0x4 0x5 0x6 0x2 0x1", "  words: 0x7 0x8", "  caps: 0x9",
                 "done: 0x0", "call: 0x1 0x2 0x3 0x4 0x5 0x6 0x0 0x0", "  words:", "  caps:", "hash: 0x64 0x1"]
        calls = shrink.calls_of(lines)
        self.assertEqual(calls, [(1, 2, 3, 4, 5, 6, 2, 1, 7, 8, 9), (1, 2, 3, 4, 5, 6, 0, 0)])
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.calls")
            shrink.write(path, calls, "0x2 0xabc", ["why"])
            self.assertEqual(shrink.read(path), (calls, "0x2 0xabc"))


class TwoKernels(unittest.TestCase):
    """seL4 15 tells less of a cap fault than seL4 16, and has no more than one domain."""
    def run_on(self, config, *words):
        return subprocess.run([sys.executable, "-B", os.path.join(HERE, "run"), PROGRAM, "--hosted", f"{IMAGE} {config} {{}}", *words],
                              capture_output=True, text=True, timeout=250)

    def test_a_difference_is_narrowed_and_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            run = self.run_on("2.3.0", "--against", f"{IMAGE} 2.2.0 {{}}", "--seeds", "5", "--steps", "300", "--kept", folder)
            self.assertEqual(run.returncode, 1, run.stderr)
            self.assertIn("1 calls matter", run.stdout)
            kept = os.listdir(folder)
            self.assertEqual(len(kept), 1)
            calls, _ = shrink.read(os.path.join(folder, kept[0]))
            self.assertEqual(len(calls), 1)
            # What was kept is right for the one and wrong for the other.
            words = ("--against", f"{IMAGE} 2.2.0 {{}}", "--seeds", "5", "--steps", "1", "--kept", folder)
            self.assertIn("1 kept scripts, 0 differ", self.run_on("2.2.0", *words).stdout)
            run = self.run_on("2.3.0", *words)
            self.assertIn("1 kept scripts, 1 differ", run.stdout)
            self.assertEqual(run.returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
