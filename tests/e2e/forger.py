# SPDX-License-Identifier: BSD-2-Clause
"""A program that writes to the serial line itself, as any may on a debug kernel: nothing that it prints is taken for an event.

The kernel puts CR before each LF that a program prints, so no frame of one ends as it has to; and what does follow the chain
is refused without the key (audit_read_test, a_forged_checkpoint_is_refused_as_it_comes).

usage: forger.py BUILD [hosted|sel4]; exit status 77 where there is no debug seL4 to boot.
"""
import json
import re
import sys

import demo_log
import evidence
import scenario

KERNEL = sys.argv.pop(2) if len(sys.argv) > 2 else "hosted"
WORDS = ["--deterministic", "--as", "2.3.0-debug"]
if KERNEL == "sel4":
    FOUND = [k for k in scenario.kernels() if k["debug"]]
    if not FOUND:
        print("no debug seL4 found")
        sys.exit(77)
    WORDS = ["--kernel", FOUND[0]["elf"]]
SYSTEM = 'schema = 1\nname = "forged"\ntrust = "trust.toml"\n[[package]]\nfile = "forger.kpkg"\narguments = [{}]\n'
OTHER = bytes([7] * 32)


def frame(kind, seq=3, prev="0" * 16, data="{}", about=""):
    return f'~{{"v":1,"seq":{seq},"t":9,"type":"{kind}","sev":"info"{about},"prev":"{prev}","data":{data}}}'


class Forger(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.program("forger")
        self.ok("key", "generate", "run.key")
        vkey = evidence.make_vkey(demo_log.SEED)
        self.words = [*WORDS, *(("--run-key", "run.key") if KERNEL == "sel4" else ())]
        self.name = vkey.split("+")[0]

    def go(self, *printed, code=0):
        """Runs the forger; the frames that were refused."""
        words = ", ".join(json.dumps(line) for line in printed)
        self.write("forged.system.toml", SYSTEM.format(words))
        run = self.run_kpkg("run", "forged.system.toml", *self.words, "--report", "report", timeout=100)
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        found = re.search(r"kpkg: (\d+) frames on the wire were no events of this log", run.stderr)
        return int(found[1]) if found else 0

    def verify(self):
        run = self.run_kpkg("audit", "verify", "report/events.jsonl", "--vkey", "report/run.vkey", "--json")
        return json.loads(run.stdout)["finding"]

    def checkpoint(self, seed, leaves):
        return json.dumps({"size": len(leaves), "note": evidence.make_note(seed, leaves)}, separators=(",", ":"))

    def test_forged_frames_are_text(self):
        note = evidence.make_note(OTHER, [bytes(32)] * 3)
        right_name = note.replace(note.split("\n")[0], self.name)
        printed = [frame("log.start", 0, data='{"boot":"00","forged":1}'), frame("target.exited", 5, data='{"code":0,"forged":1}', about=',"tgt":"forger","inc":1'),
                   frame("log.checkpoint", 6, data=self.checkpoint(OTHER, [bytes(32)] * 6)),
                   frame("log.checkpoint", 6, data=json.dumps({"size": 3, "note": right_name}, separators=(",", ":"))),
                   frame("log.end", 6, data='{"reason":"forged"}'), "~", "~~", "~not JSON", "text ~" + "x" * 1100, "::error::forged",
                   "~unfinished, and then the truth"]
        bad = self.go(*printed)
        # The last one ends with its line like the others; empty ones and the overlong one count too.
        self.assertGreaterEqual(bad, len(printed) - 1)
        lines = self.read("report/events.jsonl").splitlines()
        evidence.check(lines, self.read("report/run.vkey").decode().strip())
        self.assertNotIn(b"forged", b"".join(line for line in lines if b'"log.start"' not in line))
        self.assertEqual(self.verify(), "sound")
        self.assertEqual([e["type"] for e in self.events("report/events.jsonl")].count("target.exited"), 1)
        console = self.read("report/console.log").decode()
        for line in printed[:4]:
            self.assertIn(line.lstrip("~").split("~")[0][:60], console)

    def test_half_a_frame_does_not_take_the_next_one_with_it(self):
        bad = self.go('~{"v":1,"seq":')
        self.assertEqual((bad > 0, self.verify()), (True, "sound"))


scenario.main()
