# SPDX-License-Identifier: BSD-2-Clause
"""Boot images and bootable disks: what they hold, that they can be made again, and that they boot. The exit status is 77 when
GRUB, xorriso, QEMU or a real kernel is missing, after everything that can be tried without.
"""
import os
import subprocess
import sys
import unittest

import scenario
import sdk

EXIT_SKIPPED = 77
REPORT = scenario.json.loads(subprocess.run([scenario.KPKG, "doctor", "--json"], capture_output=True, check=False).stdout)
FOUND = {c["name"] for c in REPORT["checks"] if c["found"]}
CAN_MAKE = {"grub-mkimage", "grub modules", "xorriso"} <= FOUND
KERNELS = [k for k in REPORT["kernels"] if k["supported"]] if "qemu-system-x86_64" in FOUND else []
CPU = "qemu64,+fsgsbase,+xsave,+pdpe1gb,+xsaveopt"


class WithPackages(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.example("log"), self.example("hello")
        sdk.make(self.path("sdk"))

    def image(self, name, *words):
        self.ok("image", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "-o", name, *words)
        return self.read(name)


class Image(WithPackages):
    def test_the_same_input_gives_the_same_bytes(self):
        one, two = (self.image(name, "--run-key", "a.key", "--kernel", "sdk") for name in ("one.elf", "two.elf"))
        self.assertEqual(one, two)

    def test_without_a_key_each_image_has_its_own(self):
        self.assertNotEqual(self.image("one.elf"), self.image("two.elf"))

    def test_a_disk_needs_its_tools(self):
        os.mkdir(self.path("none"))
        run = self.run_kpkg("image", "--trust", "trust.toml", "log.kpkg", "-o", "x", "--iso", "--kernel", "sdk", environment={"PATH": self.path("none")})
        self.assertEqual(run.returncode, 2)
        self.assertIn("apt-get install grub-", run.stderr)
        self.assertFalse(os.path.exists(self.path("x")))


@unittest.skipUnless(CAN_MAKE, "GRUB or xorriso not found: kpkg doctor")
class Disk(WithPackages):
    def test_the_same_input_gives_the_same_disk_and_leaves_nothing(self):
        os.mkdir(self.path("tmp"))
        os.environ["TMPDIR"] = self.path("tmp")
        self.addCleanup(os.environ.pop, "TMPDIR")
        one = self.image("one.iso", "--run-key", "a.key", "--kernel", "sdk", "--iso")
        os.utime(self.path("sdk/board/x86_64_generic/release/elf/sel4_32.elf"), (0, 0))
        two = self.image("two.iso", "--run-key", "a.key", "--kernel", "sdk", "--iso")
        self.assertTrue(one == two, "two disks from one input differ")
        self.assertEqual(one[0x8001:0x8006], b"CD001")
        self.assertEqual(os.stat(self.path("one.iso")).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(self.path("tmp")), [])

    @unittest.skipUnless(KERNELS, "seL4 or QEMU not found: kpkg doctor")
    def test_a_disk_boots_as_cd_and_as_stick(self):
        for kernel in KERNELS:
            self.image("boot.iso", "--kernel", kernel["elf"], "--iso")
            for drive in (["-cdrom", "boot.iso"], ["-drive", "file=boot.iso,format=raw,if=ide"]):
                run = subprocess.run(["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", CPU, "-m", "512", "-display", "none",
                                      "-monitor", "none", "-serial", "stdio", "-no-reboot", "-nic", "none", *drive,
                                      "-device", "isa-debug-exit,iobase=0xf4,iosize=4"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                     capture_output=True, timeout=scenario.TIMEOUT, check=False)
                self.assertEqual(run.returncode, 1, run.stderr)  # debug exit with 0
                self.assertIn(b'"type":"log.end"', run.stdout)
                self.assertIn(kernel["sha256"].encode(), run.stdout)


program = unittest.main(module="__main__", argv=[sys.argv[0]] + sys.argv[2:], verbosity=2, exit=False)
if not program.result.wasSuccessful():
    sys.exit(1)
if not (CAN_MAKE and KERNELS):
    print("no disk was booted: kpkg doctor says what is missing")
    sys.exit(EXIT_SKIPPED)
