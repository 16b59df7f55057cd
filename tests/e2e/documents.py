# SPDX-License-Identifier: BSD-2-Clause
"""What `--json` prints has the members that spec/json.md lists, no more and no fewer."""
import json
import os
import re

import demo_log
import scenario

SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "spec", "json.md")
ROW = re.compile(r"^\| `(kpkg\.[a-z-]+/v1)` \|[^|]*\| ([^|]*) \|([^|]*)\|$", re.M)


def listed():
    """Of each document its members, and the name and members of what it holds several of."""
    with open(SPEC, encoding="utf-8") as file:
        for name, members, inner in ROW.findall(file.read()):
            part, _, rest = inner.partition(":")
            yield name, set(re.findall(r"`(\w+)`", members)), part.strip(" `"), set(re.findall(r"`(\w+)`", rest.split(";")[0]))


class Documents(demo_log.DemoLog):
    def printed(self):
        """One of each, from commands that have something to say."""
        self.system()
        self.pack()
        self.write("x.system.toml", 'schema = 1\nname = "x"\ntrust = "trust.toml"\nassert = ["only test.tiny has kpkg.root/console"]\n'
                                    '[[package]]\nfile = "hello.kpkg"\n[[package]]\nfile = "log.kpkg"\n')
        self.ok("run", "hello.kpkg", "log.kpkg", "--trust", "trust.toml", "--deterministic", "--events", "other.jsonl")
        for words in (("key", "show", "a.key"), ("pack", "tiny.kpkg.toml", "-o", "other.kpkg"), ("inspect", "tiny.kpkg"),
                      ("verify", "tiny.kpkg", "--trust", "trust.toml"), ("check", "x.system.toml"), ("doctor",),
                      ("test", "hello.kpkg", "log.kpkg", "--trust", "trust.toml"), ("audit", "show", "events.jsonl"),
                      ("audit", "verify", "events.jsonl", "--vkey", self.vkey), ("audit", "diff", "events.jsonl", "other.jsonl"),
                      ("audit", "import", "events.jsonl", "--db", "index.sqlite", "--vkey", self.vkey)):
            run = self.run_kpkg(*words, "--json")
            self.assertTrue(run.stdout, run.stderr)
            document = json.loads(run.stdout)
            yield document["schema"], document

    def test_members_are_those_of_the_specification(self):
        printed = dict(self.printed())
        self.assertEqual(set(printed), {name for name, *_ in listed()})
        for name, members, part, inner in listed():
            document = printed[name]
            self.assertEqual(set(document), members, name)
            if part:
                several = document[part] if isinstance(document[part], list) else [document[part]]
                self.assertTrue(several, name)
                for one in several:
                    self.assertEqual(set(one), inner or set(one), f"{name} {part}")


if __name__ == "__main__":
    scenario.main()
