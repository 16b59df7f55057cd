# SPDX-License-Identifier: BSD-2-Clause
"""The JSON Schemas in spec/ against the readers: every golden file and example that kpkg reads is valid, and what it refuses
for its keys, types and values is invalid, but for what a schema cannot say. usage: schema.py SOURCE; exit status 77 without
python3-jsonschema.
"""
import glob
import json
import os
import re
import sys
import tomllib
import unittest

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema not found")
    sys.exit(77)

SOURCE = os.path.abspath(sys.argv[1])

# Errors that are about the keys and values of one file.
OF_SCHEMA = re.compile(r"# KPKG_E_(MANIFEST_|SYSTEM_|TOML_TYPE)")
# What these files show needs arithmetic, another part of the file, or TOML itself.
BEYOND = {
    "value-trace-of-nothing.toml", "value-trace-of-notification.toml",  # names of endpoints
    "value-irq-signal-of-nothing.toml", "value-irq-signal-of-peer.toml", "value-irq-signal-of-signaller.toml",
    "value-override-of-nobody.toml",  # names of instances
    "value-ports-reversed.toml",  # which number is greater
    "type-float.toml",  # JSON Schema takes 12.0 for an integer
}


def validator(name):
    with open(os.path.join(SOURCE, "spec", name + ".schema.json"), encoding="ascii") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def load(path):
    """The document and the first line, or None where the text is no TOML."""
    with open(path, "rb") as file:
        text = file.read()
    try:
        return tomllib.loads(text.decode()), text.split(b"\n", 1)[0].decode()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None, ""


class Schemas(unittest.TestCase):
    def golden(self, name, least):
        check, seen = validator(name), 0
        for path in sorted(glob.glob(os.path.join(SOURCE, "tests", "golden", name, "*.toml"))):
            document, verdict = load(path)
            good = verdict == "# KPKG_OK"
            if document is None or not (good or OF_SCHEMA.match(verdict)):
                continue
            seen += 1
            errors = [e.message for e in check.iter_errors(document)]
            with self.subTest(os.path.basename(path)):
                if good or os.path.basename(path) in BEYOND:
                    self.assertEqual(errors, [])
                else:
                    self.assertNotEqual(errors, [], verdict)
        self.assertGreaterEqual(seen, least)

    def test_manifests(self):
        self.golden("manifest", 70)

    def test_systems(self):
        self.golden("system", 25)

    def test_examples(self):
        seen = 0
        for kind, pattern in (("manifest", "*/*.kpkg.toml"), ("system", "*.system.toml"), ("trust", "*.trust.toml.in")):
            check = validator(kind)
            for path in glob.glob(os.path.join(SOURCE, "examples", pattern)):
                with open(path, encoding="ascii") as file:
                    document = tomllib.loads(re.sub(r"@[A-Z]+@", "0" * 64, file.read()))
                self.assertEqual([e.message for e in check.iter_errors(document)], [], path)
                seen += 1
        self.assertGreaterEqual(seen, 9)

    def test_trust_of_cases(self):
        """The trust files of the plan's golden systems are read; what the specification forbids is not valid."""
        check, seen = validator("trust"), 0
        for path in glob.glob(os.path.join(SOURCE, "tests", "golden", "plan", "*.case")):
            with open(path, encoding="ascii") as file:
                for part in re.findall(r"^=== trust\n(.*?)(?=^=== )", file.read(), re.M | re.S):
                    document = tomllib.loads(re.sub(r"@[a-z]", "0" * 64, part))
                    self.assertEqual([e.message for e in check.iter_errors(document)], [], path)
                    seen += 1
        self.assertGreaterEqual(seen, 10)
        good = {"schema": 1, "counter": 1, "key": [{"id": "a", "ed25519": "0" * 64, "names": ["*"]}],
                "rule": [{"names": "*", "threshold": 1}]}
        self.assertTrue(check.is_valid(good))
        for change in ({"schema": 2}, {"counter": -1}, {"key": []}, {"rule": [{"names": "*"}]}, {"deny": ["ab"]}, {"other": 1},
                       {"ceiling": {"A": {}}}, {"ceiling": {"a": {"memory": "1 MiB"}}}, {"rule": [{"names": "a.*.b", "threshold": 1}]},
                       {"rule": [{"names": "*", "threshold": 0}]}, {"ceiling": {"a": {"ioport": ["0x3F8-0x3FF"]}}}):
            self.assertFalse(check.is_valid({**good, **change}), change)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
