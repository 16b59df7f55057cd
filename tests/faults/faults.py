#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes a boot image as a user would and hands it to fail_each. usage: faults.py BUILD FAIL_EACH"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import scenario  # noqa: E402

FAIL_EACH = sys.argv.pop()


class Faults(scenario.Scenario):
    def test_every_kernel_call_may_fail(self):
        trust = self.trust()
        packages = [self.example("log"), self.example("hello")]
        self.ok("image", *packages, "--trust", trust, "-o", "image.elf")
        run = subprocess.run([FAIL_EACH, self.path("image.elf")], capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        print(run.stdout, end="")


scenario.main()
