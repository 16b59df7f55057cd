# SPDX-License-Identifier: BSD-2-Clause
"""Trust files: signed by root keys, here and elsewhere; reviewed; and replaced by nothing but a newer one that enough keys signed."""
import fcntl
import hashlib
import os
import resource
import signal
import subprocess
import time

import scenario

KEY = """
[[key]]
id = "{id}"
ed25519 = "{ed25519}"
names = ["org.*"]
{more}
"""
REST = """
[[rule]]
names = "org.*"
threshold = 1

[ceiling.small]
memory = "256KiB"
"""
# What is edited, what for, and what `trust verify` then shows beside the counter: (where, was, now).
EDITS = [
    ('threshold = 1\n\n[ceiling', 'threshold = 2\n\n[ceiling', [(f"rule.org.*.threshold{of}", "1", "2") for of in ("", "-for.irq", "-for.ioport", "-for.dma")]),
    ('names = "org.*"\n', 'names = "org.*"\nfloor = 3\n', [("rule.org.*.floor", "0", "3")]),
    ('names = "org.*"\n', 'names = "org.*"\nthreshold-for = { irq = 2 }\n', [("rule.org.*.threshold-for.irq", "1", "2")]),
    ('names = "org.*"\n', 'names = "org.x"\n', [(f"rule.org.{a}.{f}", *((None, v) if a == "x" else (v, None)))
                                              for a in "*x" for f, v in (("threshold", "1"), ("floor", "0"), ("threshold-for.irq", "1"),
                                                                         ("threshold-for.ioport", "1"), ("threshold-for.dma", "1"))]),
    ('names = ["org.*"]', 'names = ["org.*", "net.*"]', [("key.a.names", None, "net.*")]),
    ('names = ["org.*"]', 'names = ["org.*"]\nstate = "active"', []),
    ('names = ["org.*"]', 'names = ["org.*"]\ncounters = [2, 9]', [("key.a.counters", "0..", "2..9")]),
    ('names = ["org.*"]', 'names = ["org.*"]\nceiling = "small"', [("key.a.ceiling", None, "small")]),
    ('"256KiB"', '262144', []),
    ('"256KiB"', '"1MiB"', [("ceiling.small.memory", "262144", "1048576")]),
    ('memory = "256KiB"', 'cnode-bits = 4\nthreads = 1\npriority-max = 9\ndma = true\nirq = [1, 2]\nioport = ["0x60-0x64"]\n'
     'endpoints = ["org.*"]\nspawn = ["org.x"]',
     [("ceiling.small.memory", "262144", None), ("ceiling.small.cnode-bits", None, "4"), ("ceiling.small.threads", None, "1"),
      ("ceiling.small.priority-max", None, "9"), ("ceiling.small.endpoints", None, "org.*"), ("ceiling.small.spawn", None, "org.x"),
      ("ceiling.small.irq", None, "1"), ("ceiling.small.irq", None, "2"), ("ceiling.small.ioport", None, "0x60-0x64"),
      ("ceiling.small.dma", None, "true")]),
    ("[root]", 'deny = ["' + "ab" * 32 + '"]\n[root]', [("deny", None, "ab" * 32)]),
    ('keys = ["a", "b"]\nthreshold = 2', 'keys = ["b"]\nthreshold = 1', [("root.keys", "a", None), ("root.threshold", "2", "1")]),
]


def limit_files():
    """No file may have more than ten bytes; to write more is an error, not the end."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))


class Trust(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.keys = {"a": self.a, **{name: self.key(name + ".key") for name in "bc"}}
        self.file("trust.toml", 7, "ab")

    def file(self, name, counter, root, threshold=2, **more):
        """A trust file that lists the keys a, b and c; `more` adds lines to theirs."""
        head = f"schema = 1\ncounter = {counter}\n"
        head += f"[root]\nkeys = {list(root)}\nthreshold = {threshold}\n".replace("'", '"') if root else ""
        keys = "".join(KEY.format(id=key, ed25519=hexadecimal, more=more.get(key, "")) for key, hexadecimal in self.keys.items())
        return self.write(name, head + keys + REST)

    def sign(self, name, letters):
        for letter in letters:
            self.assertEqual(self.ok("trust", "sign", name, "--key", letter + ".key"), "")
        return name

    def new(self, signers, counter=8, root="bc", name="new.toml", **more):
        return self.sign(self.file(name, counter, root, **more), signers)

    def refused(self, error, new="new.toml", **how):
        """`update` refuses, as `verify` does, and leaves everything as it was."""
        before = {name: self.read(name) for name in os.listdir(self.folder)}
        self.fails(error, "trust", "verify", "trust.toml", new, **how)
        run = self.fails(error, "trust", "update", "trust.toml", new, **how)
        self.assertEqual({name: self.read(name) for name in os.listdir(self.folder)}, before)
        return run

    def message(self, name, counter, key):
        """What a key signs, by another hand."""
        digest = hashlib.blake2b(self.read(name), digest_size=32, person=b"kpkg.v1.policy".ljust(16, b"\0"), salt=counter.to_bytes(16, "little"))
        return b"kpkg.v1.sig.policy".ljust(32, b"\0") + digest.digest() + bytes.fromhex(self.keys[key])

    def openssl(self, key, message="payload", to="signature"):
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key + ".key", "-in", message, "-out", to], cwd=self.folder,
                       check=True, capture_output=True, timeout=scenario.TIMEOUT)

    def record(self, name, counter, key):
        """A signature as NAME.sig lists it, by another hand."""
        self.write("message", self.message(name, counter, key))
        self.openssl(key, "message", "signed")
        return bytes.fromhex(self.keys[key]) + self.read("signed")

    def test_enough_keys_of_both_files_replace_it(self):
        self.new("cab")
        said = self.ok("trust", "verify", "trust.toml", "new.toml")
        self.assertIn("trust.toml: may be updated\n", said)
        self.assertNotEqual(self.read("trust.toml"), self.read("new.toml"))
        said = self.ok("trust", "update", "trust.toml", "new.toml").splitlines()
        self.assertEqual(said, ["trust.toml: counter 7, root 2 of a b, signed by a b", "new.toml: counter 8, root 2 of b c, signed by b c",
                                "~ counter: 7 -> 8", "~ root.keys: a -> c", "trust.toml: updated"])
        self.assertEqual(self.read("trust.toml"), self.read("new.toml"))

    def test_a_file_name_adds_no_line(self):
        self.new("cab", name="a\nnew.toml")
        os.rename(self.path("trust.toml"), self.path("b\ntrust.toml"))
        said = self.ok("trust", "verify", "b\ntrust.toml", "a\nnew.toml").splitlines()
        self.assertEqual(said[0], "b\\x0atrust.toml: counter 7, root 2 of a b, signed by a b")
        self.assertEqual(said[1], "a\\x0anew.toml: counter 8, root 2 of b c, signed by b c")
        self.assertEqual(said[-1], "b\\x0atrust.toml: may be updated")

    def test_who_may_write_to_it_stays(self):
        os.chmod(self.path("trust.toml"), 0o640)
        self.addCleanup(os.umask, os.umask(0))
        self.ok("trust", "update", "trust.toml", self.new("abc"))
        self.assertEqual(os.stat(self.path("trust.toml")).st_mode & 0o777, 0o640)

    def test_the_same_file_again_is_no_error(self):
        self.new("abc")
        self.assertEqual([self.json("trust", "update", "trust.toml", "new.toml")["updated"] for _ in range(2)], [True, False])
        self.assertIn("trust.toml: is that file already\n", self.ok("trust", "update", "trust.toml", "new.toml"))

    def test_too_few_signatures_name_who_is_missing(self):
        self.new("")
        self.assertIn('(root keys in use still to sign: 2, "a b")', self.refused("POLICY_SIGNATURE").stderr)
        self.sign("new.toml", "ac")
        self.assertIn('(root keys in use still to sign: 1, "b")', self.refused("POLICY_SIGNATURE").stderr)
        self.new("ab", name="other.toml")
        self.assertIn('(root keys of the new file still to sign: 1, "c")', self.refused("POLICY_SIGNATURE", "other.toml").stderr)

    def test_the_report_is_for_programs_too(self):
        self.new("ac", root="ac")
        self.key("d.key")
        self.sign("new.toml", "d")
        run = self.fails("POLICY_SIGNATURE", "trust", "update", "trust.toml", "new.toml", "--json")
        report = scenario.json.loads(run.stdout)
        self.assertEqual((report["schema"], report["ok"], report["updated"], report["error"]["name"]),
                         ("kpkg.trust/v1", False, False, "KPKG_E_POLICY_SIGNATURE"))
        self.assertEqual(report["in_use"], {"file": "trust.toml", "counter": 7, "threshold": 2, "root": ["a", "b"], "signed": ["a"]})
        self.assertEqual(report["next"], {"file": "new.toml", "counter": 8, "threshold": 2, "root": ["a", "c"], "signed": ["a", "c"]})
        self.assertEqual(report["others"], [self.json("key", "show", "d.key")["ed25519"]])
        self.assertEqual(report["changes"], [{"where": "counter", "was": "7", "now": "8"}, {"where": "root.keys", "was": "b", "now": "c"}])

    def test_keys_that_are_not_active_do_not_count(self):
        for state in ('state = "revoked"', 'state = "retired"\ncounters = [0, 9]'):
            self.file("trust.toml", 7, "abc", b=state)
            name = self.new("ab", root="ab", name=f"new{len(state)}.toml")
            self.assertIn('still to sign: 1, "c"', self.refused("POLICY_SIGNATURE", name).stderr)
        self.file("trust.toml", 7, "ab")
        self.new("abc", root="abc", name="last.toml", b='state = "revoked"')  # revoked by this very file: it counts for the old one only
        self.ok("trust", "update", "trust.toml", "last.toml")

    def test_the_counter_must_be_higher(self):
        for counter in (7, 6):
            self.refused("POLICY_ROLLBACK", self.new("abc", counter, name=f"{counter}.toml"))
        self.ok("trust", "update", "trust.toml", self.new("abc", 1000))

    def test_a_version_may_be_skipped_unless_its_keys_are_needed(self):
        self.new("abc", 8, "bc", "8.toml")
        self.new("bca", 9, "ca", "9.toml")
        self.new("ca", 10, "ca", "10.toml")
        self.refused("POLICY_SIGNATURE", "10.toml")
        self.ok("trust", "update", "trust.toml", "9.toml")  # signed by a and b as well: 8 is not needed
        self.ok("trust", "update", "trust.toml", "10.toml")
        self.refused("POLICY_ROLLBACK", "8.toml")

    def test_without_root_keys_there_is_no_update(self):
        self.file("bare.toml", 8, "")
        self.fails("POLICY_NO_ROOT", "trust", "sign", "bare.toml", "--key", "a.key")
        self.write("bare.toml.sig", b"".join(sorted(self.record("bare.toml", 8, key) for key in "ab")))
        self.assertIn("(the new file)", self.refused("POLICY_NO_ROOT", "bare.toml").stderr)
        self.file("trust.toml", 7, "")
        self.new("abc")
        self.assertIn("(the file in use)", self.refused("POLICY_NO_ROOT").stderr)

    def test_what_changed_after_it_was_signed_is_refused(self):
        self.new("abc")
        self.write("new.toml", self.read("new.toml") + b"# one more line\n")
        self.refused("SIG_INVALID")
        run = self.fails("SIG_INVALID", "trust", "sign", "new.toml", "--key", "a.key")
        self.assertTrue(run.stderr.startswith("kpkg: new.toml.sig: "), run.stderr)
        os.remove(self.path("new.toml.sig"))
        self.sign("new.toml", "abc")
        self.ok("trust", "update", "trust.toml", "new.toml")

    def test_signatures_that_are_no_list_of_them_are_refused(self):
        self.new("abc")
        good = self.read("new.toml.sig")
        records = [good[at:at + 96] for at in range(0, len(good), 96)]
        self.assertEqual(records, sorted(records))
        for error, bad in (("SIG_ORDER", records[1] + records[0] + records[2]), ("SIG_DUPLICATE", records[0] * 2 + good),
                           ("POLICY_SIGNATURE", good[:-1]), ("POLICY_SIGNATURE", good + b"\n"), ("FILE_TOO_LARGE", good * 22),
                           ("SIG_INVALID", good[:40] + bytes([good[40] ^ 1]) + good[41:]), ("SIG_KEY", bytes(96) + good),
                           ("SIG_NONCANONICAL", good[:64] + b"\xff" * 32 + good[96:])):
            self.write("new.toml.sig", bad)
            self.refused(error)
        self.write("new.toml.sig", good)
        self.ok("trust", "update", "trust.toml", "new.toml")

    def test_a_key_signs_once_and_alone(self):
        self.new("a")
        before = self.read("new.toml.sig")
        self.fails("SIG_DUPLICATE", "trust", "sign", "new.toml", "--key", "a.key")
        self.fails("KEY_PEM", "trust", "sign", "new.toml", "--key", "a.key.pub")
        os.chmod(self.path("b.key"), 0o644)
        self.fails("KEY_PERMISSIONS", "trust", "sign", "new.toml", "--key", "b.key")
        self.assertEqual(self.read("new.toml.sig"), before)

    def test_sixty_four_keys_may_sign(self):
        self.new("abc")
        for number in range(61):
            self.ok("key", "generate", f"{number}.key")
            self.ok("trust", "sign", "new.toml", "--key", f"{number}.key")
        self.ok("key", "generate", "last.key")
        self.fails("SIG_FULL", "trust", "sign", "new.toml", "--key", "last.key")
        self.ok("trust", "update", "trust.toml", "new.toml")

    def test_only_a_trust_file_is_signed(self):
        self.write("bad.toml", self.read("trust.toml").replace(b"counter = 7", b"counter = 8\nextra = 1"))
        self.assertTrue(self.fails("POLICY_SCHEMA", "trust", "sign", "bad.toml", "--key", "a.key").stderr.startswith("bad.toml:3:"))
        self.refused("POLICY_SCHEMA", "bad.toml")
        self.assertFalse(os.path.exists(self.path("bad.toml.sig")))

    def test_a_key_elsewhere_signs_the_payload(self):
        self.new("ab")
        self.ok("trust", "payload", "new.toml", "--key", "c.key.pub", "-o", "payload")
        self.assertEqual(self.read("payload"), self.message("new.toml", 8, "c"))
        self.openssl("c")
        self.ok("trust", "attach", "new.toml", "--payload", "payload", "--signature", "signature")
        self.ok("trust", "update", "trust.toml", "new.toml")

    def test_a_signature_over_something_else_is_not_attached(self):
        self.new("ab")
        before = self.read("new.toml.sig")
        attach = ("trust", "attach", "new.toml", "--payload", "payload", "--signature", "signature")
        self.ok("trust", "payload", self.file("other.toml", 9, "bc"), "--key", "c.key.pub", "-o", "payload")
        self.openssl("c")
        self.fails("SIG_OTHER_PACKAGE", *attach)
        self.write("payload", self.message("new.toml", 9, "c"))
        self.fails("SIG_OTHER_PACKAGE", *attach)
        self.write("payload", self.message("new.toml", 8, "c")[:95])
        self.fails("SIG_OTHER_PACKAGE", *attach)
        self.write("payload", self.message("new.toml", 8, "c"))
        self.openssl("b")
        self.fails("SIG_INVALID", *attach)
        self.assertEqual(self.read("new.toml.sig"), before)

    def test_each_change_of_meaning_is_shown_and_no_other(self):
        for old, new, changes in EDITS:
            text = self.read(self.file("new.toml", 7, "ab")).decode()
            self.assertIn(old, text)
            place = text.rindex(old) if old.startswith('names = "') else text.index(old)
            self.write("new.toml", (text[:place] + text[place:].replace(old, new, 1)).replace("counter = 7", "counter = 8"))
            run = self.fails("POLICY_SIGNATURE", "trust", "verify", "trust.toml", "new.toml", "--json")
            found = [(c["where"], c["was"], c["now"]) for c in scenario.json.loads(run.stdout)["changes"]]
            self.assertEqual(sorted(found, key=str), sorted([("counter", "7", "8"), *changes], key=str))

    def test_a_disk_that_takes_nothing_leaves_the_old_file(self):
        self.new("abc")
        before = {name: self.read(name) for name in os.listdir(self.folder)}
        run = subprocess.run([scenario.KPKG, "trust", "update", "trust.toml", "new.toml"], cwd=self.folder, capture_output=True, text=True,
                             timeout=scenario.TIMEOUT, check=False, preexec_fn=limit_files)
        self.assertEqual(run.returncode, 2)
        self.assertIn("kpkg: trust.toml: KPKG_E_IO", run.stderr)
        self.assertNotIn("updated", run.stdout)
        self.assertEqual({name: self.read(name) for name in os.listdir(self.folder)}, before)

    def test_two_updates_at_once_come_after_each_other(self):
        """The older of two new files finds the newer one in place, though it came first and had to wait."""
        self.new("abc", 8, "bc", "8.toml")
        self.new("abc", 9, "bc", "9.toml")
        folder = os.open(self.folder, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        fcntl.flock(folder, fcntl.LOCK_EX)
        with subprocess.Popen([scenario.KPKG, "trust", "update", "trust.toml", "8.toml"], cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as waiting:
            while not self.waits(waiting.pid):
                self.assertIsNone(waiting.poll(), "it did not wait")
                time.sleep(0.01)
            self.write("trust.toml", self.read("9.toml"))
            fcntl.flock(folder, fcntl.LOCK_UN)
            self.assertIn("KPKG_E_POLICY_ROLLBACK", waiting.communicate(timeout=scenario.TIMEOUT)[1])
        self.assertEqual(self.read("trust.toml"), self.read("9.toml"))

    @staticmethod
    def waits(pid):
        """Whether a process waits for a lock."""
        with open("/proc/locks", encoding="ascii") as file:
            return any("->" in line and line.split()[5] == str(pid) for line in file)

    def test_usage(self):
        for words in (("sign", "trust.toml"), ("payload", "trust.toml", "--key", "a.key.pub"), ("attach", "trust.toml", "--payload", "x"),
                      ("verify", "trust.toml"), ("update", "trust.toml", "b", "c")):
            self.fails("USAGE", "trust", *words, code=2)
        for words in (("verify", "none", "trust.toml"), ("update", "trust.toml", "none"), ("sign", "none", "--key", "a.key")):
            self.assertIn("kpkg: none: ", self.fails("IO", "trust", *words, code=2).stderr)


scenario.main()
