# SPDX-License-Identifier: BSD-2-Clause
"""Boot images and bootable disks: what they hold, that they can be made again, and that they boot. The exit status is 77 when
GRUB, xorriso, QEMU, its UEFI firmware or a real kernel is missing, after everything that can be tried without.
"""
import os
import struct
import subprocess
import sys
import unittest

import scenario
import sdk

EXIT_SKIPPED = 77
CAN_MAKE = scenario.can_make_disks()
KERNELS = scenario.kernels()
OVMF = "/usr/share/ovmf/OVMF.fd"
HAS_OVMF = os.path.exists(OVMF)
CPU = "qemu64,+fsgsbase,+xsave,+pdpe1gb,+xsaveopt"


def efi_partition(disk):
    """The first byte of the disk's partition for UEFI, and how many there are."""
    for entry in (disk[446 + 16 * i:462 + 16 * i] for i in range(4)):
        if entry[4] == 0xEF:
            start, count = struct.unpack_from("<II", entry, 8)
            return start * 512, count * 512
    raise AssertionError("no partition for UEFI")


def efi_image(disk):
    """The first byte of what the El Torito catalog has for UEFI."""
    catalog = struct.unpack_from("<I", disk, 17 * 2048 + 0x47)[0] * 2048
    for entry in (disk[catalog + at:catalog + at + 64] for at in range(64, 2048, 64)):
        if entry[:2] == b"\x91\xef" and entry[32] == 0x88:
            return struct.unpack_from("<I", entry, 40)[0] * 2048
    raise AssertionError("no image for UEFI")


class Fat:
    """A reader of FAT12, after Microsoft's description and not our writer."""

    def __init__(self, image):
        size, self.sectors, reserved, tables, entries, total, media, length = struct.unpack_from("<HBHBHHBH", image, 11)
        starts = [(reserved + i * length) * size for i in range(tables)]
        self.tables = [image[s:s + length * size] for s in starts]
        root = starts[-1] + length * size
        self.root = image[root:root + entries * 32]
        self.unit = size * self.sectors
        self.data = image[root + entries * 32:total * size]
        assert image[510:512] == b"\x55\xaa" and total * size <= len(image) and self.tables[0][0] == media
        assert len(self.data) // self.unit < 4085, "not FAT12"

    def chain(self, cluster):
        content = b""
        while cluster < 0xFF8:
            assert cluster >= 2 and len(content) <= len(self.data)
            content += self.data[(cluster - 2) * self.unit:(cluster - 1) * self.unit]
            pair = struct.unpack_from("<H", self.tables[0], cluster * 3 // 2)[0]
            cluster = pair >> 4 if cluster % 2 else pair & 0xFFF
        return content

    def open(self, *path):
        folder, size = self.root, 0
        for name in path:
            entry = next(folder[i:i + 32] for i in range(0, len(folder), 32) if folder[i:i + 11] == name)
            folder, size = self.chain(struct.unpack_from("<H", entry, 26)[0]), struct.unpack_from("<I", entry, 28)[0]
        return folder[:size]


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

    def test_uefi_finds_its_program_on_either_medium(self):
        disk = self.image("one.iso", "--kernel", "sdk", "--iso")
        start, count = efi_partition(disk)
        self.assertEqual(efi_image(disk), start)
        self.assertLessEqual(start + count, len(disk))
        fat = Fat(disk[start:start + count])
        self.assertEqual(fat.tables[0], fat.tables[1])
        program = fat.open(b"EFI        ", b"BOOT       ", b"BOOTX64 EFI")
        header = struct.unpack_from("<I", program, 0x3C)[0]
        machine, sections = struct.unpack_from("<HH", program, header + 4)
        optional = struct.unpack_from("<H", program, header + 20)[0]
        ends = [sum(struct.unpack_from("<II", program, header + 24 + optional + 40 * i + 16)) for i in range(sections)]
        self.assertEqual((program[:2], machine, max(ends)), (b"MZ", 0x8664, len(program)))
        self.assertIn(b"multiboot2 /boot/sel4.elf", program)

    def boots(self, *firmware):
        """Each kernel, from a CD and from a stick."""
        for kernel in KERNELS:
            self.image("boot.iso", "--kernel", kernel["elf"], "--iso")
            for drive in (["-cdrom", "boot.iso"], ["-drive", "file=boot.iso,format=raw,if=ide"]):
                run = subprocess.run(["qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", CPU, "-m", "512", "-display", "none",
                                      "-monitor", "none", "-serial", "stdio", "-no-reboot", "-nic", "none", *drive, *firmware,
                                      "-device", "isa-debug-exit,iobase=0xf4,iosize=4"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                     capture_output=True, timeout=scenario.TIMEOUT, check=False)
                self.assertEqual(run.returncode, 1, run.stderr)  # debug exit with 0
                self.assertIn(b'"type":"log.end"', run.stdout)
                self.assertIn(kernel["sha256"].encode(), run.stdout)

    @unittest.skipUnless(KERNELS, "seL4 or QEMU not found: kpkg doctor")
    def test_a_disk_boots_as_cd_and_as_stick(self):
        self.boots()

    @unittest.skipUnless(KERNELS and HAS_OVMF, "seL4, QEMU or its UEFI firmware not found: kpkg doctor, apt-get install ovmf")
    def test_a_disk_boots_under_uefi_as_cd_and_as_stick(self):
        self.boots("-bios", OVMF)


program = unittest.main(module="__main__", argv=[sys.argv[0]] + sys.argv[2:], verbosity=2, exit=False)
if not program.result.wasSuccessful():
    sys.exit(1)
if not (CAN_MAKE and KERNELS and HAS_OVMF):
    print("no disk was booted by a BIOS and by UEFI: kpkg doctor and apt-get install ovmf say what is missing")
    sys.exit(EXIT_SKIPPED)
