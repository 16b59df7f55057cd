# SPDX-License-Identifier: BSD-2-Clause
"""Credential helpers: which is asked, what it is told, what is believed of it, and where the password is not."""
import base64
import json
import os
import select
import signal
import subprocess
import unittest

import registries
import scenario
from registries import replying

MANIFEST = ("GET", "/v2/team/tiny/manifests/1")
SECRET = "pass:wörd " + "s3cret" * 200
NOTHING = "credentials not found in native keychain\n"
HELPER = """#!/bin/sh
here=$(dirname "$0")
{{ echo "$0" "$@"; cat; }} >"$here/{name}.asked"
{end}
"""


class Helpers(scenario.Scenario):
    """A registry that wants `ada` and SECRET, and shows that it got them by having nothing of the name."""

    def setUp(self):
        super().setUp()
        self.middle = registries.Middle(self)
        self.there = f"{self.middle.host}/team/tiny:1"
        self.basic = "Basic " + base64.b64encode(f"ada:{SECRET}".encode()).decode()
        self.middle.answers[MANIFEST] = self.answer
        self.bin = self.path("bin")
        os.mkdir(self.bin)

    def answer(self, handler):
        good = handler.headers.get("Authorization") == self.basic
        (replying(404) if good else replying(401, WWW_Authenticate="Basic"))(handler)

    def helper(self, name, says=None, code=0):
        """A helper that notes what it is asked, and says this."""
        says = json.dumps({"ServerURL": "x", "Username": "ada", "Secret": SECRET}) if says is None else says
        self.write(f"bin/{name}.says", says)
        self.script(name, f'cat "$here/{name}.says"\nexit {code}')

    def script(self, name, end):
        path = os.path.join(self.bin, "docker-credential-" + name)
        with open(path, "w", encoding="ascii") as file:
            file.write(HELPER.format(name=name, end=end))
        os.chmod(path, 0o755)

    def was_asked(self, name):
        path = f"bin/{name}.asked"
        if not os.path.exists(self.path(path)):
            return False
        self.assertEqual(self.read(path).decode(), f"{self.bin}/docker-credential-{name} get\n{self.middle.host}")
        os.remove(self.path(path))
        return True

    def environment(self, **config):
        self.write("config.json", json.dumps(config))
        return {"REGISTRY_AUTH_FILE": self.path("config.json"), "PATH": self.bin + ":" + os.environ["PATH"]}

    def pull(self, error, **config):
        run = self.run_kpkg("pull", self.there, "--plain-http", environment=self.environment(**config))
        self.assertEqual((run.returncode, run.stdout), (2, ""), run.stderr)
        self.assertIn(f"KPKG_E_{error}:", run.stderr)
        self.assertNotIn("s3cret", run.stderr)
        self.assertNotIn("\x1b", run.stderr)
        return run.stderr

    def entry(self, login="ada:" + SECRET):
        return {self.middle.host: {"auth": base64.b64encode(login.encode()).decode()}}

    def test_the_nearest_is_asked(self):
        """The registry's own helper, then the one for all, then the file."""
        self.helper("own"), self.helper("all-2")
        host, other = self.middle.host, self.entry("ada:other")
        self.pull("REGISTRY_ABSENT", credHelpers={host: "own"}, credsStore="all-2", auths=other)
        self.assertEqual((self.was_asked("own"), self.was_asked("all-2")), (True, False))
        self.pull("REGISTRY_ABSENT", credHelpers={"example.com": "own"}, credsStore="all-2", auths=other)
        self.assertEqual((self.was_asked("own"), self.was_asked("all-2")), (False, True))
        self.pull("REGISTRY_ABSENT", credHelpers={host: ""}, credsStore="all-2", auths=self.entry())
        self.pull("REGISTRY_ABSENT", credHelpers={"example.com": "own"}, credsStore="", auths=self.entry())
        self.assertEqual((self.was_asked("own"), self.was_asked("all-2")), (False, False))

    def test_a_helper_without_a_password_leaves_it_to_the_file(self):
        self.helper("all", NOTHING, code=1)
        self.pull("REGISTRY_ABSENT", credsStore="all", auths=self.entry())
        self.assertTrue(self.was_asked("all"))
        self.pull("REGISTRY_AUTH", credsStore="all", auths={self.middle.host: {}})

    def test_answers_that_are_none(self):
        login = {"ServerURL": "", "Username": "ada", "Secret": "s3cret"}
        long = json.dumps({**login, "Secret": "s3cret" * 4000})
        for says in ("", NOTHING, "s3cret", "[]", '"s3cret"', '{"Username": "ada"}', json.dumps(login) + "s3cret", '{"Secret": "s3cret"}', long,
                     *(json.dumps({**login, **change}) for change in ({"Username": ""}, {"Username": "a:b"}, {"Username": 7}, {"Secret": None},
                                                                     {"Secret": "s3cret\0"}))):
            self.helper("odd", says)
            self.assertIn('(no user and password from, "docker-credential-odd")', self.pull("CREDENTIAL_HELPER", credsStore="odd", auths=self.entry()))
        self.helper("odd", json.dumps({**login, "Username": "<token>"}))
        self.assertIn("an identity token, which is not supported", self.pull("CREDENTIAL_HELPER", credsStore="odd"))
        self.assertEqual(self.middle.requests, [])

    def test_helpers_that_fail(self):
        for says in ("s3cret\x1b[2J", "x" * 100_000, "", json.dumps({"Username": "ada", "Secret": SECRET})):
            self.helper("bad", says, code=1)
            said = self.pull("CREDENTIAL_HELPER", credsStore="bad", auths=self.entry())
            self.assertIn('(failed, "docker-credential-bad")', said)
            self.assertIn("hint: credHelpers or credsStore", said)
        self.script("bad", "kill -9 $$")
        self.pull("CREDENTIAL_HELPER", credsStore="bad")
        self.assertIn('(missing, "docker-credential-none")', self.pull("CREDENTIAL_HELPER", credHelpers={self.middle.host: "none"}))

    def test_names_that_are_no_word(self):
        self.write("evil", "#!/bin/sh\ntouch ran\n")
        os.chmod(self.path("evil"), 0o755)
        os.mkdir(self.path("bin/docker-credential-"))
        for name in ("/../../evil", "../evil", "a b", "a;touch ran", "$(touch ran)", "Pass", "desktop.exe", "\x1b[2J", "a" * 65, "-\n"):
            self.pull("CREDENTIAL_HELPER", credsStore=name)
        for name in (7, None, ["pass"], {}):
            self.pull("REGISTRY_AUTH", credsStore=name)
            self.pull("REGISTRY_AUTH", credHelpers={self.middle.host: name})
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_a_helper_dies_with_us(self):
        """It has the far end of a pipe, which ends when both are gone."""
        ours, theirs = os.pipe()
        self.script("slow", f"echo $$ >&{theirs}\nexec tail -f /dev/null")
        run = subprocess.Popen([scenario.KPKG, "pull", self.there, "--plain-http"], cwd=self.folder, pass_fds=[theirs],
                               env={**os.environ, **self.environment(credsStore="slow")})
        os.close(theirs)
        with open(ours, "rb", buffering=0) as pipe:
            helper = int(pipe.readline())
            self.assertIsNone(run.poll())
            run.kill()
            run.wait()
            ended = bool(select.select([pipe], [], [], scenario.TIMEOUT)[0])
            if not ended:
                os.kill(helper, signal.SIGKILL)
            self.assertTrue(ended, "the helper outlived kpkg")
            self.assertEqual(pipe.read(), b"")

    def memory(self, pid):
        """All that a process can write to."""
        content = b""
        with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
            for line in maps:
                place, rights = line.split()[:2]
                start, end = (int(x, 16) for x in place.split("-"))
                if rights.startswith("rw") and end - start < 1 << 30:
                    mem.seek(start)
                    content += mem.read(end - start)
        return content

    @unittest.skipIf(scenario.is_sanitized(), "a sanitizer's memory is too large to search")
    def test_the_password_is_wiped_and_in_no_argument(self):
        """While kpkg-oci, which must have it, waits for the registry."""
        self.helper("all")
        held = []

        def look(handler):
            with open(f"/proc/{run.pid}/task/{run.pid}/children", encoding="ascii") as file:
                child = int(file.read())
            for pid in (run.pid, child):
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    held.append((SECRET.encode()[-400:] in self.memory(pid), b"s3cret" in file.read()))
            replying(404)(handler)

        self.middle.answers[MANIFEST] = lambda handler: (look if "Authorization" in handler.headers else self.answer)(handler)
        with subprocess.Popen([scenario.KPKG, "pull", self.there, "--plain-http"], cwd=self.folder, stderr=subprocess.PIPE,
                              env={**os.environ, **self.environment(credsStore="all", auths=self.entry())}) as run:
            said = run.communicate(timeout=scenario.TIMEOUT)[1]
        self.assertIn(b"KPKG_E_REGISTRY_ABSENT", said)
        self.assertEqual(held, [(False, False), (True, False)])


scenario.main()
