# SPDX-License-Identifier: BSD-2-Clause
"""Packages that come and go while a system runs: judged as at the start, all or nothing, and every byte back."""
import struct

import actors
import channel
import scenario
from actors import CALLS, SERVES, STOPS
from channel import DONE, REFUSED, frame

PLACES = '[limits]\nmemory = "4MiB"\ncpu = "90%"\n[control]\ncpu = "40%"\nplaces = 1\nmemory = "256KiB"\npackage = "128KiB"\n'
FOREVER = ("tick=1000000000",)
INSTALL, CHUNK, COMMIT = 6, 0x0a, 0x0b


class Arrival(channel.Channel):
    def version(self, name, counter, file, more=""):
        """Another version of an actor's package, in a file of its own."""
        self.write(file + ".kpkg.toml", actors.manifest(name, more).replace("counter = 1", f"counter = {counter}"))
        self.ok("pack", file + ".kpkg.toml", "-o", file)
        self.ok("sign", file, "--key", "a.key")

    def of_control(self):
        return [(e["type"], e["data"].get("verb", e["data"].get("reason"))) for e in self.log
                if e["type"] in ("control.asked", "control.refused")]

    def test_a_package_comes_and_goes(self):
        self.actor("server", "serve", more=SERVES + STOPS)
        self.version("guest", 3, "guest.kpkg", more=CALLS)
        self.begin(PLACES)
        self.ctl("install", "guest.kpkg", "call=5", *FOREVER)
        guest = {i["name"]: i for i in self.ctl_json("list")["instances"]}["guest"]
        self.assertEqual((guest["state"], guest["arrived"], guest["counter"]), ("running", True, 3))
        self.ctl_fails("CONTROL_FULL", "install", "guest.kpkg", "--as", "other")
        self.until_printed(b"[guest] label 1 answers 10 error 0\n")
        self.ctl("remove", "guest")
        self.assertEqual(self.states(), {"server": "running"})
        self.end()
        self.assertEqual(self.count("memory.reclaimed"), 3)  # the target, its store, the server
        self.write("run.vkey", self.log[0]["data"]["vkey"] + "\n")
        verify = self.run_kpkg("audit", "verify", "events.jsonl", "--vkey", "run.vkey")
        self.assertLess(verify.returncode, 2, verify.stdout)  # whole and by this run's key; the guest was killed

    def test_a_newer_version_takes_over_with_its_clients(self):
        self.actor("server", "serve", more=SERVES + STOPS)
        self.actor("client", "call=1", *FOREVER, more=CALLS)
        self.version("server", 2, "newer.kpkg", more=SERVES + STOPS)
        self.version("server", 3, "other.kpkg", more=SERVES)
        self.begin(PLACES)
        said = b"[client] label 1 answers 2 error 0\n"
        self.until_printed(said)
        self.ctl("replace", "server", "newer.kpkg")
        server = {i["name"]: i for i in self.ctl_json("list")["instances"]}["server"]
        self.assertEqual((server["state"], server["counter"], server["incarnation"]), ("running", 2, 2))
        self.ctl("restart", "client")
        self.ctl_fails("CONTROL_FULL", "replace", "server", "server.kpkg")
        self.until_printed(said, times=2)
        self.end()
        self.assertEqual(self.of("target.killed", "server"), [])

    def test_a_parent_is_replaced_and_its_children_end_with_it(self):
        never = '[notification.never]\nrole = "wait"\n'
        self.boss("start=0", "wait", more=never)
        self.child("w0", "serve", more=SERVES)
        text = self.read("boss.kpkg.toml").decode().replace("counter = 1", "counter = 2")
        self.package("newer", text.replace("most = 2", "most = 3"))
        self.begin(PLACES)
        self.until("w0", "running")
        self.ctl("replace", "boss", "newer.kpkg")
        self.until("w0", "running")
        lives = {i["name"]: (i["state"], i["incarnation"]) for i in self.ctl_json("list")["instances"]}
        self.assertEqual(lives, {"boss": ("running", 2), "w0": ("running", 2)})
        self.end()
        self.assertEqual([e["tgt"] for e in self.log if e["type"] == "target.killed"], ["boss", "w0"])

    def test_what_comes_and_goes_moves_nobody_elses_capabilities(self):
        self.actor("server", "serve", more=SERVES + STOPS)
        self.version("first", 1, "first.kpkg", more=CALLS)
        self.version("second", 1, "second.kpkg", more=CALLS)
        self.begin(PLACES.replace("places = 1", "places = 2"))
        self.ctl("install", "first.kpkg", *FOREVER)
        self.ctl("install", "second.kpkg", *FOREVER)
        self.ctl("remove", "first")
        self.end()
        checked = {e["tgt"]: e["data"]["equal"] for e in self.log if e["type"] == "caps.checked"}
        self.assertEqual(checked, {"server": True, "first": True, "second": True})

    def test_a_version_that_faults_gives_way_to_the_one_before(self):
        self.actor("server", "serve", more=SERVES + STOPS + actors.restart())
        self.actor("client", "call=1", more=CALLS)
        self.version("server", 2, "newer.kpkg", more=SERVES + STOPS + actors.restart())
        self.begin(PLACES)
        self.until("client", "down")
        for crime in (("touch=64",), ("trip=1", *FOREVER)):
            self.ctl_fails("INSTANCE_STATE", "replace", "server", "newer.kpkg", *crime)
            server = {i["name"]: i for i in self.ctl_json("list")["instances"]}["server"]
            self.assertEqual((server["state"], server["counter"], server["arrived"]), ("running", 1, False))
            self.ctl("start", "client")
            self.until("client", "down")
        self.ctl("replace", "server", "newer.kpkg", "serve")
        self.ctl("start", "client")
        self.until("client", "down")
        self.end(1)
        self.assertEqual(self.read("stdout").count(b"[client] label 1 answers 2 error 0"), 4)

    def test_a_version_that_has_done_its_work_is_kept(self):
        self.actor("worker", *FOREVER)
        self.version("worker", 2, "newer.kpkg", "")
        self.begin(PLACES)
        self.until("worker", "running")
        self.ctl("replace", "worker", "newer.kpkg", "exit=0")
        self.until("worker", "down")
        self.assertEqual(self.ctl_json("list")["instances"][0]["counter"], 2)
        self.end()

    def test_what_is_refused_leaves_nothing(self):
        self.actor("server", "serve", more=SERVES + STOPS)
        self.version("server", 0, "older.kpkg", more=SERVES + STOPS)
        self.version("server", 2, "wider.kpkg", more=SERVES)
        self.actor("client", *FOREVER, more=CALLS)
        self.version("client", 2, "traced.kpkg", more=CALLS + '[audit]\ntrace = ["peer"]\n')
        self.version("owner", 1, "owner.kpkg", more=SERVES)
        bad = bytearray(self.read("server.kpkg"))
        bad[-5000] ^= 1
        self.write("bad.kpkg", bytes(bad))
        self.begin(PLACES)
        self.ctl_fails("ROLLBACK", "replace", "server", "older.kpkg")
        self.ctl_fails("INSTANCE_CHANGED", "replace", "server", "wider.kpkg")
        self.ctl_fails("INSTANCE_CHANGED", "replace", "client", "traced.kpkg")  # its relays have no place
        refused = self.ctl_fails("RESOURCE_ABSENT", "install", "owner.kpkg")
        self.assertRegex(refused.stderr, r"^owner\.kpkg\.toml:\d+:\d+: KPKG_E_")
        self.assertIn("_DIGEST", self.run_kpkg("ctl", "replace", "server", "bad.kpkg", "--control", "ctl").stderr)
        self.ctl_fails("INSTANCE_STATE", "remove", "server")
        self.assertEqual(self.states(), {"server": "running", "client": "running"})
        self.end(1)  # packages were refused
        self.assertEqual(self.count("memory.reclaimed"), 6)
        self.assertEqual(self.count("target.spawned"), 2)

    def test_who_is_cut_off_in_the_middle_leaves_nothing(self):
        self.actor("server", "serve", more=SERVES + STOPS)
        self.begin(PLACES)
        self.until("server", "running")
        line = self.connect()

        def ask(kind, number, payload):
            line.sendall(frame(kind, number, payload))
            return self.read_frame(line)[5]

        offer = struct.pack("<Q", 8192) + b"\x05guest"
        self.assertEqual(ask(CHUNK, 1, bytes(8) + b"early"), REFUSED)
        self.assertEqual(ask(INSTALL, 2, offer), DONE)
        self.assertEqual(ask(CHUNK, 3, bytes(8) + b"x" * 100), DONE)
        self.assertEqual(ask(CHUNK, 4, bytes(8) + b"again"), REFUSED)
        self.assertEqual(ask(INSTALL, 5, offer), DONE)  # begins anew, the first is given back
        self.assertEqual(ask(COMMIT, 6, b""), REFUSED)  # too early: given back as well
        self.assertEqual(ask(INSTALL, 7, struct.pack("<Q", 1 << 40) + b"\x00"), REFUSED)
        self.assertEqual(ask(INSTALL, 8, offer[:5]), REFUSED)
        line.close()
        self.assertEqual(self.states(), {"server": "running"})
        self.end()
        self.assertEqual(self.count("memory.reclaimed"), 3)


if __name__ == "__main__":
    scenario.main()
