# SPDX-License-Identifier: BSD-2-Clause
"""The commands of a page of docs/, literally, with an installed kpkg and nothing else; and what they print.

usage: page.py BUILD PAGE. The code blocks of a page are of these kinds:

  sh            run, in order, by one shell that stops at the first failure, in an empty folder
  sh sel4       the same, where there is a real kernel
  sh install    what made this build, but for the folder's name; a page without it begins with kpkg installed and on the PATH
  sh elsewhere  not run: for another machine, or for hardware
  text          lines that the block before it printed
"""
import os
import re
import shlex
import subprocess
import sys

import scenario

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
PAGE = os.path.join(DOCS, sys.argv.pop(2))
KINDS = {"sh", "sh sel4", "sh install", "sh elsewhere", "text"}
INSTALL = "make\ncmake --install build --prefix ~/kpkg\n"
MARK = "--- end of block"


def page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def blocks():
    """[kind, content] of each code block, in order."""
    return re.findall(r"^```([^\n`]*)\n(.*?)^```$", page(), re.S | re.M)


def installing():
    """The commands of a block "sh install", with the build that is there."""
    return INSTALL.removeprefix("make\n").replace(" build ", f" {shlex.quote(scenario.BUILD)} ")


class Page(scenario.Scenario):
    def test_every_command(self):
        found = blocks()
        self.assertIn("sh", [kind for kind, _ in found])
        wanted = {"sh", "sh install"} | ({"sh sel4"} if scenario.kernels() else set())
        script, expected = self.beginning(found), []
        for kind, content in found:
            self.assertIn(kind, KINDS)
            if kind == "text":
                if expected[-1] is not None:
                    expected[-1] += content.splitlines()
                continue
            if kind == "sh install":
                self.assertEqual(content, INSTALL)
                content = installing()
            expected.append([] if kind in wanted else None)
            script += (content if kind in wanted else "") + f"echo '{MARK}'\n"
        self.check(self.run_script(script), expected)

    @staticmethod
    def beginning(found):
        if "sh install" in (kind for kind, _ in found):
            return ""
        return installing().replace("\n", " >/dev/null\n") + 'export PATH="$HOME/kpkg/bin:$PATH"\n'

    def run_script(self, script):
        """What each block printed."""
        os.mkdir(self.path("home"))
        os.mkdir(self.path("work"))
        run = subprocess.run(["sh", "-eu"], input=script, cwd=self.path("work"), capture_output=True, text=True, timeout=100, check=False,
                             env={**os.environ, "HOME": self.path("home")})
        self.assertEqual(run.returncode, 0, run.stdout[-2000:] + run.stderr[-2000:])
        return run.stdout.split(MARK + "\n")[:-1]

    def check(self, printed, expected):
        self.assertEqual(len(printed), len(expected))
        for text, lines in zip(printed, expected):
            for line in lines or []:
                self.assertIn(line, text)

    def test_links_lead_somewhere(self):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page()):
            if "://" not in link:
                self.assertTrue(os.path.exists(os.path.join(os.path.dirname(PAGE), link)), link)


scenario.main()
