#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two independent writers give the same bytes, and our verifier accepts them. usage: package_oracle.py PACKAGE_TOOL"""
import os
import random
import subprocess
import sys
import tempfile

import kpkg_format

# (bytes of the manifest, bytes of the binary, signers)
CASES = [(1, 64, 1), (31, 4095, 2), (32, 4096, 1), (33, 4097, 3), (4064, 8192, 1), (4065, 128 * 4096, 2),
         (65536, 129 * 4096 + 1, 1), (500, 1000003, 16)]


def main(tool):
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        keys = [kpkg_format.Key(folder, f"key{i}") for i in range(16)]
        for number, (manifest_len, binary_len, signers) in enumerate(CASES):
            manifest, binary = chance.randbytes(manifest_len), chance.randbytes(binary_len)
            name, counter = f"com.example.case-{number}" if number else "a", chance.getrandbits(64)
            paths = {}
            for part, data in (("manifest", manifest), ("binary", binary)):
                paths[part] = os.path.join(folder, part)
                with open(paths[part], "wb") as file:
                    file.write(data)
            ours, theirs = os.path.join(folder, "ours.kpkg"), os.path.join(folder, "theirs.kpkg")
            used = chance.sample(keys, signers)
            with open(theirs, "wb") as file:
                file.write(kpkg_format.package(name, counter, manifest, binary, used))
            kpkg_format.run(tool, "write", name, str(counter), paths["manifest"], paths["binary"], ours,
                            *[key.private for key in used])
            with open(ours, "rb") as one, open(theirs, "rb") as other:
                first, second = one.read(), other.read()
            assert first == second, f"case {number}: the two writers differ"
            answer = subprocess.run([tool, "verify", theirs, *[key.public_file for key in used]],
                                    capture_output=True, text=True, check=False).stdout.split()
            wanted = kpkg_format.package_id(second[:256]).hex()
            assert answer == ["KPKG_OK", wanted], f"case {number}: {answer}"
    print(f"{len(CASES)} packages: same bytes from both writers, accepted, same ids")


main(sys.argv[1])
