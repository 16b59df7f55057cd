# SPDX-License-Identifier: BSD-2-Clause
"""What fail_each prints: a run with one kernel call refused after another."""
import json
import re

TAKES_BACK = {"CNodeRevoke", "UntypedRetype"}  # the calls that take memory back and ask how much is left


class Run:
    def __init__(self, header, output):
        _, call, self.operation, self.end, code, _ = header.split()
        self.call, self.code, self.output = int(call), int(code), output
        self.events = [json.loads(m) for m in re.findall(rb"\x1e([^\n]*)\n", output)]

    def of(self, kind, target=None):
        return [e for e in self.events if e["type"] == kind and target in (None, e.get("tgt"))]

    def story(self):
        """What happened to whom, in order."""
        return [(e["type"], e.get("tgt"), e.get("inc")) for e in self.events]

    def exits(self):
        return {e["tgt"]: e["data"]["code"] for e in self.of("target.exited")}

    def leaks(self):
        return [e for e in self.of("memory.reclaimed") if e["data"]["leaked"] or e["data"]["slots_leaked"]]

    def reason(self):
        return [e["data"]["reason"] for e in self.of("log.end")]

    def verdicts(self):
        """Of each request that changes something: its verb, and whether it was refused."""
        refused = {e["data"]["asked"] for e in self.of("control.refused")}
        return [(e["data"]["verb"], e["seq"] in refused) for e in self.of("control.asked")]


def read(stream):
    while header := stream.readline():
        output = stream.read(int(header.split()[-1]))
        assert stream.read(1) == b"\n"
        yield Run(header.decode(), output)
