# SPDX-License-Identifier: BSD-2-Clause
"""What the consumers of each form of `kpkg diff` ask of it, checked by other programs where there are any, else from their documents.

JSON Schemas need python3-jsonschema, the schema of JUnit needs xmllint; without them the rest is checked all the same.
"""
import json
import os
import re
import shutil
import subprocess
from xml.etree import ElementTree

try:
    import jsonschema
except ImportError:
    jsonschema = None

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
SPEC = os.path.join(TESTS, "..", "spec", "diff.schema.json")
SVG = "{http://www.w3.org/2000/svg}"
COMMENT_MAX = 65536  # characters of a comment that GitHub takes


def schema(document, path):
    with open(path, encoding="utf-8") as file:
        text = json.load(file)
    if jsonschema:
        jsonschema.Draft7Validator.check_schema(text)
        jsonschema.Draft7Validator(text).validate(document)


def data(name):
    return os.path.join(TESTS, "data", name)


def need(condition, what):
    if not condition:
        raise AssertionError(what)


def check_text(text):
    need(text.startswith("VERDICT ") and text.endswith("\n"), text[:80])
    need(all(0x20 <= ord(c) < 0x7f or c == "\n" for c in text), "a table is printable ASCII")


def check_json(text):
    schema(json.loads(text), SPEC)


def check_sarif(text):
    """SARIF 2.1.0, beyond its schema: sections 3.27.5 to 3.27.10, 3.52; and what GitHub takes."""
    document = json.loads(text)
    schema(document, data("sarif-2.1.0.json"))
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    need(len({r["id"] for r in rules}) == len(rules), "ids of rules are unique")
    need(all(0 < float(r["properties"]["security-severity"]) <= 10 for r in rules), "security-severity")
    for result in run["results"]:
        need(rules[result["ruleIndex"]]["id"] == result["ruleId"], "ruleIndex is of ruleId")
        need((result.get("kind", "fail") == "fail") == (result["level"] != "none"), "only a failure has a level")
        need(result["message"]["text"] and len(result["locations"]) == 1, "a message and one place")
        need(result["partialFingerprints"]["primaryLocationLineHash"], "GitHub tells alerts apart by it")
        need(all(s["kind"] == "external" and s["justification"] for s in result.get("suppressions", [])), "suppressions are explained")
    need(len(run["results"]) <= 25000, "GitHub takes 25 000 results of a run")


def check_junit(text):
    suites = ElementTree.fromstring(text)
    cases = list(suites.iter("testcase"))
    failures = [c for c in cases if c.find("failure") is not None]
    for counted in [suites, *suites.findall("testsuite")]:
        need((int(counted.get("tests")), int(counted.get("failures"))) == (len(cases), len(failures)), "totals are those of the cases")
    need(len({(c.get("classname"), c.get("name")) for c in cases}) == len(cases), "each case is there once")
    if shutil.which("xmllint"):
        run = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", data("junit.xsd"), "-"], input=text, capture_output=True,
                             text=True, timeout=60, check=False)
        need(run.returncode == 0, run.stderr)


# Workflow commands: a property is without ',', ':' and line ends, the data without line ends; '%' begins one of five escapes.
PROPERTY = r"(?:[^%\r\n:,]|%25|%0D|%0A|%3A|%2C)+"
COMMAND = re.compile(rf"::(?:notice|warning|error) (?:(?:file={PROPERTY},line=[1-9]\d*,col=[1-9]\d*,)?title={PROPERTY})"
                     r"::(?:[^%\r\n]|%25|%0D|%0A)+")


def check_github(text):
    need(text == "" or text.endswith("\n"), "whole lines")
    for line in text.splitlines():
        need(COMMAND.fullmatch(line), line)


def check_gitlab(text):
    report = json.loads(text)
    schema(report, data("gitlab-code-quality.json"))
    need(len({i["fingerprint"] for i in report}) == len(report), "fingerprints are unique, or GitLab merges the items")
    need(not any(i["location"]["path"].startswith("./") for i in report), "paths are relative to the repository, without ./")


# The part of Mermaid's flowchart language that is used: nodes with quoted labels, edges with a quoted label, one style each.
MERMAID = re.compile(r"flowchart LR|  [to]\d+(?:\[\"[^\"\n]*\"\]|\(\[\"[^\"\n]*\"\]\))"
                     r"|  [to]\d+ (?:==>|-\.->)\|\"[^\"\n]*\"\| [to]\d+"
                     r"|  linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6},stroke-width:\dpx(?:,color:#[0-9a-f]{6})?")


def check_markdown(text):
    need(len(text) < COMMENT_MAX and len(text.encode()) < COMMENT_MAX, f"{len(text)} characters are no comment")
    need(text.count("<details>") == text.count("</details>") and text.count("```") % 2 == 0, "what is opened is closed")
    for row in re.findall(r"^\|.*$", text, re.M):
        need(row.count("|") == 9, f"eight cells: {row}")
    outside = re.sub(r"^```mermaid\n.*?^```$", "", text, flags=re.S | re.M)
    need(re.fullmatch(r"(?:[^<>]|</?(?:details|summary)>)*", outside), "no other HTML")
    for graph in re.findall(r"^```mermaid\n(.*?)^```$", text, re.S | re.M):
        lines = graph.splitlines()
        need(lines[0] == "flowchart LR" and all(MERMAID.fullmatch(line) for line in lines), graph)
        nodes = re.findall(r"^  ([to]\d+)[\[(]", graph, re.M)
        ends = re.findall(r"^  ([to]\d+) .*\| ([to]\d+)$", graph, re.M)
        need(len(nodes) == len(set(nodes)) and {n for pair in ends for n in pair} == set(nodes), "each node once, and every end is one")
        styled = [int(n) for numbers in re.findall(r"linkStyle ([\d,]+)", graph) for n in numbers.split(",")]
        need(sorted(styled) == list(range(len(ends))), "each edge has one style")


def check_svg(text):
    """Complete in itself, for a viewer that trusts nobody: no script, nothing fetched, every reference resolved."""
    root = ElementTree.fromstring(text)
    known = {SVG + n for n in ("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "text", "g")}
    need({e.tag for e in root.iter()} <= known, "elements")
    need(not any(re.match(r"on|.*href", k) for e in root.iter() for k in e.attrib), "no script, no link")
    need(not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import", text), "nothing is fetched")
    ids = {e.get("id") for e in root.iter()} - {None}
    need(set(re.findall(r"url\(#(\w+)\)", text)) | set(root.get("aria-labelledby").split()) <= ids, "references")
    width, height = (int(root.get(k)) for k in ("width", "height"))
    for e in root.iter(SVG + "rect"):
        if e.get("x"):
            right, low = int(e.get("x")) + int(e.get("width")), int(e.get("y")) + int(e.get("height"))
            need(right <= width and low <= height, "nothing lies outside")


CHECKS = {"text": check_text, "json": check_json, "markdown": check_markdown, "sarif": check_sarif, "junit": check_junit,
          "github": check_github, "gitlab": check_gitlab, "svg": check_svg}


def check(form, text):
    """Raises when the text is not what readers of the form take."""
    CHECKS[form](text)
