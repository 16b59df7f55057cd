# SPDX-License-Identifier: BSD-2-Clause
"""Each attempt of the intruder is stopped by what has to stop it, in the order of its attempts."""
import scenario

# What the auditor must have seen: (event, what it says). The fifth attempt, ringing a bell that it may only wait for, is
# refused by the kernel without an event (docs/limits.md).
STOPS = [
    ("deny.tripwire", {"slot": "0x0"}),
    ("deny.tripwire", {"slot": "0x4"}),
    ("fault.cap", {"phase": "send", "cptr": "0x100000000", "lookup": "guard_mismatch"}),
    ("fault.cap", {"phase": "recv", "cptr": "0x4", "lookup": "missing_capability"}),
    ("deny.tripwire", {"slot": "0x4", "mrs": ["0x2", "0x300000000000000"]}),
    ("deny.tripwire", {"slot": "0x4", "mrs": ["0xa", "0xc"]}),
    ("deny.tripwire", {"slot": "0x4", "mrs": ["0x7f0000000000", "0x3"]}),
    ("fault.vm", {"addr": "0x0", "access": "read", "cause": "unmapped"}),
    ("fault.vm", {"addr": "0x7f0000000000", "access": "write", "cause": "unmapped"}),
    ("fault.vm", {"addr": "0xffffffff80000000", "access": "read"}),
    ("fault.vm", {"addr": "0xffffffff80000000", "access": "write"}),
    ("fault.vm", {"access": "write", "cause": "readonly", "near": "text"}),
    ("fault.vm", {"access": "write", "cause": "readonly", "near": "rodata"}),
    ("fault.vm", {"access": "write", "cause": "readonly", "near": "record"}),
    ("fault.vm", {"access": "read", "cause": "guard_page", "near": "stack"}),
    ("fault.syscall", {"nr": "0xffffffffffffff9d"}),
    ("fault.syscall", {"nr": "0x8"}),
    ("fault.exception", {"vector": 13}),
    ("fault.exception", {"vector": 13}),
    ("fault.exception", {"vector": 13}),
    ("fault.exception", {"vector": 0, "name": "divide_error"}),
    ("fault.timeout", {"budget_us": 10000}),
]


class Intruder(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.example("log"), self.example("intruder")
        self.trust()

    def run_intruder(self, *more):
        run = self.run_kpkg("run", "--trust", "trust.toml", "--events", "events.jsonl", "log.kpkg", "intruder.kpkg", *more)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.ok("audit", "show", "events.jsonl")
        return run

    def test_every_attempt_is_stopped_by_the_right_thing(self):
        run = self.run_intruder("--deterministic")
        about = [e for e in self.events() if e.get("tgt") == "intruder"]
        seen = [e for e in about if e["type"].startswith(("deny.", "fault."))]
        self.assertEqual([e["type"] for e in seen], [kind for kind, _ in STOPS])
        for number, (event, (_, wanted)) in enumerate(zip(seen, STOPS), 1):
            self.assertEqual({key: event["data"].get(key) for key in wanted}, wanted, f"stop {number}")
            self.assertEqual((event["inc"], event["data"]["action"]), (number, "restarted"))
        self.assertIn("refused with error 2", run.stdout)
        self.assertNotIn("BREACH", run.stdout)
        self.assertNotIn("UNSEEN", run.stdout)
        self.assertEqual([e["data"]["code"] for e in about if e["type"] == "target.exited"], [0])

    def test_nothing_leaks(self):
        self.run_intruder("--deterministic")
        reclaimed = [e["data"] for e in self.events() if e["type"] == "memory.reclaimed"]
        self.assertEqual(len([e for e in self.events() if e["type"] == "target.spawned" and e["tgt"] == "intruder"]), len(STOPS) + 1)
        self.assertGreaterEqual(len(reclaimed), len(STOPS) + 1)
        self.assertEqual({r["leaked"] for r in reclaimed}, {0})

    def test_nothing_reaches_linux(self):
        self.assertNotIn("outside", self.run_intruder("--deterministic").stdout.replace("outside its CSpace", ""))

    def test_the_same_input_gives_the_same_log(self):
        self.run_intruder("--deterministic")
        first = self.read("events.jsonl")
        self.run_intruder("--deterministic")
        self.assertEqual(self.read("events.jsonl"), first)

    def test_real_time_is_stopped_as_well(self):
        self.run_intruder()
        kinds = {e["type"] for e in self.events() if e.get("tgt") == "intruder"}
        self.assertLessEqual({kind for kind, _ in STOPS}, kinds)


scenario.main()
