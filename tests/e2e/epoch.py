# SPDX-License-Identifier: BSD-2-Clause
"""Who takes a machine that runs seL4 finds the key of the log's present epoch in its memory, and of no epoch before."""
import base64
import json
import os
import subprocess
import sys
import time

import evidence
import scenario

FOUND = [k for k in scenario.kernels() if not k["debug"]]
if not FOUND:
    print("seL4 not found")
    sys.exit(scenario.EXIT_SKIPPED)
MEBIBYTES = 128
EPOCHS = 2  # that have to end
SYSTEM = 'schema = 1\nname = "lives"\ntrust = "trust.toml"\n[[package]]\nfile = "phoenix.kpkg"\narguments = ["100000"]\n'
# What the kernel needs of a processor; `kpkg run` asks for the same.
CPU = "qemu64,+fsgsbase,+pdpe1gb,+xsave,+xsaveopt,+rdtscp,+smep,+smap"


class Epoch(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.program("phoenix")
        self.write("lives.system.toml", SYSTEM)
        self.ok("key", "generate", "run.key")
        pem = self.read("run.key").decode().splitlines()
        self.seed = base64.b64decode("".join(pem[1:-1]))[-32:]

    def boot(self, *image):
        """Boots until that many epochs have ended, stops the machine; the log so far, and its memory."""
        words = ["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", CPU, "-m", str(MEBIBYTES), "-display", "none", "-no-reboot",
                 "-nic", "none", "-serial", "file:serial.log", "-qmp", "stdio", *image]
        with subprocess.Popen(["timeout", "200", *words], cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as qemu:
            while self.log().count(b'"type":"log.key"') < EPOCHS:
                self.assertIsNone(qemu.poll(), "the machine has stopped")
                time.sleep(0.1)
            self.ask(qemu, "qmp_capabilities")
            self.ask(qemu, "stop")
            self.ask(qemu, "pmemsave", val=0, size=MEBIBYTES << 20, filename="memory")
            self.ask(qemu, "quit")
        return self.log(), self.read("memory")

    def log(self):
        return self.read("serial.log") if os.path.exists(self.path("serial.log")) else b""

    def ask(self, qemu, command, **arguments):
        qemu.stdin.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        qemu.stdin.flush()
        while True:
            answer = json.loads(qemu.stdout.readline())
            self.assertNotIn("error", answer)
            if "return" in answer:
                return

    def judge(self, log, memory):
        seed, last = self.seed, log.count(b'"type":"log.key"')
        for epoch in range(last):
            self.assertNotIn(seed, memory, f"the key of epoch {epoch} is still there, {last} have ended")
            seed = evidence.next_seed(seed, epoch + 1)
        # The stop may have come between the record and the change.
        self.assertTrue(seed in memory or evidence.next_seed(seed, last + 1) in memory, "the search finds nothing at all")

    def test_beside_the_kernel(self):
        kernel = FOUND[0]["elf"]
        self.ok("image", "lives.system.toml", "--run-key", "run.key", "--kernel", kernel, "-o", "image.elf")
        self.judge(*self.boot("-kernel", kernel, "-initrd", "image.elf"))

    def test_from_a_disk(self):
        if not scenario.can_make_disks():
            self.skipTest("no GRUB or xorriso: kpkg doctor")
        self.ok("image", "lives.system.toml", "--run-key", "run.key", "--kernel", FOUND[0]["elf"], "-o", "image.iso", "--iso")
        self.judge(*self.boot("-cdrom", "image.iso"))


scenario.main()
