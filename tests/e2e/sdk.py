# SPDX-License-Identifier: BSD-2-Clause
"""An SDK that is none: the files that `kpkg` reads of one, with a kernel that no machine runs."""
import json
import os
import re
import stat
import struct

HEADER = os.path.join(os.path.dirname(__file__), "..", "..", "sel4", "abi", "labels.h")
OPTIONS = {
    "SEL4_ARCH": "x86_64", "PLAT": "pc99", "WORD_SIZE": "64", "KERNEL_MCS": True, "ENABLE_SMP_SUPPORT": False, "MAX_NUM_NODES": "1",
    "VTX": False, "SYSCALL": True, "FSGSBASE_INST": True, "SET_TLS_BASE_SELF": False, "KERNEL_INVOCATION_REPORT_ERROR_IPC": False,
    "ENABLE_BENCHMARKS": False, "XSAVE_SIZE": "576", "ROOT_CNODE_SIZE_BITS": "17", "RETYPE_FAN_OUT_LIMIT": "256",
    "MAX_NUM_BOOTINFO_UNTYPED_CAPS": "230", "NUM_PRIORITIES": "256", "MULTIBOOT1_HEADER": True, "MULTIBOOT2_HEADER": True, "HARDWARE_DEBUG_API": False,
    "IOMMU": True, "HUGE_PAGE": True, "DEBUG_BUILD": False, "PRINTING": False,
}
ELF32 = b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, 0x100000, 52, 0, 0, 52, 32, 0, 0, 0, 0)


def labels(needs=("ALWAYS", "DOMAIN_SCHEDULE", "IOMMU")):
    """invocations_all.json of a kernel with these options, from the ABI's own list."""
    with open(HEADER, encoding="ascii") as file:
        rows = re.findall(r'X\(\w+, "(\w+)", (\w+)\)', file.read())
    return {key: number for number, key in enumerate((key for key, need in rows if need in needs), 1)}


def make(folder, version="2.3.0", config="release", options=None, invocations=None, elf=ELF32):
    """Writes one configuration of an SDK at `folder`; the path of its kernel."""
    place = os.path.join(folder, "board", "x86_64_generic", config)
    for part in ("elf", "include/kernel"):
        os.makedirs(os.path.join(place, part))
    files = {
        os.path.join(folder, "VERSION"): version + "\n",
        os.path.join(place, "include/kernel/gen_config.json"): json.dumps({**OPTIONS, **(options or {})}),
        os.path.join(place, "invocations_all.json"): json.dumps(labels() if invocations is None else invocations),
    }
    for path, text in files.items():
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
    with open(os.path.join(place, "elf", "sel4_32.elf"), "wb") as file:
        file.write(elf)
    return os.path.join(place, "elf", "sel4_32.elf")


def machine(folder, script):
    """A program that stands in for QEMU; the PATH that leads to it first."""
    os.makedirs(folder)
    path = os.path.join(folder, "qemu-system-x86_64")
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\n" + script)
    os.chmod(path, os.stat(path).st_mode | stat.S_IXUSR)
    return folder + ":" + os.environ["PATH"]
