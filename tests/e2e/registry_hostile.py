# SPDX-License-Identifier: BSD-2-Clause
"""kpkg push and pull against registries that lie, steer, flood and break off: each time a named error, nothing kept, no password given away."""
import base64
import fcntl
import hashlib
import json
import os
import ssl
import subprocess
import urllib.parse

import registries
import scenario
from registries import replying

TYPE = "application/vnd.kpkg.package.v1"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
MANIFEST = ("GET", "/v2/team/tiny/manifests/1")
UPLOADS = ("POST", "/v2/team/tiny/blobs/uploads/")


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Hostile(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.content = self.read(self.pack())
        self.middle = registries.Middle(self)
        self.there = f"{self.middle.host}/team/tiny:1"
        self.blob = ("GET", "/v2/team/tiny/blobs/" + sha256(self.content))
        self.serve()

    def manifest(self, **changes):
        layer = {"mediaType": TYPE, "digest": sha256(self.content), "size": len(self.content)}
        layer.update(changes.pop("layer", {}))
        return {"schemaVersion": 2, "mediaType": MANIFEST_TYPE, "artifactType": TYPE,
                "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2}, "layers": [layer], **changes}

    def serve(self, manifest=None, blob=None):
        self.middle.answers[MANIFEST] = replying(200, manifest if manifest is not None else self.manifest())
        self.middle.answers[self.blob] = blob or replying(200, self.content)

    def refused(self, name, code=2, **environment):
        """A pull that must end with this error and leave nothing but, perhaps, a beginning."""
        before = set(os.listdir(self.folder))
        run = self.run_kpkg("pull", self.there, "--plain-http", "-o", "back.kpkg", environment=environment)
        self.assertIn(f"KPKG_E_{name}:", run.stderr)
        self.assertEqual(run.returncode, code, run.stderr)
        self.assertNotIn("\x1b", run.stderr)
        self.assertLessEqual(set(os.listdir(self.folder)) - before, {"back.kpkg.part"})
        return run.stderr

    def test_the_server_of_these_tests_is_a_registry(self):
        self.ok("pull", self.there, "--plain-http", "-o", "back.kpkg")
        self.assertEqual(self.read("back.kpkg"), self.content)

    def test_manifests_of_something_else(self):
        ours = self.manifest()
        layer = ours["layers"][0]
        for manifest in (b"", b"[]", b"nonsense", b"[" * 60000, b'{"schemaVersion":2,"schemaVersion":2}', {**ours, "schemaVersion": 1},
                         {**ours, "mediaType": "application/vnd.oci.image.index.v1+json"}, {**ours, "artifactType": "application/x"},
                         {**ours, "layers": []}, {**ours, "layers": [layer, layer]}, {**ours, "layers": {}}, {**ours, "layers": [7]},
                         self.manifest(layer={"mediaType": "application/x"}), self.manifest(layer={"size": 0}),
                         self.manifest(layer={"size": -1}), self.manifest(layer={"size": 2**62}), self.manifest(layer={"size": "1"}),
                         self.manifest(layer={"digest": "sha256:../../../etc/passwd"}), self.manifest(layer={"digest": "md5:00"}),
                         self.manifest(layer={"digest": "sha256:" + "A" * 64})):
            self.serve(manifest)
            self.refused("REGISTRY_ARTIFACT", code=1)
            self.assertFalse(os.path.exists(self.path("back.kpkg.part")))

    def test_a_manifest_that_never_ends(self):
        self.serve(b" " * 70000)
        self.refused("REGISTRY_ANSWER")

    def test_headers_without_end(self):
        def flood(handler):
            handler.send_response(200)
            for i in range(100000):
                handler.send_header(f"X-{i}", "x" * 1000)
            handler.end_headers()

        self.middle.answers[MANIFEST] = flood
        self.assertRegex(self.refused("REGISTRY_ANSWER"), "headers")

    def test_another_manifest_than_the_digest_names(self):
        name = "sha256:" + "0" * 64
        self.middle.answers["GET", "/v2/team/tiny/manifests/" + name] = replying(200, self.manifest())
        self.there = f"{self.middle.host}/team/tiny@{name}"
        self.refused("REGISTRY_DIGEST", code=1)

    def test_other_bytes_than_the_manifest_names(self):
        self.serve(blob=replying(200, b"x" * len(self.content)))
        self.refused("REGISTRY_DIGEST", code=1)
        self.assertFalse(os.path.exists(self.path("back.kpkg.part")))

    def test_a_blob_that_is_no_package(self):
        noise = b"x" * 4096
        self.serve(self.manifest(layer={"digest": sha256(noise), "size": 4096}))
        self.middle.answers["GET", "/v2/team/tiny/blobs/" + sha256(noise)] = replying(200, noise)
        self.refused("MAGIC", code=1)
        self.assertFalse(os.path.exists(self.path("back.kpkg.part")))

    def test_a_blob_that_is_longer(self):
        self.serve(blob=replying(200, self.content + b"x"))
        self.refused("REGISTRY_ANSWER")

    def test_a_blob_that_is_shorter(self):
        self.serve(blob=replying(200, self.content[:-1]))
        self.refused("REGISTRY_UNREACHABLE")

    def test_a_range_that_is_another(self):
        self.write("back.kpkg.part", self.content[:4096])
        self.serve(blob=replying(206, self.content[:-4096], Content_Range=f"bytes 0-{len(self.content) - 4097}/{len(self.content)}"))
        self.refused("REGISTRY_ANSWER")

    def test_ranges_that_are_not_known(self):
        """An answer with all of it is taken as that; 416 makes the pull begin anew."""
        for first in (replying(200, self.content), replying(416)):
            self.write("back.kpkg.part", self.content[:4096])
            self.serve(blob=lambda h, f=first: (f if "Range" in h.headers else replying(200, self.content))(h))
            self.ok("pull", self.there, "--plain-http", "-o", "back.kpkg")
            self.assertEqual(self.read("back.kpkg"), self.content)

    def test_redirects_that_lead_astray(self):
        for place in ("http://192.0.2.1/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/x", "http://u:p@127.0.0.1:1/x", "",
                      "http://[::ffff:192.0.2.1]/", "//192.0.2.1/x", "http://127.0.0.1.example.com/", "x" * 9000):
            self.serve(blob=replying(307, Location=place))
            self.refused("REGISTRY_ANSWER")

    def test_redirects_in_a_circle(self):
        self.serve(blob=replying(302, Location=self.blob[1]))
        self.assertIn("redirects 5", self.refused("REGISTRY_ANSWER"))
        self.assertEqual(len([r for r in self.middle.requests if r[1] == self.blob[1]]), 6)

    def login(self):
        entry = base64.b64encode(b"ada:secret").decode()
        self.write("auth.json", json.dumps({"auths": {self.middle.host: {"auth": entry}}}))
        return {"REGISTRY_AUTH_FILE": self.path("auth.json")}, "Basic " + entry

    def wants(self, challenge, credentials, then):
        """An answer for who shows `credentials`, and the challenge for others."""
        def answer(handler):
            good = handler.headers.get("Authorization") == credentials
            (then if good else replying(401, WWW_Authenticate=challenge))(handler)

        return answer

    def test_the_password_stays_with_the_registry(self):
        """A redirect to another place is followed, without it."""
        environment, basic = self.login()
        other = registries.Middle(self)
        other.answers["GET", "/elsewhere"] = replying(200, self.content)
        self.middle.answers[MANIFEST] = self.wants('Basic realm="x"', basic, replying(200, self.manifest()))
        self.middle.answers[self.blob] = replying(307, Location=f"http://{other.host}/elsewhere")
        run = self.run_kpkg("pull", self.there, "--plain-http", "-o", "back.kpkg", environment=environment)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.middle.requests[-1][2]["Authorization"], basic)
        self.assertEqual([r[1] for r in other.requests], ["/elsewhere"])
        self.assertNotIn("Authorization", other.requests[0][2])

    def test_tokens(self):
        """The password goes to the token service, the token to the registry."""
        environment, basic = self.login()
        service = registries.Middle(self)
        service.answers["GET", "/token"] = self.wants("Basic", basic, replying(200, {"token": "t0ken"}))
        challenge = f'Bearer realm="http://{service.host}/token",service="a b",scope="repository:team/tiny:pull"'
        for key in (MANIFEST, self.blob):
            self.middle.answers[key] = self.wants(challenge, "Bearer t0ken", self.middle.answers[key])
        run = self.run_kpkg("pull", self.there, "--plain-http", "-o", "back.kpkg", environment=environment)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual([urllib.parse.unquote(r[1]) for r in service.requests], ["/token?service=a b&scope=repository:team/tiny:pull"])
        self.assertNotIn(basic, [r[2].get("Authorization") for r in self.middle.requests])

    def test_challenges_without_sense_or_end(self):
        environment, _ = self.login()
        for challenge, error in (('Bearer realm="file:///etc/passwd"', "ANSWER"), ('Bearer realm="http://192.0.2.1/"', "ANSWER"),
                                 ('Bearer service="x"', "ANSWER"), ('Bearer realm="' + "x" * 2000 + '"', "ANSWER"), ("Bearer realm=\"x", "ANSWER"),
                                 ("Negotiate", "ANSWER"), ("", "ANSWER"), ("Basic", "AUTH"),
                                 (f'Bearer realm="http://{self.middle.host}/nowhere"', "ABSENT")):
            self.middle.requests.clear()
            self.middle.answers[MANIFEST] = replying(401, WWW_Authenticate=challenge)
            self.refused("REGISTRY_" + error, **environment)
            self.assertLessEqual(len(self.middle.requests), 3)

    def test_words_of_a_registry_cannot_steer_the_terminal(self):
        self.middle.answers[MANIFEST] = replying(429, {"errors": [{"code": "TOO\x1b[2J", "message": "slow\r\ndown"}]})
        said = self.refused("REGISTRY_REFUSED")
        self.assertIn("429", said)
        self.assertIn("slow\\u000d\\u000adown", said)

    def test_uploads_that_lead_astray(self):
        there = self.there
        self.middle.answers["HEAD", self.blob[1]] = replying(404)
        for answer, error in ((replying(202, Location="http://192.0.2.1/"), "ANSWER"), (replying(202), "ANSWER"),
                              (replying(202, Location="/u", OCI_Chunk_Min_Length="99999999999"), "ANSWER"), (replying(500), "REFUSED"),
                              (replying(403), "AUTH")):
            self.middle.answers[UPLOADS] = answer
            self.fails("REGISTRY_" + error, "push", "tiny.kpkg", there, "--plain-http", code=2)
        self.assertFalse(os.path.exists(self.path("tiny.kpkg.upload")))

    def test_an_upload_that_says_another_place(self):
        self.middle.answers["HEAD", self.blob[1]] = replying(404)
        self.middle.answers[UPLOADS] = replying(202, Location="/u")
        for said in ("0-5", "0-99999999999999", "x", "1-2"):
            self.middle.answers["PATCH", "/u"] = replying(202, Location="/u", Range=said)
            self.fails("REGISTRY_ANSWER", "push", "tiny.kpkg", self.there, "--plain-http", code=2)

    def test_plain_http_is_for_this_machine(self):
        for host in ("192.0.2.1:5000", "registry.example.com", "127.0.0.1.example.com", "[::2]:5000"):
            self.fails("USAGE", "pull", f"{host}/team/tiny:1", "--plain-http", code=2)

    def test_without_tls_nothing_is_said(self):
        """Without --plain-http a server that speaks HTTP gets no request."""
        self.fails("REGISTRY_UNREACHABLE", "pull", self.there, code=2)
        self.assertEqual(self.middle.requests, [])

    def test_certificates(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "tls.key", "-out", "tls.crt", "-days", "2", "-subj",
                        "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=self.folder, check=True, capture_output=True, timeout=60)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("tls.crt"), self.path("tls.key"))
        server = registries.Middle(self, context=context)
        server.answers = self.middle.answers
        there = f"{server.host}/team/tiny:1"
        self.assertIn("certificate", self.fails("REGISTRY_UNREACHABLE", "pull", there, code=2).stderr)
        self.assertEqual(server.requests, [])
        run = self.run_kpkg("pull", there, environment={"SSL_CERT_FILE": self.path("tls.crt")})
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        # From HTTPS nothing leads to HTTP, not even on this machine.
        server.answers = {**self.middle.answers, self.blob: replying(302, Location=f"http://{self.middle.host}{self.blob[1]}")}
        run = self.run_kpkg("pull", there, environment={"SSL_CERT_FILE": self.path("tls.crt")})
        self.assertIn("KPKG_E_REGISTRY_ANSWER", run.stderr)

    def test_one_pull_at_a_time(self):
        with open(self.path("back.kpkg.part"), "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.assertIn("another process", self.refused("IO"))

    def test_a_beginning_that_others_can_change_is_not_taken(self):
        self.write("theirs", b"x")
        os.link(self.path("theirs"), self.path("back.kpkg.part"))
        self.assertIn("alone", self.refused("IO"))
        os.remove(self.path("back.kpkg.part"))
        if os.geteuid() == 0:
            self.write("back.kpkg.part", b"x")
            os.chown(self.path("back.kpkg.part"), 65534, -1)
            self.assertIn("alone", self.refused("IO"))

    def test_what_is_no_file_is_not_replaced(self):
        os.mkdir(self.path("folder"))
        os.symlink("tiny.kpkg", self.path("link"))
        for path in ("folder", "link", "/dev/null"):
            self.fails("USAGE", "pull", self.there, "--plain-http", "-o", path, code=2)
        os.symlink("elsewhere", self.path("back.kpkg.part"))
        self.refused("IO")

    def test_references(self):
        digest = "sha256:" + "0" * 64
        for bad in ("", "tiny", "tiny:1", "example.com/tiny", "example.com/:1", "example.com/tiny:", "example.com/tiny@", "example.com/Tiny:1",
                    "example.com/a//b:1", "example.com/../b:1", "example.com/a/:1", "example.com/a:.1", "example.com/a:" + "1" * 129,
                    "example.com:0/a:1", "example.com:65536/a:1", "example.com:x/a:1", "exa mple.com/a:1", "u@example.com/a:1", "-x.y/a:1",
                    "example.com/a@sha256:00", "example.com/a@" + digest.upper(), "example.com/a@md5:" + "0" * 32, "example.com/a__:1",
                    "example.com/a___b:1", "example.com/a.-b:1", "example.com/" + "a" * 256 + ":1", "[::1/a:1", "http://example.com/a:1"):
            self.fails("USAGE", "pull", bad, code=2)
        self.fails("USAGE", "push", "tiny.kpkg", "example.com/a@" + digest, code=2)


scenario.main()
