# SPDX-License-Identifier: BSD-2-Clause
"""The hosted kernel's monitor is killed at any moment: no process, no file and no false evidence stays behind.

The runs have a /tmp and a /dev/shm of their own, in a mount namespace that a process of the test keeps open.
"""
import ctypes
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time

import actors
import scenario

KILLS, LONGEST = 60, 0.05  # seconds
IMAGES, LARGE = 30, 16 << 20
ENDED, LEFT = 99, 100  # exit codes: the command ended by itself; killed, and so many processes were left
SUBREAPER = 36  # prctl: who loses its parent becomes a child of this process
AS_ROOT = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
PRIVATE = "mount -t tmpfs none /tmp && mount -t tmpfs none /dev/shm && echo ready && exec cat"
OUTPUTS = {"events.jsonl", "console.log", "trace.txt"}


def kill_one(command, folder, began, delay):
    """Runs in a process of its own: starts the command, kills it `delay` after its start or its first event (`began`), and waits for all that it
    has left."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    with open(os.path.join(folder, "trace.txt"), "wb") as trace:
        run = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=trace)
    events = os.path.join(folder, "events.jsonl")
    while began and run.poll() is None and not (os.path.exists(events) and os.path.getsize(events)):
        time.sleep(0.001)
    time.sleep(delay)  # any moment will do
    if run.poll() is not None:
        os._exit(ENDED)
    run.kill()
    left = 0
    while True:
        try:
            left += os.waitpid(-1, 0)[0] != run.pid
        except ChildProcessError:
            os._exit(LEFT + min(left, 50))


class Outputs(scenario.Scenario):
    """What a command writes has its name when it is whole, and none before."""

    def test_no_output_is_half_written(self):
        try:
            os.close(os.open(self.folder, os.O_TMPFILE | os.O_WRONLY))
        except OSError:
            self.skipTest("no files without names here")
        self.trust()
        self.write("noise", os.urandom(LARGE))
        self.write("noise.S", '.section .rodata\n.incbin "noise"\n')
        self.elf("large.elf", extra=["noise.S"])
        self.write("large.kpkg.toml", scenario.MANIFEST.format(name="test.large", counter=1, binary="large.elf").replace("256KiB", "512KiB"))
        self.ok("pack", "large.kpkg.toml", "-o", "large.kpkg")
        self.ok("sign", "large.kpkg", "--key", "a.key")
        words = ("image", "large.kpkg", "--trust", "trust.toml", "--run-key", "a.key", "-o")
        begin = time.monotonic()
        self.ok(*words, "whole")
        takes = time.monotonic() - begin
        before, moments, died = set(os.listdir(self.folder)), random.Random(1), 0
        for i in range(IMAGES):
            run = subprocess.Popen([scenario.KPKG, *words, f"image{i}"], cwd=self.folder)
            time.sleep(moments.uniform(0, takes))
            run.kill()
            died += run.wait() != 0
            for name in set(os.listdir(self.folder)) - before:
                self.assertEqual((name, self.read(name) == self.read("whole")), (f"image{i}", True))
                os.remove(self.path(name))
        self.assertGreater(died, 0)


class Kill(actors.Actors):
    def setUp(self):
        super().setUp()
        shutil.copy(scenario.KPKG, self.path("kpkg"))  # by this way in even where the build folder is under /tmp
        self.holder = subprocess.Popen(["unshare", "--mount", *AS_ROOT, "sh", "-c", PRIVATE], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
        self.addCleanup(self.holder.communicate)
        self.assertEqual(self.holder.stdout.readline(), b"ready\n")
        self.inside = ["nsenter", f"--target={self.holder.pid}", "--mount", *(["--user", "--preserve-credentials"] if AS_ROOT else [])]

    def private_files(self):
        run = subprocess.run([*self.inside, "find", "/tmp", "/dev/shm", "-mindepth", "1"], capture_output=True, text=True, check=True,
                             timeout=scenario.TIMEOUT)
        return run.stdout

    def killed(self, began, delay):
        """How many processes a run had left that was killed then; they have ended."""
        command = [*self.inside, f"--wd={self.folder}", "./kpkg", "run", "actors.system.toml", "--trace", "--events", "events.jsonl", "--console",
                   "console.log"]
        process = multiprocessing.Process(target=kill_one, args=(command, self.folder, began, delay), daemon=True)
        process.start()
        process.join(scenario.TIMEOUT)
        self.assertIsNotNone(process.exitcode, "what the monitor left behind does not end")
        self.assertGreaterEqual(process.exitcode, LEFT, self.read("trace.txt")[-2000:])
        return process.exitcode - LEFT

    def test_nothing_stays_behind(self):
        self.actor("spinner", "spin=10000000", budget="7ms")
        self.actor("dying", "die=1000000", more=actors.restart(most=100))
        self.actor("flooder", "flood=1000000")
        self.write("actors.system.toml", self.system)
        before = set(os.listdir(self.folder)) | OUTPUTS
        moments = random.Random(1)
        left, verdicts = 0, set()
        for i in range(KILLS):
            left += self.killed(i % 2 == 0, moments.uniform(0, LONGEST))
            self.assertLessEqual(set(os.listdir(self.folder)), before)
            if os.path.exists(self.path("events.jsonl")):
                verdicts.add(self.run_kpkg("audit", "show", "events.jsonl").returncode)
                os.remove(self.path("events.jsonl"))
        self.assertEqual(self.private_files(), "")
        self.assertGreater(left, 0)
        self.assertEqual(verdicts, {3}, "a log that was cut, and none that contradicts itself")


if subprocess.run(["unshare", "--mount", *AS_ROOT, "mount", "-t", "tmpfs", "none", "/tmp"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
    print("no mount namespaces here")
    sys.exit(scenario.EXIT_SKIPPED)
scenario.main()
