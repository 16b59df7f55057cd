# SPDX-License-Identifier: BSD-2-Clause
"""kpkg diff: what grew between two versions, for people, for programs and as an exit code.

Each CASE changes a plan or a manifest; tests/golden/diff/NAME.txt is what the table then says.
KPKG_GOLDEN_WRITE=1 writes these files instead of comparing them.
"""
import datetime
import json
import os
import re
from xml.etree import ElementTree

import forms
import scenario

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")
SPEC = os.path.join(GOLDEN, "..", "..", "spec")
PLAN = os.path.join(GOLDEN, "plan", "ok-four-packages.json")
WITH_CAPS = scenario.MANIFEST + """
[endpoint.log]
role = "send"
to = "org.kpkg.log/log"
optional = true

[endpoint.ask]
role = "serve"
allow = ["com.example.*"]

[fault]
action = "stop"
"""
NET = '\n[endpoint.net]\nrole = "call"\nto = "com.example.nic/tx"\noptional = true\n'

# name: exit code, changes (old text, new text) to the manifest
PACKAGES = {
    "KPD000-same": (0, [("A program", "The program"), ("1.0.0", "1.0.1")]),
    "KPD001-added": (1, [("\n[fault]", NET + "\n[fault]")]),
    "KPD002-widened": (1, [('role = "send"', 'role = "call"')]),
    "KPD003-limits": (1, [("256KiB", "512KiB"), ("priority = 100", "priority = 101"), ("1ms", "2ms")]),
    "KPD003-same-rate": (0, [("1ms", "2ms"), ("10ms", "20ms")]),
    "KPD008-fault": (1, [('action = "stop"', 'action = "restart"')]),
    "KPD008-allow": (1, [('"com.example.*"', '"com.*"')]),
    "KPD008-allow-less": (0, [('"com.example.*"', '"com.example.view"')]),
    "shrank": (0, [('\n[endpoint.log]\nrole = "send"\nto = "org.kpkg.log/log"\noptional = true\n', ""), ("1ms", "500us")]),
}

SERVE = '"rights":"R","object":0,"service":"none","badge":"0x0"'
CALL = '"type":"endpoint","rights":"WP","object":0'
PLANS = {
    "KPD002-unbadged": (1, [('"object":0,"service":"none","badge":"0x300000100000004"', '"object":0,"service":"none","badge":"0x0"')]),
    "KPD005-control": (1, [('"name":"beat","type":"notification","rights":"W","object":3', '"name":"beat","type":"tcb","rights":"W","object":9')]),
    "KPD006-grant": (1, [(SERVE, SERVE.replace('"R"', '"RG"'))]),
    "KPD007-hardware": (1, "ok-hardware.json"),
    "KPD004-regions": (1, "ok-regions.json"),
    "KPD008-tripwires": (1, [('\n{"slot":7,"kind":"tripwire"', None)]),
}

# name: exit code, plan of tests/golden/plan, changes to its text
OTHERS = {
    "KPD007-range-wider": (1, "ok-hardware.json", [('"at":"0x2f802ff"', '"at":"0x2f00307"')]),
    "KPD007-range-narrower": (0, "ok-hardware.json", [('"at":"0x2f802ff"', '"at":"0x2f802fb"')]),
    "KPD007-range-across": (1, "ok-hardware.json", [('"at":"0x2f802ff"', '"at":"0x2fc0303"')]),
    "KPD007-device-wider": (1, "ok-hardware.json", [('"name":"timer","size_bits":12,"count":2', '"name":"timer","size_bits":12,"count":3')]),
    "KPD008-untraced": (1, "ok-traced.json", [(',"relay":2}', "}")]),
    "KPD003-region-larger": (1, "ok-regions.json", [('"name":"ring","pages":16', '"name":"ring","pages":32')]),
}


class Diff(scenario.Scenario):
    maxDiff = None

    def golden(self, name, shown):
        path = os.path.join(GOLDEN, "diff", name + ".txt")
        if os.environ.get("KPKG_GOLDEN_WRITE"):
            with open(path, "w", encoding="ascii") as file:
                file.write(shown)
        with open(path, encoding="ascii") as file:
            self.assertEqual(shown, file.read(), name)

    def change(self, text, changes):
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        return text

    def package(self, name, text, signers=()):
        if not os.path.exists(self.path("tiny.elf")):
            self.elf()
        self.write(name + ".kpkg.toml", text)
        self.ok("pack", name + ".kpkg.toml", "-o", name + ".kpkg")
        for signer in signers:
            self.ok("sign", name + ".kpkg", "--key", signer)
        return name + ".kpkg"

    def manifest(self):
        return WITH_CAPS.format(name="com.example.tiny", counter=1, binary="tiny.elf")

    def plan(self):
        with open(PLAN, encoding="ascii") as file:
            return file.read()

    def compare(self, old, new, code, *options):
        run = self.run_kpkg("diff", old, new, *options)
        self.assertEqual((run.returncode, run.stderr), (code, ""), run.stdout)
        form = "json" if "--json" in options else options[options.index("--format") + 1] if "--format" in options else "text"
        forms.check(form, run.stdout)
        return run.stdout

    def test_packages(self):
        old = self.package("old", self.manifest())
        for name, (code, changes) in PACKAGES.items():
            with self.subTest(name):
                new = self.package("new", self.change(self.manifest(), changes))
                self.golden(name, self.compare(old, new, code))

    def test_plans(self):
        self.write("old.json", self.plan())
        for name, (code, changes) in PLANS.items():
            with self.subTest(name):
                self.write("new.json", self.mutate(changes))
                self.golden(name, self.compare("old.json", "new.json", code))

    def test_places_and_sizes(self):
        for name, (code, plan, changes) in OTHERS.items():
            with self.subTest(name):
                with open(os.path.join(GOLDEN, "plan", plan), encoding="ascii") as file:
                    text = file.read()
                self.write("old.json", text)
                self.write("new.json", self.change(text, changes))
                self.golden(name, self.compare("old.json", "new.json", code))
                back = json.loads(self.compare("new.json", "old.json", int(not re.search("wider|larger|untraced", name)), "--json"))
                there = json.loads(self.compare("old.json", "new.json", code, "--json"))
                opposite = {"grew": "shrank", "shrank": "grew"}
                self.assertEqual(sorted((c["verdict"], c["object"], c["was"], c["now"]) for c in there["changes"]),
                                 sorted((opposite[c["verdict"]], c["object"], c["now"], c["was"]) for c in back["changes"]))

    def mutate(self, changes):
        if isinstance(changes, str):
            with open(os.path.join(GOLDEN, "plan", changes), encoding="ascii") as file:
                return file.read()
        text = self.plan()
        for old, new in changes:
            self.assertIn(old, text)
            if new is None:  # the line is dropped
                start = text.index(old)
                text = text[:start].rstrip(",") + text[text.index("}", start) + 1:]
            else:
                text = text.replace(old, new, 1)
        return text

    def test_the_way_back_shrinks(self):
        old = self.package("old", self.manifest())
        new = self.package("new", self.change(self.manifest(), PACKAGES["KPD001-added"][1]))
        self.assertIn("VERDICT shrank", self.compare(new, old, 0))
        self.assertIn("VERDICT same", self.compare(new, new, 0))

    def test_a_new_signer_is_growth(self):
        self.key("b.key")
        old = self.package("old", self.manifest(), ["a.key"])
        new = self.package("new", self.manifest(), ["a.key", "b.key"])
        shown = json.loads(self.compare(old, new, 1, "--json"))
        self.assertEqual([(c["rule"], c["verdict"]) for c in shown["changes"]], [("KPD009", "grew")])
        self.assertIn("VERDICT shrank", self.compare(new, old, 0))

    def test_systems(self):
        self.trust()
        first, second = self.example("log"), self.example("sensor")
        text = 'schema = 1\nname = "s"\ntrust = "trust.toml"\n[[package]]\nfile = "%s"\n' % first
        self.write("old.system.toml", text)
        self.write("new.system.toml", text + '[[package]]\nfile = "%s"\n' % second)
        shown = json.loads(self.compare("old.system.toml", "new.system.toml", 1, "--json"))
        self.assertEqual({c["target"] for c in shown["changes"] if c["kind"] != "reach"}, {"sensor"})
        self.assertIn(("sensor", "log"), {(c["target"], c["to"]) for c in shown["changes"] if c["kind"] == "reach"})
        self.write("new.json", self.ok("plan", "new.system.toml", "--json"))
        self.assertIn("VERDICT same", self.compare("new.system.toml", "new.json", 0))

    def test_a_finding_is_at_the_line_that_asks(self):
        old = self.package("old", self.manifest())
        text = self.change(self.manifest(), PACKAGES["KPD001-added"][1])
        new = self.package("new", text)
        line = 1 + text[:text.index("[endpoint.net]")].count("\n")
        for options, file in (((), "new.kpkg.toml"), (("--manifest", "src/tiny.kpkg.toml"), "src/tiny.kpkg.toml")):
            changes = json.loads(self.compare(old, new, 1, "--json", *options))["changes"]
            added = [c for c in changes if c["rule"] == "KPD001"]
            self.assertEqual([(c["src"]["file"], c["src"]["line"]) for c in added], [(file, line)])
            self.assertEqual(text.encode()[added[0]["src"]["offset"]:][:added[0]["src"]["len"]], b"[endpoint.net]")

    def test_warn_only(self):
        old = self.package("old", self.manifest())
        new = self.package("new", self.change(self.manifest(), PACKAGES["KPD001-added"][1]))
        self.assertIn("VERDICT grew", self.compare(old, new, 0, "--warn-only"))

    def test_what_cannot_be_read_is_trouble(self):
        good = self.package("old", self.manifest())
        plan = json.loads(self.plan())
        self.write("bad.kpkg", b"no package")
        self.fails("TRUNCATED", "diff", good, "bad.kpkg", code=2)
        self.fails("IO", "diff", good, "absent.kpkg", code=2)
        for name, spoil in {
            "unknown key": lambda p: p.update(more=1),
            "missing key": lambda p: p["targets"][0].pop("priority"),
            "range": lambda p: p["targets"][0].update(priority=256),
            "float": lambda p: p["targets"][0].update(priority=1.0),
            "number": lambda p: p["targets"][0]["caps"][0].update(badge=1),
            "word": lambda p: p["targets"][0]["caps"][0].update(badge="0x00"),
            "rights": lambda p: p["targets"][0]["caps"][0].update(rights="WR"),
            "object": lambda p: p["targets"][0]["caps"][2].update(object=4000),
            "slot": lambda p: p["targets"][0]["caps"][1].update(slot=0),
            "mapping": lambda p: p["targets"][0]["mappings"][0].update(object=4000),
            "order": lambda p: p["system"].reverse(),
            "signers": lambda p: p["targets"][0]["caps"][2].update(signers=[1, 0]),
            "period": lambda p: p["targets"][0].update(period_us=0),
            "type": lambda p: p["targets"][0]["objects"][0].update(type="gold"),
            "schema": lambda p: p.update(schema="kpkg.plan/v2"),
        }.items():
            with self.subTest(name):
                spoilt = json.loads(json.dumps(plan))
                spoil(spoilt)
                self.write("bad.json", json.dumps(spoilt))
                self.fails("PLAN_SHAPE", "diff", "bad.json", "bad.json", code=2)
        self.write("twice.json", self.plan().replace('"slot":0,', '"slot":0,"slot":0,', 1))
        self.fails("PLAN_SHAPE", "diff", "twice.json", "twice.json", code=2)
        plan["targets"][1]["name"] = plan["targets"][0]["name"]
        self.write("names.json", json.dumps(plan))
        self.fails("INSTANCE_NAME", "diff", "names.json", "names.json", code=2)

    def test_names_of_a_plan_cannot_steer_the_terminal(self):
        plan = json.loads(self.plan())
        plan["targets"][0]["name"] = "\x1b[2J\n::error::x|`<b>@here"
        self.write("old.json", self.plan())
        self.write("new.json", json.dumps(plan))
        shown = self.compare("old.json", "new.json", 1)
        self.assertNotIn("\x1b", shown)
        self.assertTrue(all(line[0] in "V +-" for line in shown.splitlines()), shown)

    def hostile(self):
        """A plan with names that mean something in every form of output."""
        evil = "\x1b[2J]]>\n::error::x|`<b onclick='x'>&amp;@here%0A\"\\ \u2028\U0001f600--> [a](b)"
        plan = json.loads(self.plan())
        plan["targets"][0]["name"] = evil
        plan["targets"][0]["caps"][2]["name"] = evil
        plan["system"][0]["name"] = evil
        self.write("old.json", self.plan())
        self.write("new.json", json.dumps(plan))
        return evil

    def test_hostile_names_stay_inside_every_form(self):
        evil = self.hostile()
        shown = {name: self.compare("old.json", "new.json", 1, "--format", name)
                 for name in forms.CHECKS}
        for name, text in shown.items():
            self.assertTrue(all(c == "\n" or " " <= c <= "~" or c in "\u2014" for c in text), name)
        self.assertIn(evil, {c["target"] for c in json.loads(shown["json"])["changes"]})
        self.assertTrue(any(evil in i["description"] for i in json.loads(shown["gitlab"])))
        self.assertTrue(any(evil in r["message"]["text"] for r in json.loads(shown["sarif"])["runs"][0]["results"]))
        names = {c.get("classname") for c in ElementTree.fromstring(shown["junit"]).iter("testcase")}
        self.assertEqual(len(names), 4)
        for line in shown["github"].splitlines():
            self.assertRegex(line, r"^::(error|warning|notice) [^:]*::[^\n]*$")
        table = [line for line in shown["markdown"].splitlines() if line.startswith("| KPD")]
        self.assertTrue(table and all(line.count("|") == 9 for line in table))
        outside = re.sub(r"^```mermaid\n.*?^```$|</?(?:details|summary)>", "", shown["markdown"], flags=re.S | re.M)
        self.assertNotRegex(outside, "[<>`@]")

    def grown(self):
        old = self.package("old", self.manifest())
        new = self.package("new", self.change(self.manifest(), [("\n[fault]", NET + "\n[fault]"), ("1ms", "2ms")]))
        return old, new

    def test_sarif(self):
        old, new = self.grown()
        shown = json.loads(self.compare(old, new, 1, "--format", "sarif"))
        run = shown["runs"][0]
        rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
        self.assertEqual(rules, [f"KPD{n:03}" for n in range(1, 15)])
        self.assertTrue(all(rules[r["ruleIndex"]] == r["ruleId"] for r in run["results"]))
        self.assertEqual([(r["ruleId"], r["level"], r["baselineState"]) for r in run["results"]],
                         [("KPD001", "error", "new"), ("KPD003", "warning", "new"), ("KPD004", "error", "new")])
        back = json.loads(self.compare(new, old, 0, "--format", "sarif"))
        self.assertEqual({(r["level"], r["baselineState"]) for r in back["runs"][0]["results"]}, {("none", "absent")})

    def test_fingerprints_do_not_depend_on_lines(self):
        old, new = self.grown()
        first = json.loads(self.compare(old, new, 1, "--format", "sarif"))["runs"][0]["results"]
        with open(self.path("new.kpkg.toml"), encoding="ascii") as file:
            text = file.read()
        new = self.package("new", text.replace("schema = 1\n", "schema = 1\n\n\n", 1))
        second = json.loads(self.compare(old, new, 1, "--format", "sarif"))["runs"][0]["results"]
        self.assertEqual([r["partialFingerprints"] for r in first], [r["partialFingerprints"] for r in second])
        lines = [[r["locations"][0]["physicalLocation"]["region"]["startLine"] for r in run] for run in (first, second)]
        self.assertEqual([line + 2 for line in lines[0]], lines[1])

    def test_packages_are_judged_by_a_trust_file(self):
        """A ceiling refuses what grew too far; keys that nobody trusts are no signers."""
        self.key("b.key")
        old = self.package("old", self.manifest(), signers=("a.key",))
        new = self.package("new", self.change(self.manifest(), PACKAGES["KPD001-added"][1]), signers=("a.key", "b.key"))
        trust = self.trust()
        rules = lambda *words: [c["rule"] for c in json.loads(self.compare(old, new, 1, "--json", *words))["changes"]]
        self.assertEqual(rules(), ["KPD001", "KPD004", "KPD009"])
        self.assertEqual(rules("--trust", trust), ["KPD001", "KPD004"])
        self.write("low.toml", self.read(trust).replace(b'endpoints = ["*"]', b'endpoints = ["org.kpkg.*"]'))
        line = self.read("new.kpkg.toml").decode().splitlines().index('to = "com.example.nic/tx"') + 1
        error = self.fails("CEILING", "diff", old, new, "--trust", "low.toml", code=2).stderr
        self.assertTrue(error.startswith(f"new.kpkg.toml:{line}:6: "), error)
        self.package("none", self.manifest())
        self.fails("UNSIGNED", "diff", old, "none.kpkg", "--trust", trust, code=2)

    def test_junit(self):
        old, new = self.grown()
        suites = ElementTree.fromstring(self.compare(old, new, 1, "--format", "junit"))
        cases = list(suites.iter("testcase"))
        failed = [c.get("name").split()[0] for c in cases if c.find("failure") is not None]
        self.assertEqual((suites.get("tests"), suites.get("failures"), len(cases)), ("9", "3", 9))
        self.assertEqual(failed, ["KPD001", "KPD003", "KPD004"])
        self.assertIn("new.kpkg.toml:30", cases[0].find("failure").text)

    def test_github_and_gitlab(self):
        old, new = self.grown()
        shown = self.compare(old, new, 1, "--format", "github").splitlines()
        self.assertEqual(shown[0], "::error file=new.kpkg.toml,line=30,col=1,title=KPD001 capability-added::"
                                   "com.example.tiny gains WP (call) on com.example.nic/tx")
        self.assertTrue(shown[1].startswith("::warning file=new.kpkg.toml,line=14,"))
        report = json.loads(self.compare(old, new, 1, "--format", "gitlab"))
        self.assertEqual([i["check_name"] for i in report], ["KPD001", "KPD003", "KPD004"])
        self.assertEqual(json.loads(self.compare(new, old, 0, "--format", "gitlab")), [])

    def test_markdown(self):
        old, new = self.grown()
        shown = self.compare(old, new, 1, "--format", "markdown")
        self.assertTrue(shown.startswith("**Authority: grew** — com.example.tiny 1.0.0 -&#62; 1.0.0"))
        self.assertIn("| KPD001 | grew | high | com.example.tiny | com.example.nic/tx | - | WP (call) | new.kpkg.toml&#58;30 |", shown)

    def test_markdown_draws_what_changed(self):
        old, new = self.grown()
        graph = re.search(r"```mermaid\n(.*?)```", self.compare(old, new, 1, "--format", "markdown"), re.S).group(1)
        self.assertEqual(graph, 'flowchart LR\n  t0["com.example.tiny"]\n  o0(["com.example.nic/tx"])\n'
                                '  t0 ==>|"+ Call"| o0\n  linkStyle 0 stroke:#1a7f37,stroke-width:3px\n')
        back = self.compare(new, old, 0, "--format", "markdown")
        self.assertIn('  t0 -.->|"- Call"| o0\n  linkStyle 0 stroke:#b3261e', back)
        self.assertNotIn("mermaid", self.compare(old, old, 0, "--format", "markdown"))

    def test_markdown_fits_a_comment(self):
        """Names of 255 characters that are all escaped: what has no room is counted."""
        plan = json.loads(self.plan())
        for number, thing in enumerate(plan["system"] + plan["targets"]):
            thing["name"] = "<" * 253 + f"{number:02}"
        self.write("old.json", self.plan())
        self.write("new.json", json.dumps(plan))
        count = len(json.loads(self.compare("old.json", "new.json", 1, "--json"))["changes"])
        shown = self.compare("old.json", "new.json", 1, "--format", "markdown")
        self.assertGreater(len(shown), 40000)
        rows = len(re.findall(r"^\| KPD", shown, re.M))
        self.assertGreater(rows, 5)
        self.assertTrue(shown.endswith(f"\n{count - rows} more changes are not shown.\n"), shown[-200:])

    def test_the_picture_shows_both_sides(self):
        """Lines by class: gained, lost, and those to the same objects that stay; each with its label and a legend."""
        self.write("old.json", self.plan())
        self.write("new.json", self.mutate([(CALL, CALL.replace('"WP"', '"W"')), *PLANS["KPD005-control"][1]]))
        report = json.loads(self.compare("old.json", "new.json", 1, "--json"))
        shown = self.compare("old.json", "new.json", 1, "--format", "svg")
        root = ElementTree.fromstring(shown)
        lines = [e.get("class") for e in root.iter(forms.SVG + "path") if e.get("class", "").startswith("e")]
        caps = [c["verdict"] for c in report["changes"] if "auth_added" in c]
        self.assertEqual((lines.count("e p") - 1, lines.count("e r") - 1), (caps.count("grew"), caps.count("shrank")))
        labels = [e.text for e in root.iter(forms.SVG + "text") if e.get("class", "").startswith("l")]
        self.assertEqual(sorted(label for label in labels if label[0] in "+-nw"), ["+ Control", "- Notify", "narrower: SyncSend"])
        self.assertGreater(lines.count("e") - 1, 0, "others have to do with the same objects")
        texts = {e.text for e in root.iter(forms.SVG + "text")}
        self.assertLessEqual({"gained", "lost", "as before", "log/tcb", "view/beat", "log/log"}, texts)
        self.assertNotIn("kpkg.root/time", texts, "nothing changed there")
        same = ElementTree.fromstring(self.compare("old.json", "old.json", 0, "--format", "svg"))
        self.assertIn("kpkg.root/time", {e.text for e in same.iter(forms.SVG + "text")}, "all of it where nothing changed")

    def test_fail_on(self):
        old, new = self.grown()
        self.compare(old, new, 0, "--fail-on", "KPD005,KPD006")
        self.compare(old, new, 1, "--fail-on", "KPD005,KPD003")
        self.compare(old, new, 1, "--fail-on", "grew")
        self.fails("USAGE", "diff", old, new, "--fail-on", "KPD099", code=2)
        self.fails("USAGE", "diff", old, new, "--fail-on", "", code=2)
        self.fails("USAGE", "diff", old, new, "--format", "yaml", code=2)

    def test_golden(self):
        old, new = self.grown()
        self.compare_golden(old, 0, "--accept")
        self.assertIn("VERDICT same", self.compare_golden(old, 0))
        self.golden("golden-grew", self.compare_golden(new, 1))
        self.compare_golden(new, 0, "--accept")
        self.assertIn("VERDICT same", self.compare_golden(new, 0))
        self.assertIn("VERDICT shrank", self.compare_golden(old, 0))
        self.fails("USAGE", "diff", old, "--accept", code=2)
        self.fails("USAGE", "diff", old, new, "--golden", "g.json", code=2)
        self.fails("IO", "diff", old, "--golden", "absent.json", code=2)

    def test_a_golden_file_keeps_what_is_traced(self):
        with open(os.path.join(GOLDEN, "plan", "ok-traced.json"), encoding="ascii") as file:
            plan = file.read()
        self.write("traced.json", plan), self.write("less.json", plan.replace(',"relay":2}', "}"))
        self.ok("diff", "--golden", "caps.json", "--accept", "traced.json")
        self.assertIn("VERDICT same", self.ok("diff", "--golden", "caps.json", "traced.json"))
        run = self.run_kpkg("diff", "less.json", "--golden", "caps.json")
        self.assertRegex(run.stdout, r"KPD008 .*log/control +traced +not traced")
        self.assertEqual(run.returncode, 1)

    def compare_golden(self, new, code, *options, day="2026-11-22"):
        epoch = str(int(datetime.datetime.fromisoformat(day + "T12:00:00+00:00").timestamp()))
        run = self.run_kpkg("diff", new, "--golden", "g.json", *options, environment={"SOURCE_DATE_EPOCH": epoch})
        self.assertEqual((run.returncode, run.stderr), (code, ""), run.stdout)
        return run.stdout

    def test_transitional_capabilities_have_their_day(self):
        old = self.package("old", self.manifest())
        new = self.package("new", self.change(self.manifest(), PACKAGES["KPD001-added"][1]))
        self.compare_golden(new, 0, "--accept")
        with open(self.path("g.json"), encoding="ascii") as file:
            golden = json.load(file)
        caps = [c for t in golden["targets"] if not t["outside"] for c in t["caps"] if c["object"] == "com.example.nic/tx"]
        caps[0].update(transitional=True, expires="2026-12-31", reason="net is tried out")
        self.write("g.json", json.dumps(golden))
        shown = json.loads(self.compare_golden(new, 0, "--json"))
        self.assertEqual((shown["verdict"], {(c["rule"], c["approved"], c["reason"]) for c in shown["changes"]}),
                         ("same", {("KPD001", True, "net is tried out"), ("KPD004", True, "net is tried out")}))
        sarif = json.loads(self.compare_golden(new, 0, "--format", "sarif"))
        self.assertEqual(sarif["runs"][0]["results"][0]["suppressions"][0]["justification"], "net is tried out")
        self.assertIn("VERDICT same", self.compare_golden(old, 0))
        self.assertIn("VERDICT same", self.compare_golden(new, 0, day="2026-12-31"))
        self.assertIn("VERDICT grew", self.compare_golden(new, 1, day="2027-01-01"))
        self.compare_golden(new, 0, "--accept")
        with open(self.path("g.json"), encoding="ascii") as file:
            self.assertIn("net is tried out", file.read())

    def test_plans_follow_their_schema(self):
        for name in sorted(os.listdir(os.path.join(GOLDEN, "plan"))):
            if name.endswith(".json"):
                with open(os.path.join(GOLDEN, "plan", name), encoding="ascii") as file:
                    forms.schema(json.load(file), os.path.join(SPEC, "plan.schema.json"))

    def test_a_broken_golden_file_is_trouble(self):
        new = self.package("new", self.manifest())
        self.compare_golden(new, 0, "--accept")
        with open(self.path("g.json"), encoding="ascii") as file:
            golden = json.load(file)
        for name, spoil in {
            "schema": lambda g: g.update(schema="kpkg.golden/v2"), "unknown key": lambda g: g.update(more=1),
            "limit": lambda g: g["targets"][0]["limits"].pop("cpu"), "rate": lambda g: g["targets"][0]["limits"].update(cpu=[1, 0]),
            "guard": lambda g: g["targets"][0]["guards"].update({"on-fault": "pray"}),
            "type": lambda g: g["targets"][0]["caps"][0].update(type="gold"),
            "rights": lambda g: g["targets"][0]["caps"][0].update(rights="WR"),
            "auth": lambda g: g["targets"][0]["caps"][0].update(auth=["Everything"]),
            "provider": lambda g: g["targets"][0]["caps"][0].update(provider="nobody"),
            "no reason": lambda g: g["targets"][0]["caps"][0].update(transitional=True, expires="2026-12-31", reason=""),
            "no date": lambda g: g["targets"][0]["caps"][0].update(transitional=True, expires="soon", reason="x"),
            "signer": lambda g: g["targets"][0].update(signers=["00"]),
        }.items():
            with self.subTest(name):
                spoilt = json.loads(json.dumps(golden))
                spoil(spoilt)
                self.write("bad.json", json.dumps(spoilt))
                self.fails("PLAN_SHAPE", "diff", new, "--golden", "bad.json", code=2)


scenario.main()
