# SPDX-License-Identifier: BSD-2-Clause
"""Traced endpoints: what passes a relay is recorded and arrives unchanged, and nobody but its own client waits for it."""
import json
import unittest

import actors
import scenario
from actors import CALLS, SERVES, STOPS, restart

TRACED = CALLS + '[audit]\ntrace = ["peer"]\n'
ANSWERED = "[client] label 1 answers {} error 0"


class Trace(actors.Actors):
    def server(self, *arguments, more=""):
        self.actor("server", *(arguments or ("serve",)), more=SERVES + more)

    def labels(self, target=None):
        return [int(d["label"], 16) for d in self.of("ipc.trace", target)]

    def verdicts(self, target=None):
        return [(d["verdict"], d.get("answer")) for d in self.of("ipc.trace", target)]

    def test_every_call_is_recorded_before_its_answer_arrives(self):
        self.server()
        self.actor("client", "call=3", "end=0", more=TRACED)
        self.assertEqual(self.go(), [ANSWERED.format(6), "[client] label 3 answers 0 error 2"])
        want = {"via": "peer", "dst": "server", "badge": "0x300000100000003", "len": 1}
        traced = self.of("ipc.trace")
        for event in traced:
            self.assertGreater(event.pop("dur_ns"), 0)
        # The server has ended when the last call is answered, by the root task.
        answered = {"verdict": "answered", "answer": "0x0"}
        self.assertEqual(traced, [{**want, "label": "0x1", **answered}] * 3 + [{**want, "label": "0x3", "verdict": "denied", "answer": "0x2"}])
        types = [(e["type"], e.get("tgt")) for e in self.log]
        calls = [i for i, t in enumerate(types) if t[0] == "ipc.trace"]
        self.assertEqual(sorted([*calls, types.index(("target.exited", "server"))]).index(calls[3]), 4)
        self.assertLess(calls[3], types.index(("target.exited", "client")))

    def test_calls_in_the_views(self):
        self.server()
        self.actor("client", "call=3", "end=0", more=TRACED)
        self.go()
        logged = [e for e in self.log if e["type"] == "ipc.trace"]
        took = [e["data"]["dur_ns"] for e in logged]
        trace = json.loads(self.ok("audit", "export", "--format", "perfetto", "events.jsonl"))["traceEvents"]
        lane, = (e["pid"] for e in trace if e["ph"] == "M" and e["args"]["name"] == "client")
        slices = [e for e in trace if e["ph"] == "X" and e["pid"] == lane]
        self.assertEqual([(e["name"], round(e["dur"] * 1000), e["args"]["verdict"]) for e in slices], [("peer", t, e["data"]["verdict"]) for t, e in zip(took, logged)])
        begin, = (e["ts"] for e in trace if e["ph"] == "B" and e["pid"] == lane)
        for before, one in zip([{"ts": begin, "dur": 0}, *slices], slices):  # one after the other, in the life of the target
            self.assertLessEqual(before["ts"] + before["dur"], one["ts"])
        self.ok("audit", "import", "events.jsonl", "--db", "runs.sqlite")
        rows = json.loads(self.ok("audit", "query", "calls", "--db", "runs.sqlite", "--format", "json"))["rows"]
        self.assertEqual([(r["target"], r["reason"], r["what"], r["times"], r["shortest_ns"], r["mean_ns"], r["longest_ns"]) for r in rows],
                         [("client", "answered", "via peer dst server", 3, min(took[:3]), sum(took[:3]) // 3, max(took[:3])),
                          ("client", "denied", "via peer dst server", 1, took[3], took[3], took[3])])
        self.ok("audit", "report", "events.jsonl", "-o", "report.html")
        page = self.read("report.html").decode()
        self.assertIn('<td>client</td><td>peer</td><td>server</td><td class="number">3</td><td class="number">1</td><td class="number">0</td>', page)
        self.assertIn('class="call"', page)

    def test_messages_of_every_length_pass_unchanged(self):
        lengths = (0, 1, 4, 5, 64, 120)
        self.server()
        self.actor("client", *(f"long={n}" for n in lengths), more=TRACED)
        self.actor("other", *(f"long={n}" for n in lengths), more=CALLS)
        said = self.go()
        for name in ("client", "other"):
            self.assertEqual([s for s in said if name in s], [f"[{name}] label 4 length {n} right {n}" for n in lengths])
        self.assertEqual([d["len"] for d in self.of("ipc.trace")], list(lengths))
        self.assertEqual(self.of("ipc.trace", "other"), [])

    def test_a_passive_server_runs_on_its_callers_time(self):
        self.actor("server", "serve", more=SERVES, passive=True)
        self.actor("client", "call=5", more=TRACED)
        self.assertEqual(self.go(), [ANSWERED.format(10)])
        self.assertEqual(self.count("ipc.trace"), 5)

    def test_a_passive_server_dies_and_comes_back(self):
        self.actor("server", "serve", more=SERVES + restart(), passive=True)
        self.actor("client", "call=5", "kill=3", "call=5", more=TRACED)
        self.assertEqual(self.go(1), [ANSWERED.format(10), "[client] label 2 answers 0 error 0", ANSWERED.format(10)])

    def test_a_restarted_server_keeps_its_traced_clients(self):
        self.server(more=restart())
        self.actor("client", "call=5", "kill=3", "call=5", more=TRACED)
        self.assertEqual(self.go(1), [ANSWERED.format(10), "[client] label 2 answers 0 error 0", ANSWERED.format(10)])
        self.assertEqual((self.count("target.spawned", "server"), self.count("ipc.trace")), (3, 11))

    def test_traced_clients_of_a_stopped_server_are_answered(self):
        self.server()
        self.actor("client", "call=1", "kill=9", "call=3", "die=2", more=TRACED.replace("[audit]", restart() + "[audit]"))
        gone = ["[client] label 2 answers 0 error 2", "[client] label 1 answers 0 error 2"]
        self.assertEqual(self.go(1), [ANSWERED.format(2), *gone, gone[1], *gone])
        self.assertEqual(self.count("ipc.trace"), 10)
        self.assertEqual(self.verdicts()[1:], [("denied", "0x2")] * 9)

    def test_a_server_starts_on_demand_for_a_traced_client(self):
        self.actor("server", "serve", more=SERVES + STOPS, start="on-demand")
        self.actor("client", "call=4", more=TRACED)
        self.assertEqual(self.go(), [ANSWERED.format(8)])
        self.assertEqual((self.of("target.called")[0]["client"], self.count("ipc.trace")), ("client", 4))

    def test_a_client_that_is_not_answered_keeps_nobody_waiting(self):
        self.server()
        self.actor("stuck", "hang=0", more=TRACED.replace("[audit]", "[audit]\nmax-denials = 1"))
        self.actor("client", "tick=2", "call=5", more=TRACED)
        run = self.go(1)
        self.assertIn(ANSWERED.format(10), run)
        self.assertEqual((self.labels("stuck"), self.verdicts("stuck")), ([5], [("failed", None)]))
        self.assertEqual(set(self.verdicts("client")), {("answered", "0x0")})

    @unittest.skipUnless(actors.KERNEL == "hosted", "virtual time")
    def test_a_duration_is_that_of_the_call(self):
        self.server("tick=0", "serve")
        self.actor("client", "call=1", "call=1", more=TRACED)
        self.go()
        first, second = self.of("ipc.trace", "client")
        events = [e for e in self.log if e["type"] == "ipc.trace"]
        self.assertLess(second["dur_ns"], events[1]["t"] - events[0]["t"])
        self.assertLess(first["dur_ns"], events[0]["t"])

    def test_a_restarted_client_has_a_new_relay(self):
        self.server()
        self.actor("client", "call=2", "die=4", more=TRACED.replace("[audit]", restart() + "[audit]"))
        self.assertEqual(self.go(1), [ANSWERED.format(4)] * 4)
        self.assertEqual(self.count("ipc.trace"), 8)

    def test_a_flood_is_counted_and_bounded(self):
        self.server()
        self.actor("client", "call=2000", more=TRACED, budget="9ms")
        hosted = actors.KERNEL == "hosted"  # there is no telling how fast an emulated machine is
        self.assertEqual(self.go(words=["--deterministic"] if hosted else []), [ANSWERED.format(4000)])
        self.assertEqual(self.count("ipc.trace"), 2000)
        self.assertLess(len(self.of("ipc.trace")), 500)
        self.assertGreaterEqual(len(self.of("target.held")), 1 if hosted else 0)

    def test_a_message_that_is_only_sent_stops_nobody_else(self):
        self.server()
        self.actor("sender", "oneway=1", more=TRACED)
        self.actor("client", "tick=2", "call=5", more=TRACED)
        self.assertIn(ANSWERED.format(10), self.go())
        self.assertEqual(self.of("ipc.trace", "sender"), [])

    @unittest.skipUnless(actors.KERNEL == "hosted", "a real kernel shows nobody its calls")
    def test_system_calls_of_a_relay_are_its_own(self):
        self.server()
        self.actor("client", "call=1", more=TRACED)
        self.write("actors.system.toml", self.system)
        shown = self.run_kpkg("run", "actors.system.toml", "--trace", "--deterministic").stderr
        relay = r"\n +\d+ kpkg\.root thread 0x[0-9a-f]+: "
        self.assertRegex(shown, rf" client: Call peer \(slot 0x3, endpoint server\.door traced\) label 1 .*{relay}Call 0x3 label 1 .*")
        self.assertRegex(shown, rf"{relay}Call 0x4 label 0 ")


scenario.main()
