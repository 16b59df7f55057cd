# SPDX-License-Identifier: BSD-2-Clause
"""Manual pages and completions: each command and each option that its help lists is in them."""
import os
import re
import shutil
import subprocess
import unittest

import scenario

PAGES = os.path.join(scenario.BUILD, "docs", "man")
COMPLETIONS = os.path.join(scenario.BUILD, "docs", "completions")
COMPLETE = r"""
source "$1"; shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_kpkg
printf '%s\n' "${COMPREPLY[@]}"
"""


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"no {program}")


class Manual(scenario.Scenario):
    def commands(self):
        """name -> its long options, as `--help` prints them."""
        overview = self.ok("--help").split("commands:\n")[1].split("\n\n")[0]
        names = [re.match(r"  ((?:\S+ )?\S+?) {2,}\S", line + " ").group(1) for line in overview.splitlines()]
        return {name: re.findall(r"^  .{3} --([a-z0-9-]+)", self.ok(*name.split(), "--help"), re.M) for name in names}

    def complete(self, *words):
        run = subprocess.run(["bash", "--norc", "-c", COMPLETE, "bash", os.path.join(COMPLETIONS, "kpkg.bash"), *words], cwd=self.folder,
                             capture_output=True, text=True, timeout=scenario.TIMEOUT, check=True)
        self.assertEqual(run.stderr, "")
        return run.stdout.split()

    def test_every_command_has_a_page_with_its_options(self):
        commands = self.commands()
        self.assertIn("verify", commands)
        for name, options in commands.items():
            with open(os.path.join(PAGES, f"kpkg-{name.replace(' ', '-')}.1.scd"), encoding="utf-8") as file:
                page = file.read()
            self.assertIn("help", options)
            for option in options:
                self.assertIn(f"*--{option}*", page, name)

    def test_the_overview_names_every_command(self):
        with open(os.path.join(PAGES, "kpkg.1.scd"), encoding="utf-8") as file:
            page = file.read()
        for name in self.commands():
            self.assertIn(f"*kpkg-{name.replace(' ', '-')}*(1)", page)

    def test_the_manifest_page_names_the_keys(self):
        with open(os.path.join(PAGES, "kpkg-manifest.5.scd"), encoding="utf-8") as file:
            page = file.read()
        for key in ("package.name", "cpu.budget", "memory.limit", "endpoint.NAME.role", "fault.action"):
            self.assertIn(f"*{key}*", page)

    @needs("scdoc")
    def test_scdoc_makes_every_page(self):
        sources = [name.removesuffix(".scd") for name in os.listdir(PAGES) if name.endswith(".scd")]
        for name in sources:
            self.assertGreater(os.path.getsize(os.path.join(PAGES, "man" + name[-1], name)), 300, name)

    def test_bash_completes_commands_families_and_options(self):
        commands = self.commands()
        self.assertLessEqual({name.split()[0] for name in commands}, set(self.complete("kpkg", "")))
        self.assertEqual(self.complete("kpkg", "verif"), ["verify"])
        self.assertLessEqual({"generate", "show", "import"}, set(self.complete("kpkg", "key", "")))
        for name, options in commands.items():
            self.assertEqual({o for o in self.complete("kpkg", *name.split(), "--")}, {f"--{o}" for o in options}, name)

    def test_bash_leaves_operands_and_values_to_file_names(self):
        self.assertEqual(self.complete("kpkg", "verify", "x"), [])
        self.assertEqual(self.complete("kpkg", "verify", "--trust", "-"), [])

    @needs("fish")
    def test_fish_completes(self):
        script = "source $argv[1]; complete -C 'kpkg audit '; complete -C 'kpkg audit show --'"
        run = subprocess.run(["fish", "--no-config", "-c", script, os.path.join(COMPLETIONS, "kpkg.fish")], cwd=self.folder,
                             capture_output=True, text=True, timeout=scenario.TIMEOUT, check=True)
        said = [line.split("\t")[0] for line in run.stdout.splitlines()]
        self.assertLessEqual({"show", "verify", "diff", "--json", "--help"}, set(said))

    @needs("zsh")
    def test_zsh_can_read_its_file(self):
        subprocess.run(["zsh", "-n", os.path.join(COMPLETIONS, "_kpkg")], timeout=scenario.TIMEOUT, check=True)


scenario.main()
