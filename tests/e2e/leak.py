# SPDX-License-Identifier: BSD-2-Clause
"""Thousands of lives of targets that die in every way there is: nothing of any of them is left.

usage: leak.py BUILD LIVES hosted|sel4
"""
import collections
import json
import sys

import evidence
import scenario

WORDS = scenario.run_words(sys.argv.pop())
CYCLES = int(sys.argv.pop())
INSTANCES = 4
SYSTEM = 'schema = 1\nname = "lives"\ntrust = "trust.toml"\n'
PACKAGE = '[[package]]\nfile = "phoenix.kpkg"\nas = "phoenix-{}"\narguments = ["{}"]\n'


class Leak(scenario.Scenario):
    def test_nothing_is_left_of_any_life(self):
        lives = CYCLES // INSTANCES
        self.trust()
        self.program("phoenix")
        self.write("lives.system.toml", SYSTEM + "".join(PACKAGE.format(i, lives) for i in range(INSTANCES)))
        self.ok("key", "generate", "run.key")
        run = self.run_kpkg("run", "lives.system.toml", *WORDS, "--run-key", "run.key", "--report", "report", timeout=60 + CYCLES / 20)
        self.assertEqual(run.returncode, 1, run.stderr[-1000:])
        seen, ways, costs = collections.Counter(), collections.Counter(), collections.defaultdict(set)
        with open(self.path("report/events.jsonl"), encoding="ascii") as file:
            self.judge(map(json.loads, file), seen, ways, costs)
        for kind in ("target.spawned", "memory.reclaimed"):
            self.assertEqual(seen[kind], lives * INSTANCES, kind)
        self.assertEqual(seen["target.exited"], INSTANCES)
        self.assertEqual({len(c) for c in costs.values()}, {1}, "a later life costs more kernel calls")
        self.assertEqual(set(ways), {"fault.cap", "fault.vm", "fault.syscall", "fault.exception", "fault.timeout", "deny.tripwire"})
        epochs = self.verify()
        print(f"{seen['target.spawned']} lives, ended by {dict(ways)}: nothing leaked, {epochs} epochs")

    def verify(self):
        """The log, which is long enough for many keys, by kpkg and by the independent oracle."""
        run = self.run_kpkg("audit", "verify", "report/events.jsonl", "--vkey", "report/run.vkey", "--json")
        report = json.loads(run.stdout)
        self.assertEqual((report["finding"], report["signed"]), ("sound", report["records"] - 1), run.stderr)
        self.assertGreater(report["epochs"], CYCLES // 200)
        if CYCLES <= 400:  # the oracle is slow
            lines = self.read("report/events.jsonl").splitlines()
            self.assertEqual(evidence.check(lines, self.read("report/run.vkey").decode().strip()), report["epochs"])
        return report["epochs"]

    def judge(self, events, seen, ways, costs):
        for event in events:
            seen[event["type"]] += event.get("n", 1)
            if event["type"] == "memory.reclaimed":
                self.assertEqual((event["data"]["leaked"], event["data"]["slots_leaked"]), (0, 0), event)
            elif event["type"] == "target.spawned":
                costs[event["tgt"]].add(event["data"]["calls"])
            elif event["type"] == "target.restarted":
                ways[event["data"]["reason"]] += 1


scenario.main()
