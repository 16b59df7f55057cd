# SPDX-License-Identifier: BSD-2-Clause
"""Registries for the tests of `kpkg push` and `kpkg pull`, all on 127.0.0.1: Debian's docker-registry, and a server in between that
records, breaks off or lies."""
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import threading

PROGRAM = shutil.which("docker-registry")
PASSWORD = "correct horse"
HTPASSWD = "ada:$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e\n"  # bcrypt of PASSWORD

CONFIG = """version: 0.1
log:
  level: info
  accesslog: {{disabled: true}}
storage:
  filesystem: {{rootdirectory: {folder}/data}}
http:
  addr: 127.0.0.1:0
  secret: test
"""
CONFIG_AUTH = """auth:
  htpasswd: {{realm: test, path: {folder}/htpasswd}}
"""


class Registry:
    """docker-registry, on a port that it chose."""

    def __init__(self, test, folder, auth=False):
        os.mkdir(folder)
        with open(os.path.join(folder, "config.yml"), "w", encoding="ascii") as file:
            file.write((CONFIG + (CONFIG_AUTH if auth else "")).format(folder=folder))
        with open(os.path.join(folder, "htpasswd"), "w", encoding="ascii") as file:
            file.write(HTPASSWD)
        self.process = subprocess.Popen([PROGRAM, "serve", os.path.join(folder, "config.yml")], stderr=subprocess.PIPE,
                                        stdout=subprocess.DEVNULL, text=True)
        test.addCleanup(self.stop)
        self.port = None
        for line in self.process.stderr:
            found = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        test.assertIsNotNone(self.port, "docker-registry did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.host = f"127.0.0.1:{self.port}"

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()


class Middle:
    """An HTTP server that passes requests on to `upstream`, or answers them itself.

    `answers` maps (method, path without query) to a function(handler) that does so; `requests` has what came; the answer to a GET
    of a blob ends after `cut` bytes; the PATCH number `hang_at` is never answered, and `hanging` set.
    """

    def __init__(self, test, upstream=None, context=None):
        self.upstream, self.answers, self.requests = upstream, {}, []
        self.cut, self.hang_at, self.patches = None, None, 0
        self.hanging, self.released = threading.Event(), threading.Event()
        middle = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (ConnectionError, BrokenPipeError):
                    self.close_connection = True

            def answer(self):
                middle.serve(self)

            do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        test.addCleanup(self.stop)

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler):
        path = handler.path.split("?")[0]
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.requests.append((handler.command, handler.path, dict(handler.headers)))
        if handler.command == "PATCH":
            self.patches += 1
            if self.patches == self.hang_at:
                self.hanging.set()
                self.released.wait()
                handler.close_connection = True
                return
        if (handler.command, path) in self.answers:
            self.answers[handler.command, path](handler)
        elif self.upstream:
            self.forward(handler, body)
        else:
            reply(handler, 404)

    def forward(self, handler, body):
        connection = http.client.HTTPConnection(self.upstream.host, timeout=60)
        connection.request(handler.command, handler.path, body, dict(handler.headers))
        answer = connection.getresponse()
        content = answer.read()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            handler.send_header(name, value)
        handler.end_headers()
        if self.cut is not None and handler.command == "GET" and "/blobs/sha256:" in handler.path:
            content, self.cut, handler.close_connection = content[:self.cut], None, True
        handler.wfile.write(content)
        connection.close()


def reply(handler, code, body=b"", **headers):
    """A whole answer; underscores in names of headers stand for hyphens."""
    body = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    handler.send_response(code)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def replying(code, body=b"", **headers):
    return lambda handler: reply(handler, code, body, **headers)
