# SPDX-License-Identifier: BSD-2-Clause
"""Systems of actors (tests/programs/actor.c), and of bosses (boss.c) that start them: a manifest for each, a system file, one run.

usage of the modules that use this: BUILD [hosted|sel4]
"""
import os
import shutil
import sys

import scenario

MANIFEST = """schema = 1
[package]
name = "test.{name}"
version = "1.0.0"
counter = 1
[binary]
path = "actor.elf"
[cpu]
priority = {priority}
{time}
[memory]
limit = "128KiB"
[endpoint.console]
role = "call"
to = "kpkg.root/console"
{more}
"""
KERNEL = sys.argv.pop(2) if len(sys.argv) > 2 else "hosted"
WORDS = scenario.run_words(KERNEL)
LATE_MS = 25 if KERNEL == "hosted" else float("inf")  # an emulated machine shares the time of this one
SERVES = '[endpoint.door]\nrole = "serve"\nallow = ["*"]\n'
STOPS = '[notification.stop]\nrole = "wait"\n'
SPAWN = '[spawn.crew]\npackage = "{package}"\nmost = {most}\nmemory = "{memory}"\ncpu = "{cpu}"\n'
BELL = '[notification.child]\nrole = "wait"\n'
CALLS = '[endpoint.peer]\nrole = "call"\nto = "test.server/door"\n'


TIME = 'budget = "{}"\nperiod = "{}"\non-overrun = "{}"'
PASSIVE = "passive = true"


def manifest(name, more="", priority=100, time=TIME.format("1ms", "10ms", "wait")):
    return MANIFEST.format(name=name, more=more, priority=priority, time=time)


def restart(most=9, window="10s", backoff="1ms"):
    return f'[fault]\naction = "restart"\nmax-restarts = {most}\nwindow = "{window}"\nbackoff = "{backoff}"\n'


class Actors(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.write("trust.toml", self.read("trust.toml").decode() + 'spawn = ["test.*"]\n')
        for name in ("actor.elf", "boss.elf"):
            shutil.copy(os.path.join(scenario.BUILD, "tests/programs", name), self.path(name))
        self.system = 'schema = 1\nname = "actors"\ntrust = "trust.toml"\n'

    def actor(self, name, *arguments, more="", priority=100, budget="1ms", period="10ms", overrun="wait", start="auto", passive=False):
        """Adds an actor to the system."""
        time = PASSIVE if passive else TIME.format(budget, period, overrun)
        self.package(name, manifest(name, more, priority, time))
        words = ", ".join(f'"{a}"' for a in arguments)
        self.system += f'[[package]]\nfile = "{name}.kpkg"\narguments = [{words}]\nstart = "{start}"\n'

    def package(self, name, text):
        """The package of a manifest."""
        self.write(name + ".kpkg.toml", text)
        self.ok("pack", name + ".kpkg.toml", "-o", name + ".kpkg")
        self.ok("sign", name + ".kpkg", "--key", "a.key")

    def boss(self, *arguments, most=2, memory="128KiB", cpu="5%", more="", name="boss", package="test.w"):
        """Adds a parent that may start instances of a package."""
        right = SPAWN.format(package=package, most=most, memory=memory, cpu=cpu)
        text = manifest(name, BELL + more + right, 110, TIME.format("3ms", "10ms", "wait") + "\nmax-priority = 100")
        self.package(name, text.replace("actor.elf", "boss.elf").replace('limit = "128KiB"', 'limit = "1MiB"'))
        words = ", ".join(f'"{a}"' for a in arguments)
        self.system += f'[[package]]\nfile = "{name}.kpkg"\narguments = [{words}]\n'

    def child(self, instance, *arguments, name="w", more="", priority=90, budget="1ms", period="20ms", parent="boss/crew"):
        """Adds an actor that its parent starts."""
        self.package(name, manifest(name, more, priority, TIME.format(budget, period, "wait")))
        words = ", ".join(f'"{a}"' for a in arguments)
        self.system += f'[[package]]\nfile = "{name}.kpkg"\nas = "{instance}"\narguments = [{words}]\nparent = "{parent}"\n'

    def go(self, code=0, words=()):
        """Runs the system; what was printed, line by line. Nothing may be missing afterwards."""
        self.write("actors.system.toml", self.system)
        run = self.run_kpkg("run", "actors.system.toml", *WORDS, *words, "--events", "events.jsonl")
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        self.log = self.events()
        for data in self.of("memory.reclaimed"):
            self.assertEqual((data["leaked"], data["slots_leaked"]), (0, 0))
        return run.stdout.splitlines()

    def of(self, kind, target=None):
        return [e["data"] for e in self.log if e["type"] == kind and target in (None, e.get("tgt"))]

    def count(self, kind, target=None):
        return sum(e.get("n", 1) for e in self.log if e["type"] == kind and target in (None, e.get("tgt")))
