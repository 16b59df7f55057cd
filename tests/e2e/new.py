# SPDX-License-Identifier: BSD-2-Clause
"""kpkg new: what it writes builds against an installed kpkg, passes its own test and runs."""
import json
import os
import subprocess
import tomllib

import scenario


class New(scenario.Scenario):
    def shell(self, *words, cwd=""):
        run = subprocess.run(words, cwd=self.path(cwd), capture_output=True, text=True, timeout=scenario.TIMEOUT, check=False)
        self.assertEqual(run.returncode, 0, f"{words}\n{run.stdout}{run.stderr}")
        return run.stdout

    def test_it_builds_tests_and_runs(self):
        said = self.ok("new", "com.example.heat-meter")
        self.shell("cmake", "--install", scenario.BUILD, "--prefix", self.path("prefix"))
        self.shell("cmake", "-G", "Ninja", "-B", "build", f"-DCMAKE_PREFIX_PATH={self.path('prefix')}", cwd="heat-meter")
        self.shell("cmake", "--build", "build", cwd="heat-meter")
        self.assertIn("100% tests passed, 0 tests failed out of 1", self.shell("ctest", "--test-dir", "build", cwd="heat-meter"))
        self.assertIn("cmake -B build && cmake --build build && ctest --test-dir build", said)
        out = self.ok("run", "heat-meter/build/heat-meter.system.toml")
        self.assertEqual(out, "[heat-meter] hello from heat-meter\n")
        plan = self.json("plan", "heat-meter/build/heat-meter.system.toml")
        self.assertEqual(plan["targets"][0]["package"], "com.example.heat-meter")

    def test_an_installed_kpkg_tells_editors_its_schemas(self):
        self.shell("cmake", "--install", scenario.BUILD, "--prefix", self.path("prefix"), "--component", "tool")
        self.shell(self.path("prefix/bin/kpkg"), "new", "meter")
        rules = tomllib.loads(self.read("meter/.taplo.toml").decode())["rule"]
        titles = {}
        for rule in rules:
            with open(rule["schema"]["path"], encoding="ascii") as file:
                titles[rule["include"][0]] = json.load(file)["title"]
        self.assertEqual({key: title.split(",")[0] for key, title in titles.items()},
                         {"**/*.kpkg.toml": "kpkg manifest", "**/*.system.toml": "kpkg system", "**/trust.toml": "kpkg trust file"})
        self.assertIn("/.taplo.toml", self.read("meter/.gitignore").decode().splitlines())
        self.ok("new", "other")
        self.assertFalse(os.path.exists(self.path("other/.taplo.toml")), "this kpkg is not installed")

    def test_the_key_is_private_and_ignored(self):
        self.ok("new", "meter")
        self.assertEqual(os.stat(self.path("meter/dev.key")).st_mode & 0o777, 0o600)
        self.assertIn("/dev.key", self.read("meter/.gitignore").decode().splitlines())
        self.assertIn(self.json("key", "show", "meter/dev.key")["ed25519"], self.read("meter/trust.toml").decode())

    def test_nothing_is_replaced(self):
        self.ok("new", "meter")
        before = self.read("meter/dev.key")
        run = self.fails("IO", "new", "com.example.meter", code=2)
        self.assertIn("meter/", run.stderr)
        self.assertEqual(self.read("meter/dev.key"), before)

    def test_what_could_not_be_finished_is_taken_back(self):
        # The key fits into this limit, the files after it do not; the signal of it is ignored, as on a full disk.
        run = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 1; "$0" new meter', scenario.KPKG], cwd=self.folder,
                             capture_output=True, text=True, timeout=scenario.TIMEOUT, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertRegex(run.stderr, "^kpkg: meter/[^:]+: KPKG_E_IO: .*File too large")
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.key", "a.key.pub"])

    def test_names_that_no_package_has(self):
        for name in ("Meter", "a..b", "a/b", "kpkg.root", "kpkg.root.meter", "", "1st", "../meter"):
            self.fails("USAGE", "new", name, code=2)
        self.assertEqual(sorted(os.listdir(self.folder)), ["a.key", "a.key.pub"])


scenario.main()
