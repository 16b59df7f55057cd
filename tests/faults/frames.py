# SPDX-License-Identifier: BSD-2-Clause
"""Scripts for fail_each: what is asked of a run over its control channel."""
import struct

import channel

HELLO, RESTART, INSTALL, REPLACE, REMOVE, SHUTDOWN, CHUNK, COMMIT = channel.HELLO, 5, 6, 7, 8, 9, 0x0a, 0x0b


class Script:
    """Frames, each to be sent when the one before is answered."""

    def __init__(self):
        self.frames, self.number = b"", 0
        self.ask(HELLO)

    def ask(self, kind, payload=b""):
        self.number += 1
        self.frames += channel.frame(kind, self.number, payload)

    def send(self, kind, instance, package):
        self.ask(kind, struct.pack("<QB", len(package), len(instance)) + instance)
        for at in range(0, len(package), 1016):
            self.ask(CHUNK, struct.pack("<Q", at) + package[at:at + 1016])
        self.ask(COMMIT)
