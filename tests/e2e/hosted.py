# SPDX-License-Identifier: BSD-2-Clause
"""`kpkg hosted`: root tasks without a package, as a user runs them. The conformance programs serve as such."""
import os
import subprocess
import tempfile
import unittest

import scenario

PROGRAMS = os.path.join(scenario.BUILD, "tests", "conformance")


def hosted(*words):
    command = [scenario.KPKG, "hosted", *words]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=scenario.TIMEOUT)


class Hosted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_an_image_runs_to_its_end(self):
        run = hosted(os.path.join(PROGRAMS, "irq.elf"))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("> END", run.stdout)
        self.assertNotIn("unsupported", run.stderr)

    def test_virtual_time_repeats_itself(self):
        words = ("--deterministic", "--as", "2.3.0-debug", "--trace", os.path.join(PROGRAMS, "thread.elf"))
        one, two = hosted(*words), hosted(*words)
        self.assertEqual((one.stdout, one.stderr), (two.stdout, two.stderr))
        self.assertIn("TCBWriteRegisters", one.stderr)

    def test_what_is_absent_is_named_once(self):
        run = hosted(os.path.join(PROGRAMS, "device.elf"))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stderr.count("kpkg: unsupported: message-signalled interrupts"), 1)

    def test_memory_can_be_too_small(self):
        run = hosted("--memory", "4", os.path.join(PROGRAMS, "irq.elf"))
        self.assertEqual(run.returncode, 2)
        self.assertIn("memory for the image", run.stderr)

    def compiled(self, *words, source="int main(void) { return 0; }"):
        """A file that the host's compiler makes; None where it cannot."""
        path = os.path.join(self.folder, "foreign")
        run = subprocess.run(["cc", *words, "-x", "c", "-", "-o", path], input=source, text=True, capture_output=True)
        return path if run.returncode == 0 else None

    def refused(self, path, *said):
        run = hosted(path)
        self.assertEqual((run.returncode, run.stdout), (2, ""), path)
        for text in ("KPKG_E_FOREIGN", "hint: ", *said):
            self.assertIn(text, run.stderr, path)

    def test_foreign_files_are_named(self):
        self.refused("/bin/true", "Linux program, dynamically linked")
        self.refused(scenario.KPKG, "Linux program")
        self.refused(self.compiled("-static"), "Linux program")
        self.refused(self.compiled("-c"), "not linked")
        self.refused(self.compiled("-shared", "-fPIC", "-nostdlib", source="int x;"), "shared object")
        self.refused(os.path.join(scenario.BUILD, "examples", "hello.kpkg"), "kpkg run")
        self.refused(os.path.join(scenario.BUILD, "CMakeCache.txt"), "no ELF file")
        with open(os.path.join(PROGRAMS, "irq.elf"), "rb") as file:
            good = file.read()
        for at, value, name in ((4, 1, "32-bit"), (5, 2, "another machine"), (18, 183, "another machine")):
            path = os.path.join(self.folder, "changed.elf")
            with open(path, "wb") as file:
                file.write(good[:at] + bytes([value]) + good[at + 1:])
            self.refused(path, name)

    def test_only_images_are_taken(self):
        self.assertEqual(hosted(os.path.join(scenario.BUILD, "CMakeCache.txt")).returncode, 2)
        self.assertEqual(hosted("/does/not/exist").returncode, 2)
        self.assertEqual(hosted("--as", "9.9", os.path.join(PROGRAMS, "irq.elf")).returncode, 2)


if __name__ == "__main__":
    scenario.main()
