# SPDX-License-Identifier: BSD-2-Clause
"""kpkg test: [[expect]] lists against what happens, and JUnit."""
import xml.etree.ElementTree

import scenario


class Expect(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()

    def expecting(self, name, lists):
        """A copy of an example package with another list."""
        folder = scenario.os.path.join(scenario.BUILD, "examples")
        with open(scenario.os.path.join(folder, name + ".kpkg.toml")) as file:
            manifest = file.read().split("[[expect]]")[0]
        scenario.shutil.copy(scenario.os.path.join(folder, name + ".elf"), self.folder)
        self.write(name + ".kpkg.toml", manifest + lists)
        self.ok("pack", name + ".kpkg.toml", "-o", name + ".kpkg")
        self.ok("sign", name + ".kpkg", "--key", "a.key")
        return name + ".kpkg"

    def cases(self, code, *packages):
        """The result as {"target: name": failure}, the same in JSON, text and JUnit."""
        words = ("test", "--trust", "trust.toml", "--deterministic", *packages)
        run = self.run_kpkg(*words, "--junit", "junit.xml", "--json")
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        report = scenario.json.loads(run.stdout)
        got = {f'{c["target"]}: {c["name"]}': c["failure"] for c in report["cases"]}
        suite = xml.etree.ElementTree.parse(self.path("junit.xml")).getroot()
        self.assertEqual((int(suite.get("tests")), int(suite.get("failures"))), (report["tests"], report["failures"]))
        junit = {f'{c.get("classname")}: {c.get("name")}': "".join(f.get("message") for f in c.iter("failure")) for c in suite}
        self.assertEqual(junit, got)
        text = self.run_kpkg(*words)
        for name, failure in got.items():
            self.assertIn(name, text.stdout)
            self.assertIn("FAIL" if failure else "ok", text.stdout)
        self.report, self.text = report, text.stdout
        return got

    def test_a_good_run(self):
        self.assertEqual(set(self.cases(0, self.example("log"), self.example("hello")).values()), {""})

    def test_what_never_comes(self):
        got = self.cases(1, self.expecting("hello", '[[expect]]\ntype = "fault.vm"\n[[expect]]\ntype = "target.exited"\n'))
        self.assertEqual((got["hello: fault.vm"], got["hello: target.exited"]), ("never came", ""))
        self.assertIn("target.exited    code=0", self.text)

    def test_the_order_counts(self):
        got = self.cases(1, self.expecting("hello", '[[expect]]\ntype = "target.exited"\n[[expect]]\ntype = "target.spawned"\n'))
        self.assertEqual((got["hello: target.exited"], got["hello: target.spawned"]), ("", "never came"))

    def test_another_code(self):
        got = self.cases(1, self.expecting("hello", '[[expect]]\ntype = "target.exited"\ncode = 7\n'))
        self.assertEqual(got["hello: target.exited code 7"], "came with another code")
        self.assertIn("code=0", self.text)

    def test_too_late(self):
        got = self.cases(1, self.expecting("hello", '[[expect]]\ntype = "target.exited"\nwithin = "1us"\n'))
        self.assertEqual(got["hello: target.exited within 0 ms"], "came too late")

    def test_what_nobody_expects(self):
        got = self.cases(1, self.expecting("intruder", '[[expect]]\ntype = "target.exited"\ncode = 0\n'))
        self.assertEqual(got["intruder: target.exited code 0"], "")
        self.assertEqual(got["intruder: nothing else denied, stopped or failed"], "something that the manifest does not expect")
        self.assertRegex(self.text, "deny.tripwire|fault.cap")

    def test_a_cut_run(self):
        run = self.run_kpkg("test", "--trust", "trust.toml", self.pack(name="test.spinner"), "--time-limit", "1")
        self.assertEqual(run.returncode, 3, run.stdout)
        self.assertIn("FAIL event log: whole and signed by the run's key: the log ends without log.end", run.stdout)


scenario.main()
