# SPDX-License-Identifier: BSD-2-Clause
"""kpkg audit verify: what was done to a real log is found, and each kind has its own name."""
import copy
import json
import os

import demo_log
import evidence
import scenario

SEED = demo_log.SEED


class Tamper(demo_log.DemoLog):
    def setUp(self):
        super().setUp()
        self.lines = self.read("events.jsonl").splitlines()
        self.expect("sound", self.lines, code=1)

    def verify(self, lines, *options, vkey=None):
        content = lines if isinstance(lines, bytes) else b"".join(line + b"\n" for line in lines)
        self.write("changed.jsonl", content)
        run = self.run_kpkg("audit", "verify", "changed.jsonl", "--vkey", vkey or self.vkey, "--json", *options)
        return run.returncode, json.loads(run.stdout), run.stderr

    def expect(self, finding, lines, *options, code=4, line=None, vkey=None):
        got, report, stderr = self.verify(lines, *options, vkey=vkey)
        self.assertEqual((report["finding"], got), (finding, code), stderr)
        if finding != "sound":
            self.assertIn(f": {finding}: ", stderr)
        if line is not None:
            self.assertEqual(report["line"], line)
        return report

    def forged(self, change, seed=SEED):
        """The log after `change` of its events, written anew by somebody who has the seed."""
        events = copy.deepcopy(self.logged)
        change(events)
        return evidence.forge(events, seed)

    def find(self, kind):
        return next(i for i, event in enumerate(self.logged) if event["type"] == kind)

    def test_the_oracle_agrees(self):
        evidence.check(self.lines, self.vkey)
        self.expect("sound", evidence.forge(self.logged, SEED), code=1)

    def test_removed(self):
        for i in (1, 10, len(self.lines) - 5):
            self.expect("removed", self.lines[:i] + self.lines[i + 1:], line=i + 1)
        self.expect("removed", self.lines[:20] + self.lines[40:], line=21)
        self.expect("start", self.lines[1:], line=1)

    def test_moved(self):
        lines = list(self.lines)
        lines[10], lines[11] = lines[11], lines[10]
        self.expect("moved", lines, line=11)
        lines = self.lines[:10] + self.lines[11:30] + [self.lines[10]] + self.lines[30:]
        self.expect("moved", lines, line=11)

    def test_duplicated(self):
        for i in (0, 10, len(self.lines) - 1):
            finding = "start" if i == 0 else "duplicated"
            self.expect(finding, self.lines[:i + 1] + [self.lines[i]] + self.lines[i + 1:], line=i + 2)
        self.expect("duplicated", self.lines[:20] + [self.lines[10]] + self.lines[20:], line=21)

    def test_truncated(self):
        whole = b"".join(line + b"\n" for line in self.lines)
        self.expect("truncated", whole[:-1], code=3)
        self.expect("truncated", whole[:-30], code=3)
        self.expect("no_seal", self.lines[:-1], code=3)
        self.expect("no_end", self.lines[:-2], code=3)
        cut = self.expect("no_end", self.lines[:-10], code=3)
        self.assertGreater(cut["signed"], 0)
        self.expect("no_end", b"", code=3)

    def test_every_changed_byte(self):
        # One byte in its numbers, its data and its chain; unit tests flip them all.
        for i, line in list(enumerate(self.lines))[::4]:
            for at in (line.index(b'"data":') + 10, line.index(b'"prev":') + 9, line.index(b'"seq":') + 6):
                changed = bytearray(line)
                changed[at] ^= 1
                got, report, stderr = self.verify(self.lines[:i] + [bytes(changed)] + self.lines[i + 1:])
                self.assertEqual(got, 4, f"line {i + 1}, byte {at}: {stderr}")
                self.assertIn(report["line"], (i + 1, i + 2), stderr)
        word = self.lines[30].replace(b'"t":', b'"t":1', 1)
        self.expect("changed", self.lines[:30] + [word] + self.lines[31:], line=32)

    def test_appended(self):
        self.expect("after_end", self.lines + [self.lines[-1].replace(b'"seq":', b'"seq":9')])
        self.expect("duplicated", self.lines + self.lines, line=len(self.lines) + 1)

    def test_another_run(self):
        self.system()
        self.run_system("--events", "other.jsonl")
        lines = self.read("other.jsonl").splitlines()
        self.expect("key", lines, line=1)
        boot = self.logged[0]["data"]["boot"]
        self.expect("sound", self.lines, "--boot", boot, code=1)
        self.expect("boot", self.lines, "--boot", "00" * 16, line=1)
        self.expect("sound", self.lines, "--nonce", "", code=1)
        self.expect("nonce", self.lines, "--nonce", "00" * 16, line=1)
        replayed = self.forged(lambda e: e[0]["data"].update(nonce="11" * 16))
        self.expect("nonce", replayed, "--nonce", "22" * 16, line=1)

    def test_wrong_keys(self):
        mine = bytes([1]) * 32
        self.expect("key", self.forged(lambda e: None, mine), line=1)
        self.expect("sound", self.forged(lambda e: None, mine), code=1, vkey=evidence.make_vkey(mine))
        # Own signatures under the right name, first with the own key's id and then with the right one's.
        lines = list(self.lines)
        seal = json.loads(lines[-1])
        seal["data"]["note"] = evidence.make_note(mine, [evidence.leaf(line) for line in lines[:-1]])
        lines[-1] = json.dumps(seal, separators=(",", ":")).encode()
        self.expect("key", lines)
        blob = bytearray(evidence.base64.b64decode(self.logged[-1]["data"]["note"].split(" ")[-1]))
        blob[20] ^= 1
        seal["data"]["note"] = self.logged[-1]["data"]["note"].rsplit(" ", 1)[0] + " " + evidence.base64.b64encode(blob).decode() + "\n"
        lines[-1] = json.dumps(seal, separators=(",", ":")).encode()
        self.expect("signature", lines)

    def test_wrong_checkpoints(self):
        i = self.find("log.checkpoint")
        self.expect("checkpoint", self.with_note(i, "no note"), line=i + 1)
        leaves = [evidence.leaf(line) for line in self.lines]
        self.expect("size", self.with_note(i, evidence.make_note(SEED, leaves[:i - 1])), line=i + 1)
        self.expect("root", self.with_note(i, evidence.make_note(SEED, leaves[:i - 1] + [leaves[0]])), line=i + 1)

    def with_note(self, i, note):
        lines = list(self.lines)
        event = json.loads(lines[i])
        event["data"]["note"] = note
        lines[i] = json.dumps(event, separators=(",", ":")).encode()
        return lines

    # What only the owner of the seed can write, for the log's own rules.
    def test_a_lying_writer(self):
        stats, end, caps = self.find("log.stats"), self.find("log.end"), self.find("caps.issued")
        for at in (stats, end):
            for counter in ("attempted", "stored", "dropped", "suppressed"):
                lines = self.forged(lambda e, at=at, counter=counter: e[at]["data"].update({counter: 99999}))
                self.expect("counters", lines, line=at + 1)
        self.expect("seq", self.forged(lambda e: e[5].update(seq=6)), line=6)
        self.expect("time", self.forged(lambda e: e[5].update(t=0)), line=6)
        self.expect("table", self.forged(lambda e: e[caps]["data"]["caps"].pop()), line=caps + 1)
        self.expect("form", self.forged(lambda e: e[5].update(sev="loud")), line=6)

    EPOCHS = (12, 24, 36)  # where epochs begin, in this file's tests

    def in_epochs(self, events):
        """Divides the log into epochs: each place gets a log.key and its checkpoint."""
        for at in reversed(self.EPOCHS):
            pair = [{**events[at], "type": kind, "sev": "info", "data": {}} for kind in ("log.key", "log.checkpoint")]
            for event in pair:
                event.pop("tgt", None), event.pop("inc", None)
            events[at:at] = pair
        for seq, event in enumerate(events):
            event["seq"] = seq
            if event["type"] == "target.restarted":
                event["data"].pop("cause_seq", None)
            if event["type"] in ("log.stats", "log.end"):
                event["data"]["attempted"] += 2 * len(self.EPOCHS)
                event["data"]["stored"] += 2 * len(self.EPOCHS)

    def epochs(self, change=lambda events: None, signers=None):
        """The log in epochs, written anew; lines, and where each epoch begins."""
        events = copy.deepcopy(self.logged)
        self.in_epochs(events)
        change(events)
        starts = [0] + [i + 2 for i, event in enumerate(events) if event["type"] == "log.key"]
        return evidence.forge(events, SEED, signers), starts

    def test_epochs(self):
        lines, starts = self.epochs()
        report = self.expect("sound", lines, code=1)
        self.assertEqual((report["epochs"], report["signed"]), (4, len(lines) - 1))
        self.assertEqual(evidence.check(lines, self.vkey), 4)
        # The statement about it names the key that signed the seal.
        self.write("run.key", b"-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n" % evidence.base64.b64encode(evidence.PKCS8 + SEED))
        os.chmod(self.path("run.key"), 0o600)
        name, key = evidence.read_vkey(self.vkey)
        said = evidence.open_envelope(self.ok("audit", "attest", "changed.jsonl", "--vkey", self.vkey, "--run-key", "run.key"), key)["predicate"]["log"]
        self.assertEqual((said["vkey"], said["epochs"], said["sealVkey"].split("+")[0]), (self.vkey, 4, name))
        self.assertEqual(evidence.read_note(said["checkpoint"], said["sealVkey"])[0], len(lines) - 1)
        # Up to where the log is cut its epochs are signed by their own keys.
        cut = self.expect("no_end", lines[:starts[2] + 1], code=3)
        self.assertEqual(cut["signed"], starts[2] - 1)

    def test_the_next_key_follows_from_the_one_before(self):
        golden = os.path.join(os.path.dirname(scenario.__file__), "../golden/audit/events.jsonl")
        with open(golden, "rb") as file:
            lines = file.read().splitlines()
        seed = bytes([0x5e, 0xed]) + bytes(30)  # of audit_event_test
        key, = (e["data"] for e in map(json.loads, lines) if e["type"] == "log.key")
        self.assertEqual(key, {"epoch": 1, "vkey": evidence.make_vkey(seed, evidence.next_seed(seed, 1))})
        self.assertEqual(evidence.check(lines, evidence.make_vkey(seed)), 2)

    def test_epoch_swapped(self):
        lines, (_, one, two, three) = self.epochs()
        self.expect("epoch_swapped", lines[:one] + lines[two:three] + lines[one:two] + lines[three:], line=one + 1)
        self.expect("epoch_swapped", lines[:two] + lines[three:] + lines[two:three], line=two + 1)
        self.expect("duplicated", lines[:two] + lines[one:], line=two + 1)
        # By who can sign: the second epoch is said to be the first again.
        lines, _ = self.epochs(lambda e: e[two - 2]["data"].update(epoch=1))
        self.expect("epoch_swapped", lines, line=two - 1)

    def test_epoch_missing(self):
        lines, (_, one, two, _) = self.epochs()
        self.expect("epoch_missing", lines[:one] + lines[two:], line=one + 1)
        self.expect("epoch_missing", lines[:one - 2] + lines[one:], line=one - 1)
        lines, _ = self.epochs(lambda e: e[one - 2]["data"].update(epoch=2))
        self.expect("epoch_missing", lines, line=one - 1)

    # Who takes the machine has the key of that moment, and those that follow.
    def test_an_epoch_signed_by_a_later_key(self):
        first = evidence.next_seed(SEED, 1)
        second = evidence.next_seed(first, 2)
        _, (_, one, two, _) = self.epochs()

        def lie(events):
            events[one + 3]["sev"] = "debug"
        for epoch, where in ((0, one), (1, two)):
            lines, _ = self.epochs(lie, {epoch: second})
            first = next(i for i, e in enumerate(map(json.loads, lines)) if e["type"] == "log.checkpoint" and i >= (one if epoch else 0))
            self.expect("epoch_key", lines, line=first + 1)
            self.assertLessEqual(first, where)
        # With the right key's id: the last signature of an epoch is not the next key's to give.
        lines, _ = self.epochs(lie)
        lines = self.resigned(lines, second, one, two)
        self.expect("signature", lines, line=two)
        self.assertEqual(self.verify(lines[:two - 1])[1]["signed"], one - 1)

    def resigned(self, lines, seed, first, end):
        """The same records, signed from `first` to `end` with this seed under the ids of the true keys; the chain follows."""
        lines = list(lines)
        for i in range(first, len(lines)):
            event = json.loads(lines[i])
            event["prev"] = evidence.leaf(lines[i - 1])[:8].hex()
            if event["type"] == "log.checkpoint" and i < end:
                body, signature = event["data"]["note"].split("\n\n")
                name = body.split("\n", 1)[0]
                head = evidence.base64.b64encode(evidence.root([evidence.leaf(line) for line in lines[:i]])).decode()
                body = f"{name}\n{i}\n{head}\n"
                blob = evidence.base64.b64decode(signature.rstrip().split(" ")[-1])[:4] + evidence.sign(seed, body.encode())
                event["data"]["note"] = f"{body}\n\u2014 {name} {evidence.base64.b64encode(blob).decode()}\n"
            lines[i] = json.dumps(event, separators=(",", ":")).encode()
        return lines

    def test_an_epoch_whose_key_nobody_signed(self):
        _, (_, one, two, _) = self.epochs()
        lines, _ = self.epochs(lambda e: e[one - 1].update(type="target.waits"))
        self.expect("epoch_open", lines, line=one)
        for vkey in ("", evidence.make_vkey(b"\1" * 32), evidence.make_vkey(SEED, b"\1" * 32)[:-1]):
            lines, _ = self.epochs(lambda e, vkey=vkey: e[one - 2]["data"].update(vkey=vkey))
            self.expect("epoch_key", lines, line=one - 1)
        # One that is well formed, and not the one that signs then.
        lines, _ = self.epochs(lambda e: e[one - 2]["data"].update(vkey=evidence.make_vkey(SEED, b"\1" * 32)))
        self.expect("epoch_key", lines)

    def test_losses(self):
        def lose(kind, count=1):
            def change(events):
                at = self.find("log.stats") - 2
                seq = events[at]["seq"]
                data = {"first": seq, "last": seq, "count": count, "reason": "ring_full", "by_type": {kind: count}}
                drop = {"v": 1, "seq": seq + 1, "t": events[at]["t"], "type": "log.drop", "sev": "error", "prev": "", "data": data}
                for event in events[at:]:
                    event["seq"] += 2
                events.insert(at, drop)
                for event in events[-4:]:
                    if event["type"] in ("log.stats", "log.end"):
                        for counter, more in (("attempted", 2), ("stored", 1), ("dropped", 1)):
                            event["data"][counter] += more
            return change

        self.assertEqual(self.expect("sound", self.forged(lose("deny.tripwire")), code=1)["dropped"], 1)
        self.assertEqual(self.expect("loss", self.forged(lose("fault.vm")), code=3)["counts"]["lost"], 1)
        self.expect("drop", self.forged(lose("fault.vm", 2)))

    def test_plans(self):
        self.system()
        self.run_system("--deterministic", "--events", "mine.jsonl")
        lines = self.read("mine.jsonl").splitlines()
        self.write("plan.json", self.ok("plan", "demo.system.toml", "--json"))
        self.expect("sound", lines, "--plan", "plan.json", code=1)
        self.write("other.json", self.read("plan.json").replace(b'"budget_us":2000', b'"budget_us":2001', 1))
        self.expect("plan", lines, "--plan", "other.json", code=1)
        self.fails("USAGE", "audit", "verify", "events.jsonl", "--vkey", self.vkey, "--plan", "events.jsonl", code=2)

    def test_a_quiet_run_conforms(self):
        self.system()
        self.ok("run", "--trust", "trust.toml", "log.kpkg", "hello.kpkg", "--deterministic", "--events", "quiet.jsonl")
        self.ok("audit", "verify", "quiet.jsonl", "--vkey", self.vkey)

    def test_a_report_brings_its_key(self):
        self.system()
        nonce = "00112233445566778899aabbccddeeff"
        pair = ("--trust", "trust.toml", "log.kpkg", "hello.kpkg")
        self.ok("run", *pair, "--nonce", nonce, "--report", "report")
        self.ok("audit", "verify", "report/events.jsonl", "--vkey", "report/run.vkey", "--nonce", nonce)
        self.ok("key", "generate", "run.key")
        self.ok("run", *pair, "--run-key", "run.key", "--events", "mine.jsonl")
        self.ok("image", *pair, "--run-key", "run.key", "-o", "image.elf", "--vkey", "image.vkey")
        self.ok("audit", "verify", "mine.jsonl", "--vkey", "image.vkey")
        evidence.check(self.read("mine.jsonl").splitlines(), self.read("image.vkey").decode().strip())
        for nonce in ("00", "0" * 66, "zz" * 16, "A0" * 16):
            self.fails("USAGE", "run", *pair, "--nonce", nonce, code=2)

    def test_usage(self):
        for vkey in ("a+b+c", self.vkey[:-1], self.vkey.replace("+", "+0", 1)):
            self.fails("USAGE", "audit", "verify", "events.jsonl", "--vkey", vkey, code=2)
        self.write("run.vkey", self.vkey + "\n")
        self.assertEqual(self.run_kpkg("audit", "verify", "events.jsonl", "--vkey", "run.vkey").returncode, 1)
        self.assertEqual(self.run_kpkg("audit", "verify", "events.jsonl").returncode, 2)


scenario.main()
