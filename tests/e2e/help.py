# SPDX-License-Identifier: BSD-2-Clause
"""The command line itself: help of every command, usage errors, exit codes."""
import os
import re
import subprocess

import scenario


class Help(scenario.Scenario):
    def commands(self):
        overview = self.ok("--help")
        listed = overview.split("commands:\n")[1].split("\n\n")[0]
        return [re.match(r"  ((?:\S+ )?\S+?) {2,}\S", line + " ").group(1) for line in listed.splitlines()]

    def test_overview_lists_the_commands(self):
        for name in ("new", "key generate", "key show", "key import", "pack", "sign", "payload", "attach", "inspect", "verify"):
            self.assertIn(name, self.commands())

    def test_every_command_explains_itself(self):
        for name in self.commands():
            text = self.ok(*name.split(), "--help")
            self.assertTrue(text.startswith(f"usage: kpkg {name}"), text)
            self.assertIn("--help", text)
            self.assertLessEqual(max(len(line) for line in text.splitlines()), 100, name)

    def test_every_command_refuses_an_unknown_option(self):
        for name in self.commands():
            run = self.fails("USAGE", *name.split(), "--no-such-option", code=2)
            self.assertIn(f"hint: kpkg {name} --help", run.stderr)
            self.assertEqual(run.stdout, "")

    def test_a_family_lists_its_commands(self):
        self.assertIn("key generate", self.ok("key", "--help"))
        self.assertEqual(self.run_kpkg("key").returncode, 2)

    def test_no_command_and_unknown_command(self):
        self.assertEqual(self.run_kpkg().returncode, 2)
        self.assertIn("hint: kpkg --help", self.fails("USAGE", "frobnicate", code=2).stderr)
        self.assertIn("hint: kpkg audit --help", self.fails("USAGE", "audit", "frobnicate", code=2).stderr)

    def test_help_of_a_command_is_its_own(self):
        for words in (("pack",), ("key", "generate"), ("audit", "verify")):
            self.assertEqual(self.ok("help", *words), self.ok(*words, "--help"))
        self.assertEqual(self.ok("help"), self.ok("--help"))

    def test_every_error_of_usage_names_the_command_and_its_help(self):
        self.write("m.toml", "")
        for words in (["pack", "m.toml"], ["verify", "x"], ["run", "x"], ["new", "A B"], ["plan", "x", "--format", "y"],
                      ["audit", "verify", "x"], ["ctl", "list"], ["image", "x", "-o", "y"]):
            name = "audit verify" if words[0] == "audit" else words[0]
            run = self.fails("USAGE", *words, code=2)
            self.assertRegex(run.stderr, rf"^kpkg: {name}: KPKG_E_USAGE: [^\n]*\nhint: kpkg {name} --help\n$")

    def test_numbers_that_help_are_said_and_nothing_twice(self):
        self.pack()
        self.trust()
        self.assertIn("(No such file or directory)\n", self.fails("IO", "inspect", "none", code=2).stderr)
        self.write("small.system.toml", 'schema = 1\nname = "s"\ntrust = "trust.toml"\n[limits]\nmemory = "128KiB"\ncpu = "5%"\n'
                                        '[[package]]\nfile = "tiny.kpkg"\n')
        self.assertIn("(limits.memory, needs 256 KiB)", self.fails("MEMORY_LIMIT", "plan", "small.system.toml").stderr)
        self.write("small.system.toml", self.read("small.system.toml").decode().replace("128KiB", "1MiB"))
        self.assertIn("(limits.cpu, needs 10 %)", self.fails("BUDGET", "plan", "small.system.toml").stderr)
        self.write("high.kpkg.toml", self.read("tiny.kpkg.toml").decode().replace("priority = 100", "priority = 300"))
        self.assertIn('allowed here, 255, "cpu.priority = 300")', self.fails("MANIFEST_VALUE", "pack", "high.kpkg.toml", "-o", "x").stderr)

    def test_a_file_of_another_kind_is_told(self):
        self.pack()
        self.trust()
        for words in (("plan", "tiny.kpkg.toml"), ("run", "tiny.kpkg.toml")):
            self.assertIn("`kpkg pack`", self.fails("USAGE", *words, code=2).stderr)
        self.assertIn("only a system file", self.fails("USAGE", "check", "tiny.kpkg", code=2).stderr)

    def test_what_was_meant_is_said(self):
        self.pack()
        self.trust()
        self.assertIn("2.3.0", self.fails("USAGE", "run", "tiny.kpkg", "--trust", "trust.toml", "--as", "9", code=2).stderr)
        self.assertIn("signed it already", self.fails("SIG_DUPLICATE", "sign", "tiny.kpkg", "--key", "a.key").stderr)
        self.assertIn("FILE, which signs", self.fails("KEY_PEM", "sign", "tiny.kpkg", "--key", "a.key.pub").stderr)

    def test_an_image_without_its_key_is_not_left(self):
        self.pack()
        self.trust()
        words = ("image", "tiny.kpkg", "--trust", "trust.toml", "-o", "image", "--vkey")
        self.assertTrue(self.fails("IO", *words, "none/vkey", code=2).stderr.startswith("kpkg: none/vkey: "))
        self.assertFalse(os.path.exists(self.path("image")))
        self.ok(*words, "vkey")
        self.assertTrue(os.path.getsize(self.path("image")) and os.path.getsize(self.path("vkey")))

    def test_a_name_of_a_file_makes_no_line(self):
        self.pack()
        os.rename(self.path("tiny.kpkg"), self.path("a\nb\x1b.kpkg"))
        self.assertTrue(self.ok("inspect", "a\nb\x1b.kpkg").startswith("a\\x0ab\\x1b.kpkg\n"))

    def test_a_system_that_nobody_wrote_has_no_lines(self):
        self.pack()
        self.trust()
        run = self.fails("INSTANCE_NAME", "plan", "tiny.kpkg", "tiny.kpkg", "--trust", "trust.toml")
        self.assertTrue(run.stderr.startswith("kpkg: KPKG_E_INSTANCE_NAME: "), run.stderr)

    def test_stdout_that_takes_nothing_is_an_error(self):
        for shell in ('"$0" --help >/dev/full', '"$0" key show a.key >/dev/full', '"$0" key show a.key >&-'):
            run = subprocess.run(["sh", "-c", shell, scenario.KPKG], cwd=self.folder, capture_output=True, text=True,
                                 timeout=scenario.TIMEOUT, check=False)
            self.assertEqual((run.returncode, run.stdout), (2, ""))
            self.assertRegex(run.stderr, "^kpkg: KPKG_E_IO: .*stdout")

    def test_version(self):
        self.assertRegex(self.ok("--version"), r"^kpkg \d+\.\d+\.\d+\n$")

    def test_an_option_is_given_once_and_with_its_value(self):
        self.fails("USAGE", "pack", "m.toml", "-o", "a", "-o", "b", code=2)
        self.fails("USAGE", "pack", "m.toml", "-o", code=2)
        self.fails("USAGE", "verify", "--json=yes", "x", code=2)
        for words in (("audit", "import", "x", "--db", ""), ("pack", "m.toml", "--output="), ("run", "x", "--events", "")):
            self.assertIn("empty value", self.fails("USAGE", *words, code=2).stderr)  # SQLite would forget what it is told

    def test_a_missing_file_is_named(self):
        self.trust()
        for arguments in (("inspect", "none"), ("verify", "none", "--trust", "trust.toml"), ("pack", "none", "-o", "x"),
                          ("sign", "none", "--key", "a.key"), ("key", "show", "none")):
            run = self.fails("IO", *arguments, code=2)
            self.assertIn("none", run.stderr)
            self.assertIn("No such file", run.stderr)

    def test_a_folder_is_no_output(self):
        self.pack()
        for name in (".", self.folder, "/"):
            run = self.fails("IO", "pack", "tiny.kpkg.toml", "-o", name, code=2)
            self.assertIn("Is a directory", run.stderr)

    def test_the_longest_name_leaves_room_for_what_is_wrong(self):
        self.trust()
        for name in ("a" * 100000, "\x01" * 5000, "a/" * 2000 + "b"):
            run = self.fails("IO", "verify", name, "--trust", "trust.toml", code=2)
            self.assertRegex(run.stderr, r"\((File name too long|No such file or directory)\)\n$")

    def test_an_error_cannot_steer_the_terminal(self):
        self.write("bad.toml", b'schema = 1\n"\x1b[2Jx" = 1\n\xff\n')
        run = self.run_kpkg("pack", "bad.toml", "-o", "x.kpkg")
        self.assertNotIn("\x1b", run.stderr)
        self.assertEqual(run.returncode, 1)

    def test_colour_only_on_terminals(self):
        run = self.run_kpkg("inspect", "none")
        self.assertNotIn("\x1b", run.stderr)


scenario.main()
