# SPDX-License-Identifier: BSD-2-Clause
"""The commands of a page of docs/, literally, with an installed kpkg and nothing else; and what they print.

usage: page.py BUILD PAGE. The code blocks of a page are of these kinds:

  sh            run, in order, by one shell that stops at the first failure, in an empty folder
  sh sel4       the same, where there is a real kernel
  sh install    what made this build, but for the folder's name; a page without it begins with kpkg installed and on the PATH
  sh needs X Y  the same, where there are these programs, or files with whole paths; also "sh sel4 needs X Y"
  sh elsewhere  not run: for another machine, or for hardware
  text          lines that the block before it printed
"""
import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys

import scenario

DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
PAGE = os.path.join(DOCS, sys.argv.pop(2))
KINDS = r"sh( sel4)?( needs( [A-Za-z0-9/_.-]+)+)?|sh install|sh elsewhere|text"
INSTALL = "make\ncmake --install build --prefix ~/kpkg\n"
MARK = "--- end of block"


def page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def blocks():
    """[kind, content] of each code block, in order."""
    return re.findall(r"^```([^\n`]*)\n(.*?)^```$", page(), re.S | re.M)


def is_wanted(kind):
    """Whether this machine has what the block needs."""
    if kind in ("sh elsewhere", "text"):
        return False
    what, _, needs = kind.partition(" needs ")
    there = all(os.path.exists(need) or shutil.which(need) for need in needs.split())
    return there and (what != "sh sel4" or bool(scenario.kernels()))


def installing():
    """The commands of a block "sh install", with the build that is there."""
    return INSTALL.removeprefix("make\n").replace(" build ", f" {shlex.quote(scenario.BUILD)} ")


class Page(scenario.Scenario):
    def test_every_command(self):
        found = blocks()
        self.assertIn("sh", [kind for kind, _ in found])
        wanted = {kind for kind, _ in found if is_wanted(kind)}
        script, expected = self.beginning(found), []
        for kind, content in found:
            self.assertRegex(kind, f"^({KINDS})$")
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
        self.check_pictures()

    def check_pictures(self):
        """A picture that the commands draw is the one that the page shows; KPKG_GOLDEN_WRITE=1 takes it over."""
        for name in re.findall(r"!\[[^]]*\]\(([^)]+\.svg)\)", page()):
            drawn = self.path(os.path.join("work", name))
            if os.path.exists(drawn):
                shown = os.path.join(os.path.dirname(PAGE), name)
                if os.environ.get("KPKG_GOLDEN_WRITE"):
                    shutil.copy(drawn, shown)
                with open(drawn, encoding="ascii") as new, open(shown, encoding="ascii") as old:
                    self.assertEqual(new.read(), old.read(), name)

    @staticmethod
    def beginning(found):
        if "sh install" in (kind for kind, _ in found):
            return ""
        return installing().replace("\n", " >/dev/null\n") + 'export PATH="$HOME/kpkg/bin:$PATH"\n'

    def run_script(self, script):
        """What each block printed."""
        os.mkdir(self.path("home"))
        os.mkdir(self.path("work"))
        with subprocess.Popen(["sh", "-eu"], cwd=self.path("work"), text=True, start_new_session=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "HOME": self.path("home")}) as shell:
            try:
                out, errors = shell.communicate(script, timeout=100)
            except subprocess.TimeoutExpired as late:
                self.fail(f"hangs after\n{((late.stdout or b'') + (late.stderr or b''))[-2000:].decode(errors='replace')}")
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(shell.pid, signal.SIGKILL)  # what it left running
        self.assertEqual(shell.returncode, 0, out[-2000:] + errors[-2000:])
        return out.split(MARK + "\n")[:-1]

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
