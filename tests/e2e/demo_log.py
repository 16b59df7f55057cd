# SPDX-License-Identifier: BSD-2-Clause
"""The event log of the demo in virtual time, made once for a whole file of tests: its seed is zero, so tests can sign as it."""
import os
import shutil

import evidence
import scenario

SEED = bytes(32)


class DemoLog(scenario.Scenario):
    kept = None

    def system(self):
        """The demo itself, in this test's folder."""
        self.trust()
        for name in ("log", "sensor", "hello", "intruder"):
            self.example(name)
        shutil.copy(os.path.join(os.path.dirname(scenario.__file__), "../../examples/demo.system.toml"), self.folder)

    def run_system(self, *options):
        run = self.run_kpkg("run", "demo.system.toml", *options)
        self.assertEqual(run.returncode, 1, run.stderr)

    def setUp(self):
        super().setUp()
        if DemoLog.kept is None:
            self.system()
            self.run_system("--deterministic", "--events", "events.jsonl")
            DemoLog.kept = self.read("events.jsonl")
        self.write("events.jsonl", DemoLog.kept)
        self.logged = self.events()
        self.vkey = evidence.make_vkey(SEED)
