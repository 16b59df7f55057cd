# SPDX-License-Identifier: BSD-2-Clause
"""A driver package at work: bytes between a Unix socket, the second serial line, its driver and a client of that.

usage: BUILD [hosted|sel4]
"""
import os
import shutil
import socket
import subprocess
import sys
import threading

import scenario

KERNEL = sys.argv.pop(2) if len(sys.argv) > 2 else "hosted"
WORDS = [] if KERNEL == "hosted" else scenario.run_words(KERNEL)
CEILING = 'irq = [3]\nioport = ["0x2f8-0x2ff"]\n'
SYSTEM = """schema = 1
name = "serial"
trust = "trust.toml"
[[package]]
file = "log.kpkg"
[[package]]
file = "serial.kpkg"
[[package]]
file = "terminal.kpkg"
"""


class Serial(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.write("trust.toml", self.read("trust.toml").decode() + CEILING)
        self.write("serial.system.toml", SYSTEM)
        for name in ("log", "serial", "terminal"):
            self.example(name)

    def start(self, *words, log="events.jsonl"):
        """A run of the system with its second line connected. kpkg makes the socket before it boots anything."""
        return self.start_as("run", "serial.system.toml", "--events", log, *words)

    def start_as(self, *words):
        run = subprocess.Popen([scenario.KPKG, *words, "--com2", "line"], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        return run

    def connect(self, run):
        """The other end of the line. What comes before the driver is there may be lost, so an empty line goes first."""
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(end.close)
        end.settimeout(scenario.TIMEOUT)
        while True:
            try:
                end.connect(self.path("line"))
                break
            except (FileNotFoundError, ConnectionRefusedError):
                self.assertIsNone(run.poll(), "kpkg ended")
        end.sendall(b"\n")
        return end

    def finish(self, run, code=0):
        """What was printed."""
        out, err = run.communicate(timeout=scenario.TIMEOUT)
        self.assertEqual(run.returncode, code, out + err)
        self.assertFalse(os.path.exists(self.path("line")))
        return out

    def exits(self, log="events.jsonl"):
        return {e["tgt"]: e["data"]["code"] for e in self.events(log) if e["type"] == "target.exited"}

    def talk(self, *words, log="events.jsonl"):
        """A conversation; what the log said of it."""
        run = self.start(*words, log=log)
        end = self.connect(run)
        answers = end.makefile("rb")
        end.sendall(b"hello\n")
        self.assertEqual(answers.readline(), b"you said hello\n")
        end.sendall(b"one\rtwo\nbye\n")
        self.assertEqual(answers.read(), b"you said one\nyou said two\ngood bye\n")
        said = self.finish(run)
        self.assertEqual(self.exits(log), {"terminal": 0, "serial": 0})
        return said


class Driver(Serial):
    def test_a_conversation(self):
        said = self.talk(*WORDS)
        self.assertEqual(said, "[log] 2: 5 bytes: hello\n[log] 2: 3 bytes: one\n[log] 2: 3 bytes: two\n[log] 2: 3 bytes: bye\n")

    def test_the_same_in_virtual_time_and_on_a_real_kernel(self):
        self.talk(log="hosted.jsonl")
        self.talk(*(WORDS or ["--deterministic"]), log="other.jsonl")
        self.ok("audit", "diff", "hosted.jsonl", "other.jsonl")

    def test_a_line_that_is_triggered_by_level(self):
        shutil.copy(os.path.join(scenario.BUILD, "examples", "serial.elf"), self.folder)
        with open(os.path.join(scenario.BUILD, "examples", "serial.kpkg.toml"), encoding="ascii") as file:
            self.write("serial.kpkg.toml", file.read().replace("line = 3\n", 'line = 3\ntrigger = "level"\n'))
        self.ok("pack", "serial.kpkg.toml", "-o", "serial.kpkg")
        self.ok("sign", "serial.kpkg", "--key", "a.key")
        self.assertIn("line 3, level to #", self.ok("plan", "serial.system.toml"))
        self.talk(*WORDS)

    def test_nothing_is_lost_or_doubled(self):
        """Some times what the driver's rings hold, both ways."""
        lines = [f"{i:060}".encode() for i in range(100)]
        run = self.start(*(WORDS or ["--deterministic"]))
        end = self.connect(run)
        sender = threading.Thread(target=end.sendall, args=(b"\n".join(lines) + b"\nbye\n",))
        sender.start()
        answers = end.makefile("rb")
        self.assertEqual([answers.readline() for _ in lines], [b"you said " + line + b"\n" for line in lines])
        self.assertEqual(answers.read(), b"good bye\n")
        sender.join()
        self.finish(run)


class Line(Serial):
    """The option itself; nothing here needs a real kernel."""

    def test_one_client_after_the_other(self):
        run = self.start()
        with self.connect(run) as first:
            first.sendall(b"first\n")
            self.assertEqual(first.makefile("rb").readline(), b"you said first\n")
        second = self.connect(run)
        second.sendall(b"bye\n")
        self.assertEqual(second.makefile("rb").read(), b"good bye\n")
        self.finish(run)

    def test_an_image_without_a_pipeline(self):
        self.ok("image", "serial.system.toml", "-o", "image")
        run = self.start_as("hosted", "image")
        end = self.connect(run)
        end.sendall(b"bye\n")
        self.assertEqual(end.makefile("rb").read(), b"good bye\n")
        self.assertIn("3 bytes: bye\n", self.finish(run))

    def test_without_the_line_the_driver_says_so(self):
        run = self.run_kpkg("run", "serial.system.toml", "--events", "events.jsonl")
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("this machine has no second serial line", run.stdout)
        self.assertEqual(self.exits(), {"serial": 2, "terminal": 1})

    def test_only_the_socket_of_a_dead_run_is_replaced(self):
        self.write("line", "a file")
        self.fails("IO", "run", "serial.system.toml", "--com2", "line", code=2)
        self.assertEqual(self.read("line"), b"a file")
        os.unlink(self.path("line"))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as alive:
            alive.bind(self.path("line"))
            alive.listen()
            self.fails("IO", "run", "serial.system.toml", "--com2", "line", code=2)
        self.talk()
        self.fails("IO", "run", "serial.system.toml", "--com2", "x" * 108, code=2)


if KERNEL != "hosted":
    del Line
scenario.main()
