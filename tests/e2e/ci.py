# SPDX-License-Identifier: BSD-2-Clause
"""The ready CI jobs of docs/how-to/ci: each step as it stands, in a clone of a project that `kpkg new` began.

What installs kpkg and Debian's packages is compared with what it should be, and not run. Steps of other makers (`uses`) are not run.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import scenario

try:
    import yaml
except ImportError:
    print("python3-yaml not found")
    sys.exit(scenario.EXIT_SKIPPED)

CI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "how-to", "ci")
DEBIAN = "apt-get update -qq && apt-get install -y -qq --no-install-recommends ca-certificates git make"
INSTALL = ['git clone --depth 1 "$KPKG_SOURCE" "$HOME/kpkg-source"', 'make -C "$HOME/kpkg-source"',
           'cmake --install "$HOME/kpkg-source/build" --prefix "$HOME/kpkg"']
USES = ["actions/checkout@v4", "github/codeql-action/upload-sarif@v3", "actions/upload-artifact@v4"]


PROJECT = f"""mkdir home
cmake --install '{scenario.BUILD}' --prefix "$HOME/kpkg"
kpkg new com.example.meter
cd meter
git init -q
cmake -G Ninja -B build -DCMAKE_PREFIX_PATH="$HOME/kpkg"
cmake --build build
kpkg pack build/meter.kpkg.toml -o build/unsigned.kpkg
kpkg diff --golden authority.golden.json --accept build/unsigned.kpkg
git add .
git commit -q -m begin
"""


def read(name):
    with open(os.path.join(CI, name), encoding="utf-8") as file:
        return yaml.safe_load(file)


class Ci(scenario.Scenario):
    @classmethod
    def setUpClass(cls):
        """An installed kpkg, and the project before any change: made once, copied for each test."""
        cls.begin = tempfile.mkdtemp(prefix="kpkg-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.begin)
        home = os.path.join(cls.begin, "home")
        cls.environment = {**os.environ, "HOME": home, "PATH": f"{home}/kpkg/bin:{os.environ['PATH']}", "GIT_AUTHOR_NAME": "a",
                           "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
                           "GIT_CONFIG_GLOBAL": "/dev/null"}
        subprocess.run(["sh", "-eu"], input=PROJECT, cwd=cls.begin, env=cls.environment, capture_output=True, text=True, check=True,
                       timeout=scenario.TIMEOUT)

    def setUp(self):
        super().setUp()
        shutil.copytree(os.path.join(self.begin, "meter"), self.path("author"))

    def shell(self, script, folder, **more):
        return subprocess.run(["sh", "-eu"], input=script, cwd=self.path(folder), capture_output=True, text=True, timeout=scenario.TIMEOUT,
                              check=False, env={**self.environment, **more})

    def must(self, script, folder):
        run = self.shell(script, folder)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def change(self, old, new, name="meter.kpkg.toml"):
        """A commit that changes a file of the project."""
        text = self.read(f"author/{name}").decode()
        self.assertIn(old, text)
        self.write(f"author/{name}", text.replace(old, new))
        self.must("git commit -q -a -m change", "author")

    def clone(self):
        self.must("rm -rf work && git clone -q author work", ".")
        self.assertFalse(os.path.exists(self.path("work/dev.key")))

    def github(self):
        """Runs the job as GitHub does: [name, exit code] of each step that ran, and what was printed."""
        workflow = read("github.yml")
        job = workflow["jobs"]["package"]
        self.clone()
        ran, said, failed = [], "", False
        for step in job["steps"]:
            name = step.get("name")
            self.assertIn(step.get("if"), (None, "${{ !cancelled() }}"))
            if "uses" in step:
                self.assertIn(step["uses"], USES)
            elif name == "Install what the job needs":
                self.assertEqual(step["run"], DEBIAN)
            elif name == "Install kpkg":
                self.assertEqual(step["run"].splitlines(), INSTALL + ['echo "$HOME/kpkg/bin" >>"$GITHUB_PATH"'])
            elif not failed or "if" in step:
                self.assertEqual(job["defaults"]["run"]["shell"], "sh -eu {0}")
                run = self.shell(step["run"], "work", GITHUB_STEP_SUMMARY=self.path("summary.md"), **workflow["env"])
                ran.append((name, run.returncode))
                said += run.stdout + run.stderr
                failed = failed or run.returncode != 0
        return ran, said

    def gitlab(self):
        """Runs the job as GitLab does: its exit code, and what was printed."""
        job = read("gitlab-ci.yml")["package"]
        self.clone()
        self.assertEqual(job["before_script"], [DEBIAN, *INSTALL])
        run = self.shell("\n".join(job["script"]), "work", **job["variables"])
        return run.returncode, run.stdout + run.stderr

    def sarif(self, name):
        runs = json.loads(self.read(f"work/reports/{name}"))["runs"]
        return [r["ruleId"] for run in runs for r in run["results"]]

    def failures(self, name):
        root = xml.etree.ElementTree.fromstring(self.read(f"work/reports/{name}").decode())
        return [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]

    def test_github_is_green(self):
        ran, said = self.github()
        self.assertEqual([code for _, code in ran], [0] * 5, said)
        self.assertEqual((self.sarif("authority.sarif"), self.sarif("run.sarif"), self.failures("tests.xml")), ([], [], []))
        self.assertEqual(json.loads(self.read("work/reports/plan.json"))["targets"][0]["package"], "com.example.meter")
        summary = self.read("summary.md").decode()
        self.assertIn("target 0: meter", summary)
        self.assertIn("**Authority:", summary)

    def test_github_stops_at_more_authority(self):
        self.change('limit = "128KiB"', 'limit = "256KiB"')
        ran, said = self.github()
        self.assertEqual([code for _, code in ran], [0, 0, 0, 1, 0], said)
        self.assertRegex(said, r"(?m)^::warning file=meter\.kpkg\.toml,line=\d+,")
        self.assertEqual(self.sarif("authority.sarif"), ["KPD003"])

    def test_github_stops_at_a_run_that_is_not_as_expected(self):
        self.change("return kpkg_print", "(void)*(volatile char *)8; return kpkg_print", "meter.c")
        ran, said = self.github()
        self.assertEqual([code for _, code in ran], [0, 0, 0, 0, 1], said)
        self.assertEqual(len(self.failures("tests.xml")), 2)
        self.assertNotEqual(self.sarif("run.sarif"), [])

    def test_github_stops_at_a_manifest_that_is_wrong(self):
        self.change("[cpu]", "[cpu]\nturbo = true")
        ran, said = self.github()
        self.assertEqual(ran[0][1], 1)
        self.assertIn("KPKG_E_MANIFEST_UNKNOWN_KEY", said)

    def test_gitlab_is_green(self):
        code, said = self.gitlab()
        self.assertEqual(code, 0, said)
        self.assertEqual((json.loads(self.read("work/reports/authority.json")), self.failures("authority.xml"), self.failures("tests.xml")), ([], [], []))

    def test_gitlab_stops_at_more_authority(self):
        self.change('limit = "128KiB"', 'limit = "256KiB"')
        code, said = self.gitlab()
        self.assertEqual(code, 1, said)
        finding = json.loads(self.read("work/reports/authority.json"))[0]
        self.assertEqual((finding["check_name"], finding["location"]["path"]), ("KPD003", "meter.kpkg.toml"))
        self.assertNotEqual(self.failures("authority.xml"), [])

    def test_reports_are_where_the_jobs_say(self):
        job = read("gitlab-ci.yml")["package"]
        named = [job["artifacts"]["reports"]["codequality"], *job["artifacts"]["reports"]["junit"]]
        self.gitlab()
        for name in named:
            self.assertTrue(self.read("work/" + name))

    def test_a_job_holds_no_secret(self):
        for name in ("github.yml", "gitlab-ci.yml"):
            with open(os.path.join(CI, name), encoding="utf-8") as file:
                self.assertIsNone(re.search("secret", file.read(), re.I))


scenario.main()
