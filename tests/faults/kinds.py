# SPDX-License-Identifier: BSD-2-Clause
"""A system with a start of every kind that the demo and the crew have not: a passive server that owns shared memory, a server that starts
when it is first called, a client whose calls are traced, a driver with an interrupt, ports and device memory, and memory in large pages.
"""
from actors import CALLS, SERVES, STOPS, manifest, restart

CEILING = 'irq = [8]\nioport = ["0x70-0x71"]\ndma = true\n'
HARDWARE = ('[irq.tick]\nline = 8\n[ioport.registers]\nports = "0x70-0x71"\n'
            '[device.timer]\naddress = "0xb8000"\nsize = "4KiB"\naccess = "read"\n')
OWNS = '[region.board]\nrole = "own"\nsize = "8KiB"\naccess = "read"\nallow = { "test.*" = "read-write" }\n'
MAPS = '[region.tally]\nrole = "map"\nto = "test.server/board"\nsize = "8KiB"\naccess = "read-write"\n'
TRACED = '[audit]\ntrace = ["peer"]\n'
RESTART = {"client", "large"}
LAZY = "lazy"  # starts when it is called


def build(test):
    """Writes the packages and the system file, of a test of class Actors."""
    test.write("trust.toml", test.read("trust.toml").decode() + CEILING)
    test.actor("server", "serve", more=SERVES + STOPS + OWNS, passive=True)
    test.actor(LAZY, "serve", more=SERVES, start="on-demand")
    test.actor("client", "call=2", more=CALLS + MAPS + TRACED + restart())
    test.actor("other", "call=2", more=CALLS.replace("server", LAZY))
    test.actor("driver", "peek=0", more=HARDWARE)
    test.package("large", manifest("large", restart()).replace('"128KiB"', '"8MiB"\nheap = "4MiB"'))
    test.system += '[[package]]\nfile = "large.kpkg"\n'
    test.write("image.system.toml", test.system)
