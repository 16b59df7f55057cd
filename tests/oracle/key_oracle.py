#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Keys and offline signatures of openssl and minisign. usage: key_oracle.py PACKAGE_TOOL"""
import os
import subprocess
import sys
import tempfile

import kpkg_format


class Bench:
    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)

    def expect(self, wanted, *arguments):
        run = subprocess.run([self.tool, *arguments], capture_output=True, text=True, check=False)
        assert run.stdout.split()[:1] == [wanted], f"{arguments}: {run.stdout} {run.stderr}"


def openssl_keys(bench):
    key = kpkg_format.Key(bench.folder, "openssl")
    bench.expect("KPKG_OK", "public", key.private, bench.path("written.pub"))
    assert bench.read("written.pub") == bench.read("openssl.pub.pem"), "public key differs from openssl's"
    bench.expect("KPKG_OK", "private", key.private, bench.path("written.pem"))
    assert bench.read("written.pem") == bench.read("openssl.pem"), "private key differs from openssl's"
    bench.write("crlf.pem", bench.read("openssl.pem").replace(b"\n", b"\r\n"))
    bench.expect("KPKG_OK", "public", bench.path("crlf.pem"), bench.path("out"))
    kpkg_format.run("openssl", "pkey", "-in", key.private, "-aes256", "-passout", "pass:x", "-out", bench.path("enc.pem"))
    bench.expect("KPKG_E_KEY_ENCRYPTED", "public", bench.path("enc.pem"), bench.path("out"))
    for algorithm, more, wanted in (("x25519", [], "ALGORITHM"), ("ed448", [], "ALGORITHM"),
                                    ("EC", ["-pkeyopt", "ec_paramgen_curve:P-256"], "ALGORITHM"),
                                    ("RSA", ["-pkeyopt", "rsa_keygen_bits:2048"], "ALGORITHM")):
        other = bench.path(algorithm + ".pem")
        kpkg_format.run("openssl", "genpkey", "-algorithm", algorithm, *more, "-out", other)
        bench.expect("KPKG_E_KEY_" + wanted, "public", other, bench.path("out"))
    return key


def offline_openssl(bench, key):
    bench.expect("KPKG_OK", "payload", bench.path("p.kpkg"), key.public_file, bench.path("payload"))
    assert bench.read("payload") == kpkg_format.payload(bench.read("p.kpkg")[:256], key.public), "payload"
    bench.write("signature", key.sign(bench.read("payload")))
    bench.expect("KPKG_OK", "attach", bench.path("p.kpkg"), bench.path("payload"), bench.path("signature"))
    bench.expect("KPKG_OK", "verify", bench.path("p.kpkg"), key.public_file)


def offline_minisign(bench, key):
    public, secret, payload = bench.path("m.pub"), bench.path("m.key"), bench.path("payload")
    kpkg_format.run("minisign", "-G", "-W", "-p", public, "-s", secret)
    bench.expect("KPKG_OK", "payload", bench.path("p.kpkg"), public, payload)
    for mode, wanted in (([], "KPKG_E_SIG_PREHASHED"), (["-l"], "KPKG_OK")):
        kpkg_format.run("minisign", "-S", *mode, "-W", "-s", secret, "-m", payload, "-x", bench.path("sig"), stdin=subprocess.DEVNULL)
        bench.expect(wanted, "attach", bench.path("p.kpkg"), payload, bench.path("sig"))
    bench.expect("KPKG_OK", "verify", bench.path("p.kpkg"), public, key.public_file)
    bench.expect("KPKG_E_KEY_PEM", "public", secret, bench.path("out"))


def main(tool):
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(tool, folder)
        bench.write("p.kpkg", kpkg_format.package("a.b", 3, b"schema = 1\n", bytes(5000), []))
        key = openssl_keys(bench)
        offline_openssl(bench, key)
        offline_minisign(bench, key)
    print("openssl and minisign: keys read, written and refused as they must be; both sign offline")


main(sys.argv[1])
