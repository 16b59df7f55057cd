# SPDX-License-Identifier: BSD-2-Clause
"""Systems that are controlled while they run: `kpkg run --control` and `kpkg ctl`, and the channel's bytes by hand."""
import hashlib
import os
import socket
import struct
import subprocess
import time

import actors
import scenario

CONTROL = '[limits]\ncpu = "90%"\n[control]\ncpu = "30%"\n'
MAGIC = b"\xabk\r\n\x01"
TIMEOUT = 300
TIME_LIMIT = TIMEOUT  # seconds, of a run
START, STOP, INSTALL, CHUNK, COMMIT, HELLO, DONE, REFUSED = 0x03, 0x04, 0x06, 0x0a, 0x0b, 0x0c, 0x80, 0x81


def frame(kind, number, payload=b""):
    """A frame as spec/control.md has it, written without kpkg."""
    head = MAGIC + bytes([kind]) + struct.pack("<HI", len(payload), number)
    digest = hashlib.blake2b(head + payload, digest_size=32, person=b"kpkg.control".ljust(16, b"\0"), salt=bytes(16))
    return head + payload + digest.digest()[:8]


def read_frame(line):
    """A whole frame, as bytes; fewer when the line is cut."""
    got = b""
    while len(got) < 8 or len(got) < 20 + struct.unpack_from("<H", got, 6)[0]:
        part = line.recv(1)
        if not part:
            break
        got += part
    return got


class Channel(actors.Actors):
    """A system that runs in the background; `self.run_` is its process."""

    def run_kpkg(self, *arguments, timeout=TIMEOUT, **more):
        return super().run_kpkg(*arguments, timeout=timeout, **more)

    def begin(self, control=CONTROL, option="--control"):
        self.write("actors.system.toml", self.system.replace("[[package]]", control + "[[package]]", 1))
        words = [w for w in actors.WORDS if w != "--deterministic"]
        with open(self.path("stdout"), "wb") as out, open(self.path("stderr"), "wb") as err:
            self.run_ = subprocess.Popen([scenario.KPKG, "run", "actors.system.toml", *words, option, "ctl", "--events", "events.jsonl",
                                          "--time-limit", str(TIME_LIMIT)], cwd=self.folder, stdout=out, stderr=err)
        self.addCleanup(self.run_.wait)
        self.addCleanup(self.run_.kill)
        deadline = time.monotonic() + TIMEOUT
        while not self.listens():
            self.assertIsNone(self.run_.poll(), self.read("stderr"))
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def listens(self):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.connect(self.path("ctl"))
            return True
        except (FileNotFoundError, ConnectionRefusedError):
            return False

    def ctl(self, *words):
        return self.ok("ctl", *words, "--control", "ctl")

    def ctl_json(self, *words):
        return self.json("ctl", *words, "--control", "ctl")

    def ctl_fails(self, name, *words, code=1):
        return self.fails(name, "ctl", *words, "--control", "ctl", code=code)

    def states(self):
        return {i["name"]: i["state"] for i in self.ctl_json("list")["instances"]}

    def until(self, name, state):
        """Waits until an instance is in a state."""
        deadline = time.monotonic() + TIMEOUT
        while self.states()[name] != state:
            self.assertLess(time.monotonic(), deadline, f"{name} does not become {state}")

    def until_printed(self, text, times=1):
        """Waits until the system has printed a line so often. A machine that stands still for long takes much of a small budget."""
        deadline = time.monotonic() + TIMEOUT
        while self.read("stdout").count(text) < times:
            self.assertIsNone(self.run_.poll(), self.read("stderr"))
            self.assertLess(time.monotonic(), deadline, f"{text} was printed {self.read('stdout').count(text)} times")
            time.sleep(0.01)

    def end(self, code=0):
        """Shuts the system down; nothing of any target may be missing."""
        self.ctl("shutdown")
        self.assertEqual(self.run_.wait(TIMEOUT), code, self.read("stderr"))
        self.log = self.events()
        for data in self.of("memory.reclaimed"):
            self.assertEqual((data["leaked"], data["slots_leaked"]), (0, 0))

    def connect(self):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(TIMEOUT)
        line.connect(self.path("ctl"))
        self.addCleanup(line.close)
        return line

    def read_frame(self, line):
        """A whole frame, as bytes."""
        got = read_frame(line)
        self.assertGreaterEqual(len(got), 20, "the line was cut")
        return got
