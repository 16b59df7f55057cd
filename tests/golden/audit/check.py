#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks an event log by spec/audit.md alone: chain, tree head, counters and capability tables.

usage: check.py events.jsonl
"""
import hashlib
import json
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


def root(leaves):
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:]))


def check_table(parts):
    rows = [row for part in parts for row in part["caps"]]
    table = "".join(" ".join(row) + "\n" for row in rows).encode()
    assert parts[0]["table"] == "sha256:" + sha256(table).hex(), "table"
    assert [part["part"] for part in parts] == list(range(1, parts[0]["parts"] + 1)), "parts"


lines = open(sys.argv[1], "rb").read().split(b"\n")
assert lines.pop() == b"", "last line"
events = [json.loads(line) for line in lines]
leaves = [sha256(b"\x00" + line) for line in lines]
tables = {}
for i, event in enumerate(events):
    assert len(lines[i]) <= 1024 and lines[i].isascii(), f"line {i + 1}: form"
    assert event["prev"] == (leaves[i - 1][:8].hex() if i else "0" * 16), f"line {i + 1}: prev"
    assert i == 0 or event["t"] >= events[i - 1]["t"], f"line {i + 1}: time"
    if event["type"] == "caps.issued":
        tables.setdefault((event["tgt"], event["inc"]), []).append(event["data"])
for parts in tables.values():
    check_table(parts)
assert events[-1]["type"] == "log.checkpoint" and events[-1]["data"]["size"] == len(events) - 1, "no seal"
end = events[-2]
assert end["type"] == "log.end", "no log.end"
assert end["data"]["stored"] == len(events) - 1, "stored"
assert end["data"]["attempted"] == end["seq"] + 1 == end["data"]["stored"] + end["data"]["dropped"], "attempted"
assert end["data"]["suppressed"] == sum(event.get("n", 1) - 1 for event in events), "suppressed"
assert end["data"]["size"] == len(events) - 2, "size"
assert end["data"]["root"] == "sha256:" + root(leaves[:-2]).hex(), "root"
