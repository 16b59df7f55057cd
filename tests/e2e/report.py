# SPDX-License-Identifier: BSD-2-Clause
"""kpkg audit report: one page that loads nothing, shows what the log shows, and holds hostile text."""
import collections
import html.parser
import itertools
import json
import re
import shutil
import subprocess

import demo_log
import evidence
import scenario

HOSTILE = "<script>alert(1)</script>\"'&\u202e<img src=x onerror=y>"
VOID = {"meta", "br"}


class Page(html.parser.HTMLParser):
    """Checks nesting, collects tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.attributes = [], [], "", []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.attributes += [name for name, _ in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.attributes += [name for name, _ in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data

    def count(self, tag, kind):
        return sum(t == tag and a.get("class") == kind for t, a in self.tags)


class Report(demo_log.DemoLog):

    def page(self, name="events.jsonl", code=0, vkey=True, baseline=None):
        run = self.run_kpkg("audit", "report", name, "-o", "report.html", *(("--vkey", self.vkey) if vkey else ()),
                            *(("--baseline", baseline) if baseline else ()))
        self.assertEqual(run.returncode, code, run.stderr)
        text = self.read("report.html").decode()
        page = Page(text)
        self.assertIn("default-src 'none'; style-src 'unsafe-inline'", text)
        self.assertFalse({"script", "img", "iframe", "link", "object", "a", "form"} & {tag for tag, _ in page.tags})
        self.assertFalse([a for a in page.attributes if a.startswith("on") or a in ("src", "href")])
        return page

    def forged(self, name, change):
        events = json.loads(json.dumps(self.logged))
        change(events)
        return self.write(name, b"".join(line + b"\n" for line in evidence.forge(events, demo_log.SEED)))

    def test_what_it_shows(self):
        page = self.page()
        first = self.read("report.html")
        self.page()
        self.assertEqual(self.read("report.html"), first)
        self.assertIn("The event log is sound, with findings about the run.", page.text)
        for key in ("boot", "vkey", "kernel_image", "root_image", "trust"):
            self.assertIn(self.logged[0]["data"][key], page.text)
        leaves = [evidence.leaf(line) for line in self.read("events.jsonl").splitlines()]
        self.assertIn("sha256:" + evidence.root(leaves).hex(), page.text)
        self.assertIn(f"{len(leaves) - 1} records are covered by a signature", page.text)
        marks = [e["type"].split(".")[0] for e in self.logged if e["type"].startswith(("fault.", "deny.")) and e["data"]["action"] != "resumed"]
        self.assertEqual(page.text.count("KPD013"), len(marks))
        self.assertGreater(page.count("path", "fault"), 5)
        self.assertGreater(page.count("path", "denial"), 1)
        for event in self.logged:
            if event["type"] == "caps.issued":
                for row in event["data"]["caps"]:
                    self.assertIn("slot " + " ".join(row), page.text)

    def arrows(self):
        """(target, relation, object) -> what is said of it, from the titles of the graph."""
        titles = re.findall(r'<g class="edge( \w+)?">.*?<title>(\S+) (sends to|receives from) ([^<,]+)([^<]*)</title>', self.read("report.html").decode())
        return {(target, relation, thing): (kind.strip(), more) for kind, target, relation, thing, more in titles}

    def issued(self):
        """What the graph has to show, by the log alone."""
        wanted = set()
        for event in self.logged:
            for _, _, thing, rights, _ in event["data"].get("caps", []) if event["type"] == "caps.issued" else []:
                if rights != "none" and (thing, rights) != ("exit", "W"):
                    wanted |= {(event["tgt"], "receives from" if letter == "R" else "sends to", thing) for letter in rights}
        return wanted

    def test_the_graph_has_an_arrow_for_each_right(self):
        page = self.page()
        self.assertEqual(set(self.arrows()), self.issued())
        self.assertEqual({kind for kind, _ in self.arrows().values()}, {""})
        self.assertNotIn("Against the baseline", page.text)
        letters = re.findall(r'<path class="tip"[^>]*/><text x="(\d+)" y="(\d+)">', self.read("report.html").decode())
        self.assertEqual(len(letters), len(self.issued()))
        for (x, y), (u, v) in itertools.combinations([tuple(map(int, at)) for at in letters], 2):
            self.assertTrue(abs(x - u) >= 16 or abs(y - v) >= 10, letters)

    def test_the_graph_marks_what_a_baseline_has_not(self):
        self.system()
        self.write("plan.json", self.ok("plan", "demo.system.toml", "--json"))
        self.ok("diff", "--golden", "golden.json", "--accept", "demo.system.toml")
        golden = json.loads(self.read("golden.json"))
        for name in ("plan.json", "golden.json"):
            page = self.page(baseline=name)
            self.assertIn("Against the baseline: 0 with more rights (red, +), 0 with fewer", page.text)
            self.assertEqual({kind for kind, _ in self.arrows().values()}, {""})
        caps = {target["name"]: target["caps"] for target in golden["targets"]}
        caps["intruder"][:] = [cap for cap in caps["intruder"] if cap["object"] != "log/log"]
        caps["hello"].append({**caps["hello"][0], "object": "nobody/gone"})
        caps["sensor"][:] = [{**cap, "rights": "W"} if cap["rights"] == "WP" else cap for cap in caps["sensor"]]
        self.write("other.json", json.dumps(golden))
        page = self.page(baseline="other.json")
        self.assertIn("Against the baseline: 2 with more rights (red, +), 1 with fewer", page.text)
        marked = {arrow: kind for arrow, (kind, _) in self.arrows().items() if kind}
        self.assertEqual(marked, {("intruder", "sends to", "log"): "added", ("sensor", "sends to", "log"): "added",
                                  ("hello", "sends to", "gone"): "removed"})
        for name in ("events.jsonl", "report.html"):
            self.fails("USAGE", "audit", "report", "events.jsonl", "-o", "x.html", "--baseline", name, code=2)

    def test_without_a_key_it_says_so(self):
        self.assertIn("No signature was checked", self.page(vkey=False).text)

    def test_a_quiet_run(self):
        self.system()
        self.ok("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--deterministic", "--events", "quiet.jsonl")
        page = self.page("quiet.jsonl")
        self.assertIn("nothing was refused, denied or stopped", page.text)
        self.assertEqual(page.count("section", "verdict good"), 1)

    def test_bad_logs(self):
        lines = self.read("events.jsonl").splitlines()
        for name, kept, code, finding in (("cut.jsonl", lines[:-2], 3, "no_end"), ("bad.jsonl", lines[:9] + lines[10:], 4, "removed")):
            self.write(name, b"".join(line + b"\n" for line in kept))
            page = self.page(name, code)
            self.assertIn(finding, page.text)
            self.assertEqual(page.count("section", "verdict good"), 0)
        self.assertEqual(page.count("section", "verdict bad"), 1)

    def test_hostile_names(self):
        def change(events):
            for event in events:
                if event.get("tgt") == "intruder":
                    event["tgt"] = HOSTILE
        page = self.page(self.forged("hostile.jsonl", change))
        self.assertIn(HOSTILE.replace("\u202e", "?"), page.text)
        self.browse(page)

    def test_loss_is_hatched(self):
        def lose(events):
            at, seq = 100, events[100]["seq"]
            for event in events[at:]:
                event["seq"] += 3
                event["t"] += 300000000
            data = {"first": seq, "last": seq + 1, "count": 2, "reason": "ring_full", "by_type": {"deny.tripwire": 2}}
            events.insert(at, {"v": 1, "seq": seq + 2, "t": events[at]["t"], "type": "log.drop", "sev": "error", "prev": "", "data": data})
            for event in events:
                if event["type"] in ("log.stats", "log.end"):
                    for counter, more in (("attempted", 3), ("stored", 1), ("dropped", 2)):
                        event["data"][counter] += more
        self.assertNotIn("records were lost here", self.page().text)
        page = self.page(self.forged("loss.jsonl", lose))
        self.assertEqual(page.text.count("records were lost here"), 1)
        self.assertIn("2 records were lost; the log says so itself", page.text)

    def test_a_large_run(self):
        # 1000 targets, 100 000 events, written as the chain wants it but for checkpoints.
        prev, lines = "0" * 16, []
        def put(kind, about, data):
            nonlocal prev
            line = f'{{"v":1,"seq":{len(lines)},"t":{len(lines) * 1000},"type":"{kind}","sev":"info"{about},"prev":"{prev}","data":{data}}}'.encode()
            lines.append(line)
            prev = evidence.leaf(line)[:8].hex()
        put("log.start", "", "{}")
        for i in range(1000):
            put("target.spawned", f',"tgt":"target-{i}","inc":1', "{}")
        while len(lines) < 100000:
            put("fault.vm", f',"tgt":"target-{len(lines) % 1000}","inc":1', '{"addr":"0x0","action":"killed"}')
        for via, server in (("a", "b c"), ("a b", "c"), ("a", "b c")):
            put("ipc.trace", ',"tgt":"target-7","inc":1', f'{{"via":"{via}","dst":"{server}","verdict":"answered","dur_ns":2000}}')
        self.write("large.jsonl", b"".join(line + b"\n" for line in lines))
        page = self.page("large.jsonl", 3, vkey=False)
        self.assertLess(len(self.read("report.html")), 16 << 20)
        self.assertIn("98500 more are left out here", page.text)
        for row in ("a</td><td>b c</td><td class=\"number\">2", "a b</td><td>c</td><td class=\"number\">1"):
            self.assertEqual(self.read("report.html").count(f"<tr><td>target-7</td><td>{row}</td>".encode()), 1)
        self.browse(page)

    def browse(self, page):
        """Opens report.html in a browser, where there is one: it has the elements and the text that were written."""
        browser = shutil.which("chromium")
        if browser is None:
            return
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={self.path('profile')}", "--dump-dom"]
        run = subprocess.run([*command, "file://" + self.path("report.html")], capture_output=True, text=True, timeout=90, check=True)
        seen = Page(run.stdout)
        self.assertEqual(collections.Counter(tag for tag, _ in seen.tags) - collections.Counter(tag for tag, _ in page.tags), {})
        self.assertEqual(collections.Counter(tag for tag, _ in page.tags) - collections.Counter(tag for tag, _ in seen.tags), {})
        self.assertEqual(seen.text.split(), page.text.split())


scenario.main()
