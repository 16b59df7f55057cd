# SPDX-License-Identifier: BSD-2-Clause
"""The life of targets: restart, suspension, start on demand, graceful stop, and what clients see of each."""
import actors
import scenario
from actors import CALLS, SERVES, STOPS, restart


class Life(actors.Actors):
    def test_a_restart_waits_longer_each_time(self):
        self.actor("mortal", "die=4", more=restart(backoff="20ms"))
        self.go(1)
        self.assertEqual([d["backoff_ms"] for d in self.of("target.restarted")], [20, 40, 80])
        down = [e["t"] for e in self.log if e["type"] == "target.restarted"]
        up = [e["t"] for e in self.log if e["type"] == "target.spawned"][1:]
        for begin, end, wait in zip(down, up, (20, 40, 80)):
            self.assertTrue(wait <= (end - begin) / 1e6 <= wait + actors.LATE_MS, (begin, end, wait))
        self.assertEqual(self.of("target.exited")[0]["code"], 0)

    def test_too_many_restarts_in_a_window_are_a_stop(self):
        self.actor("mortal", "die=99", more=restart(most=2))
        self.go(1)
        self.assertEqual((self.count("target.spawned"), self.of("target.killed")[0]["reason"]), (3, "fault.vm"))

    def test_a_window_that_is_over_counts_no_more(self):
        self.actor("mortal", "die=8", more=restart(most=2, window="10ms", backoff="30ms"))
        self.go(1)
        self.assertEqual((self.count("target.spawned"), self.count("target.exited")), (8, 1))
        self.assertEqual({d["backoff_ms"] for d in self.of("target.restarted")}, {10})

    def test_a_restarted_server_keeps_its_clients(self):
        self.actor("server", "serve", more=SERVES + restart())
        self.actor("client", "call=5", "kill=3", "call=5", more=CALLS)
        said = self.go(1)
        self.assertEqual(said, ["[client] label 1 answers 10 error 0", "[client] label 2 answers 0 error 0", "[client] label 1 answers 10 error 0"])
        self.assertEqual((self.count("target.spawned", "server"), self.count("target.spawned", "client")), (3, 1))

    def test_a_server_killed_under_load_answers_every_call(self):
        self.actor("server", "serve", more=SERVES + restart())
        self.actor("busy", "call=6000", more=CALLS, priority=90)
        self.actor("killer", "tick=1", "kill=2", "tick=1", "kill=3", "tick=1", "kill=4", more=CALLS)
        said = self.go(1)
        self.assertIn("[busy] label 1 answers 12000 error 0", said)
        self.assertEqual((self.count("target.spawned", "server"), self.count("fault.vm", "server")), (4, 3))
        if actors.KERNEL != "hosted":
            return  # there is no telling how fast an emulated machine is
        dead = [e["t"] for e in self.log if e["type"] == "fault.vm"]
        done = next(e["t"] for e in self.log if e["type"] == "target.exited" and e["tgt"] == "busy")
        self.assertGreater(done, dead[-1], "the server died after the load")

    def test_a_passive_server_answers_who_called_before_it_was_ready(self):
        self.actor("server", "serve", more=SERVES + restart(), passive=True, priority=90)
        self.actor("early", "call=5", more=CALLS)
        self.actor("client", "call=5", "kill=3", "call=5", more=CALLS, priority=95)
        said = self.go(1)
        self.assertEqual(said.count("[early] label 1 answers 10 error 0"), 1)
        self.assertEqual(said.count("[client] label 1 answers 10 error 0"), 2)
        self.assertEqual(self.count("target.spawned", "server"), 3)

    def test_clients_of_a_stopped_server_are_answered(self):
        self.actor("server", "serve", more=SERVES)
        self.actor("client", "call=1", "kill=9", "call=3", "die=2", more=CALLS + restart())
        said = self.go(1)
        gone = ["[client] label 2 answers 0 error 2", "[client] label 1 answers 0 error 2"]
        self.assertEqual(said, ["[client] label 1 answers 2 error 0", *gone, gone[1], *gone])
        self.assertEqual(self.count("target.killed", "server"), 1)

    def test_who_waits_for_a_signal_of_a_server_that_dies_is_woken(self):
        rings = '[notification.bell]\nrole = "signal"\nallow = ["*"]\n'
        self.actor("server", "serve", more=SERVES + rings)
        self.actor("client", "await", "call=1", more=CALLS + '[notification.bell]\nrole = "wait"\nto = "test.server/bell"\n', priority=120)
        self.actor("killer", "kill=9", more=CALLS)
        said = self.go(1)
        self.assertEqual([line for line in said if "client" in line], ["[client] bits 0", "[client] label 1 answers 0 error 2"])
        self.assertEqual(self.of("target.exited", "client")[0]["code"], 0)

    def test_clients_of_a_suspended_server_are_answered(self):
        self.actor("server", "serve", more=SERVES + '[fault]\naction = "suspend"\n')
        self.actor("client", "kill=9", "call=2", more=CALLS)
        self.assertEqual(self.go(1), ["[client] label 2 answers 0 error 2", "[client] label 1 answers 0 error 2"])
        self.assertEqual((self.of("fault.vm", "server")[0]["action"], self.count("memory.reclaimed", "server")), ("suspended", 0))
        fault = next(e for e in self.log if e["type"] == "fault.vm")
        self.assertEqual(self.of("target.suspended", "server"), [{"reason": "fault.vm", "cause_seq": fault["seq"]}])

    def test_a_server_that_exits_is_gone(self):
        self.actor("server", "serve", more=SERVES)
        self.actor("client", "end=0", "call=2", more=CALLS)
        self.assertEqual(self.go(), ["[client] label 3 answers 0 error 2", "[client] label 1 answers 0 error 2"])

    def test_the_first_call_starts_a_server_on_demand(self):
        self.actor("server", "serve", more=SERVES, start="on-demand")
        self.actor("client", "tick=3", "call=4", more=CALLS)
        self.assertIn("[client] label 1 answers 8 error 0", self.go())
        kinds = [(e["type"], e.get("tgt")) for e in self.log]
        order = [kinds.index(k) for k in (("target.spawned", "client"), ("target.called", "server"), ("target.spawned", "server"))]
        self.assertEqual(order, sorted(order))
        self.assertEqual(self.of("target.called"), [{"client": "client"}])

    def test_no_call_is_made_twice_when_budgets_end(self):
        self.actor("server", "serve", more=SERVES, budget="150us")
        self.actor("client", "call=400", more=CALLS, budget="150us")
        self.assertEqual(self.go(), ["[client] label 1 answers 800 error 0"])
        self.assertEqual([e for e in self.log if e["type"] in ("deny.tripwire", "fault.cap", "target.killed")], [])

    def test_a_server_on_demand_that_nobody_calls_does_not_start(self):
        self.actor("server", "serve", more=SERVES, start="on-demand")
        self.actor("client", more=CALLS)
        self.go()
        self.assertEqual(self.count("target.spawned", "server"), 0)

    def test_a_server_is_asked_to_stop(self):
        self.actor("server", "serve", more=SERVES + STOPS)
        self.actor("client", "call=1", more=CALLS)
        self.go()
        self.assertEqual((self.count("target.stopping", "server"), self.of("target.exited", "server")[0]["code"]), (1, 0))
        self.assertEqual(self.count("memory.reclaimed", "server"), 1)

    def test_a_passive_server_hears_it_too(self):
        self.actor("server", "serve", more=SERVES + STOPS, passive=True)
        self.actor("client", "call=3", more=CALLS)
        self.assertEqual(self.go(), ["[client] label 1 answers 6 error 0"])
        self.assertEqual((self.count("target.stopping", "server"), self.of("target.exited", "server")[0]["code"]), (1, 0))
        self.assertEqual(self.count("memory.reclaimed", "server"), 1)

    def test_a_server_that_does_not_hear_is_killed(self):
        self.actor("server", "deaf", more=SERVES + STOPS)
        self.actor("client", "call=1", more=CALLS)
        self.go(1)
        asked, killed = (next(e for e in self.log if e["type"] == kind) for kind in ("target.stopping", "target.killed"))
        self.assertEqual((killed["data"]["reason"], killed["data"]["cause_seq"]), ("target.stopping", asked["seq"]))
        self.assertTrue(1000 <= (killed["t"] - asked["t"]) / 1e6 <= 1000 + actors.LATE_MS)


scenario.main()
