# SPDX-License-Identifier: BSD-2-Clause
"""Limits that hold: each is exceeded and seen, and a neighbour with a period of its own is not slowed by it."""
import re
import subprocess

import actors
import scenario
from actors import restart

# Virtual time is exact: no period may be late by more than the root task's longest work at once. An emulated machine gets the
# time of this one in pieces, so there it only must not miss every other period.
PERIODS, PERIOD_US, BUDGET_US, MEASURE, MOST_US = (30, 10000, 3000, "longest", 11000) if actors.KERNEL == "hosted" else \
    (15, 100000, 50000, "median", 200000)
# seL4 measures its clock when it starts. Where a busy host runs the emulated machine just then, each of its times is wrong by a
# factor, and the run says nothing about time; that nobody runs while the neighbour has budget is judged in every run.
TRIES, MOST_OVERRUNS = (1, 1) if actors.KERNEL == "hosted" else (4, PERIODS // 2)
OFFENDERS = {  # what it does, and what its manifest says
    "overrun": ((f"spin={PERIODS * PERIOD_US}",), {}),
    "overrun and restart": (("spin=10000000",), {"overrun": "restart", "more": restart(most=20)}),
    "log flood": (("flood=1500",), {}),
    "messages": (("shout=3000",), {}),
    "tripwires": (("trip=1000",), {"more": restart(most=40)}),
    "deaths": (("die=1000",), {"more": restart(most=40)}),
}


class Limits(actors.Actors):
    def test_overruns_are_seen_and_waited_for(self):
        self.actor("spinner", "spin=60000")
        self.go()
        seen = self.of("fault.timeout")
        self.assertEqual({(d["action"], d["budget_us"]) for d in seen}, {("resumed", 1000)})
        self.assertTrue(5 <= self.count("fault.timeout") <= 7, seen)
        cpu = self.of("target.exited")[0]["cpu_us"]
        self.assertTrue(5000 <= cpu <= 8000, cpu)

    def test_an_overrun_stops(self):
        self.actor("spinner", "spin=60000", overrun="stop")
        self.go(1)
        self.assertEqual([d["reason"] for d in self.of("target.killed")], ["fault.timeout"])

    def test_an_overrun_restarts(self):
        self.actor("spinner", "spin=60000", overrun="restart", more=restart(most=2))
        self.go(1)
        self.assertEqual([d["reason"] for d in self.of("target.restarted") + self.of("target.killed")], ["fault.timeout"] * 3)

    def test_too_many_denials_are_a_stop(self):
        self.actor("tripper", "trip=9", more=restart() + "[audit]\nmax-denials = 3\n")
        self.go(1)
        self.assertEqual((self.count("deny.tripwire"), self.count("target.spawned")), (4, 4))
        self.assertEqual(self.of("target.killed")[0]["reason"], "deny.tripwire")

    def test_text_beyond_the_rate_waits(self):
        self.actor("flooder", "flood=1500", budget="10ms")
        said = self.go()
        self.assertEqual(said, [f"[flooder] line {i}" for i in range(1500)])
        end = self.log[-3]["t"] / 1e9
        self.assertTrue(2 <= self.count("target.held") <= 1 + end / 0.1, self.count("target.held"))

    def test_memory_ends_at_the_limit(self):
        self.actor("toucher", f"touch={0x20000000}")
        self.go(1)
        self.assertEqual([(d["addr"], d["cause"]) for d in self.of("fault.vm")], [("0x20000000", "unmapped")])

    def test_a_limit_below_the_need_is_refused(self):
        self.write("small.kpkg.toml", actors.manifest("small").replace("128KiB", "16KiB"))
        self.fails("MEMORY_LIMIT", "pack", "small.kpkg.toml", "-o", "small.kpkg")

    def test_slots_end_at_the_cnode(self):
        self.actor("reacher", "reach=4096")
        self.go(1)
        self.assertEqual([(d["cptr"], d["lookup"]) for d in self.of("fault.cap")], [("0x1000", "guard_mismatch")])

    def test_floods_of_every_endpoint(self):
        bell, time = '[notification.bell]\nrole = "{}"\n{}\n', '[endpoint.time]\nrole = "call"\nto = "kpkg.root/time"\n'
        self.actor("server", "serve", more=actors.SERVES + bell.format("wait", 'allow = ["*"]'), priority=120)
        self.actor("offender", "knock=1000", more=actors.CALLS + time + bell.format("signal", 'to = "test.server/bell"'), priority=80)
        self.actor("client", "call=5", more=actors.CALLS, priority=90)
        self.actor("neighbour", f"tick={PERIODS}", priority=150)
        said = self.go()
        self.assertIn("[client] label 1 answers 10 error 0", said)
        longest = int(re.search(r"\[neighbour\] longest (\d+)", "\n".join(said))[1])
        self.assertLessEqual(longest, MOST_US)
        self.assertEqual({(e["tgt"], e["data"]["code"]) for e in self.log if e["type"] == "target.exited"},
                         {("offender", 0), ("client", 0), ("neighbour", 0)})

    def test_a_flood_of_traced_calls(self):
        self.actor("server", "serve", more=actors.SERVES, priority=120)
        self.actor("offender", "call=2000", more=actors.CALLS + '[audit]\ntrace = ["peer"]\n', priority=80, budget="5ms")
        self.actor("neighbour", f"tick={PERIODS}", priority=150)
        said = "\n".join(self.go())
        self.assertIn("[offender] label 1 answers 4000 error 0", said)
        self.assertLessEqual(int(re.search(r"\[neighbour\] longest (\d+)", said)[1]), MOST_US)
        self.assertEqual(self.count("ipc.trace"), 2000)
        self.assertGreater(self.count("target.held", "offender"), 0)


class Neighbour(actors.Actors):
    """A target with a higher priority. What an offender does is counted in memory that it shares with this one, which so sees
    whether the offender ran while it had budget left: without a clock, on a busy machine as well. The offender's many short
    periods begin while the neighbour computes."""

    def run_beside(self, does, manifest):
        """What the neighbour measured."""
        self.system = 'schema = 1\nname = "actors"\ntrust = "trust.toml"\n'
        more = manifest.get("more", "") + '[region.tally]\nrole = "map"\nto = "test.neighbour/board"\nsize = "4KiB"\naccess = "read-write"\n'
        self.actor("offender", *does, priority=80, budget="900us", period="3ms", **{**manifest, "more": more})
        board = '[region.board]\nrole = "own"\nsize = "4KiB"\naccess = "read"\nallow = { "test.offender" = "read-write" }\n'
        self.actor("neighbour", f"tick={PERIODS}", priority=150, more=board, budget=f"{BUDGET_US}us", period=f"{PERIOD_US}us")
        self.write("actors.system.toml", self.system)
        run = self.run_kpkg("run", "actors.system.toml", *actors.WORDS, "--events", "events.jsonl", timeout=100)
        self.log = self.events()
        said = re.search(r"\[neighbour\] (longest .*)", run.stdout)
        self.assertTrue(said, run.stdout[-1000:] + run.stderr[-1000:])
        words = said[1].split()
        saw = dict(zip(words[::2], map(int, words[1::2])))
        saw["overruns"] = self.count("fault.timeout", "neighbour")  # of an emulated machine that stood still for so long
        self.assertLessEqual(saw["during"], saw["overruns"])
        return saw

    def run_in_time(self, does, manifest):
        """The same, of a run whose clock was right."""
        for _ in range(1, TRIES):
            try:
                saw = self.run_beside(does, manifest)
            except subprocess.TimeoutExpired:
                continue
            if saw["overruns"] < MOST_OVERRUNS and saw[MEASURE] <= MOST_US:
                return saw
        return self.run_beside(does, manifest)

    def test_no_neighbour_is_slowed(self):
        idle = []  # a busy machine may have no time for an offender that is started again and again
        for what, (does, manifest) in OFFENDERS.items():
            with self.subTest(what):
                saw = self.run_in_time(does, manifest)
                print(f"{what}: {saw['longest']} us, median {saw['median']} us, between two periods of {PERIOD_US} us")
                self.assertLess(saw["overruns"], MOST_OVERRUNS)
                self.assertLessEqual(saw[MEASURE], MOST_US)
                idle += [] if saw["between"] > 0 else [what]
        self.assertLess(len(idle), 1 if actors.KERNEL == "hosted" else 3, f"did nothing meanwhile: {idle}")


if actors.KERNEL != "hosted":
    del Limits  # exact numbers want virtual time
scenario.main()
