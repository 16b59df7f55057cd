# SPDX-License-Identifier: BSD-2-Clause
"""kpkg audit attest and the statement of a report, opened by an independent implementation."""
import hashlib
import json
import os
import shutil

import evidence
import scenario

NONCE = "00112233445566778899aabbccddeeff"


class Attest(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        for name in ("log", "sensor", "hello", "intruder"):
            self.example(name)
        shutil.copy(os.path.join(os.path.dirname(scenario.__file__), "../../examples/demo.system.toml"), self.folder)

    def run_demo(self, *options):
        run = self.run_kpkg("run", "demo.system.toml", "--report", "report", "--nonce", NONCE, *options)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.vkey = self.read("report/run.vkey").decode().strip()
        self.key = evidence.read_vkey(self.vkey)[1]
        return self.read("report/events.jsonl").splitlines(), self.events("report/events.jsonl")

    def test_evidence(self):
        lines, events = self.run_demo()
        statement = evidence.open_envelope(self.read("report/run.intoto.jsonl"), self.key)
        predicate = statement["predicate"]
        self.assertEqual(statement["predicateType"], "https://kpkg.invalid/attestation/capability-run/v0.1")
        self.assertEqual((predicate["nonce"], predicate["bootId"]), (NONCE, events[0]["data"]["boot"]))
        # The head of the log, signed on the target, is that of the records before the seal.
        leaves = [evidence.leaf(line) for line in lines[:-1]]
        self.assertEqual(evidence.read_note(predicate["log"]["checkpoint"], self.vkey), (len(leaves), evidence.root(leaves)))
        self.assertEqual(predicate["log"]["rootHash"], evidence.root(leaves).hex())
        self.assertEqual(predicate["log"]["counters"]["stored"], len(lines))
        self.assertEqual((predicate["log"]["epochs"], predicate["log"]["sealVkey"]), (1, self.vkey))
        # Who ran, with what, and how it ended.
        targets = {target["name"]: target for target in predicate["targets"]}
        self.assertEqual(set(targets), {"log", "sensor", "hello", "intruder"})
        for event in events:
            if event["type"] == "caps.issued":
                issued = targets[event["tgt"]]["issuedCapabilities"]
                rows = "".join(" ".join(row) + "\n" for row in event["data"]["caps"]).encode()
                self.assertEqual(issued, {"digest": {"sha256": hashlib.sha256(rows).hexdigest()}, "count": len(event["data"]["caps"]),
                                          "comparedWith": "board", "comparedAtEnd": "board"})
        self.assertEqual(targets["intruder"]["incarnations"], sum(e["type"] == "target.spawned" and e["tgt"] == "intruder" for e in events))
        self.assertGreater(targets["intruder"]["faults"], 10)
        self.assertEqual([targets[n]["outcome"] for n in ("hello", "sensor", "log")], ["exited", "exited", "running"])
        # What it is about, and what nobody saw.
        names = {subject["name"]: subject["digest"] for subject in statement["subject"]}
        doctor = json.loads(self.run_kpkg("doctor", "--json").stdout)
        self.assertEqual(names["kernel"], {"sha256": doctor["hosted_sha256"]})
        package = self.json("inspect", "hello.kpkg")
        self.assertIn(names["org.kpkg.hello-0.1.0.kpkg"]["kpkgBlake2b256"], json.dumps(package))
        self.assertEqual(predicate["platform"]["kernelKind"], "hosted")
        self.assertEqual((predicate["platform"]["measuredBy"], predicate["platform"]["keyProtection"]), ("self", "software"))
        self.assertEqual(predicate["coverage"]["nbsendOutOfRange"], "invisible")

    def test_result(self):
        self.ok("key", "generate", "run.key")
        self.run_demo("--run-key", "run.key")
        self.write("plan.json", self.ok("plan", "demo.system.toml", "--json"))
        ci = bytes.fromhex(self.key_of("ci.key"))
        known = ("--vkey", "report/run.vkey", "--nonce", NONCE, "--plan", "plan.json")
        both = self.ok("audit", "attest", "report/events.jsonl", *known, "--run-key", "run.key", "--key", "ci.key").splitlines()
        self.assertEqual(evidence.open_envelope(both[0], self.key)["predicate"]["nonce"], NONCE)
        result = evidence.open_envelope(both[1], ci)
        self.assertEqual(result["predicateType"], "https://in-toto.io/attestation/svr/v0.1")
        self.assertEqual(result["predicate"]["properties"], ["KPKG_LOG_COMPLETE", "KPKG_LOG_AUTHENTIC", "KPKG_LOG_FRESH",
                                                             "KPKG_RUNTIME_EQUALS_PLAN"])
        # Less is known, so less is said.
        less = self.ok("audit", "attest", "report/events.jsonl", "--key", "ci.key")
        self.assertEqual(evidence.open_envelope(less, ci)["predicate"]["properties"], ["KPKG_LOG_COMPLETE"])

    def key_of(self, name):
        self.ok("key", "generate", name)
        return self.json("key", "show", name)["ed25519"]

    def test_a_log_of_another_request_says_whose_it_is(self):
        self.run_demo()
        shown = self.run_kpkg("audit", "verify", "report/events.jsonl", "--vkey", "report/run.vkey", "--nonce", "ff" * 16)
        self.assertEqual(shown.returncode, 4)
        self.assertIn(f"  nonce {NONCE}  epochs 1\n", shown.stdout)

    def test_nothing_is_said_about_a_changed_log(self):
        lines, _ = self.run_demo()
        self.key_of("ci.key")
        self.write("cut.jsonl", b"".join(line + b"\n" for line in lines[:-1]))
        self.write("changed.jsonl", b"".join(line + b"\n" for line in lines[:5] + lines[6:]))
        for name, code in (("cut.jsonl", 3), ("changed.jsonl", 4)):
            run = self.run_kpkg("audit", "attest", name, "--vkey", "report/run.vkey", "--key", "ci.key", "-o", "out.jsonl")
            self.assertEqual((run.returncode, os.path.exists(self.path("out.jsonl"))), (code, False), run.stderr)
        self.fails("USAGE", "audit", "attest", "report/events.jsonl", "--run-key", "ci.key", code=2)
        self.assertEqual(self.run_kpkg("audit", "attest", "report/events.jsonl").returncode, 2)

    def test_a_cut_run_leaves_no_statement(self):
        self.ok("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--report", "report")
        self.assertTrue(os.path.exists(self.path("report/run.intoto.jsonl")))
        run = self.run_kpkg("run", "--trust", "trust.toml", self.pack(name="test.spinner"), "--time-limit", "1", "--report", "report")
        self.assertEqual(run.returncode, 3, run.stderr)
        self.assertFalse(os.path.exists(self.path("report/run.intoto.jsonl")))

    def test_the_statement_is_reproducible(self):
        self.ok("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--deterministic", "--events", "events.jsonl")
        self.key_of("ci.key")
        words = [scenario.KPKG, "audit", "attest", "events.jsonl", "--key", "ci.key"]
        runs = [scenario.subprocess.run(words, cwd=self.folder, capture_output=True, check=True, timeout=30,
                                        env={**os.environ, "SOURCE_DATE_EPOCH": "86400"}).stdout for _ in range(2)]
        self.assertEqual(runs[0], runs[1])
        statement = evidence.open_envelope(runs[0], bytes.fromhex(self.json("key", "show", "ci.key")["ed25519"]))
        self.assertEqual(statement["predicate"]["timeCreated"], "1970-01-02T00:00:00Z")
        self.assertIn("KPKG_RUN_CONFORMS", statement["predicate"]["properties"])


scenario.main()
