# SPDX-License-Identifier: BSD-2-Clause
"""The right to start others: what a parent may ask for, what becomes of its children with it, and what it cannot get.

usage: children.py BUILD [hosted|sel4]
"""
import actors
import scenario
from actors import CALLS, SERVES, STOPS, restart

# The lives of target/kpkg.h.
DOWN, RUNNING, WAITING, EXITED, SUSPENDED = range(5)
DONE, UNKNOWN, ABSENT, STATE = range(4)


class Children(actors.Actors):
    def asked(self):
        return [(e["tgt"], e["data"]["verb"], e["data"].get("instance")) for e in self.log if e["type"] == "control.asked"]

    def refused(self):
        return [(e["tgt"], e["data"]["reason"]) for e in self.log if e["type"] == "control.refused"]

    def end_of(self, kind, target):
        return next(e for e in self.log if e["type"] == kind and e["tgt"] == target)

    def test_a_parent_starts_its_children_and_hears_of_their_end(self):
        self.boss("state=0", "start=0", "start=1", "ended=0", "ended=1", "state=0", "state=1")
        self.child("w0", "exit=0")
        self.child("w1", "tick=1")
        said = self.go()
        self.assertEqual([line for line in said if line.startswith("[boss]")],
                         [f"[boss] state 0 of 0: {DOWN} incarnation 0 code 0", "[boss] start 0: 0", "[boss] start 1: 0",
                          f"[boss] state 0 of 0: {EXITED} incarnation 1 code 0", f"[boss] state 0 of 1: {EXITED} incarnation 1 code 0"])
        self.assertEqual(self.asked(), [("boss", "start", "w0"), ("boss", "start", "w1")])
        self.assertLess(self.end_of("control.asked", "boss")["seq"], self.end_of("target.spawned", "w0")["seq"])
        self.assertEqual(self.count("memory.reclaimed"), 3)

    def test_nobody_else_starts_a_child(self):
        self.boss("exit=0")
        self.child("w0", more=SERVES)
        self.actor("caller", "call=1", more=CALLS.replace("test.server", "test.w"))
        self.assertEqual(self.go(), ["[caller] label 1 answers 0 error 2"])
        self.assertEqual(self.count("target.spawned", "w0"), 0)

    def test_a_child_serves_while_it_is_there(self):
        self.boss("call=1", "start=0", "call=1", "call=3", "state=0", "call=1", "start=0", "call=1", more=CALLS.replace("test.server", "test.w"))
        self.child("w0", "serve", more=SERVES)
        self.assertEqual(self.go(1), [  # for the child's 5
            "[boss] call 1: 2, 0", "[boss] start 0: 0", "[boss] call 1: 0, 6", "[boss] call 3: 2, 0",
            f"[boss] state 0 of 0: {EXITED} incarnation 1 code 5", "[boss] call 1: 2, 0", "[boss] start 0: 0", "[boss] call 1: 0, 6"])

    def test_a_child_can_be_stopped_and_started_again(self):
        self.boss("start=0", "stop=0", "stop=0", "start=0", "start=0", "exit=0")
        self.child("w0", "serve", more=SERVES)
        self.assertEqual(self.go(), ["[boss] start 0: 0", "[boss] stop 0: 0", f"[boss] stop 0: {STATE}", "[boss] start 0: 0",
                                     f"[boss] start 0: {STATE}"])
        self.assertEqual(self.refused(), [("boss", "KPKG_E_INSTANCE_STATE")] * 2)
        asked = [e["seq"] for e in self.log if e["type"] == "control.asked"]
        self.assertEqual(self.of("target.killed", "w0")[0], {"reason": "control.asked", "cause_seq": asked[1], "by": "auditor"})

    def test_a_child_is_asked_to_stop(self):
        self.boss("start=0", "stop=0", "ended=0", "state=0")
        self.child("w0", "serve", more=SERVES + STOPS, priority=100)
        self.assertEqual(self.go()[-1], f"[boss] state 0 of 0: {EXITED} incarnation 1 code 0")
        self.assertEqual(self.count("target.stopping", "w0"), 1)

    def test_children_end_with_their_parent(self):
        self.boss("start=0", "start=1", "label=9", "exit=0")
        self.child("w0", "serve", more=SERVES, priority=100)
        self.child("w1", "serve", more=SERVES, priority=100)
        self.go()
        exited = self.end_of("target.exited", "boss")["seq"]
        for child in ("w0", "w1"):
            self.assertEqual(self.of("target.killed", child), [{"reason": "target.exited", "cause_seq": exited, "by": "auditor"}])
        self.assertEqual(self.count("target.spawned"), self.count("memory.reclaimed"))

    def test_children_end_when_their_parent_restarts(self):
        self.boss("start=0", "die=3", "exit=0", more=restart())
        self.child("w0", "serve", more=SERVES)
        self.go(1)
        self.assertEqual((self.count("fault.vm", "boss"), self.count("target.spawned", "boss")), (2, 3))
        causes = [e["seq"] for e in self.log if e["type"] in ("fault.vm", "target.exited") and e["tgt"] == "boss"]
        killed = [k["cause_seq"] for k in self.of("target.killed", "w0")]
        self.assertEqual(killed[0], causes[0])
        self.assertLessEqual(set(killed), set(causes))  # not where it still waited to start
        self.assertEqual(len(killed), self.count("target.spawned", "w0"))

    def test_a_parent_sees_the_fault_of_its_own_child_alone(self):
        self.boss("start=0", "ended=0", "state=0", "start=1", "state=1")
        self.child("w0", "die=9")
        self.child("w1", name="v", parent="other/crew")
        self.boss(name="other", package="test.v", most=1)
        said = self.go(1)
        self.assertEqual(said[1:4], [f"[boss] state 0 of 0: {DOWN} incarnation 1 code 0", f"[boss] start 1: {ABSENT}",
                                     f"[boss] state {ABSENT} of 1: {DOWN} incarnation 0 code 0"])
        self.assertEqual(self.of("target.killed", "w0")[0]["reason"], "fault.vm")

    def test_a_parent_gives_a_child_an_argument(self):
        self.boss("tell=20", "ended=0", "state=0", "tell=64", "ended=0", "state=0", "tell=65", "again=1", "state=0")
        self.child("w0", "tick=1")
        self.assertEqual([line.split("] ")[1] for line in self.go(1) if "[boss]" in line],
                         ["tell 20: 0", f"state 0 of 0: {EXITED} incarnation 1 code 20", "tell 64: 0",
                          f"state 0 of 0: {EXITED} incarnation 2 code 64", f"tell 65: {UNKNOWN}", f"state 0 of 0: {EXITED} incarnation 3 code 0"])

    def test_an_argument_that_is_none_is_refused(self):
        self.boss("bytes=0", "bytes=8", "bytes=9", "bytes=64", "bytes=4294967295", "bytes=1", "ended=0")
        self.child("w0")
        self.assertEqual(self.go(), [*(f"[boss] bytes {n}: {UNKNOWN}" for n in (0, 8, 9, 64, 4294967295)), "[boss] bytes 1: 0"])
        self.assertEqual(len(self.asked()), 1)

    def test_a_suspended_child_starts_anew(self):
        self.boss("start=0", "ended=0", "state=0", "start=0", "ended=0", "state=0")
        self.child("w0", "die=2", "exit=0", more='[fault]\naction = "suspend"\n')
        said = self.go(1)
        self.assertEqual(said[1], f"[boss] state 0 of 0: {SUSPENDED} incarnation 1 code 0")
        self.assertEqual(said[-1], f"[boss] state 0 of 0: {EXITED} incarnation 2 code 0")

    def test_a_child_restarts_as_its_manifest_says(self):
        self.boss("start=0", "ended=0", "state=0")
        self.child("w0", "die=3", "exit=5", more=restart())
        self.assertEqual(self.go(1)[-1], f"[boss] state 0 of 0: {EXITED} incarnation 3 code 5")
        self.assertEqual(self.count("target.restarted", "w0"), 2)

    def test_wrong_numbers_and_labels_are_refused(self):
        self.boss("start=1", "start=4294967295", "stop=1", "state=1", "label=0", "label=4", "label=1")
        self.child("w0")
        self.assertEqual(self.go(), [f"[boss] start 1: {ABSENT}", f"[boss] start 4294967295: {ABSENT}", f"[boss] stop 1: {ABSENT}",
                                     f"[boss] state {ABSENT} of 1: {DOWN} incarnation 0 code 0",
                                     *(f"[boss] label {n}: {UNKNOWN}" for n in (0, 4, 1))])
        self.assertEqual((self.refused(), self.count("target.spawned")), ([("boss", "KPKG_E_INSTANCE_ABSENT")] * 3, 1))

    def test_a_flood_of_requests_waits(self):
        self.boss("starts=40", "exit=0")
        self.actor("neighbour", "tick=4", priority=100)
        said = self.go()
        self.assertIn(f"[boss] starts: {ABSENT}", said)
        self.assertGreaterEqual(self.count("target.held", "boss"), 1)
        asked = [e["t"] for e in self.log if e["type"] == "control.asked"]
        self.assertEqual(len(asked), 40)
        for first, third in zip(asked, asked[2:] if actors.KERNEL == "hosted" else []):  # two in a window
            self.assertGreaterEqual(third - first, 50_000_000)

    def test_a_child_waits_for_the_time_that_its_last_life_may_have_used(self):
        self.boss("again=4")
        self.child("w0", period="100ms", budget="5ms")
        self.go()
        ended = [e["t"] for e in self.log if e["type"] == "memory.reclaimed" and e["tgt"] == "w0"]
        begun = [e["t"] for e in self.log if e["type"] == "target.spawned" and e["tgt"] == "w0"]
        self.assertEqual((len(ended), len(begun)), (4, 4))
        for end, begin in zip(ended, begun[1:] if actors.KERNEL == "hosted" else []):
            self.assertGreaterEqual(begin - end, 95_000_000)

    def test_many_short_lives_are_no_more_time_than_one_long(self):
        self.boss("again=20")
        self.child("w0", "spin=900")
        self.go()
        used = sum(d["cpu_us"] for d in self.of("target.exited", "w0"))
        begun = next(e["t"] for e in self.log if e["type"] == "target.spawned" and e["tgt"] == "w0")
        took = self.end_of("target.exited", "boss")["t"] - begun
        self.assertGreaterEqual(used, 20 * 900)
        if actors.KERNEL == "hosted":  # an emulated machine loses time in the middle of a budget
            self.assertLessEqual(used * 1000, took * 0.05)

    def test_lives_of_children_leave_nothing_behind(self):
        self.boss("again=20", "die=3", more=restart())
        self.child("w0", "die=99", period="10ms", budget="500us")
        self.go(1)
        self.assertEqual((self.count("target.spawned", "w0"), self.count("fault.vm", "w0")), (60, 60))

    def test_a_refused_child_is_not_there(self):
        self.boss("start=0", "start=1", "ended=1")
        self.child("w0", name="bad", more='[endpoint.time]\nrole = "call"\nto = "kpkg.root/time"\n')
        self.child("w1")
        self.write("bad.kpkg.toml", self.read("bad.kpkg.toml").decode().replace('"test.bad"', '"test.w"'))
        self.ok("pack", "bad.kpkg.toml", "-o", "bad.kpkg")
        self.ok("sign", "bad.kpkg", "--key", "a.key")
        self.write("actors.system.toml", self.system)
        run = self.run_kpkg("run", "actors.system.toml", *actors.WORDS, "--no-precheck", "--events", "events.jsonl")
        self.log = self.events()
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"[boss] start 0: {ABSENT}\n[boss] start 1: 0\n", run.stdout)
        self.assertEqual([d["reason"] for d in self.of("policy.refused")], ["KPKG_E_SPAWN_EXCEEDS"])
        self.assertEqual(self.count("target.exited", "w1"), 1)


if __name__ == "__main__":
    scenario.main()
