# SPDX-License-Identifier: BSD-2-Clause
"""A package that must not run: refused by the CLI and, when the CLI is bypassed, by the root task.

Both give the same error name, and in the root task the other packages run as if it were not there.
"""
import scenario


class Refuse(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.b = self.key("b.key")
        self.example("log"), self.example("hello")

    def refused(self, name, bad, trust=None, kind="package.refused"):
        """Runs hello and log beside `bad`, with the host's check and without."""
        trust = trust or self.trust()
        arguments = ("run", "--trust", trust, "--events", "events.jsonl", "log.kpkg", bad, "hello.kpkg")
        self.fails(name, *arguments)
        self.assertFalse(scenario.os.path.exists(self.path("events.jsonl")), "the host's refusal runs nothing")
        run = self.run_kpkg(*arguments, "--no-precheck")
        self.assertEqual(run.returncode, 1, run.stderr)
        refusals = [(e["data"]["reason"], e["data"]["place"]) for e in self.events() if e["type"] == kind]
        self.assertEqual(refusals, [(f"KPKG_E_{name}", 2)])
        self.assertIn(f"KPKG_E_{name}", run.stderr)
        exits = {e["tgt"]: e["data"]["code"] for e in self.events() if e["type"] == "target.exited"}
        self.assertEqual(exits, {"hello": 0})
        self.assertIn("hello from hello", run.stdout)
        self.assertEqual({e["tgt"] for e in self.events() if "tgt" in e} - {"log", "hello"}, set())
        self.ok("audit", "show", "events.jsonl")

    def test_unsigned(self):
        self.refused("UNSIGNED", self.pack(signers=()))

    def test_signed_by_nobody_listed(self):
        self.refused("SIGNER_UNKNOWN", self.pack(signers=("b.key",)))

    def test_out_of_scope(self):
        keys = {"a": (self.a, {}), "b": (self.b, {"names": '["other.*"]'})}
        self.refused("KEY_SCOPE", self.pack(signers=("b.key",)), self.trust(keys=keys))

    def test_revoked(self):
        keys = {"a": (self.a, {}), "b": (self.b, {"state": "revoked"})}
        self.refused("KEY_REVOKED", self.pack(signers=("b.key",)), self.trust(keys=keys))

    def test_outside_the_window(self):
        keys = {"a": (self.a, {}), "b": (self.b, {"high": 4})}
        self.refused("KEY_WINDOW", self.pack(counter=5, signers=("b.key",)), self.trust(keys=keys))

    def test_rolled_back(self):
        trust = self.trust()
        with open(self.path(trust), "a", encoding="ascii") as file:
            file.write('[[rule]]\nnames = "test.*"\nthreshold = 1\nfloor = 8\n')
        self.refused("ROLLBACK", self.pack(counter=7), trust)

    def test_too_few_signers(self):
        trust = self.trust(keys={"a": (self.a, {}), "b": (self.b, {})})
        with open(self.path(trust), "a", encoding="ascii") as file:
            file.write('[[rule]]\nnames = "test.*"\nthreshold = 2\n')
        self.refused("THRESHOLD", self.pack(), trust)

    def test_changed_signature(self):
        whole = bytearray(self.read(self.pack()))
        whole[0x100 + 40] ^= 1
        self.refused("SIG_INVALID", self.write("tiny.kpkg", bytes(whole)))

    def test_changed_page(self):
        whole = bytearray(self.read(self.pack()))
        whole[4096] ^= 1
        self.refused("PAGE_DIGEST", self.write("tiny.kpkg", bytes(whole)))

    def test_changed_manifest(self):
        whole = self.read(self.pack())
        self.refused("MANIFEST_DIGEST", self.write("tiny.kpkg", whole.replace(b"priority = 100", b"priority = 253")))

    def test_cut(self):
        self.refused("BODY_TRUNCATED", self.write("tiny.kpkg", self.read(self.pack())[:-4096]))

    def test_beyond_the_ceiling(self):
        keys = {"a": (self.a, {}), "b": (self.b, {"ceiling": "small"})}
        trust = self.trust(keys=keys)
        text = self.read(trust).decode()
        second = text.index("[[key]]", text.index("[[key]]") + 1)
        text = text[:second] + text[second:].replace('ceiling = "all"', 'ceiling = "small"', 1)
        self.write(trust, text + '[ceiling.small]\nmemory = "64KiB"\ncnode-bits = 12\nthreads = 1\npriority-max = 50\n')
        self.refused("CEILING", self.pack(signers=("b.key",)), trust, kind="policy.refused")

    def test_more_memory_than_the_machine_has(self):
        """Nothing of the host knows the machine: the root task refuses the system, before any target, and the log says why."""
        self.trust()
        files = []
        for name in ("test.one", "test.two"):
            self.write("large.kpkg.toml", scenario.MANIFEST.format(name=name, counter=1, binary=self.elf()).replace("256KiB", "64MiB"))
            files.append(name + ".kpkg")
            self.ok("pack", "large.kpkg.toml", "-o", files[-1])
            self.ok("sign", files[-1], "--key", "a.key")
        run = self.run_kpkg("run", "--trust", "trust.toml", *files, "--events", "events.jsonl")
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("KPKG_E_OUT_OF_UNTYPED", run.stderr)
        events = self.events()
        self.assertEqual([e["data"]["reason"] for e in events if e["type"] == "system.refused"], ["KPKG_E_OUT_OF_UNTYPED"])
        self.assertEqual([e["data"]["reason"] for e in events if e["type"] == "log.end"], ["halt"])
        self.assertNotIn("target.spawned", {e["type"] for e in events})
        self.ok("audit", "show", "events.jsonl")


scenario.main()
