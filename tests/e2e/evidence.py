# SPDX-License-Identifier: BSD-2-Clause
"""RFC 6962 trees, C2SP notes and Ed25519, written from the specifications and without the project's code."""
import base64
import functools
import hashlib
import json
import os
import subprocess
import tempfile

PKCS8 = bytes.fromhex("302e020100300506032b657004220420")
SPKI = bytes.fromhex("302a300506032b6570032100")


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf(line):
    return sha256(b"\x00" + line)


def root(leaves):
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def openssl(*arguments, files):
    """Runs openssl in a folder with these files; what it wrote to `out`, or None when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        run = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, timeout=30, check=False)
        return run.stdout if run.returncode == 0 else None


def verifies(key, message, signature):
    files = {"key": SPKI + key, "message": message, "signature": signature}
    return openssl("pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin", "-in", "message",
                   "-sigfile", "signature", files=files) is not None


@functools.lru_cache(maxsize=None)
def sign(seed, message):
    return openssl("pkeyutl", "-sign", "-keyform", "DER", "-inkey", "key", "-rawin", "-in", "message",
                   files={"key": PKCS8 + seed, "message": message})


@functools.lru_cache(maxsize=None)
def public_key(seed):
    return openssl("pkey", "-inform", "DER", "-in", "key", "-pubout", "-outform", "DER", files={"key": PKCS8 + seed})[-32:]


def key_id(name, key):
    return sha256(name.encode() + b"\n\x01" + key)[:4]


def read_vkey(vkey):
    """Name and key of a verifier key whose id is right."""
    name, identity, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    assert key[0] == 1 and len(key) == 33 and key_id(name, key[1:]).hex() == identity
    return name, key[1:]


def next_seed(seed, epoch):
    """Of the key of this epoch, from the one before."""
    salt = epoch.to_bytes(8, "little") + bytes(8)
    return hashlib.blake2b(seed, digest_size=32, salt=salt, person=b"kpkg.epoch".ljust(16, b"\0")).digest()


def make_vkey(run, seed=None):
    """The verifier key of the run with this seed, or of an epoch of it with a seed of its own."""
    name = "kpkg.invalid/run/" + public_key(run)[:8].hex()
    key = public_key(seed or run)
    return f"{name}+{key_id(name, key).hex()}+{base64.b64encode(bytes([1]) + key).decode()}"


def read_note(note, vkey):
    """Size and root of a checkpoint that this key has signed."""
    name, key = read_vkey(vkey)
    body, signature = note.split("\n\n")
    body += "\n"
    origin, size, head = body.splitlines()
    dash, signer, blob = signature.rstrip("\n").split(" ")
    blob = base64.b64decode(blob, validate=True)
    assert (dash, origin, signer, blob[:4]) == ("\u2014", name, name, key_id(name, key))
    assert verifies(key, body.encode(), blob[4:]), "signature"
    return int(size), base64.b64decode(head, validate=True)


def make_note(run, leaves, seed=None):
    seed = seed or run
    name, key = read_vkey(make_vkey(run, seed))
    body = f"{name}\n{len(leaves)}\n{base64.b64encode(root(leaves)).decode()}\n"
    blob = base64.b64encode(key_id(name, key) + sign(seed, body.encode())).decode()
    return f"{body}\n\u2014 {name} {blob}\n"


def check(lines, vkey):
    """A sound log: chain, every checkpoint by the key of its epoch, the seal. The number of epochs."""
    epoch = 0
    leaves = [leaf(line) for line in lines]
    events = [json.loads(line) for line in lines]
    for i, event in enumerate(events):
        assert event["prev"] == (leaves[i - 1][:8].hex() if i else "0" * 16), f"line {i + 1}: prev"
        if event["type"] == "log.checkpoint":
            assert read_note(event["data"]["note"], vkey) == (i, root(leaves[:i])), f"line {i + 1}: checkpoint"
            turn = events[i - 1]
            if turn["type"] == "log.key":
                epoch += 1
                assert turn["data"]["epoch"] == epoch and turn["data"]["vkey"].split("+")[0] == vkey.split("+")[0]
                vkey = turn["data"]["vkey"]
        else:
            assert i == 0 or events[i - 1]["type"] != "log.key", f"line {i + 1}: not the checkpoint of the epoch before"
    assert [e["type"] for e in events[-2:]] == ["log.end", "log.checkpoint"]
    return epoch + 1


def forge(events, seed, signers=None):
    """The lines of these events as the owner of the seed would have written them: chain, checkpoints and the root of
    log.end are made anew, and of log.key what is not there; everything else stays as it is. `signers`: seeds that sign in place of an
    epoch's own."""
    lines, leaves, now, following, epoch = [], [], seed, None, 0
    for event in events:
        event = json.loads(json.dumps(event))
        event["prev"] = leaves[-1][:8].hex() if leaves else "0" * 16
        if event["type"] == "log.start":
            event["data"]["vkey"] = make_vkey(seed)
        if event["type"] == "log.checkpoint":
            event["data"] = {"size": len(leaves), "note": make_note(seed, leaves, (signers or {}).get(epoch, now))}
            if following:
                now, following, epoch = following, None, epoch + 1
        if event["type"] == "log.key":
            following = next_seed(now, epoch + 1)
            event["data"] = {"epoch": epoch + 1, "vkey": make_vkey(seed, following), **event["data"]}
        if event["type"] == "log.end":
            event["data"].update(size=len(leaves), root="sha256:" + root(leaves).hex())
        lines.append(json.dumps(event, separators=(",", ":")).encode())
        leaves.append(leaf(lines[-1]))
    return lines


def open_envelope(line, key):
    """The statement in a DSSE envelope that this key has signed."""
    envelope = json.loads(line)
    kind, payload = envelope["payloadType"], base64.b64decode(envelope["payload"], validate=True)
    assert kind == "application/vnd.in-toto+json" and len(envelope["signatures"]) == 1
    signature = envelope["signatures"][0]
    assert signature["keyid"] == sha256(key).hex()
    pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    assert verifies(key, pae, base64.b64decode(signature["sig"], validate=True)), "signature"
    statement = json.loads(payload)
    assert statement["_type"] == "https://in-toto.io/Statement/v1" and statement["subject"]
    return statement
