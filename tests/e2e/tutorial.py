# SPDX-License-Identifier: BSD-2-Clause
"""The commands of docs/tutorial.md, literally, with an installed kpkg and nothing else; and what they print.

Blocks "sh" are run in order by one shell. The lines of a block "text" are in what the block before it printed. "sh sel4" is run
where there is a real kernel. "sh install" is what made this build, but for the folder's name.
"""
import os
import re
import shlex
import subprocess

import scenario

TUTORIAL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "tutorial.md")
MARK = "--- end of block"


def blocks():
    """[kind, content] of each code block, in order."""
    with open(TUTORIAL, encoding="utf-8") as file:
        return re.findall(r"^```([a-z0-9 ]+)\n(.*?)^```$", file.read(), re.S | re.M)


class Tutorial(scenario.Scenario):
    def test_every_command(self):
        found = blocks()
        self.assertEqual({kind for kind, _ in found}, {"sh", "sh install", "sh sel4", "text"})
        wanted = ["sh"] + (["sh sel4"] if scenario.kernels() else [])
        script, expected = "", []
        for kind, content in found:
            if kind == "sh install":
                self.assertEqual(content, "make\ncmake --install build --prefix ~/kpkg\n")
                content, kind = content.removeprefix("make\n").replace(" build ", f" {shlex.quote(scenario.BUILD)} "), "sh"
            if kind == "text":
                if expected[-1] is not None:
                    expected[-1] += content.splitlines()
                continue
            expected.append([] if kind in wanted else None)
            script += content + f"echo '{MARK}'\n" if kind in wanted else f"echo '{MARK}'\n"
        self.check(self.run_script(script), expected)

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


scenario.main()
