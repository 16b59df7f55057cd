# SPDX-License-Identifier: BSD-2-Clause
"""The crew example: a package that starts others, and what plans, reviews and assertions say about that.

usage: crew.py BUILD [hosted|sel4]
"""
import os
import re
import shutil
import sys
import unittest

import scenario

KERNEL = sys.argv.pop(2) if len(sys.argv) > 2 else "hosted"

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "examples")
WORDS = scenario.run_words(KERNEL)
unittest_hosted = unittest.skipUnless(KERNEL == "hosted", "nothing runs there")


class Crew(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.grant('spawn = ["org.kpkg.worker"]\n')
        shutil.copy(os.path.join(EXAMPLES, "crew.system.toml"), self.folder)
        for name in ("log", "foreman", "worker"):
            self.example(name)

    def grant(self, line):
        self.write("trust.toml", self.read("trust.toml").decode() + line)

    def change(self, name, *changes):
        """An example with another manifest."""
        with open(os.path.join(EXAMPLES, "crew", name + ".kpkg.toml"), encoding="ascii") as file:
            text = file.read()
        for pattern, new in changes:
            text, count = re.subn(pattern, new, text)
            self.assertEqual(count, 1, pattern)
        shutil.copy(os.path.join(scenario.BUILD, "examples", name + ".elf"), self.folder)
        self.write(name + ".kpkg.toml", text)
        self.ok("pack", name + ".kpkg.toml", "-o", name + ".kpkg")
        self.ok("sign", name + ".kpkg", "--key", "a.key")

    def test_the_crew_works(self):
        run = self.run_kpkg("run", "crew.system.toml", *WORDS, "--events", "events.jsonl")
        self.assertEqual(run.returncode, 1)  # for the one who stumbles
        said = [line.split(": ", 1)[1] for line in run.stdout.splitlines() if line.startswith("[log]")]
        self.assertEqual(sorted(said), ["the numbers to 100 add up to 5050", "the numbers to 1000 add up to 500500",
                                        "worker 0 is done, at attempt 1", "worker 1 begins again", "worker 1 is done, at attempt 2"])
        events = self.events()
        asked = [(e["tgt"], e["data"]) for e in events if e["type"] == "control.asked"]
        self.assertEqual(asked, [("foreman", {"verb": "start", "instance": name}) for name in ("adder", "stumbler", "stumbler")])
        self.assertEqual([e["tgt"] for e in events if e["type"] == "target.killed"], ["stumbler"])
        self.assertEqual({e["data"]["leaked"] for e in events if e["type"] == "memory.reclaimed"}, {0})

    def refused(self, name, place):
        run = self.run_kpkg("plan", "crew.system.toml")
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, rf"(?m)^{place}: KPKG_E_{name}:")

    @unittest_hosted
    def test_a_worker_cannot_have_more_than_the_foreman(self):
        self.change("worker", (r"\Z", '[endpoint.console]\nrole = "call"\nto = "kpkg.root/console"\n'))
        self.refused("SPAWN_EXCEEDS", r"worker\.kpkg\.toml:23:1")
        self.change("worker", ('limit = "128KiB"', 'limit = "256KiB"'))
        self.refused("SPAWN_QUOTA", r"worker\.kpkg\.toml:18:9")
        self.change("worker", ('priority = 80', 'priority = 81'))
        self.refused("SPAWN_QUOTA", r"worker\.kpkg\.toml:13:12")

    @unittest_hosted
    def test_a_foreman_cannot_start_what_its_signer_does_not_grant(self):
        self.trust()
        self.grant('spawn = ["org.kpkg.other"]\n')
        self.refused("CEILING", r"foreman\.kpkg\.toml:22:11")

    @unittest_hosted
    def test_a_revoked_worker_is_not_started(self):
        self.key("b.key")
        b = self.json("key", "show", "b.key")["ed25519"]
        self.example("worker", signer="b.key")
        self.trust(keys={"a": (self.a, {}), "b": (b, {"state": "revoked"})})
        self.grant('spawn = ["org.kpkg.worker"]\n')
        run = self.run_kpkg("run", "crew.system.toml", *WORDS, "--no-precheck", "--events", "events.jsonl")
        self.assertEqual(run.returncode, 1)
        self.assertEqual([e["data"]["reason"] for e in self.events() if e["type"] == "package.refused"], ["KPKG_E_KEY_REVOKED"] * 2)
        started = {e["tgt"] for e in self.events() if e["type"] == "target.spawned"}
        self.assertEqual(started, {"log", "foreman"})

    @unittest_hosted
    def test_the_plan_says_whose_children_there_are(self):
        plan = self.json("plan", "crew.system.toml")
        children = {t["name"]: (t["parent"], t["parent_slot"], t["child"]) for t in plan["targets"] if "parent" in t}
        slot = next(c["slot"] for c in plan["targets"][1]["caps"] if c["service"] == "spawn")
        self.assertEqual(children, {"adder": (2, slot, 0), "stumbler": (2, slot, 1)})
        self.assertIn("starts child 1, stumbler, in 128 KiB of memory\n", self.ok("explain", "crew.system.toml", "foreman/crew"))
        self.assertIn("  child of foreman, which starts it through crew;", self.ok("explain", "crew.system.toml", "adder"))
        self.assertIn("target 2: adder (child 0 of foreman, slot", self.ok("plan", "crew.system.toml"))
        self.assertEqual(self.ok("plan", "crew.system.toml", "--format", "cdl").count(" = ut"), 5)

    @unittest_hosted
    def test_who_starts_another_can_pass_on_to_it(self):
        text = self.read("crew.system.toml").decode()
        for line, holds in (("no-flow org.kpkg.foreman -> org.kpkg.worker", False), ("no-flow org.kpkg.worker -> org.kpkg.foreman", False),
                            ("only org.kpkg.log has tcb", False), ("at-most-one holder of tcb", True)):
            self.write("crew.system.toml", re.sub("assert = .*", f'assert = ["{line}"]', text))
            self.assertEqual(self.run_kpkg("check", "crew.system.toml").returncode, 0 if holds else 1, line)

    @unittest_hosted
    def test_a_new_right_to_start_is_growth(self):
        self.example("foreman")
        os.rename(self.path("foreman.kpkg"), self.path("new.kpkg"))
        self.change("foreman", (r"(?s)\[spawn.crew\].*?\n\n", ""))
        run = self.run_kpkg("diff", "foreman.kpkg", "new.kpkg")
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stdout, r"(?m)^\+KPD005 +crit +org\.kpkg\.foreman +org\.kpkg\.worker/tcb +- +control")
        self.assertRegex(run.stdout, r"(?m)^\+KPD006 ")
        self.change("foreman", ("most = 2", "most = 3"), ('limit = "512KiB"', 'limit = "1MiB"'))
        self.assertRegex(self.run_kpkg("diff", "new.kpkg", "foreman.kpkg").stdout, r"org\.kpkg\.worker/tcb +256 KiB +384 KiB")


if __name__ == "__main__":
    scenario.main()
