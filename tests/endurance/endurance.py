#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A system that lives: packages come, go and are replaced while it serves, servers die under load, others send what is refused or cut off.

What is done is drawn from SEED. Every answer must be the one that the model expects, and nothing of what is over may be left: what
the kernel counted, after each life and each package, and what the root task has left of its memory and slots.

usage: endurance.py BUILD hosted|sel4 SECONDS [SEED]
"""
import collections
import json
import os
import random
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
KERNEL = sys.argv[2]
SEED = int(sys.argv.pop(4)) if len(sys.argv) > 4 else 1
SECONDS = int(sys.argv.pop(3))

# pylint: disable=wrong-import-position
import actors  # noqa: E402
import channel  # noqa: E402
import scenario  # noqa: E402
from actors import CALLS, SERVES, STOPS, restart  # noqa: E402
from channel import DONE, HELLO, frame  # noqa: E402

PLACES = 4
CONTROL = f'[limits]\nmemory = "8MiB"\ncpu = "90%"\n[control]\ncpu = "30%"\nplaces = {PLACES}\nmemory = "128KiB"\npackage = "128KiB"\n'
LITTLE_CPU = actors.TIME.format("1ms", "20ms", "wait")
INSTALL, CHUNK = 6, 0x0a
COUNTER_MAX = 1000  # the signer's window
LOOK_EVERY = 25  # steps
TELL_EVERY = 600  # seconds
GRACE = 120  # seconds for the end of the run
DIES_OFTEN = restart(most=1000, window="500ms", backoff="1ms")
ARGUMENTS = {  # what a guest does, and whether it is there afterwards
    "waits": (("call=3", "tick=1000000000"), True),
    "leaves": (("call=3", "exit=0"), False),
    "faults": (("call=2", "touch=64"), False),
    "denied": (("trip=1", "tick=1000000000"), False),
    "floods": (("flood=40", "tick=1000000000"), True),
}


class Guest:
    """What is known of an instance that was installed."""

    def __init__(self, does):
        self.does, self.stays = does, ARGUMENTS[does][1]


class Endurance(channel.Channel):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.counter, self.server_inc = 1, 0
        self.guests, self.replaced = {}, set()
        self.history = collections.deque(maxlen=16)  # of requests and answers
        self.done, self.refused = collections.Counter(), collections.Counter()
        self.stores = 0  # taken so far, whatever became of them
        self.seen = collections.Counter()  # of events: lives, what came back, leaks
        self.read_to, self.first, self.slowest = 0, None, (0, ())
        self.calls = collections.defaultdict(set)  # kernel calls of the spawns of an instance

    # What it is made of.

    def packages(self):
        self.actor("server", "serve", more=SERVES + STOPS + DIES_OFTEN)
        self.actor("busy", "load=300", more=CALLS, priority=90)
        self.actor("mortal", "die=4000000000", more=restart(most=1000, window="1s", backoff="1s"))
        self.version("server", 0, "older.kpkg", SERVES + STOPS + DIES_OFTEN)
        self.version("server", COUNTER_MAX, "wider.kpkg", SERVES + DIES_OFTEN)
        self.version("owner", 1, "owner.kpkg", SERVES)
        self.version("guest", 1, "guest.kpkg", CALLS)
        bad = bytearray(self.read("guest.kpkg"))
        bad[-5000] ^= 1
        self.write("bad.kpkg", bytes(bad))
        self.write("large.kpkg", bytes(bad) * 16)
        self.key("b.key")
        self.version("guest", 1, "foreign.kpkg", CALLS, signer="b.key")

    def version(self, name, counter, file, more, signer="a.key"):
        manifest = actors.manifest(name, more, time=LITTLE_CPU if name == "guest" else actors.TIME.format("1ms", "10ms", "wait"))
        self.write(file + ".kpkg.toml", manifest.replace("counter = 1", f"counter = {counter}"))
        self.ok("pack", file + ".kpkg.toml", "-o", file)
        self.ok("sign", file, "--key", signer)

    # What is asked, and what must be answered.

    def ask(self, *words):
        """The name of the error, without KPKG_E_, or None."""
        begin = time.monotonic()
        run = self.run_kpkg("ctl", *words, "--control", "ctl")
        self.slowest = max(self.slowest, (time.monotonic() - begin, words))
        self.assertIn(run.returncode, (0, 1), (words, run.stderr, self.history))
        self.assertEqual(run.returncode == 0, run.stderr == "", (words, run.stderr))
        return run.stderr.split("KPKG_E_", 1)[1].split(":")[0] if run.stderr else None

    def must(self, expected, *words):
        """Asks; the answer is one of these, the name of an error or None."""
        got = self.ask(*words)
        self.history.append((words, got))
        self.assertIn(got, expected, self.history)
        self.refused.update([got] if got else [])
        return got is None

    def full(self):
        return len(self.guests) + len(self.replaced) == PLACES

    def store(self):
        """Expects a package to find a store; the answers that say otherwise."""
        self.stores += not self.full()
        return ("CONTROL_FULL",) if self.full() else None

    def install(self):
        does = self.random.choice(sorted(ARGUMENTS))
        name = next(n for n in (f"guest{i}" for i in range(PLACES + 1)) if n not in self.guests)
        if self.must(self.store() or (None,), "install", "guest.kpkg", *ARGUMENTS[does][0], "--as", name):
            self.guests[name] = Guest(does)

    def remove(self):
        if self.guests:
            name = self.random.choice(sorted(self.guests))
            self.must((None,), "remove", name)
            del self.guests[name]

    def replace_server(self):
        counter = min(self.counter + self.random.randint(0, 1), COUNTER_MAX - 1)
        self.version("server", counter, "newer.kpkg", SERVES + STOPS + DIES_OFTEN)
        if self.must(self.store() or (None,), "replace", "server", "newer.kpkg"):
            self.replaced.add("server")
            self.counter = counter

    def replace_guest(self):
        if self.guests:
            name = self.random.choice(sorted(self.guests))
            does = self.random.choice(sorted(ARGUMENTS))
            may = (None,) if ARGUMENTS[does][1] or does == "leaves" else (None, "INSTANCE_STATE")  # it may fail on trial
            if self.must(self.store() or may, "replace", name, "guest.kpkg", *ARGUMENTS[does][0]):
                self.guests[name] = Guest(does)

    def kill_server(self):
        """A client's call kills the server under the load of the others; the call is answered by the next incarnation."""
        if self.full():
            return
        before = self.list()["server"]["incarnation"]
        self.must(self.store() or (None,), "install", "guest.kpkg", f"kill={before + 1}", "exit=0", "--as", "killer")
        self.until("killer", "down")
        self.assertGreater(self.list()["server"]["incarnation"], before)
        self.must((None,), "remove", "killer")

    def start(self):
        name = self.random.choice(["busy", *self.guests])
        self.must((None, "INSTANCE_STATE"), "start", name)

    def stop(self):
        name = self.random.choice(["server", "busy", "mortal", *self.guests])
        stays = name != "busy" and (name not in self.guests or self.guests[name].stays)
        self.must((None,) if stays else (None, "INSTANCE_STATE"), "stop", name)
        self.must(("INSTANCE_STATE",), "stop", name)
        self.must((None,), "start", name)

    def restart(self):
        self.must((None,), "restart", self.random.choice(["server", "busy", "mortal", *self.guests]))

    def refuse(self):
        """Something that must be refused, wherever in the way of a package."""
        kinds = (("ROLLBACK", "replace", "server", "older.kpkg"), ("INSTANCE_CHANGED", "replace", "server", "wider.kpkg"),
                 ("NAME_MISMATCH", "replace", "server", "guest.kpkg"), ("RESOURCE_ABSENT", "install", "owner.kpkg"),
                 ("PAGE_DIGEST", "install", "bad.kpkg", "--as", "bad"), ("SIGNER_UNKNOWN", "install", "foreign.kpkg", "--as", "foreign"))
        name, *words = self.random.choice(kinds)
        self.must(self.store() or (name,), *words)
        self.must(("CONTROL_FULL",) if self.full() else ("FILE_TOO_LARGE",), "install", "large.kpkg", "--as", "large")
        self.must(("INSTANCE_ABSENT",), "stop", "nobody")
        self.must(("INSTANCE_STATE",), "remove", "server")

    def cut(self):
        """Somebody begins to send a package, and garbage, and is gone."""
        with self.connect() as line:
            line.sendall(bytes(1100) + frame(HELLO, 1))
            self.assertEqual(self.read_frame(line), frame(DONE, 1))
            line.sendall(frame(INSTALL, 2, struct.pack("<Q", 8192) + b"\x05guest"))
            self.stores += self.read_frame(line)[5] == DONE
            whole = frame(CHUNK, 3, bytes(8) + self.random.randbytes(600))
            line.sendall(whole[:self.random.randrange(len(whole))])

    # What must be so.

    def list(self):
        return {i["name"]: i for i in self.ctl_json("list")["instances"]}

    def left(self):
        """What is left to the root task; of its stores, only those that hold a package of an instance are in use, or one that was cut off."""
        left = self.ctl_json("list")["system"]
        kept = len(self.guests) + len(self.replaced)
        self.assertIn(left.pop("stores_used"), (kept, kept + 1))
        return left

    def look(self):
        """What there is must be what the model says, and nothing of what is over is left."""
        listed = self.list()
        states = {"server": ("running", "restarting"), "mortal": ("running", "restarting"), "busy": ("running", "down")}
        for name, guest in self.guests.items():
            states[name] = ("running",) if guest.stays else ("running", "down")
        self.assertEqual(set(listed), set(states), self.history)
        for name, of in listed.items():
            self.assertIn(of["state"], states[name], name)
            self.assertEqual(of["arrived"], name in self.guests or name in self.replaced, name)
        if "server" in self.replaced:
            self.assertEqual(listed["server"]["counter"], self.counter)
        left = self.left()
        self.first = self.first or left
        self.assertEqual(left, self.first)
        self.read_events()

    def read_events(self):
        """The events since the last look: every life that is over came back whole, and its spawn took as many calls as the others."""
        with open(self.path("events.jsonl"), encoding="ascii") as file:
            file.seek(self.read_to)
            for line in file:
                if not line.endswith("\n"):
                    break
                self.read_to += len(line)
                self.take(json.loads(line))
        for name in {n for kind, n in self.seen if kind == "target.spawned"}:
            alive = self.seen["target.spawned", name] - self.seen["memory.reclaimed", name]
            self.assertIn(alive, (0, 1), name)

    def take(self, event):
        kind, name, data = event["type"], event.get("tgt"), event["data"]
        self.seen[kind, name] += event.get("n", 1)
        if kind == "memory.reclaimed":
            self.assertEqual((data["leaked"], data["slots_leaked"]), (0, 0), event)
            self.seen["bytes", name] += data["bytes"]
        elif kind == "target.spawned":
            self.calls[name].add(data["calls"])
            self.assertEqual(len(self.calls[name]), 1, event)
        elif kind == "caps.checked":
            self.assertNotIn("reason", data, event)
        elif kind == "target.exited" and name == "busy":
            self.assertEqual(data["code"], 0, "an answer was wrong")

    def step(self):
        acts = {self.install: 4, self.remove: 3, self.replace_server: 2, self.replace_guest: 2, self.kill_server: 2, self.start: 3,
                self.stop: 2, self.restart: 2, self.refuse: 1, self.cut: 1}
        act, = self.random.choices(list(acts), list(acts.values()))
        act()
        self.done[act.__name__] += 1

    def clear(self):
        """Everything is stopped or removed; what the image brought keeps its newer package."""
        for name in list(self.guests):
            self.must((None,), "remove", name)
            del self.guests[name]
        for name in ("busy", "mortal", "server"):
            self.must((None, "INSTANCE_STATE"), "stop", name)
        self.assertEqual(set(self.states().values()), {"down"})
        self.assertEqual(self.left(), self.first)

    def resident_kib(self):
        with open(f"/proc/{self.run_.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def test_what_comes_and_goes_leaves_nothing(self):
        channel.TIME_LIMIT = SECONDS + channel.TIMEOUT + GRACE
        self.packages()
        self.begin(CONTROL)
        self.until("server", "running")
        self.look()
        begin, resident = time.monotonic(), self.resident_kib()
        told = begin
        while time.monotonic() - begin < SECONDS:
            self.step()
            if time.monotonic() - told > TELL_EVERY:
                told = time.monotonic()
                self.report(told - begin, (resident, self.resident_kib()))
            if sum(self.done.values()) % LOOK_EVERY == 0:
                self.look()
        self.look()
        self.clear()
        took, last = time.monotonic() - begin, self.resident_kib()
        self.end(1)  # packages were refused
        self.read_events()
        self.judge()
        self.report(took, (resident, last))

    def judge(self):
        lives = [n for kind, n in self.seen if kind == "target.spawned"]
        for name in lives:
            self.assertEqual(self.seen["target.spawned", name], self.seen["memory.reclaimed", name], name)
        self.assertEqual(self.seen["memory.reclaimed", None] + len(self.replaced), self.stores)
        self.assertEqual(self.seen["log.drop", None], 0)
        self.assertIn(b"load right", self.read("stdout"))

    def report(self, took, resident):
        def total(kind):
            return sum(n for (k, _), n in self.seen.items() if k == kind)

        said = self.read("stdout").decode()
        loads = [line.split() for line in said.splitlines() if "load right" in line]
        print(f"endurance on {KERNEL}, seed {SEED}: {took:.0f} s, {sum(self.done.values())} steps {dict(sorted(self.done.items()))}")
        print(f"  answers: {total('control.asked')} requests that change something; refused as they must be: {dict(sorted(self.refused.items()))}")
        print(f"  lives: {total('target.spawned')}, faults {sum(total(k) for k in ('fault.vm', 'fault.cap', 'deny.tripwire'))}, packages that took memory: {self.stores}")
        print(f"  the server's incarnations: {self.seen['target.spawned', 'server']}; its clients' calls: "
              f"{sum(int(l[3]) for l in loads)} answered right, {sum(int(l[5]) for l in loads)} told that it is gone, 0 others")
        print(f"  bytes taken and given back: {total('bytes')}; leaked 0 bytes, 0 slots; left to the root task, as at the begin: {self.first}")
        print(f"  slowest request {self.slowest[0]:.2f} s ({' '.join(self.slowest[1])}); resident memory of kpkg run: {resident[0]} KiB at the first look, {resident[1]} at the end")
        print(f"  log: {sum(n for (k, _), n in self.seen.items() if k != 'bytes')} events, {self.read_to} bytes", flush=True)


scenario.main()
