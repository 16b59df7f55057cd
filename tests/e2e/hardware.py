# SPDX-License-Identifier: BSD-2-Clause
"""Interrupts, ports and device memory: who may have them, what a machine without the device says, and a driver at work on
every real kernel that is found. Where none is found, the exit status is 77 after the rest.
"""
import os
import re
import shutil
import sys
import unittest

import actors
import scenario

KERNELS = scenario.kernels()
CEILING = 'irq = [8]\nioport = ["0x70-0x71"]\ndma = true\n'
EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "examples")


class Hardware(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.b = self.key("b.key")
        self.example("log"), self.example("clock")

    def trust_with(self, ceiling, rule=""):
        self.trust(keys={"a": (self.a, {}), "b": (self.b, {})})
        text = self.read("trust.toml").decode().replace("threshold = 1\n", f"threshold = 1\n{rule}")
        self.write("trust.toml", text + ceiling)

    def clock_without_device(self):
        """The driver as a manifest without device memory: it finds no clock on a board that has none."""
        with open(os.path.join(EXAMPLES, "clock", "clock.kpkg.toml"), encoding="ascii") as file:
            manifest = re.sub(r"\[device.timer\][^[]*", "", file.read())
        shutil.copy(os.path.join(scenario.BUILD, "examples", "clock.elf"), self.folder)
        self.write("clock.kpkg.toml", manifest)
        self.ok("pack", "clock.kpkg.toml", "-o", "clock.kpkg")
        self.ok("sign", "clock.kpkg", "--key", "a.key")

    def test_each_piece_needs_its_ceiling(self):
        for line in CEILING.splitlines(True):
            self.trust_with(CEILING.replace(line, ""))
            self.fails("CEILING", "plan", "--trust", "trust.toml", "log.kpkg", "clock.kpkg")

    def test_hardware_may_need_more_keys(self):
        self.trust_with(CEILING, "threshold-for = { irq = 2 }\n")
        run = self.fails("CEILING_THRESHOLD", "plan", "--trust", "trust.toml", "log.kpkg", "clock.kpkg")
        self.assertIn("irq", run.stderr)

    def test_one_driver_only(self):
        self.trust_with(CEILING)
        self.write("two.system.toml", 'schema = 1\nname = "two"\ntrust = "trust.toml"\n[[package]]\nfile = "clock.kpkg"\n'
                   '[[package]]\nfile = "clock.kpkg"\nas = "other"\n')
        run = self.run_kpkg("plan", "two.system.toml")
        self.assertEqual(run.returncode, 1)
        self.assertIn("KPKG_E_RESOURCE_TAKEN", run.stderr)
        self.assertIn("target 0: clock", run.stdout)
        self.assertNotIn("target 1", run.stdout)

    def test_a_machine_without_the_device(self):
        self.trust_with(CEILING)
        run = self.run_kpkg("run", "--trust", "trust.toml", "log.kpkg", "clock.kpkg", "--events", "events.jsonl")
        self.assertEqual(run.returncode, 1)
        self.assertIn("KPKG_E_RESOURCE_ABSENT", run.stdout + run.stderr)
        self.assertNotIn("target.spawned", {e["type"] for e in self.events()})
        self.assertEqual([e["data"]["reason"] for e in self.events() if e["type"] == "system.refused"], ["KPKG_E_RESOURCE_ABSENT"])

    def test_the_capabilities_are_those_of_the_plan(self):
        self.trust_with(CEILING)
        self.clock_without_device()
        run = self.run_kpkg("run", "--trust", "trust.toml", "clock.kpkg", "--events", "events.jsonl")
        self.assertEqual(run.returncode, 1, run.stderr)
        issued = next(e["data"]["caps"] for e in self.events() if e["type"] == "caps.issued")
        self.assertEqual([(c[1], c[2], c[3]) for c in issued[1:]],
                         [("notification", "tick", "R"), ("irq handler", "tick.handler", "none"), ("io ports", "registers", "none")])
        self.assertEqual([e["data"]["code"] for e in self.events() if e["type"] == "target.exited"], [2])

    def readers(self, first="shared = true", second="shared = true"):
        """A system of two that read the same device, each with this line in its section."""
        shutil.copy(os.path.join(scenario.BUILD, "tests/programs/actor.elf"), self.path("actor.elf"))
        system = 'schema = 1\nname = "readers"\ntrust = "trust.toml"\n'
        for name, line in (("one", first), ("two", second)):
            device = f'[device.timer]\naddress = "0xfed00000"\nsize = "4KiB"\naccess = "read"\n{line}\n'
            self.write(name + ".kpkg.toml", actors.manifest(name, device))
            self.ok("pack", name + ".kpkg.toml", "-o", name + ".kpkg")
            self.ok("sign", name + ".kpkg", "--key", "a.key")
            system += f'[[package]]\nfile = "{name}.kpkg"\narguments = ["peek=1"]\n'
        return self.write("readers.system.toml", system)

    def test_who_does_not_share_is_alone(self):
        self.trust_with(CEILING)
        for lines in (("", "shared = true"), ("shared = true", "")):
            run = self.fails("RESOURCE_TAKEN", "run", self.readers(*lines))
            self.assertIn("two.kpkg.toml:19:11: ", run.stderr)

    @unittest.skipUnless(KERNELS, "no real kernel or no QEMU")
    def test_two_that_share_a_device_on_real_kernels(self):
        self.trust_with(CEILING)
        for kernel in KERNELS:
            out = self.ok("run", self.readers(), "--kernel", kernel["elf"])
            for reader in ("one", "two"):  # the period of QEMU's timer, in femtoseconds
                self.assertIn(f"[{reader}] word 1 is {10000000:x}\n", out)

    @unittest.skipUnless(KERNELS, "no real kernel or no QEMU")
    def test_a_driver_on_real_kernels(self):
        self.trust_with(CEILING)
        for kernel in KERNELS:
            out = self.ok("run", "--trust", "trust.toml", "log.kpkg", "clock.kpkg", "--kernel", kernel["elf"])
            self.assertRegex(out, r"\[log\] \d+: the timer is by 8086\n\[log\] \d+: 16 ticks\n", kernel["elf"])


if __name__ == "__main__":
    result = unittest.main(module="__main__", argv=[sys.argv[0]] + sys.argv[2:], verbosity=1, exit=False).result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(scenario.EXIT_SKIPPED if result.skipped else 0)
