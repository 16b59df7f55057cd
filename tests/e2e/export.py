# SPDX-License-Identifier: BSD-2-Clause
"""kpkg audit export: each form is what its readers take, says the same as the log, and holds hostile text."""
import json
import re
import urllib.parse
import xml.etree.ElementTree

import demo_log
import evidence
import forms
import scenario

# What a hostile name could be made of. Only who has the seed can write such a log at all.
HOSTILE = "a<b>&\"'|`@x\n::error::y%\u202e\\u001b[31m-->]]>"
FORMATS = ("jsonl", "sarif", "junit", "markdown", "github", "gitlab", "perfetto", "ecs", "otel")


class Export(demo_log.DemoLog):
    def setUp(self):
        super().setUp()
        self.wanted = [i + 1 for i, e in enumerate(self.logged)
                       if e["type"].startswith(("deny.", "fault.")) and e["data"]["action"] != "resumed"]
        self.assertGreater(len(self.wanted), 15)
        hostile = json.loads(json.dumps(self.logged))
        for event in hostile:
            if event.get("tgt") == "intruder":
                event["tgt"] = HOSTILE
        self.write("hostile.jsonl", b"".join(line + b"\n" for line in evidence.forge(hostile, bytes(32))))

    def export(self, form, name="events.jsonl", *more):
        words = ("audit", "export", name, "--format", form, "--vkey", evidence.make_vkey(bytes(32)))
        text = self.ok(*words, *more)
        self.ok(*words, "-o", "out")
        if form != "github":
            self.assertEqual(self.read("out").decode(), text)
        self.assertTrue(text.endswith("\n"))
        return text

    def both(self, form):
        """The form of the true log and of one with a hostile name."""
        return self.export(form), self.export(form, "hostile.jsonl")

    def test_jsonl(self):
        self.assertEqual(self.export("jsonl").encode(), self.read("events.jsonl"))

    def test_sarif(self):
        for text in self.both("sarif"):
            log = json.loads(text)
            forms.schema(log, forms.data("sarif-2.1.0.json"))
            run = log["runs"][0]
            rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
            self.assertEqual((log["version"], len(set(rules))), ("2.1.0", len(rules)))
            places = [r["locations"][0]["physicalLocation"] for r in run["results"]]
            self.assertEqual([p["region"]["startLine"] for p in places], self.wanted)
            for result in run["results"]:
                self.assertEqual(rules[result["ruleIndex"]], result["ruleId"])
                self.assertIn(result["level"], ("error", "warning", "note"))
                self.assertTrue(result["message"]["text"].isascii() and result["message"]["text"].isprintable())
        self.assertEqual(run["results"][0]["locations"][0]["logicalLocations"][0]["name"], HOSTILE)

    def test_junit(self):
        for text in self.both("junit"):
            forms.check_junit(text)
            suite = xml.etree.ElementTree.fromstring(text)
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            failed = [case for case in cases if case.find("failure") is not None]
            self.assertEqual(int(suite.get("failures")), len(failed))
            self.assertEqual([case.get("name") for case in failed], ["KPD013"])
        self.assertEqual({c.get("classname") for c in suite}, {"event log", "log", "sensor", "hello", HOSTILE.replace("\n", " ").replace("\u202e", "?")})

    def test_markdown(self):
        for text in self.both("markdown"):
            rows = [line for line in text.splitlines() if line.startswith("| KP")]
            self.assertEqual([int(row.split("|")[-2]) for row in rows], self.wanted)
            for row in rows:
                self.assertEqual(len(row.split("|")), 7)
                self.assertNotRegex(row, r"[<>@]|(?<!\\)[`*]")

    def test_github(self):
        self.write("console.log", "::error::forged\n::stop-commands::x\n::x::\n::add-mask::y\n")
        for text in (self.export("github", "events.jsonl", "--console", "console.log"),
                     self.export("github", "hostile.jsonl", "--console", "console.log")):
            lines = text.splitlines()
            token = re.fullmatch("::stop-commands::([0-9a-f]{32})", lines[1])[1]
            end = lines.index(f"::{token}::")
            self.assertEqual(lines[2:6], ["::error::forged", "::stop-commands::x", "::x::", "::add-mask::y"])
            commands = lines[end + 1:]
            for line in commands:
                self.assertRegex(line, r"^::(endgroup|notice title=kpkg|(warning|error) file=[^:,]*,line=\d+,title=[^:,]*)::[\x20-\x7e]*$")
            self.assertEqual([int(re.search(r"line=(\d+)", c)[1]) for c in commands if ",line=" in c], self.wanted)
        again = self.export("github", "events.jsonl", "--console", "console.log")
        self.assertNotIn(token, again)

    def test_gitlab(self):
        for text in self.both("gitlab"):
            issues = json.loads(text)
            forms.check_gitlab(text)
            self.assertEqual([i["location"]["lines"]["begin"] for i in issues], self.wanted)
            for issue in issues:
                self.assertIn(issue["severity"], ("info", "minor", "major", "critical", "blocker"))
                self.assertRegex(issue["fingerprint"], "^[0-9a-f]{32}(-[0-9]+)?$")
                self.assertTrue(issue["description"] and issue["check_name"])
        self.assertEqual(text, self.export("gitlab", "hostile.jsonl"))

    def test_perfetto(self):
        for text in self.both("perfetto"):
            forms.schema(json.loads(text), forms.data("trace-events.json"))
            events = json.loads(text)["traceEvents"]
            names = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M"}
            self.assertEqual(len(names), 5)
            depth = dict.fromkeys(names, 0)
            for event in events:
                self.assertIn(event["pid"], names)
                if event["ph"] != "M":
                    self.assertGreaterEqual(event["ts"], 0)
                depth[event["pid"]] += {"B": 1, "E": -1}.get(event["ph"], 0)
                self.assertIn(depth[event["pid"]], (0, 1))
            self.assertEqual(set(depth.values()), {0})
            self.assertEqual(sum(e["ph"] == "B" for e in events), sum(e["type"] == "target.spawned" for e in self.logged))
            marks = [e["name"] for e in events if e["ph"] == "i"]
            self.assertEqual(sum(m.startswith(("deny.", "fault.")) for m in marks),
                             sum(e["type"].startswith(("deny.", "fault.")) for e in self.logged))

    def test_ecs(self):
        for text in self.both("ecs"):
            rows = [json.loads(line) for line in text.splitlines()]
            for row in rows:
                forms.schema(row, forms.data("ecs-8.11.json"))
            self.assertEqual([row["event"]["sequence"] for row in rows], [e["seq"] for e in self.logged])
            for row, event in zip(rows, self.logged):
                self.assertRegex(row["@timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$")
                self.assertEqual((row["event"]["action"], row["log"]["level"]), (event["type"], event["sev"]))
                if event["type"] not in ("log.start", "log.checkpoint", "log.end"):
                    self.assertEqual(row["kpkg"]["data"], event["data"])
                self.assertEqual("process" in row, "tgt" in event)

    def test_otel(self):
        for text in self.both("otel"):
            forms.schema(json.loads(text), forms.data("otlp-logs.json"))
            scope = json.loads(text)["resourceLogs"][0]["scopeLogs"][0]
            self.assertEqual(len(scope["logRecords"]), len(self.logged))
            for record, event in zip(scope["logRecords"], self.logged):
                attributes = {a["key"]: next(iter(a["value"].values())) for a in record["attributes"]}
                self.assertEqual((record["timeUnixNano"], attributes["kpkg.seq"]), (str(event["t"]), str(event["seq"])))
                self.assertTrue(1 <= record["severityNumber"] <= 24)
                if event["type"] not in ("log.start", "log.checkpoint", "log.end"):
                    self.assertEqual(json.loads(attributes["kpkg.data"]), event["data"])

    def test_refusals(self):
        """Types that the demo does not have."""
        refused = json.loads(json.dumps(self.logged))
        for event in refused:
            if event["type"] in ("package.verified", "policy.compiled"):
                event.update(type=event["type"].split(".")[0] + ".refused", sev="error")
                event["data"]["reason"] = "KPKG_E_SIG_INVALID"
        refused[next(i for i, e in enumerate(refused) if e["type"] == "policy.refused")]["type"] = "system.refused"
        self.write("refused.jsonl", b"".join(line + b"\n" for line in evidence.forge(refused, bytes(32))))
        for form, name in (("ecs", "ecs-8.11.json"), ("otel", "otlp-logs.json"), ("perfetto", "trace-events.json"), ("sarif", "sarif-2.1.0.json")):
            text = self.export(form, "refused.jsonl")
            for document in map(json.loads, text.splitlines() if form == "ecs" else [text]):
                forms.schema(document, forms.data(name))
        kinds = [e["type"] for e in refused if e["type"].endswith(".refused")]
        self.assertEqual(set(kinds), {"package.refused", "policy.refused", "system.refused"})
        self.assertEqual([r["ruleId"] for r in document["runs"][0]["results"]].count("KPR001"), len(kinds))

    def test_more_than_github_takes_and_a_path_that_is_no_uri(self):
        flood = json.loads(json.dumps(self.logged))
        at = self.wanted[0] - 1
        more = [dict(flood[at]) for _ in range(25000)]
        for event in flood[at:]:
            event["seq"] += len(more)
        for i, event in enumerate(more):
            event["seq"] += i
        for event in flood:
            if event["type"] in ("log.stats", "log.end"):
                for counter in ("attempted", "stored"):
                    event["data"][counter] += len(more)
        flood = [e for e in flood[:at] + more + flood[at:] if e["type"] != "log.checkpoint"]
        for i, event in enumerate(flood):
            event["seq"] = i
        name = "a log: 100%?#.jsonl"
        self.write(name, b"".join(line + b"\n" for line in evidence.forge(flood, bytes(32))))
        run = self.run_kpkg("audit", "export", name, "--format", "sarif")
        document = json.loads(run.stdout)
        forms.schema(document, forms.data("sarif-2.1.0.json"))
        results, verdict = document["runs"][0]["results"], document["runs"][0]["properties"]
        self.assertEqual((len(results), verdict["leftOut"] > 0), (25000, True))
        uri = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual(urllib.parse.unquote(uri), name)
        run = self.run_kpkg("audit", "export", self.path("events.jsonl"), "--format", "sarif")  # an absolute path is a URI by itself
        uri = json.loads(run.stdout)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual(uri, "file://" + self.path("events.jsonl"))
        forms.check_gitlab(self.run_kpkg("audit", "export", name, "--format", "gitlab").stdout)

    def test_a_bad_log_says_so(self):
        lines = self.read("events.jsonl").splitlines()
        self.write("cut.jsonl", b"".join(line + b"\n" for line in lines[:-1]))
        self.write("changed.jsonl", b"".join(line + b"\n" for line in lines[:50] + lines[51:]))
        for name, code, rule in (("cut.jsonl", 3, "KPD011"), ("changed.jsonl", 4, "KPD012")):
            for form in FORMATS:
                run = self.run_kpkg("audit", "export", name, "--format", form)
                self.assertEqual(run.returncode, code, run.stderr)
                if form in ("sarif", "markdown", "github", "gitlab"):
                    self.assertIn(rule, run.stdout)
                if form in ("perfetto", "otel"):
                    self.assertRegex(run.stdout, "incomplete|invalid")
            rows = self.run_kpkg("audit", "export", name, "--format", "jsonl").stdout.splitlines()
            self.assertEqual(len(rows), len(lines) - 1 if code == 3 else 50)

    def test_usage(self):
        self.assertEqual(self.run_kpkg("audit", "export", "events.jsonl").returncode, 2)
        self.assertEqual(self.run_kpkg("audit", "export", "events.jsonl", "--format", "pdf").returncode, 2)
        for form in FORMATS:
            self.assertIn(form, self.ok("audit", "export", "--help"))


scenario.main()
