# SPDX-License-Identifier: BSD-2-Clause
"""kpkg push and pull against Debian's docker-registry, read back with skopeo; broken off in the middle, and gone on with."""
import base64
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import registries
import scenario

if not registries.PROGRAM:
    print("docker-registry not found")
    sys.exit(scenario.EXIT_SKIPPED)

CHUNK = 8 << 20  # what kpkg-oci sends at once
TYPE = "application/vnd.kpkg.package.v1"


class Registry(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.registry = registries.Registry(self, self.path("registry"))
        self.trust()

    def large(self, stem="large"):
        """A package of more than two chunks."""
        self.write("noise", os.urandom(2 * CHUNK + 12345))
        self.write("noise.S", '.section .rodata\n.incbin "noise"\n')
        self.elf(stem + ".elf", extra=["noise.S"])
        self.write(stem + ".kpkg.toml", scenario.MANIFEST.format(name="test." + stem, counter=1, binary=stem + ".elf").replace("256KiB", "512KiB"))
        self.ok("pack", stem + ".kpkg.toml", "-o", stem + ".kpkg")
        self.ok("sign", stem + ".kpkg", "--key", "a.key")
        return stem + ".kpkg"

    def push(self, name, reference, **more):
        run = self.run_kpkg("push", name, reference, "--plain-http", "--json", **more)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return json.loads(run.stdout)

    def pull(self, reference, *more):
        return self.json("pull", reference, "--plain-http", *more)

    def test_there_and_back(self):
        name = self.pack(name="org.example.tiny", counter=7)
        there = f"{self.registry.host}/team/tiny:1.0.0"
        pushed = self.push(name, there)
        content = self.read(name)
        self.assertEqual(pushed["blob"], "sha256:" + hashlib.sha256(content).hexdigest())
        self.assertEqual((pushed["size"], pushed["moved"]), (len(content), len(content)))
        pulled = self.pull(there, "--trust", "trust.toml", "-o", "back.kpkg")
        self.assertEqual(self.read("back.kpkg"), content)
        self.assertEqual((pulled["name"], pulled["counter"], pulled["signers"]), ("org.example.tiny", 7, ["a"]))
        self.assertEqual(pulled["digest"], pushed["digest"])
        self.assertEqual([f for f in os.listdir(self.folder) if f.endswith((".part", ".upload"))], [])

    def test_the_default_name_is_what_was_typed(self):
        there = f"{self.registry.host}/team/hello:latest"
        self.push(self.pack(), there)
        out = self.ok("pull", there, "--plain-http")
        self.assertTrue(out.startswith("hello.kpkg: pulled test.tiny counter 1, whole but not judged"), out)
        self.assertEqual(self.read("hello.kpkg"), self.read("tiny.kpkg"))

    def test_by_digest(self):
        there = f"{self.registry.host}/team/tiny"
        digest = self.push(self.pack(), there + ":a")["digest"]
        self.pull(f"{there}@{digest}", "-o", "back.kpkg")
        self.fails("REGISTRY_ABSENT", "pull", there + "@sha256:" + "0" * 64, "--plain-http", code=2)
        self.fails("REGISTRY_ABSENT", "pull", there + ":b", "--plain-http", code=2)
        self.assertFalse(os.path.exists(self.path("tiny.kpkg.part")))

    def test_what_is_there_is_not_sent_again(self):
        name = self.pack()
        first = self.push(name, f"{self.registry.host}/team/tiny:a")
        again = self.push(name, f"{self.registry.host}/team/tiny:b")
        self.assertEqual((again["moved"], again["digest"]), (0, first["digest"]))

    def test_nothing_refused_is_kept(self):
        self.key("b.key")
        there = f"{self.registry.host}/team/tiny:1"
        self.push(self.pack(signers=("b.key",)), there)
        self.write("old.kpkg", "what was there")
        self.fails("SIGNER_UNKNOWN", "pull", there, "--plain-http", "--trust", "trust.toml", "-o", "old.kpkg")
        self.assertEqual(self.read("old.kpkg"), b"what was there")
        self.assertFalse(os.path.exists(self.path("old.kpkg.part")))

    def test_only_what_is_signed_and_whole_is_pushed(self):
        there = f"{self.registry.host}/team/tiny:1"
        self.fails("UNSIGNED", "push", self.pack(signers=()), there, "--plain-http")
        content = bytearray(self.read(self.pack("cut")))
        content[5000] ^= 1
        self.write("cut.kpkg", bytes(content))
        self.fails("PAGE_DIGEST", "push", "cut.kpkg", there, "--plain-http")

    @unittest.skipUnless(shutil.which("skopeo"), "no skopeo")
    def test_skopeo_reads_it(self):
        name = self.pack(name="org.example.tiny", counter=7)
        there = f"{self.registry.host}/team/tiny:1.0.0"
        pushed = self.push(name, there)
        raw = self.skopeo("inspect", "--raw", "--tls-verify=false", "docker://" + there)
        self.assertEqual("sha256:" + hashlib.sha256(raw).hexdigest(), pushed["digest"])
        manifest = json.loads(raw)
        self.assertEqual((manifest["artifactType"], [x["mediaType"] for x in manifest["layers"]]), (TYPE, [TYPE]))
        annotations = manifest["annotations"]
        self.assertEqual(annotations["org.opencontainers.image.title"], "org.example.tiny")
        self.assertEqual(annotations["org.opencontainers.image.version"], "1.0.0")
        self.assertEqual(annotations["org.kpkg.package.counter"], "7")
        self.assertEqual(annotations["org.kpkg.package.id"], self.json("inspect", name)["id"])
        self.skopeo("copy", "--src-tls-verify=false", "docker://" + there, "dir:" + self.path("copy"))
        self.assertEqual(self.read("copy/" + pushed["blob"].removeprefix("sha256:")), self.read(name))

    def skopeo(self, *words):
        run = subprocess.run(["skopeo", "--insecure-policy", *words], cwd=self.folder, capture_output=True, timeout=scenario.TIMEOUT, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_a_pull_that_broke_off_goes_on(self):
        name = self.large()
        self.push(name, f"{self.registry.host}/team/large:1")
        middle = registries.Middle(self, self.registry)
        there = f"{middle.host}/team/large:1"
        middle.cut = 5_000_000
        self.fails("REGISTRY_UNREACHABLE", "pull", there, "--plain-http", "-o", "back.kpkg", code=2)
        self.assertFalse(os.path.exists(self.path("back.kpkg")))
        self.assertEqual(len(self.read("back.kpkg.part")), 5_000_000)
        pulled = self.pull(there, "-o", "back.kpkg", "--trust", "trust.toml")
        self.assertEqual(pulled["moved"], pulled["size"] - 5_000_000)
        self.assertEqual(self.read("back.kpkg"), self.read(name))
        self.assertFalse(os.path.exists(self.path("back.kpkg.part")))

    def on_a_terminal(self, *words):
        """What a command says on a terminal."""
        master, slave = os.openpty()
        with subprocess.Popen([scenario.KPKG, *words], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=slave) as run:
            os.close(slave)
            said = b""
            with contextlib.suppress(OSError):  # Linux's word for the end of a terminal
                while part := os.read(master, 4096):
                    said += part
        os.close(master)
        self.assertEqual(run.returncode, 0, said)
        return said

    def test_progress_is_shown_where_somebody_watches(self):
        name = self.large()
        there = f"{self.registry.host}/team/large:1"
        for words in (("push", name, there), ("pull", there, "-o", "back.kpkg")):
            said = self.on_a_terminal(*words, "--plain-http")
            percents = [int(p) for p in re.findall(rb"\r%b: +(\d+) %%" % words[-1 if words[0] == "pull" else 1].encode(), said)]
            self.assertEqual((percents, percents[-1:]), (sorted(percents), [100]), said)
            self.assertTrue(said.endswith(b"\r\x1b[K"), said)

    def test_the_beginning_of_another_package_is_no_beginning(self):
        there = f"{self.registry.host}/team/tiny:1"
        name = self.pack()
        self.push(name, there)
        for beginning in (b"x" * 5000, b"x" * 10_000_000, b"x" * len(self.read(name))):
            self.write("back.kpkg.part", beginning)
            self.pull(there, "-o", "back.kpkg")
            self.assertEqual(self.read("back.kpkg"), self.read(name))

    def killed_push(self, name, middle):
        """A push that is killed while its second chunk is on the way; where it went."""
        middle.hang_at = 2
        there = f"{middle.host}/team/large:1"
        process = subprocess.Popen([scenario.KPKG, "push", name, there, "--plain-http"], cwd=self.folder)
        self.assertTrue(middle.hanging.wait(scenario.TIMEOUT))
        process.kill()
        process.wait()
        middle.released.set()
        with open(self.path(name + ".upload"), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until kpkg-oci, which dies with it, is gone
        return there

    def test_a_push_killed_in_the_middle_goes_on(self):
        name = self.large()
        middle = registries.Middle(self, self.registry)
        there = self.killed_push(name, middle)
        self.assertEqual(os.stat(self.path(name + ".upload")).st_mode & 0o777, 0o600)
        pushed = self.push(name, there)
        self.assertEqual(pushed["moved"], pushed["size"] - CHUNK)
        self.assertFalse(os.path.exists(self.path(name + ".upload")))
        self.pull(f"{self.registry.host}/team/large:1", "-o", "back.kpkg")
        self.assertEqual(self.read("back.kpkg"), self.read(name))

    def test_an_upload_that_the_registry_forgot_begins_anew(self):
        name = self.large()
        middle = registries.Middle(self, self.registry)
        there = self.killed_push(name, middle)
        shutil.rmtree(self.path("registry/data/docker/registry/v2/repositories/team/large/_uploads"))
        pushed = self.push(name, there)
        self.assertEqual(pushed["moved"], pushed["size"])

    def test_a_torn_state_is_no_state(self):
        name = self.pack()
        self.write(name + ".upload", b'{"origin": "http')
        self.push(name, f"{self.registry.host}/team/tiny:1")


class Login(scenario.Scenario):
    def test_the_password_of_the_login_files(self):
        registry = registries.Registry(self, self.path("registry"), auth=True)
        there = f"{registry.host}/team/tiny:1"
        name = self.pack()
        empty = {"HOME": self.folder, "XDG_RUNTIME_DIR": self.folder, "XDG_CONFIG_HOME": self.folder, "DOCKER_CONFIG": self.folder}
        os.environ.pop("REGISTRY_AUTH_FILE", None)
        refused = self.run_kpkg("push", name, there, "--plain-http", environment=empty)
        self.assertIn("KPKG_E_REGISTRY_AUTH", refused.stderr)
        self.assertIn("hint: podman login", refused.stderr)
        for file, key in ((".docker/config.json", registry.host), (".config/containers/auth.json", registry.host + "/team"),
                          ("containers/auth.json", "https://" + registry.host), ("config.json", there.removesuffix(":1"))):
            os.makedirs(os.path.dirname(self.path(file)), exist_ok=True)
            for password, code in ((registries.PASSWORD, 0), ("wrong", 2)):
                entry = base64.b64encode(f"ada:{password}".encode()).decode()
                self.write(file, json.dumps({"auths": {key: {"auth": entry}}}))
                run = self.run_kpkg("push", name, there, "--plain-http", environment=empty)
                self.assertEqual(run.returncode, code, (file, run.stderr))
                self.assertEqual("KPKG_E_REGISTRY_AUTH" in run.stderr, code != 0)
            os.remove(self.path(file))

    def test_the_file_of_the_environment(self):
        registry = registries.Registry(self, self.path("registry"), auth=True)
        entry = base64.b64encode(f"ada:{registries.PASSWORD}".encode()).decode()
        self.write("auth.json", json.dumps({"auths": {registry.host: {"auth": entry}}}))
        there = f"{registry.host}/team/tiny:1"
        for file, error in (("auth.json", ""), ("none.json", "KPKG_E_IO"), ("a.key", "KPKG_E_REGISTRY_AUTH")):
            run = self.run_kpkg("push", self.pack(), there, "--plain-http", environment={"REGISTRY_AUTH_FILE": self.path(file)})
            self.assertIn(error, run.stderr)
            self.assertEqual(run.returncode, 2 if error else 0, run.stderr)


scenario.main()
