# SPDX-License-Identifier: BSD-2-Clause
"""pack, sign, inspect, verify: reproducible bytes, and a named refusal for everything else."""
import shutil
import stat

import scenario

PAGE = 4096


class Package(scenario.Scenario):
    def test_pack_is_reproducible(self):
        first = self.read(self.pack("tiny", signers=()))
        self.ok("pack", "tiny.kpkg.toml", "-o", "again.kpkg")
        self.assertEqual(self.read("again.kpkg"), first)

    def test_signing_moves_nothing_and_order_does_not_matter(self):
        self.key("b.key")
        unsigned = self.read(self.pack("one", signers=()))
        self.pack("one", signers=("a.key", "b.key"))
        one = self.read("one.kpkg")
        self.pack("one", signers=("b.key", "a.key"))
        self.assertEqual(one, self.read("one.kpkg"))
        self.assertEqual(one[:0x100], unsigned[:0x100])
        self.assertEqual(one[PAGE:], unsigned[PAGE:])

    def test_the_id_does_not_depend_on_signatures(self):
        name = self.pack(signers=())
        before = self.json("inspect", name)
        self.ok("sign", name, "--key", "a.key")
        after = self.json("inspect", name)
        self.assertEqual((before["id"], before["signatures"]), (after["id"], []))
        self.assertEqual(after["signatures"], [{"ed25519": self.a, "valid": True}])

    def test_inspect_gives_the_manifest_as_signed(self):
        name = self.pack()
        self.assertEqual(self.ok("inspect", "--manifest", name).encode(), self.read("tiny.kpkg.toml"))
        self.assertEqual(self.json("inspect", name)["manifest"].encode(), self.read("tiny.kpkg.toml"))
        self.assertIn("test.tiny", self.ok("inspect", name))

    def test_verify_says_who_signed(self):
        shown = self.json("verify", self.pack(), "--trust", self.trust())
        self.assertEqual([(f["ok"], f["name"], f["signers"]) for f in shown["files"]], [(True, "test.tiny", ["a"])])
        self.assertIn("test.tiny", self.ok("verify", "tiny.kpkg", "--trust", "trust.toml"))

    def test_one_bad_file_does_not_hide_the_others(self):
        good, bad = self.pack("good"), self.pack("bad", signers=())
        run = self.fails("UNSIGNED", "verify", bad, good, "--trust", self.trust())
        self.assertIn("good.kpkg", run.stdout)

    def test_json_names_the_error(self):
        run = self.run_kpkg("verify", self.pack(signers=()), "--trust", self.trust(), "--json")
        shown = scenario.json.loads(run.stdout)["files"][0]
        self.assertEqual((run.returncode, shown["ok"], shown["error"]["name"]), (1, False, "KPKG_E_UNSIGNED"))

    def test_trust_decides(self):
        b = self.key("b.key")
        name = self.pack(counter=5)
        self.fails("SIGNER_UNKNOWN", "verify", name, "--trust", self.trust(keys={"b": (b, {})}))
        self.fails("KEY_REVOKED", "verify", name, "--trust", self.trust(keys={"a": (self.a, {"state": "revoked"})}))
        self.fails("KEY_SCOPE", "verify", name, "--trust", self.trust(keys={"a": (self.a, {"names": '["other.*"]'})}))
        self.fails("KEY_WINDOW", "verify", name, "--trust", self.trust(keys={"a": (self.a, {"low": 6})}))
        both = {"a": (self.a, {}), "b": (b, {})}
        self.fails("THRESHOLD", "verify", name, "--trust", self.trust(keys=both, threshold=2))
        self.fails("ROLLBACK", "verify", name, "--trust", self.trust(floor=6))
        self.ok("sign", name, "--key", "b.key")
        self.ok("verify", name, "--trust", self.trust(keys=both, threshold=2, floor=5))

    def test_a_broken_trust_file_is_an_error_of_its_own(self):
        """Refused like anything else that is looked at, 1; one that cannot be read is 2. The same for each command."""
        name = self.pack()
        self.write("trust.toml", "schema = 1\ncounter = \n")
        for command in ("verify", "plan", "run"):
            run = self.fails("TOML_SYNTAX", command, name, "--trust", "trust.toml")
            self.assertTrue(run.stderr.startswith("trust.toml:2:11: "), run.stderr)
            self.fails("IO", command, name, "--trust", "absent.toml", code=2)

    def test_damage_has_a_name(self):
        whole = self.read(self.pack())
        trust = self.trust()
        for name, content in (("TRUNCATED", whole[:100]), ("LENGTH_UNALIGNED", whole + b"x"), ("BODY_TRUNCATED", whole[:-PAGE]),
                              ("TRAILING_DATA", whole + bytes(PAGE)), ("MAGIC", b"\x7fELF" + whole[4:]),
                              ("MAGIC_TEXT_MANGLED", whole.replace(b"\r\n", b"\n\n", 1)),
                              ("PAGE_DIGEST", whole[:PAGE] + b"\0" + whole[PAGE + 1:]),
                              ("SIG_INVALID", whole[:0x10] + b"\x63" + whole[0x11:])):
            self.write("damaged.kpkg", content)
            self.fails(name, "verify", "damaged.kpkg", "--trust", trust)

    def test_sign_refuses_what_is_not_whole(self):
        whole = self.read(self.pack(signers=()))
        self.write("damaged.kpkg", whole[:PAGE] + b"\0" + whole[PAGE + 1:])
        self.fails("PAGE_DIGEST", "sign", "damaged.kpkg", "--key", "a.key")
        self.ok("sign", "tiny.kpkg", "--key", "a.key")
        self.fails("SIG_DUPLICATE", "sign", "tiny.kpkg", "--key", "a.key")

    def test_pack_refuses_what_the_target_would(self):
        self.pack(signers=())
        text = self.read("tiny.kpkg.toml").decode()
        for name, old, new in (("MANIFEST_UNKNOWN_KEY", "priority", "prioritty"), ("MANIFEST_MISSING_KEY", 'version = "1.0.0"\n', ""),
                               ("TOML_DUPLICATE_KEY", "counter = 1", "counter = 1\ncounter = 1"), ("MANIFEST_VALUE", "test.tiny", "Test.tiny"),
                               ("BUDGET", '"1ms"', '"20ms"'), ("MEMORY_LIMIT", "256KiB", "16KiB")):
            self.write("bad.kpkg.toml", text.replace(old, new))
            run = self.run_kpkg("pack", "bad.kpkg.toml", "-o", "bad.kpkg")
            self.assertIn((run.returncode, name in run.stderr), [(1, True)], (name, run.stderr))

    def test_an_error_begins_with_its_place(self):
        """As compilers say it: in the manifest that was packed, the one beside a package, a system and a trust file."""
        self.pack()
        text = self.read("tiny.kpkg.toml").decode()
        line = text.splitlines().index("priority = 100") + 1
        self.write("bad.kpkg.toml", text.replace("priority = 100", "prioritty = 100"))
        self.assertTrue(self.fails("MANIFEST_UNKNOWN_KEY", "pack", "bad.kpkg.toml", "-o", "bad.kpkg").stderr.startswith(
            f"bad.kpkg.toml:{line}:1: KPKG_E_"))
        trust = self.trust()
        self.write("low.toml", self.read(trust).replace(b"priority-max = 253", b"priority-max = 50"))
        self.write("low.system.toml", 'schema = 1\nname = "s"\ntrust = "low.toml"\n[[package]]\nfile = "tiny.kpkg"\n')
        for words in (("plan", "--trust", "low.toml", "tiny.kpkg"), ("run", "low.system.toml"), ("check", "low.system.toml")):
            self.assertTrue(self.fails("CEILING", *words).stderr.startswith(f"tiny.kpkg.toml:{line}:12: KPKG_E_"), words)
        self.write("bad.system.toml", 'schema = 1\nname = "s"\n\ntrust = 1\n[[package]]\nfile = "tiny.kpkg"\n')
        self.assertTrue(self.fails("TOML_TYPE", "check", "bad.system.toml").stderr.startswith("bad.system.toml:4:9: KPKG_E_"))
        self.write("bad.toml", b"[celing.x]\n" + self.read(trust))
        self.assertTrue(self.fails("POLICY_SCHEMA", "verify", "--trust", "bad.toml", "tiny.kpkg").stderr.startswith(
            "bad.toml:1:2: KPKG_E_"))

    def test_pack_reads_the_binary_beside_the_manifest(self):
        self.pack(signers=())
        scenario.os.mkdir(self.path("sub"))
        for part in ("tiny.elf", "tiny.kpkg.toml"):
            shutil.move(self.path(part), self.path("sub"))
        self.ok("pack", "sub/tiny.kpkg.toml", "-o", "moved.kpkg")
        self.assertEqual(self.read("moved.kpkg"), self.read("tiny.kpkg"))

    def test_pack_refuses_a_program_that_cannot_be_loaded(self):
        self.pack(signers=())
        self.write("tiny.elf", b"#!/bin/sh\n" + bytes(100))
        self.fails("ELF_MAGIC", "pack", "tiny.kpkg.toml", "-o", "bad.kpkg")
        shutil.copy("/bin/true", self.path("tiny.elf"))
        run = self.run_kpkg("pack", "tiny.kpkg.toml", "-o", "bad.kpkg")
        self.assertRegex(run.stderr, "KPKG_E_ELF_(TYPE|INTERP|DYNAMIC)")
        self.assertEqual(run.returncode, 1)

    def test_a_pipe_is_written_to_and_not_replaced(self):
        whole = self.read(self.pack(signers=()))
        scenario.os.mkfifo(self.path("pipe"))
        with scenario.subprocess.Popen(["cat", "pipe"], cwd=self.folder, stdout=scenario.subprocess.PIPE) as reader:
            self.ok("pack", "tiny.kpkg.toml", "-o", "pipe")
            self.assertEqual(reader.communicate(timeout=scenario.TIMEOUT)[0], whole)
        self.assertTrue(stat.S_ISFIFO(scenario.os.stat(self.path("pipe")).st_mode))

    def test_verify_takes_regular_files_only(self):
        scenario.os.mkdir(self.path("folder"))
        for name in ("folder", "/dev/null"):
            self.assertIn("not a regular file", self.fails("IO", "verify", name, "--trust", self.trust(), code=2).stderr)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            run = scenario.subprocess.run([scenario.KPKG, "inspect", self.pack()], cwd=self.folder, stdout=full,
                                          stderr=scenario.subprocess.PIPE, check=False, timeout=scenario.TIMEOUT)
        self.assertEqual(run.returncode, 2)
        self.assertIn(b"No space left", run.stderr)
        self.fails("IO", "pack", "tiny.kpkg.toml", "-o", "/dev/full", code=2)

    def test_a_refused_pack_leaves_no_file(self):
        self.write("bad.kpkg.toml", "schema = 1\n")
        self.run_kpkg("pack", "bad.kpkg.toml", "-o", "bad.kpkg")
        self.assertEqual([n for n in scenario.os.listdir(self.folder) if n.startswith("bad.kpkg") and n != "bad.kpkg.toml"], [])


scenario.main()
