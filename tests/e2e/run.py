# SPDX-License-Identifier: BSD-2-Clause
"""kpkg run: systems and packages, what goes where, and how a run can end."""
import hashlib
import json
import os
import shutil
import subprocess
import unittest

import scenario

SYSTEM = 'schema = 1\nname = "pair"\ntrust = "trust.toml"\n[[package]]\nfile = "log.kpkg"\n[[package]]\nfile = "hello.kpkg"\nas = "greeter"\narguments = ["world"]\n'


class Run(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.example("log"), self.example("hello")

    def pair(self, *more):
        return self.ok("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", *more)

    def test_packages(self):
        out = self.pair("--events", "events.jsonl")
        self.assertRegex(out, r"\[log\] \d+: hello from hello\n")
        types = [e["type"] for e in self.events()]
        self.assertEqual((types[0], types[-2:]), ("log.start", ["log.end", "log.checkpoint"]))
        start = self.events()[0]["data"]
        self.assertEqual(start["kernel"], "hosted")
        with open(os.path.join(os.path.dirname(scenario.KPKG), "programs/cli/root.elf"), "rb") as file:
            self.assertEqual(start["root_image"], "sha256:" + hashlib.sha256(file.read()).hexdigest())
        self.assertIn("target.spawned", self.ok("audit", "show", "events.jsonl"))

    def test_a_program_alone(self):
        self.assertEqual(self.ok("run", "--trust", "trust.toml", "hello.kpkg"), "")

    def test_console_text_that_is_lost_is_an_error(self):
        words = ("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg")
        with open("/dev/full", "wb") as full:
            run = subprocess.run([scenario.KPKG, *words], cwd=self.folder, stdout=full, stderr=subprocess.PIPE, text=True,
                                 timeout=scenario.TIMEOUT, check=False)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertRegex(run.stderr, '(?m)^kpkg: .*KPKG_E_IO: .*stdout')
        for option in ("--events", "--console"):
            self.assertIn('/dev/full: KPKG_E_IO: ', self.fails("IO", *words, option, "/dev/full", code=2).stderr)

    def test_system_file(self):
        self.write("pair.system.toml", SYSTEM)
        out = self.ok("run", "pair.system.toml", "--events", "events.jsonl")
        self.assertIn("hello from greeter", out)
        self.assertIn('argument 0 is "world"', out)
        self.assertIn("greeter", {e.get("tgt") for e in self.events()})

    def test_system_file_elsewhere(self):
        os.mkdir(self.path("sub"))
        for name in ("log.kpkg", "hello.kpkg", "trust.toml"):
            shutil.move(self.path(name), self.path("sub"))
        self.write("sub/pair.system.toml", SYSTEM)
        self.assertIn("hello from greeter", self.ok("run", "sub/pair.system.toml"))

    def test_two_outputs_need_two_files(self):
        arguments = ("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--events", "out")
        self.assertIn("same file", self.fails("USAGE", *arguments, "--console", "./out", code=2).stderr)

    def test_a_system_file_comes_alone(self):
        self.write("pair.system.toml", SYSTEM)
        self.assertIn("alone", self.fails("USAGE", "run", "pair.system.toml", "log.kpkg", code=2).stderr)

    def short_of(self, limit, name):
        command = f'ulimit {limit} && exec "$0" run --trust trust.toml log.kpkg hello.kpkg'
        run = scenario.subprocess.run(["sh", "-c", command, scenario.KPKG], cwd=self.folder, capture_output=True, check=False,
                                      timeout=scenario.TIMEOUT)
        self.assertEqual((run.returncode, run.stdout), (2, b""))
        self.assertIn(f"KPKG_E_{name}".encode(), run.stderr)

    @unittest.skipIf(scenario.is_sanitized(), "the sanitizer itself needs more address space")
    def test_short_of_memory_is_an_error(self):
        self.short_of("-v 100000", "NO_MEMORY")

    def test_short_of_files_is_an_error(self):
        self.short_of("-n 8", "HOST_REFUSED")

    def test_packages_alone_need_trust(self):
        self.fails("USAGE", "run", "log.kpkg", "hello.kpkg", code=2)

    def test_issued_capabilities_are_those_of_the_plan(self):
        self.pair("--events", "events.jsonl")
        plan = self.json("plan", "--trust", "trust.toml", "log.kpkg", "hello.kpkg")
        issued = {e["tgt"]: e["data"]["caps"] for e in self.events() if e["type"] == "caps.issued"}
        for target in plan["targets"]:
            wanted = [(int(c["slot"]), c["name"]) for c in target["caps"] if c["kind"] != "tripwire"]
            self.assertEqual([(int(c[0], 16), c[2]) for c in issued[target["name"]]], wanted)

    def test_report_holds_everything(self):
        out = self.pair("--report", "report", "--trace")
        self.assertEqual(self.read("report/console.log").decode(), out)
        self.assertEqual(self.events("report/events.jsonl")[-2]["type"], "log.end")
        self.assertGreater(len(self.read("report/trace.txt").splitlines()), 100)

    def test_the_trace_names_what_the_plan_names(self):
        trace = self.run_kpkg("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--trace").stderr
        self.assertRegex(trace, r"\d hello: Call log \(slot 0x2, endpoint log\.log\) label 1 @")
        self.assertRegex(trace, r"\d log: Call console \(slot 0x4, endpoint console\) label 1 @")
        self.assertRegex(trace, r"\d kpkg\.root: TCBWriteRegisters 0x[0-9a-f]+ \(tcb of hello\) label 3 @")
        bare = self.run_kpkg("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--trace", "--no-precheck").stderr
        self.assertIn(" hello: Call log (slot 0x2, endpoint log.log)", bare)

    def live(self, name):
        """(target, when) -> its slots, from a dump of the live CSpaces."""
        dumps = [json.loads(line) for line in self.read(name).splitlines()]
        return {(d["target"], d["when"]): d["slots"] for d in dumps if d["schema"] == "kpkg.cspace/v1"}

    def test_live_cspaces_are_those_of_the_plan(self):
        self.pair("--cspace", "live.jsonl")
        live = self.live("live.jsonl")
        self.assertEqual(sorted(live), [("hello", "start"), ("log", "end"), ("log", "start")])
        for target in self.json("plan", "--trust", "trust.toml", "log.kpkg", "hello.kpkg")["targets"]:
            wanted = [(int(c["slot"]), c["name"], c["type"], c["rights"], c["badge"]) for c in target["caps"]]
            for when in ("start", "end"):
                slots = live.get((target["name"], when))
                found = [(s["slot"], s["name"], s["kind"], s["rights"], s["badge"]) for s in slots or []]
                self.assertIn(found, (wanted, []))
                self.assertEqual({s["verdict"] for s in slots or []} - {"as planned"}, set())

    def test_live_cspaces_as_tables(self):
        self.pair("--cspace", "live.txt")
        table = self.read("live.txt").decode()
        self.assertRegex(table, r"\nhello, incarnation 1, at its start: radix 3\n(  .*\n){8}  as planned\n")
        self.assertRegex(table, r"\n     2  issued    log +endpoint +WP +0x300000100000002 +log\.log +@[0-9a-f]+\n")
        self.assertIn(table[:table.index("\nhello,")], self.pair("--cspace", "-"))

    def test_a_server_that_is_not_there_is_stood_in_for(self):
        self.write("pair.system.toml", SYSTEM.replace('"log.kpkg"', '"log.kpkg"\nstart = "on-demand"'))
        self.ok("run", "pair.system.toml", "--cspace", "live.jsonl")
        verdicts = {s["name"]: s["verdict"] for s in self.live("live.jsonl")["greeter", "start"]}
        self.assertEqual((verdicts["log"], verdicts["exit"]), ("stood in", "as planned"))

    def test_console_goes_to_a_file(self):
        self.assertEqual(self.pair("--console", "console.log"), "")
        self.assertIn(b"hello from hello", self.read("console.log"))

    def test_unwritable_output_is_trouble(self):
        self.fails("IO", "run", "--trust", "trust.toml", "hello.kpkg", "--events", "none/events.jsonl", code=2)

    def test_kernel_configurations(self):
        for config in ("2.3.0", "2.3.0-debug", "2.2.0", "2.1.0"):
            self.assertIn("hello from hello", self.pair("--as", config), config)
        run = self.run_kpkg("run", "--trust", "trust.toml", "hello.kpkg", "--as", "1.0.0")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn("KPKG_E_", run.stderr)

    def test_time_limit(self):
        name = self.pack(name="test.spinner")
        run = self.run_kpkg("run", "--trust", "trust.toml", name, "--time-limit", "1", "--events", "events.jsonl")
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertIn("time limit", run.stderr)
        cut = self.run_kpkg("audit", "show", "events.jsonl")
        self.assertEqual(cut.returncode, 3)
        self.assertIn("no_end", cut.stderr)

    def test_no_time_limit(self):
        self.pair("--time-limit", "0")

    def test_the_same_input_gives_the_same_image_and_log(self):
        self.pair("--deterministic", "--events", "one.jsonl")
        self.pair("--deterministic", "--events", "two.jsonl")
        self.assertEqual(self.read("one.jsonl"), self.read("two.jsonl"))
        self.pair("--events", "three.jsonl")
        self.assertNotEqual(self.events("one.jsonl")[0]["data"]["boot"], self.events("three.jsonl")[0]["data"]["boot"])

    def test_console_text_never_becomes_an_event(self):
        shutil.copy(os.path.join(scenario.BUILD, "tests", "e2e", "shouter.kpkg"), self.path("shouter.kpkg"))
        self.ok("sign", "shouter.kpkg", "--key", "a.key")
        out = self.ok("run", "--trust", "trust.toml", "shouter.kpkg", "--events", "events.jsonl")
        self.ok("audit", "show", "events.jsonl")
        self.assertNotIn(b"forged", self.read("events.jsonl"))
        self.assertEqual(out.count("forged"), 6)
        self.assertTrue(all(line.startswith("[shouter] ") for line in out.splitlines()), out)
        self.assertEqual([c for c in out if c != "\n" and not c.isprintable()], [])

    def test_image_is_a_boot_image_and_a_secret(self):
        self.write("pair.system.toml", SYSTEM)
        self.ok("image", "pair.system.toml", "-o", "boot.elf")
        self.assertEqual(os.stat(self.path("boot.elf")).st_mode & 0o777, 0o600)
        image = self.read("boot.elf")
        self.assertEqual(image[:4], b"\x7fELF")
        self.assertIn(self.read("hello.kpkg"), image)
        self.assertEqual(image.index(self.read("hello.kpkg")) % 4096, 0)


scenario.main()
