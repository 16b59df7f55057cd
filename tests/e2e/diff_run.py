# SPDX-License-Identifier: BSD-2-Clause
"""kpkg diff PLAN LOG: what a run had beyond its plan, what it lacked, what it denied, and whether its log can be believed.

The log cannot be changed without being noticed, so it is the plan that the cases change.
"""
import json
import os
import re
from xml.etree import ElementTree

import forms
import scenario

SYSTEM = 'schema = 1\nname = "s"\ntrust = "trust.toml"\n' + "".join(f'[[package]]\nfile = "{name}.kpkg"\n' for name in ("log", "hello"))
NONCE = "00112233445566778899aabbccddeeff"

# what is changed in the plan: rule, target, kind, object, and the word of the summary that counts it
CHANGES = [
    (('"name":"log","type":"endpoint","rights":"WP"', '"name":"log","type":"endpoint","rights":"W"'),
     ("KPD010", "hello", "endpoint", "log/log", "widened")),
    (('"name":"log","type":"endpoint","rights":"R"', '"name":"log","type":"endpoint","rights":"RW"'),
     ("KPD014", "log", "endpoint", "log/log", "narrowed")),
    (('"slot":6,"kind":"tripwire","name":"","type":"endpoint","rights":"W","object":"auditor","service":"none"',
      '"slot":6,"kind":"issued","name":"t","type":"endpoint","rights":"WP","object":"auditor","service":"time"'),
     ("KPD014", "log", "endpoint", "kpkg.root/time", "removed")),
    (('"kind":"built-in","name":"console","type":"endpoint","rights":"W', '"kind":"tripwire","name":"","type":"endpoint","rights":"W'),
     ("KPD010", "log", "endpoint", "kpkg.root/console", "added")),
    (('"untyped_bits":17', '"untyped_bits":16'), ("KPD010", "log", "limit", "memory", "limits")),
    (('"untyped_bits":17', '"untyped_bits":18'), ("KPD014", "log", "limit", "memory", "limits")),
    (('"priority":90', '"priority":89'), ("KPD010", "hello", "limit", "priority", "limits")),
    (('"budget_us":5000,"period_us":50000', '"budget_us":5000,"period_us":50001'), ("KPD010", "hello", "limit", "cpu", "limits")),
    (('"name":"stack","pages":4,"write":true', '"name":"stack","pages":4,"write":false'), ("KPD010", None, "plan", "(plan)", None)),
]


class DiffRun(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        for name in ("log", "hello"):
            self.example(name)
        self.write("s.system.toml", SYSTEM)
        self.write("plan.json", self.ok("plan", "s.system.toml", "--json"))
        self.ok("key", "generate", "run.key")
        self.ok("run", "--deterministic", "s.system.toml", "--run-key", "run.key", "--nonce", NONCE, "--report", "report")
        os.rename(self.path("report/events.jsonl"), self.path("events.jsonl"))

    def diff(self, code, *words, old="plan.json", new="events.jsonl"):
        run = self.run_kpkg("diff", old, new, *words)
        self.assertEqual((run.returncode, run.stderr), (code, ""), run.stdout)
        return run.stdout

    def found(self, code, *words, **sides):
        report = json.loads(self.diff(code, "--json", *words, **sides))
        forms.check("json", json.dumps(report))
        return report

    def test_a_good_run_is_what_was_planned(self):
        evidence = ("--vkey", "report/run.vkey", "--nonce", NONCE)
        for old in ("plan.json", "s.system.toml"):
            self.assertEqual(self.diff(0, *evidence, old=old), f"VERDICT same   {old} -> events.jsonl\n")
        suite = ElementTree.fromstring(self.diff(0, "--format", "junit", *evidence))
        cases = [(c.get("classname"), c.get("name").split()[0]) for c in suite.iter("testcase")]
        self.assertEqual(cases, [(t, f"KPD0{n}") for t in ("hello", "log") for n in (10, 13, 14)] + [("(run)", "KPD011"), ("(run)", "KPD012")])

    def test_each_difference_has_its_rule(self):
        plan = self.read("plan.json").decode()
        for (old, new), (rule, target, kind, thing, counted) in CHANGES:
            with self.subTest(new):
                self.assertIn(old, plan)
                self.write("other.json", plan.replace(old, new, 1))
                more = rule == "KPD010"
                report = self.found(1 if more else 0, old="other.json")
                changes = [(c["rule"], c["kind"], c["object"], c["verdict"]) for c in report["changes"]]
                self.assertEqual(changes, [(rule, kind, thing, "grew" if more else "shrank")])
                self.assertEqual(report["changes"][0]["severity"], "critical" if more else "note")
                self.assertIn(report["changes"][0]["target"], (target,) if target else ("hello", "log"))
                self.assertEqual({k for k, v in report["summary"].items() if v}, {counted} if counted else set())

    def test_another_badge_is_more(self):
        plan = self.read("plan.json").decode()
        badge = re.search(r'"name":"log","type":"endpoint","rights":"WP".*?"badge":"(0x[0-9a-f]+)"', plan).group(1)
        self.write("other.json", plan.replace(badge, badge[:-1] + "f"))
        change = self.found(1, old="other.json")["changes"][0]
        self.assertEqual((change["rule"], change["auth_added"]), ("KPD010", ["SharedBadge"]))

    def test_who_was_not_planned_and_who_did_not_run(self):
        self.write("less.system.toml", SYSTEM[:SYSTEM.rindex("[[package]]")])
        report = self.found(1, old="less.system.toml")
        self.assertEqual({(c["rule"], c["target"]) for c in report["changes"]}, {("KPD010", "hello")})
        self.assertIn("hello ran and is not planned", [c["message"] for c in report["changes"]])
        self.ok("run", "--deterministic", "less.system.toml", "--events", "less.jsonl")
        report = self.found(0, new="less.jsonl")
        self.assertEqual([(c["rule"], c["message"]) for c in report["changes"]], [("KPD014", "hello did not run")])

    def test_denials(self):
        self.example("intruder")
        self.write("d.system.toml", SYSTEM + '[[package]]\nfile = "intruder.kpkg"\n')
        self.run_kpkg("run", "--deterministic", "d.system.toml", "--events", "d.jsonl")
        report = self.found(1, old="d.system.toml", new="d.jsonl")
        denied = {c["object"]: int(c["now"].split()[0]) for c in report["changes"]}
        self.assertEqual({(c["rule"], c["target"], c["kind"]) for c in report["changes"]}, {("KPD013", "intruder", "event")})
        log = [json.loads(line) for line in self.read("d.jsonl").splitlines()]
        counted = {}
        for e in log:
            if e["type"].startswith(("deny.", "fault.")) and e["data"]["action"] != "resumed":
                counted[e["type"]] = counted.get(e["type"], 0) + e.get("n", 1)
        self.assertEqual(denied, counted)
        self.assertEqual(report["summary"]["denials"], sum(counted.values()))
        first = report["changes"][0]
        self.assertEqual(log[first["src"]["line"] - 1]["type"], first["object"])
        self.assertEqual(first["src"]["file"], "d.jsonl")
        sides = {"old": "d.system.toml", "new": "d.jsonl"}
        self.diff(0, "--fail-on", "grew,drop", **sides)
        self.diff(1, "--fail-on", "denial", **sides)
        self.diff(0, "--warn-only", **sides)

    def test_a_log_that_is_not_whole(self):
        lines = self.read("events.jsonl").splitlines(keepends=True)
        self.write("cut.jsonl", b"".join(lines[:-2]))
        self.assertEqual([c["rule"] for c in self.found(3, new="cut.jsonl")["changes"]], ["KPD011"])
        self.diff(0, "--fail-on", "grew,denial", new="cut.jsonl")
        self.diff(3, "--fail-on", "drop", new="cut.jsonl")
        self.write("start.jsonl", lines[0])
        self.assertEqual([c["rule"] for c in self.found(3, new="start.jsonl")["changes"]], ["KPD011"], "what is not there is not missing")

    def test_a_log_that_is_contradicted_tells_nothing_else(self):
        lines = self.read("events.jsonl").splitlines(keepends=True)
        spawned = next(i for i, line in enumerate(lines) if b'"target.spawned"' in line)
        self.write("bad.jsonl", b"".join(lines[:spawned] + [lines[spawned].replace(b'"mcp":0', b'"mcp":1')] + lines[spawned + 1:]))
        report = self.found(4, new="bad.jsonl")
        self.assertEqual([(c["rule"], c["target"], c["kind"], c["object"]) for c in report["changes"]],
                         [("KPD012", "(run)", "evidence", "changed")])
        self.diff(4, "--fail-on", "grew", new="bad.jsonl")
        self.diff(4, "--nonce", "00" * 16)
        self.ok("key", "generate", "other.key")
        self.ok("run", "--deterministic", "s.system.toml", "--run-key", "other.key", "--report", "other")
        self.diff(4, "--vkey", "other/run.vkey")

    def test_every_form(self):
        self.write("other.json", self.read("plan.json").replace(b'"priority":90', b'"priority":89'))
        lines = self.read("events.jsonl").splitlines(keepends=True)
        self.write("cut.jsonl", b"".join(lines[:-1]))
        for form in forms.CHECKS:
            for sides in ({"old": "other.json"}, {"new": "cut.jsonl"}, {}):
                with self.subTest((form, sides)):
                    run = self.run_kpkg("diff", sides.get("old", "plan.json"), sides.get("new", "events.jsonl"), "--format", form)
                    forms.check(form, run.stdout)
        shown = self.diff(1, "--format", "github", old="other.json")
        self.assertRegex(shown, r"^::error file=[^,]*,line=\d+,col=\d+,title=KPD010 run-has-more::hello priority is 90, was 89\n$")

    def test_what_cannot_be_compared(self):
        self.fails("USAGE", "diff", "hello.kpkg", "events.jsonl", code=2)
        self.fails("USAGE", "diff", "events.jsonl", "plan.json", code=2)
        self.fails("USAGE", "diff", "plan.json", "events.jsonl", "--fail-on", "denials", code=2)
        self.fails("USAGE", "diff", "plan.json", "events.jsonl", "--vkey", "x+y", code=2)
        self.fails("IO", "diff", "plan.json", "absent.jsonl", code=2)


scenario.main()
