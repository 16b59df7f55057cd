# SPDX-License-Identifier: BSD-2-Clause
"""The package format of spec/package.md, written from that text alone with Python's hashlib and openssl."""
import hashlib
import os
import struct
import subprocess

PAGE = 4096
MAGIC = b"\x89KPKG\r\n\x1a"


def digest(domain, a, b, data):
    return hashlib.blake2b(data, digest_size=32, person=domain.ljust(16, b"\0"), salt=struct.pack("<QQ", a, b)).digest()


def pad(data, unit):
    return data + bytes(-len(data) % unit)


def header(name, counter, manifest, binary, table):
    head = MAGIC + struct.pack("<HHIQQQII", 1, 62, 0, counter, len(manifest), len(binary), 1, 0)
    head += digest(b"kpkg.v1.manifest", 0, 0, manifest)
    head += digest(b"kpkg.v1.table", len(binary), len(table) // 32, table)
    return (head + name.encode().ljust(64, b"\0")).ljust(256, b"\0")


def package_id(head):
    return digest(b"kpkg.v1.id", 0, 0, head)


def payload(head, public):
    return b"kpkg.v1.sig.package".ljust(32, b"\0") + package_id(head) + public


def package(name, counter, manifest, binary, keys):
    pages = pad(binary, PAGE)
    table = b"".join(digest(b"kpkg.v1.page", i, 0, pages[i * PAGE : (i + 1) * PAGE]) for i in range(len(pages) // PAGE))
    head = header(name, counter, manifest, binary, table)
    slots = sorted((key.public, key.sign(payload(head, key.public))) for key in keys)
    page0 = pad(head + b"".join(public + signature for public, signature in slots), PAGE)
    return page0 + pages + pad(pad(manifest, 32) + table, PAGE)


def run(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, **more).stdout


class Key:
    """A key pair that openssl makes, keeps and uses."""

    def __init__(self, folder, name):
        self.private, self.public_file = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".pub.pem")
        self.message = os.path.join(folder, name + ".message")
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.private)
        run("openssl", "pkey", "-in", self.private, "-pubout", "-out", self.public_file)
        self.public = run("openssl", "pkey", "-in", self.private, "-pubout", "-outform", "DER")[-32:]

    def sign(self, message):
        with open(self.message, "wb") as file:
            file.write(message)
        return run("openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.private, "-in", self.message)
