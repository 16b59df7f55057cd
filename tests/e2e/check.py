# SPDX-License-Identifier: BSD-2-Clause
"""kpkg check: the assertions of a system file, each with the way that breaks it."""
import os
import re
import shutil
import subprocess
from xml.etree import ElementTree

import forms
import scenario

SYSTEM = 'schema = 1\nname = "s"\ntrust = "trust.toml"\nassert = [\n%s\n]\n' + "".join(
    '[[package]]\nfile = "%s.kpkg"\n' % name for name in ("log", "sensor", "hello", "intruder"))

# assertion: None when it holds, else the witness
ANSWERS = {
    "no-flow hello -> sensor": "hello -Notify-> sensor/tick <-Receive- sensor",
    "no-flow org.kpkg.sensor -> hello": "sensor -Call-> log/log <-Receive- log -Reply-> log/log <-Call- hello",
    "no-flow log -> intruder": "log -Reply-> log/log <-Call- intruder",
    "only org.kpkg.log has kpkg.root/console": None,
    "only log has kpkg.root/console": None,
    "only hello has org.kpkg.sensor/tick": None,
    "only sensor has org.kpkg.sensor/tick": "hello has W (signal) on sensor/tick (hello.kpkg.toml:N)",
    "only * has endpoint": None,
    "at-most-one holder of sensor/tick": None,
    "at-most-one holder of tcb": None,
    "only log has ioport": None,
    "at-most-one holder of org.kpkg.log/log": "hello has WP (call) on log/log (hello.kpkg.toml:N); "
                                              "intruder has WP (call) on log/log (intruder.kpkg.toml:N)",
    "no-flow nobody -> hello": "the first name is of no package and no instance of this system",
    "no-flow hello -> nobody": "the last name is of nothing in this system",
    "only hello has org.kpkg.log/lag": "the last name is of nothing in this system",
}


def numberless(text):
    """Lines of the examples' manifests are not what is tested."""
    return re.sub(r"kpkg\.toml:[1-9][0-9]*\)", "kpkg.toml:N)", text)


class Check(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        for name in ("log", "sensor", "hello", "intruder"):
            self.example(name)

    def system(self, *assertions):
        return self.write("s.system.toml", SYSTEM % "\n".join('"%s",' % a for a in assertions))

    def test_each_assertion_alone(self):
        for assertion, witness in ANSWERS.items():
            with self.subTest(assertion):
                run = self.run_kpkg("check", self.system(assertion))
                self.assertEqual((run.returncode, run.stderr), (1 if witness else 0, ""), run.stdout)
                self.assertIn(f"{'FAILS' if witness else 'holds'}  line 5: {assertion}\n", run.stdout)
                self.assertIn(f"\n         {witness}\n" if witness else "4 targets", numberless(run.stdout))

    def test_all_of_them_as_json(self):
        run = self.run_kpkg("check", self.system(*ANSWERS), "--json")
        shown = scenario.json.loads(numberless(run.stdout))
        self.assertEqual((run.returncode, shown["schema"], shown["targets"]), (1, "kpkg.check/v1", 4))
        self.assertEqual({a["assertion"]: a.get("witness") for a in shown["assertions"]}, ANSWERS)
        self.assertEqual([a["line"] for a in shown["assertions"]], list(range(5, 5 + len(ANSWERS))))

    def test_what_does_not_compile_is_refused(self):
        self.fails("SYSTEM_VALUE", "check", self.system("no-flow a to b"))
        self.key("b.key")
        self.example("log", signer="b.key")
        self.fails("SIGNER_UNKNOWN", "check", self.system())
        self.fails("IO", "check", "absent.system.toml", code=2)

    def test_nothing_starts_where_an_assertion_fails(self):
        system = self.system("only log has ioport", "no-flow hello -> sensor")
        for words in (("run", "--events", "events.jsonl"), ("test",), ("image", "-o", "image")):
            with self.subTest(words[0]):
                run = self.run_kpkg(*words, system)
                self.assertEqual((run.returncode, run.stdout), (1, ""))
                self.assertEqual(run.stderr.splitlines()[0], f"{system}:6:1: KPKG_E_ASSERTION: the system is not what its file asserts "
                                                             '(assert, "no-flow hello -> sensor")')
        self.assertFalse(scenario.os.path.exists(self.path("events.jsonl")) or scenario.os.path.exists(self.path("image")))
        self.assertEqual(self.run_kpkg("run", system, "--no-precheck").returncode, 1)  # the intruder runs, and is denied

    def test_a_system_without_assertions_checks(self):
        self.assertEqual(self.ok("check", self.system()), "4 targets, 8 capabilities, 4 objects; 0 assertions, 0 failed\n")

    def test_explain_quotes_the_manifest(self):
        system = self.system()
        shown = self.ok("explain", system, "hello/tick")
        self.assertRegex(shown, r"slot 3 tick: W on notification tick, badge 0x1000\n"
                                r"    asked for by hello\.kpkg\.toml:[0-9]+: \[notification\.tick\]\n"
                                r"    granted by key a \([0-9a-f]{16}\.\.\.\), up to ceiling all\n")
        self.assertIn(self.a[:16], shown)
        self.assertEqual(shown, self.ok("explain", system, "hello/3"))
        self.assertIn("built in: every target has it", self.ok("explain", system, "hello"))
        self.assertIn("tripwire; nobody asked", self.ok("explain", system, "hello/0"))
        for what in ("hello/99", "hello/nothing", "hello/", "nobody"):
            self.assertEqual(self.fails("USAGE", "explain", system, what, code=2).stdout, "")
        self.fails("USAGE", "explain", system, "nobody", code=2)
        self.fails("USAGE", "explain", system, "hello/99", code=2)

    def test_pictures(self):
        system = self.system()
        svg = self.ok("plan", system, "--format", "svg")
        self.assertEqual(svg, self.ok("plan", system, "--format", "svg"))
        names = {t.text for t in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")}
        self.assertLessEqual({"Authority", "log", "hello", "sensor", "intruder", "log/log", "sensor/tick"}, names)
        forms.check("svg", svg)
        dot = self.ok("plan", system, "--format", "dot")
        self.assertTrue(dot.startswith("digraph authority {") and '[label="Notify"]' in dot)
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tsvg"], input=dot, text=True, check=True, capture_output=True, timeout=60)

    def test_capdl(self):
        """The tool of seL4's capDL repository reads it where there is one (`parse-capDL` on PATH), and what it writes of it."""
        drivers = [[os.path.join(scenario.BUILD, "examples", name + ".kpkg") for name in names]
                   for names in (("clock", "log"), ("serial", "terminal", "log"))]
        for system in ([self.system()], *drivers):
            cdl = self.ok("plan", *system, "--format", "cdl")
            self.assertEqual(cdl.count("{"), cdl.count("}"))
            self.assertTrue(cdl.startswith("arch x86_64\n\nobjects {\nauditor = ep\n"))
            if shutil.which("parse-capDL"):
                self.write("0.cdl", cdl)
                for words in (["-t", "1.cdl", "-x", "s.xml", "-d", "s.dot", "0.cdl"], ["-t", "2.cdl", "1.cdl"]):
                    subprocess.run(["parse-capDL", *words], cwd=self.folder, check=True, capture_output=True, timeout=60)
                self.assertEqual(self.read("1.cdl"), self.read("2.cdl"))


scenario.main()
