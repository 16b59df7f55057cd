# SPDX-License-Identifier: BSD-2-Clause
"""The same bytes on two kernels: each scenario runs on the hosted kernel and on every configuration of the real one that is
found, and `kpkg audit diff` must call the outcomes equal. Where none is found, the exit status is 77 after the hosted runs.
"""
import os
import re
import sys
import unittest

import scenario

SYSTEM = 'schema = 1\nname = "same"\ntrust = "trust.toml"\n'


KERNELS = scenario.kernels()


class Same(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()

    def system(self, *packages):
        """A system of packages; each is a file's stem or (stem, more lines of TOML)."""
        text = SYSTEM
        for package in packages:
            stem, more = package if isinstance(package, tuple) else (package, "")
            text += f'[[package]]\nfile = "{stem}.kpkg"\n{more}'
        return self.write("same.system.toml", text)

    def patient_intruder(self):
        """The intruder with a budget that only its last attempt, which runs for ever, uses up on a slow machine as well."""
        examples = os.path.join(scenario.BUILD, "examples")
        with open(os.path.join(examples, "intruder.kpkg.toml"), encoding="utf-8") as file:
            text = re.sub(r'budget = "\w+"\nperiod = "\w+"', 'budget = "300ms"\nperiod = "1s"', file.read())
        self.assertIn("300ms", text)
        scenario.shutil.copy(os.path.join(examples, "intruder.elf"), self.path("intruder.elf"))
        self.write("intruder.kpkg.toml", text)
        self.ok("pack", "intruder.kpkg.toml", "-o", "intruder.kpkg")
        self.ok("sign", "intruder.kpkg", "--key", "a.key")

    def run_on(self, name, *words, code=0):
        """Runs the system; the name of its event log, which must be whole."""
        log = name + ".jsonl"
        run = self.run_kpkg("run", "same.system.toml", "--events", log, "--console", name + ".txt", *words)
        self.assertEqual(run.returncode, code, f"{name}: {run.stderr}")
        self.ok("audit", "show", log)
        return log

    def same_everywhere(self, *words, code=0):
        """Runs the system on every kernel; the events of the hosted run."""
        hosted = self.run_on("hosted", "--deterministic", *words, code=code)
        for kernel in KERNELS:
            real = self.run_on(kernel["config"], "--kernel", kernel["elf"], *words, code=code)
            start = self.events(real)[0]["data"]
            self.assertEqual((start["kernel"], start["kernel_image"], start["sdk"], start["proof"], start["cfg"]["debug"]),
                             ("sel4", "sha256:" + kernel["sha256"], kernel["sdk"], "none", kernel["debug"]))
            oracles = {e["data"]["oracle"] for e in self.events(real) if e["type"] == "caps.issued"}
            self.assertLessEqual(oracles, {"debug" if kernel["debug"] else "accepted"})
            types = [e["type"] for e in self.events(real)]
            self.assertEqual("caps.shown" in types, kernel["debug"])
            self.assertTrue(all(e["data"]["equal"] for e in self.events(real) if e["type"] == "caps.checked"))
            self.assertEqual(types.count("caps.checked"), types.count("target.spawned"))
            diff = self.run_kpkg("audit", "diff", hosted, real)
            self.assertEqual(diff.returncode, 0, f"{kernel['elf']}:\n{diff.stdout}{diff.stderr}")
        return self.events(hosted)

    def test_two_that_talk(self):
        self.example("log"), self.example("hello")
        self.system("log", ("hello", 'as = "greeter"\narguments = ["world"]\n'))
        events = self.same_everywhere()
        self.assertIn("greeter", {e.get("tgt") for e in events})

    def test_a_debug_kernels_own_list_is_evidence(self):
        self.example("log"), self.example("hello")
        self.system("log", "hello")
        for kernel in [k for k in KERNELS if k["debug"]]:
            run = self.run_kpkg("run", "same.system.toml", "--kernel", kernel["elf"], "--report", "report")
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            shown = [e for e in self.events("report/events.jsonl") if e["type"] == "caps.shown"]
            self.assertEqual([e.get("tgt") for e in shown], ["log", "hello", None])
            lists = self.read("report/kernel.cdl").decode()
            self.assertEqual((lists.count("arch x86_64\n"), lists.count("irq maps {\n}\n")), (3, 3))
            self.assertNotIn("irq maps", run.stdout)

    def test_two_that_share_memory(self):
        self.example("log"), self.example("producer"), self.example("consumer")
        self.system("log", "producer", "consumer")
        events = self.same_everywhere()
        self.assertEqual([e["data"]["code"] for e in events if e["type"] == "target.exited"], [0, 0])

    def test_demo_and_every_attempt_of_the_intruder(self):
        for name in ("log", "sensor", "hello"):
            self.example(name)
        self.patient_intruder()
        self.system("log", "sensor", "hello", "intruder")
        events = self.same_everywhere(code=1)
        stops = [e["type"] for e in events if e.get("tgt") == "intruder" and e["type"].startswith(("deny.", "fault."))]
        self.assertEqual(len(stops), 22)
        self.the_code_of_a_forbidden_interrupt()

    def the_code_of_a_forbidden_interrupt(self):
        """int 0x80: what `audit diff` leaves out, and why (docs/limits.md)."""
        for name, code in [("hosted", "0x402")] + [(kernel["config"], "0x802") for kernel in KERNELS]:
            codes = [e["data"]["code"] for e in self.events(name + ".jsonl") if e["type"] == "fault.exception"]
            self.assertEqual(codes, [code, "0x0", "0x0", "0x0"], name)

    def test_two_of_one_package(self):
        self.example("log"), self.example("hello")
        self.system("log", ("hello", 'as = "one"\n'), ("hello", 'as = "two"\n'))
        self.same_everywhere()

    def test_a_package_that_is_refused(self):
        self.example("log"), self.example("hello")
        damaged = bytearray(self.read("hello.kpkg"))
        damaged[damaged.index(b"\x7fELF") + 5000] ^= 1
        self.write("hello.kpkg", bytes(damaged))
        self.system("log", "hello")
        events = self.same_everywhere("--no-precheck", code=1)
        self.assertEqual([e["data"]["reason"] for e in events if e["type"] == "package.refused"], ["KPKG_E_PAGE_DIGEST"])

    def test_a_policy_that_is_refused(self):
        self.example("log"), self.example("hello")
        self.write("trust.toml", self.read("trust.toml").decode().replace("priority-max = 253", "priority-max = 100"))
        self.system("log", "hello")
        events = self.same_everywhere("--no-precheck", code=1)
        self.assertEqual([e["data"]["reason"] for e in events if e["type"] == "policy.refused"], ["KPKG_E_CEILING"])


class Diff(scenario.Scenario):
    """The comparison itself must be able to fail."""

    def setUp(self):
        super().setUp()
        self.trust()
        self.example("log"), self.example("hello")
        for name, words in (("both", ("log.kpkg", "hello.kpkg")), ("alone", ("log.kpkg",)), ("again", ("log.kpkg", "hello.kpkg"))):
            self.ok("run", "--trust", "trust.toml", "--events", name + ".jsonl", "--console", "console.txt", *words)

    def test_equal(self):
        self.assertIn("the same outcome", self.ok("audit", "diff", "both.jsonl", "again.jsonl"))
        self.assertTrue(self.json("audit", "diff", "both.jsonl", "again.jsonl")["equal"])

    def test_different(self):
        run = self.run_kpkg("audit", "diff", "both.jsonl", "alone.jsonl", "--json")
        self.assertEqual(run.returncode, 1)
        found = {d["target"]: (d["event"], d["member"]) for d in scenario.json.loads(run.stdout)["differences"]}
        self.assertEqual(found["hello"], (1, "end"))
        self.assertIn("", found)
        text = self.run_kpkg("audit", "diff", "both.jsonl", "alone.jsonl").stdout
        self.assertIn("hello, event 1: end differs", text)
        self.assertIn("(no more events)", text)

    def test_logs_that_say_nothing(self):
        lines = self.read("both.jsonl").splitlines(keepends=True)
        self.write("cut.jsonl", b"".join(lines[:5]))
        self.write("torn.jsonl", b"".join(lines[:3] + lines[4:]))
        self.assertEqual(self.run_kpkg("audit", "diff", "both.jsonl", "cut.jsonl").returncode, 3)
        self.assertEqual(self.run_kpkg("audit", "diff", "torn.jsonl", "both.jsonl").returncode, 4)


program = unittest.main(module="__main__", argv=[sys.argv[0]] + sys.argv[2:], verbosity=1, exit=False)
if not program.result.wasSuccessful():
    sys.exit(1)
if not KERNELS:
    print("seL4 not found: ran on the hosted kernel only")
    sys.exit(scenario.EXIT_SKIPPED)
