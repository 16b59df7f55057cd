# SPDX-License-Identifier: BSD-2-Clause
"""kpkg among what a host may be: a full disk, an odd caller, a slow reader, hostile names, files that are pipes."""
import json
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import threading

import channel
import demo_log
import evidence
import scenario

HOSTILE = "a\x1b[2J\n\x9bkpkg: fine"  # of a file, or of a target: steers a terminal, and adds a line
HELPER = '#!/bin/sh\necho \'{"Username": "ada", "Secret": "x"}\'\nexit 1\n'


class Host(demo_log.DemoLog):
    def start(self, *words, **more):
        return subprocess.run([scenario.KPKG, *words], cwd=self.folder, timeout=scenario.TIMEOUT, check=False, **more)

    def said(self, *words, **more):
        """The exit code, and what came out, as bytes."""
        run = self.start(*words, capture_output=True, **more)
        return run.returncode, run.stdout + run.stderr

    def two(self):
        self.trust()
        return self.example("hello"), self.example("log"), "--trust", "trust.toml"

    def assert_one_line(self, said, line):
        """No byte of a name goes out as it is."""
        self.assertNotIn(b"\x1b", said)
        self.assertNotIn(b"\x9b", said)
        self.assertFalse([other for other in said.splitlines() if other.startswith(b"kpkg: fine")], said)
        self.assertIn(line, said)

    def test_a_full_disk_is_seen(self):
        for words in (("run", *self.two()), ("run", *self.two(), "--cspace", "-"), ("help", "run"), ("audit", "show", "events.jsonl")):
            with open("/dev/full", "wb") as full:
                run = self.start(*words, stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(run.returncode, 2, words)
            self.assertIn(b"KPKG_E_IO", run.stderr)

    def test_a_slow_reader_gets_everything(self):
        self.ok("run", *self.two(), "--deterministic", "--events", "whole.jsonl", "--console", "console")
        size = os.path.getsize(self.path("whole.jsonl"))
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        os.write(writer, bytes(65536 - 4096))  # one page is left, and nobody reads before that is full
        with open(self.path("console"), "wb") as console:
            run = subprocess.Popen([scenario.KPKG, "run", "hello.kpkg", "log.kpkg", "--trust", "trust.toml", "--deterministic", "--events",
                                    f"/dev/fd/{writer}"], cwd=self.folder, stdout=console, stderr=subprocess.PIPE, pass_fds=[writer])
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        self.addCleanup(run.stderr.close)
        self.until_blocked(run, writer)
        os.close(writer)
        got = b"".join(iter(lambda: os.read(reader, 65536), b""))
        self.assertEqual((run.wait(scenario.TIMEOUT), len(got) - 65536 + 4096), (0, size), run.stderr.read())

    @staticmethod
    def until_blocked(run, pipe):
        """Waits until there is no room for what it writes, and its timer has woken it there and it slept again."""
        first = None
        while run.poll() is None:
            with open(f"/proc/{run.pid}/status", encoding="ascii") as file:
                sleeps = next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt"))
            full = not select.select([], [pipe], [], 0.001)[1]
            first = sleeps if full and first is None else first
            if first is not None and sleeps >= first + 3:
                return

    def test_a_caller_that_ignores_its_children(self):
        """The answer of a helper that fails is not believed, although Linux would not say that it failed."""
        os.mkdir(self.path("bin"))
        self.write("bin/docker-credential-x", HELPER)
        os.chmod(self.path("bin/docker-credential-x"), 0o755)
        self.write("login.json", json.dumps({"credsStore": "x"}))
        environment = {**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"], "REGISTRY_AUTH_FILE": self.path("login.json")}
        code, said = self.said("pull", "localhost:1/a:1", "--plain-http", env=environment,
                               preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual(code, 2)
        self.assertIn(b"KPKG_E_CREDENTIAL_HELPER", said)

    def test_a_time_beyond_the_calendar(self):
        run = self.run_kpkg("run", *self.two(), "--report", "out", environment={"SOURCE_DATE_EPOCH": "9" * 20})
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(self.read("out/run.intoto.jsonl"))

    def test_names_of_files(self):
        hostile = HOSTILE.encode("latin-1")
        place = os.path.join(self.folder.encode(), hostile)
        for words in (("audit", "verify", "--vkey", self.vkey), ("audit", "show"), ("audit", "diff", "events.jsonl")):
            with open(place, "wb") as file:
                file.write(self.read("events.jsonl")[:-1])
            code, said = self.said(*words, hostile)
            self.assertEqual(code, 3 if words[1] != "diff" else 4, said)
            self.assert_one_line(said, b"truncated")
        os.rename(self.path(self.pack()), place)
        self.assert_one_line(self.said("inspect", hostile)[1], b"\\x1b[2J\\x0a")

    def test_names_of_targets(self):
        events = json.loads(json.dumps(self.logged))
        for event in events:
            if event.get("tgt") == "intruder":
                event["tgt"] = HOSTILE
        self.write("hostile.jsonl", b"".join(line + b"\n" for line in evidence.forge(events, demo_log.SEED)))
        code, said = self.said("audit", "diff", "events.jsonl", "hostile.jsonl")
        self.assertEqual(code, 1)
        self.assert_one_line(said, b"a\\x1b[2J\\x0a\\xc2\\x9bkpkg: fine, event 1: end differs")

    def test_a_name_that_is_not_utf8(self):
        with open(self.folder.encode() + b"/\xff.jsonl", "wb") as file:
            file.write(self.read("events.jsonl"))
        words = ("--vkey", self.vkey, "--format", "gitlab")
        usual, odd = (json.loads(self.said("audit", "export", name, *words)[1]) for name in (b"events.jsonl", b"\xff.jsonl"))
        self.assertEqual([i["fingerprint"] for i in odd], [i["fingerprint"] for i in usual])
        self.assertEqual({i["location"]["path"] for i in odd}, {"%FF.jsonl"})

    def test_what_is_judged_is_what_is_compared(self):
        """A package is read once: a pipe gives it only once."""
        self.trust()
        package = self.pack()
        os.mkfifo(self.path("pipe.kpkg"))
        writer = threading.Thread(target=lambda: self.write("pipe.kpkg", self.read(package)))
        writer.start()
        self.addCleanup(writer.join)
        self.assertTrue(self.ok("diff", package, "pipe.kpkg", "--trust", "trust.toml").startswith("VERDICT same "))

    def test_a_line_of_clients_is_not_joined(self):
        """A socket whose run is alive is refused, also while others wait for it."""
        line = socket.socket(socket.AF_UNIX)
        self.addCleanup(line.close)
        line.bind(self.path("busy"))
        line.listen(0)
        for _ in range(2):
            client = socket.socket(socket.AF_UNIX)
            self.addCleanup(client.close)
            client.setblocking(False)
            client.connect_ex(self.path("busy"))
        for path, why in (("busy", "Address already in use"), ("", "empty value")):
            run = self.run_kpkg("run", *self.two(), "--com2", path)
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn(why, run.stderr)

    def test_a_file_is_written_whole_or_not_at_all(self):
        """A disk that is full after 100 bytes: a limit of the size of files, whose signal Python's children ignore when it is not restored."""
        self.trust()
        self.example("hello")
        self.write("old", "what was there\n")
        self.run_kpkg("run", "--trust", "trust.toml", "hello.kpkg", "--events", "events.jsonl")
        for words in (("audit", "export", "events.jsonl", "--format", "sarif", "-o"), ("audit", "report", "events.jsonl", "-o"),
                      ("diff", "--accept", "hello.kpkg", "--golden")):
            for name in ("new", "old") if words[0] != "diff" else ("new",):
                run = subprocess.run([scenario.KPKG, *words, name], cwd=self.folder, capture_output=True, text=True, timeout=60, check=False, restore_signals=False,
                                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
                self.assertEqual(run.returncode, 2, run.stderr)
                self.assertIn(f"kpkg: {name}: KPKG_E_IO: ", run.stderr)
            self.assertFalse(os.path.exists(self.path("new")), words)
            self.assertEqual(self.read("old"), b"what was there\n")

    def test_a_number_is_taken_whole_or_not(self):
        run = self.run_kpkg("run", *self.two(), "--fail-invocation", "0" * 23 + "12")
        self.assertEqual(run.returncode, 2)
        self.assertIn("KPKG_E_USAGE", run.stderr)

    def test_what_a_machine_refuses_with(self):
        """Words of a refusal are the machine's: shown, and no more."""
        def text(raw):
            return bytes([len(raw)]) + raw
        line = socket.socket(socket.AF_UNIX)
        self.addCleanup(line.close)
        line.bind(self.path("ctl"))
        line.listen(1)

        def answer():
            client, _ = line.accept()
            with client:
                asked = client.recv(4096)
                number = struct.unpack_from("<I", asked, len(channel.MAGIC) + 3)[0]
                client.sendall(channel.frame(channel.REFUSED, number, self.refusal(text)))
                client.recv(1)
        server = threading.Thread(target=answer)
        server.start()
        self.addCleanup(server.join)
        code, said = self.said("ctl", "list", "--control", "ctl")
        self.assertEqual(code, 1, said)
        self.assert_one_line(said, b"KPKG_E_CONTROL_REQUEST")

    @staticmethod
    def refusal(text):
        what = HOSTILE.encode("latin-1")
        return text(b"KPKG_E_CONTROL_REQUEST") + text(what) + text(what) + struct.pack("<QQII", 1, 2, 0, 0)


if __name__ == "__main__":
    scenario.main()
