# SPDX-License-Identifier: BSD-2-Clause
"""The commands of README.md, literally, in a copy of build/examples."""
import os
import re
import shutil
import subprocess

import scenario

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")


class Readme(scenario.Scenario):
    def test_your_own_package(self):
        with open(README, encoding="utf-8") as file:
            script = re.search(r"## Your own package.*?```sh\n(.*?)```", file.read(), re.S).group(1)
        for name in ("hello.elf", "hello.kpkg.toml", "log.kpkg"):
            shutil.copy(os.path.join(scenario.BUILD, "examples", name), self.folder)
        run = subprocess.run(["sh", "-eux"], input=script, cwd=self.folder, capture_output=True, text=True, timeout=scenario.TIMEOUT, check=False,
                             env={**os.environ, "PATH": f"{scenario.BUILD}:{os.environ['PATH']}"})
        self.assertEqual(run.returncode, 0, run.stderr)
        for said in ("target 0: hello", "verified org.kpkg.hello", "hello from hello", "target.exited"):
            self.assertIn(said, run.stdout)

    def test_the_picture_is_of_the_demo(self):
        packages = [self.example(name, signer=None) for name in ("log", "sensor", "hello", "intruder")]
        with open(os.path.join(os.path.dirname(README), "docs", "demo.svg"), encoding="utf-8") as file:
            self.assertEqual(self.ok("plan", *packages, "--format", "svg"), file.read())

    def test_links_lead_somewhere(self):
        with open(README, encoding="utf-8") as file:
            links = re.findall(r"\]\(([^)]+)\)", file.read())
        self.assertTrue(links)
        for link in links:
            self.assertTrue(os.path.exists(os.path.join(os.path.dirname(README), link)), link)


scenario.main()
