# SPDX-License-Identifier: BSD-2-Clause
"""Keys: made, shown, imported; openssl's and minisign's files; permissions; offline signing."""
import base64
import os
import shutil
import stat
import subprocess
import unittest

import scenario


class Keys(scenario.Scenario):
    def tool(self, *command):
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, timeout=scenario.TIMEOUT)

    def test_generate_writes_a_secret_and_a_public_file(self):
        self.ok("key", "generate", "new.key")
        self.assertEqual(stat.S_IMODE(os.stat(self.path("new.key")).st_mode), 0o600)
        self.assertIn(b"BEGIN PRIVATE KEY", self.read("new.key"))
        self.assertIn(b"BEGIN PUBLIC KEY", self.read("new.key.pub"))
        secret, public = self.json("key", "show", "new.key"), self.json("key", "show", "new.key.pub")
        self.assertEqual(secret["ed25519"], public["ed25519"])
        self.assertNotEqual(secret["ed25519"], self.a)

    def test_generate_never_overwrites(self):
        before = self.read("a.key")
        self.fails("IO", "key", "generate", "a.key", code=2)
        self.assertEqual(self.read("a.key"), before)

    def test_generate_writes_both_files_or_none(self):
        self.write("one.pub", "mine")
        self.fails("IO", "key", "generate", "one", code=2)
        self.assertEqual((self.read("one.pub"), os.path.exists(self.path("one"))), (b"mine", False))
        self.write("two", "mine")
        self.fails("IO", "key", "generate", "two", code=2)
        self.assertEqual((self.read("two"), os.path.exists(self.path("two.pub"))), (b"mine", False))

    def test_openssl_reads_what_generate_wrote(self):
        self.tool("openssl", "pkey", "-in", "a.key", "-pubout", "-out", "public.pem")
        self.assertEqual(self.read("public.pem"), self.read("a.key.pub"))

    def test_openssl_keys_are_read(self):
        self.tool("openssl", "genpkey", "-algorithm", "ed25519", "-out", "o.pem")
        os.chmod(self.path("o.pem"), 0o600)
        self.tool("openssl", "pkey", "-in", "o.pem", "-pubout", "-out", "o.pub")
        self.assertEqual(self.json("key", "show", "o.pem")["ed25519"], self.json("key", "show", "o.pub")["ed25519"])

    def test_a_secret_that_others_can_read_is_refused(self):
        os.chmod(self.path("a.key"), 0o644)
        name = self.pack(signers=())
        run = self.fails("KEY_PERMISSIONS", "sign", name, "--key", "a.key")
        self.assertIn("hint: chmod 600", run.stderr)
        self.assertIn("file mode 0644", run.stderr)

    def test_what_is_no_private_key_is_not_worth_a_chmod(self):
        self.fails("KEY_PEM", "sign", self.pack(signers=()), "--key", "a.key.pub")

    def test_other_kinds_of_keys_have_their_own_errors(self):
        self.tool("openssl", "genpkey", "-algorithm", "x25519", "-out", "x.pem")
        self.tool("openssl", "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:x", "-out", "locked.pem")
        for name in ("x.pem", "locked.pem"):
            os.chmod(self.path(name), 0o600)
        self.write("text", "not a key\n")
        self.fails("KEY_ALGORITHM", "key", "show", "x.pem")
        self.fails("KEY_ENCRYPTED", "key", "show", "locked.pem")
        self.fails("KEY_PEM", "key", "show", "text")

    @unittest.skipUnless(shutil.which("minisign"), "minisign is not installed")
    def test_minisign_public_keys_are_imported(self):
        self.tool("minisign", "-G", "-W", "-p", "m.pub", "-s", "m.key")
        raw = base64.b64decode(self.read("m.pub").splitlines()[1])
        self.ok("key", "import", "m.pub", "-o", "m.pem")
        self.assertEqual(self.json("key", "show", "m.pem")["ed25519"], raw[10:].hex())

    def test_offline_signing_with_openssl(self):
        name = self.pack(signers=())
        self.ok("payload", name, "--key", "a.key.pub", "-o", "payload")
        self.assertEqual(len(self.read("payload")), 96)
        self.tool("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", "a.key", "-in", "payload", "-out", "signature")
        self.ok("attach", name, "--payload", "payload", "--signature", "signature")
        self.assertEqual([s["valid"] for s in self.json("inspect", name)["signatures"]], [True])
        self.ok("verify", name, "--trust", self.trust())

    def test_a_signature_over_another_package_is_refused(self):
        one, two = self.pack("one", signers=()), self.pack("two", name="test.two", signers=())
        self.ok("payload", one, "--key", "a.key.pub", "-o", "payload")
        self.tool("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", "a.key", "-in", "payload", "-out", "signature")
        before = self.read(two)
        self.fails("SIG_OTHER_PACKAGE", "attach", two, "--payload", "payload", "--signature", "signature")
        self.ok("payload", two, "--key", "a.key.pub", "-o", "payload")
        self.fails("SIG_INVALID", "attach", two, "--payload", "payload", "--signature", "signature")
        self.assertEqual(self.read(two), before)


scenario.main()
