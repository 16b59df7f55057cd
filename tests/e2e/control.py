# SPDX-License-Identifier: BSD-2-Clause
"""Run-time control: what may be asked of a running system, and what the channel survives."""
import os
import socket
import struct
import subprocess

import actors
import channel
import scenario
from actors import CALLS, SERVES, STOPS
from channel import CHUNK, COMMIT, CONTROL, DONE, HELLO, INSTALL, REFUSED, START, STOP, frame

FOREVER = ("tick=1000000000",)
INSTANCE, SYSTEM = 0x82, 0x84


class Control(channel.Channel):
    def asked(self):
        return [(d["verb"], d.get("instance")) for d in self.of("control.asked")]

    def test_instances_are_stopped_and_started(self):
        self.actor("server", "serve", more=SERVES + STOPS)
        self.actor("client", "call=3", *FOREVER, more=CALLS)
        self.begin()
        self.until("client", "running")
        self.ctl("stop", "client")
        self.assertEqual(self.states(), {"server": "running", "client": "down"})
        self.ctl("start", "client")
        self.ctl("restart", "server")
        lives = {i["name"]: (i["state"], i["incarnation"]) for i in self.ctl_json("list")["instances"]}
        self.assertEqual(lives, {"server": ("running", 2), "client": ("running", 2)})
        self.end()
        self.assertEqual(self.asked(), [("stop", "client"), ("start", "client"), ("restart", "server"), ("shutdown", None)])
        asked = [e["seq"] for e in self.log if e["type"] == "control.asked"]
        self.assertEqual(self.of("target.killed"), [{"reason": "control.asked", "cause_seq": asked[0], "by": "auditor"}])
        self.assertEqual([d["code"] for d in self.of("target.exited", "server")], [0, 0])

    def test_who_does_not_end_when_asked_is_killed(self):
        self.actor("server", "deaf", more=SERVES + STOPS)
        self.begin()
        self.until("server", "running")
        self.ctl("stop", "server")
        self.assertEqual(self.states(), {"server": "down"})
        self.end(1)
        self.assertEqual([d["reason"] for d in self.of("target.killed")], ["target.stopping"])

    def test_what_cannot_be_done_is_refused_by_name(self):
        self.actor("worker", *FOREVER)
        self.begin()
        self.until("worker", "running")
        self.ctl_fails("INSTANCE_STATE", "start", "worker")
        self.ctl_fails("INSTANCE_ABSENT", "stop", "nobody")
        self.ctl("stop", "worker")
        self.ctl_fails("INSTANCE_STATE", "stop", "worker")
        self.ctl_fails("INSTANCE_ABSENT", "show", "nobody")
        self.ctl_fails("USAGE", "dance", code=2)
        self.ctl_fails("USAGE", "stop", code=2)
        self.end()
        self.ctl_fails("CONTROL_SILENT", "list", code=2)
        reasons = [d["reason"] for d in self.of("control.refused")]
        self.assertEqual(reasons, ["KPKG_E_INSTANCE_STATE", "KPKG_E_INSTANCE_ABSENT", "KPKG_E_INSTANCE_STATE"])

    def test_a_child_is_its_parents_to_start(self):
        self.boss("start=0", "ended=0", "start=1", "wait", more='[notification.never]\nrole = "wait"\n')
        self.child("w0", "serve", more=SERVES)
        self.child("w1", "serve", more=SERVES)
        self.begin()
        self.until("w0", "running")
        for verb in ("start", "restart"):
            self.ctl_fails("INSTANCE_STATE", verb, "w0")
        self.ctl_fails("INSTANCE_STATE", "start", "w1")
        self.ctl_fails("INSTANCE_STATE", "replace", "w0", "w.kpkg")
        self.ctl("stop", "w0")  # its parent hears of it, and starts the other
        self.until("w1", "running")
        self.assertEqual(self.states(), {"boss": "running", "w0": "down", "w1": "running"})
        self.ctl("stop", "boss")
        self.assertEqual(set(self.states().values()), {"down"})
        self.ctl("start", "boss")
        self.until("w0", "running")
        self.end()
        stopped = [e["seq"] for e in self.log if e["type"] == "control.asked" and e["data"]["verb"] == "stop"]
        killed = [(e["tgt"], e["data"]["reason"], e["data"]["cause_seq"]) for e in self.log if e["type"] == "target.killed"]
        self.assertEqual(killed, [("w0", "control.asked", stopped[0]), ("boss", "control.asked", stopped[1]), ("w1", "control.asked", stopped[1])])

    def test_show_compares_the_kernel_with_the_plan(self):
        self.actor("server", "serve", more=SERVES)
        self.actor("client", *FOREVER, more=CALLS)
        self.begin()
        self.until("client", "running")
        shown = self.ctl_json("show", "client")
        seen = "as planned" if actors.KERNEL == "hosted" else "not shown"
        caps = {c["name"]: (c["kind"], c["rights"], c["live"], c["object"]) for c in shown["capabilities"]}
        self.assertEqual(caps, {"exit": ("built-in", "W", seen, "auditor"), "console": ("built-in", "WP", seen, "auditor"),
                                "peer": ("issued", "WP", seen, "door")})
        client = shown["instances"][0]
        self.assertEqual((client["slots_used"], client["memory_limit"], client["budget_us"]), (3, 131072, 1000))
        self.assertTrue(0 < client["memory_used"] <= client["memory_limit"])
        self.ctl("stop", "server")
        live = {c["name"]: c["live"] for c in self.ctl_json("show", "client")["capabilities"]}
        self.assertEqual(live["peer"], "stood in" if actors.KERNEL == "hosted" else "not shown")
        self.assertEqual(self.ctl_json("show", "server")["capabilities"], [])
        self.end()

    def test_the_line_is_the_root_tasks_where_control_is_allowed(self):
        ports = '[ioport.uart]\nports = "0x2f8-0x2ff"\n'
        self.actor("driver", *FOREVER, more=ports)
        trust = self.read("trust.toml").decode() + 'ioport = ["0x0-0xffff"]\n'
        self.write("trust.toml", trust)
        self.write("actors.system.toml", self.system)
        self.ok("plan", "actors.system.toml")
        self.write("actors.system.toml", self.system.replace("[[package]]", channel.CONTROL + "[[package]]", 1))
        self.assertIn("KPKG_E_RESOURCE_TAKEN", self.run_kpkg("plan", "actors.system.toml").stderr)

    def test_without_a_line_the_system_ends_by_itself(self):
        self.actor("worker", "exit=0")
        self.system = self.system.replace("[[package]]", channel.CONTROL + "[[package]]", 1)
        self.go()

    def test_nobody_answers_where_control_is_not_allowed(self):
        self.actor("worker", *FOREVER)
        self.write("actors.system.toml", self.system)
        run = self.fails("USAGE", "run", "actors.system.toml", "--control", "ctl", code=2)
        self.assertIn("no [control]", run.stderr)
        self.begin(control="", option="--com2")
        line = self.connect()
        line.settimeout(0.5)
        line.sendall(frame(HELLO, 1))
        with self.assertRaises(TimeoutError):
            line.recv(1)

    def ask(self, line, number, kind, payload=b""):
        """What is refused, and why."""
        line.sendall(frame(kind, number, payload))
        answer = self.read_frame(line)
        self.assertEqual((answer[5], struct.unpack_from("<I", answer, 8)[0]), (REFUSED, number))
        return answer[12:]

    def test_requests_that_mean_nothing_are_refused_by_name(self):
        self.actor("worker", *FOREVER)
        self.begin(CONTROL + 'places = 1\nmemory = "128KiB"\npackage = "128KiB"\n')
        self.until("worker", "running")  # a machine that starts takes what it is sent before away
        line = self.connect()
        for number, (kind, payload) in enumerate(((0x70, b""), (CHUNK, bytes(16)), (COMMIT, b""), (INSTALL, b"\1"),
                                                  (INSTALL, struct.pack("<QB", 4096, 1) + b"a\xff"))):
            self.assertIn(b"KPKG_E_CONTROL_REQUEST", self.ask(line, number, kind, payload))
        line.close()
        self.assertEqual(self.states()["worker"], "running")
        self.end()

    def test_one_request_at_a_time(self):
        """Who is asked to end has a second; what is asked for meanwhile is refused, and reading is not."""
        self.actor("server", "deaf", more=SERVES + STOPS)
        self.begin()
        self.until("server", "running")
        line, busy = self.connect(), False
        for number in range(0, 40, 4):  # a machine that stands still for so long has done the first when it sees the second
            line.sendall(frame(STOP, number, b"server") + frame(START, number + 1, b"server"))
            answers = sorted((self.read_frame(line) for _ in range(2)), key=lambda a: a[8])
            self.assertEqual(answers[0], frame(DONE, number))
            busy = answers[1][5] == REFUSED and b"KPKG_E_CONTROL_BUSY" in answers[1]
            if busy:
                break
        self.assertTrue(busy)
        line.close()
        self.end(1)

    def test_garbage_cuts_and_floods_are_survived(self):
        self.actor("server", "serve", more=SERVES)
        self.actor("client", "call=2000", *FOREVER, more=CALLS)
        self.begin()
        self.until("client", "running")
        line = self.connect()
        whole = frame(HELLO, 5)
        for cut in range(0, len(whole), 4):
            line.sendall(whole[:cut] + bytes(1100) + frame(HELLO, 100 + cut))
            self.assertEqual(self.read_frame(line), frame(DONE, 100 + cut))
        line.sendall(bytes(range(1, 256)) * 8 + frame(HELLO, 200))
        self.assertEqual(self.read_frame(line), frame(DONE, 200))
        flood = (frame(0x70, 1) + b"\xabk\r\n\x01\x01\x00\x04" + struct.pack("<I", 9)) * 100
        line.setblocking(False)
        try:
            for _ in range(64):
                line.send(flood)  # nobody reads the answers
        except BlockingIOError:
            pass
        line.close()
        self.until_printed(b"[client] label 1 answers 4000 error 0")
        self.end()
        self.assertGreater(sum(d["bytes"] for d in self.of("control.noise")), 1000)
        self.assertEqual(self.count("target.spawned"), 2)
        self.assertEqual(self.count("log.drop"), 0)


class Client(scenario.Scenario):
    """What `kpkg ctl` makes of whoever is at the other end of the line."""

    def list_from(self, *answers):
        """Says hello as it should, answers a request with these frames, of its number, and hangs up."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as place:
            place.bind(self.path("ctl"))
            place.listen()
            place.settimeout(channel.TIMEOUT)
            run = subprocess.Popen([scenario.KPKG, "ctl", "list", "--control", "ctl"], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
            self.addCleanup(run.kill)
            line, _ = place.accept()
            with line:
                line.settimeout(channel.TIMEOUT)
                for said in ([(DONE, b"")], answers):
                    number, = struct.unpack_from("<I", channel.read_frame(line), 8)
                    for kind, payload in said:
                        line.sendall(frame(kind, number, payload))
            out, err = run.communicate(timeout=channel.TIMEOUT)
        os.remove(self.path("ctl"))
        self.assertEqual(run.returncode, 2, out + err)
        return err

    def test_answers_that_mean_nothing(self):
        for answers in ([], [(INSTANCE, b"\1")], [(INSTANCE, bytes(300))], [(SYSTEM, b"")], [(0x7f, b"")], [(REFUSED, b"\xff")]):
            self.assertIn("KPKG_E_CONTROL_SILENT: ", self.list_from(*answers), answers)


if __name__ == "__main__":
    scenario.main()
