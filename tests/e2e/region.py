# SPDX-License-Identifier: BSD-2-Clause
"""Shared memory: the ring example, what each side may do with it, and what happens when the owner is not there."""
import os
import re
import shutil

import scenario

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "examples")


class Region(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        shutil.copy(os.path.join(EXAMPLES, "ring.system.toml"), self.folder)
        for name in ("log", "producer", "consumer"):
            self.example(name)

    def test_the_ring_runs(self):
        out = self.ok("run", "ring.system.toml", "--events", "events.jsonl")
        squares = sum(n * n for n in range(1000))
        self.assertRegex(out, rf"\[log\] \d+: 1000 squares add up to {squares}\n")
        events = self.events()
        exits = {e["tgt"]: e["data"]["code"] for e in events if e["type"] == "target.exited"}
        self.assertEqual(exits, {"producer": 0, "consumer": 0})
        self.assertEqual([e["data"]["leaked"] for e in events if e["type"] == "memory.reclaimed"], [0, 0])

    def test_the_plan_says_who_may_write(self):
        plan = self.json("plan", "ring.system.toml")
        frames = {o["object"]: o["name"] for o in plan["system"] if o["type"] == "frame"}
        writes = {}
        for target in plan["targets"]:
            shown = {o["object"]: int(o["at"], 16) for o in target["objects"] if o["type"] == "system pages"}
            for mapping in target["mappings"]:
                if mapping["fill"] == "region":
                    writes[target["name"], frames[shown[mapping["object"]]]] = mapping["write"]
                    self.assertEqual(mapping["signers"], [0])
        self.assertEqual(writes, {("producer", "ring"): True, ("producer", "taken"): False,
                                  ("consumer", "ring"): False, ("consumer", "taken"): True})

    def test_a_peer_without_its_owner_is_refused(self):
        run = self.fails("PEER_ABSENT", "run", "--trust", "trust.toml", "log.kpkg", "consumer.kpkg")
        self.assertIn("org.kpkg.producer/", run.stderr)

    def test_more_than_is_shared_is_refused(self):
        shutil.copy(os.path.join(scenario.BUILD, "examples", "consumer.elf"), self.folder)
        with open(os.path.join(EXAMPLES, "ring", "consumer.kpkg.toml"), encoding="ascii") as file:
            manifest = file.read()
        wanted = re.sub(r'(\[region.ring\][^[]*access = )"read"', r'\1"read-write"', manifest)
        self.assertNotEqual(wanted, manifest)
        self.write("consumer.kpkg.toml", wanted)
        self.ok("pack", "consumer.kpkg.toml", "-o", "consumer.kpkg")
        self.ok("sign", "consumer.kpkg", "--key", "a.key")
        run = self.run_kpkg("plan", "ring.system.toml")
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"consumer.kpkg.toml:[0-9]+:[0-9]+: KPKG_E_PEER_DENIED: .*org.kpkg.producer/ring")


if __name__ == "__main__":
    scenario.main()
