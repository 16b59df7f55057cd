# SPDX-License-Identifier: BSD-2-Clause
"""A program built elsewhere behaves the same on the hosted kernel and on real seL4.

$KPKG_FOREIGN_ELF: a root task; $KPKG_FOREIGN_MATCH: what of its output must be equal (a regular expression, default: whole lines);
$KPKG_FOREIGN_AS: the kernel configuration (default 2.3.0-debug); $KPKG_KERNEL or $MICROKIT_SDK: the real one of that kind.
"""
import importlib.machinery
import importlib.util
import os
import re
import subprocess
import sys

BUILD = os.path.abspath(sys.argv[1])
SKIPPED = 77
LIMIT_S = 300  # of real time
LIMIT_VIRTUAL_S = 100000


def conformance_check():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conformance", "check")
    spec = importlib.util.spec_from_loader("check", importlib.machinery.SourceFileLoader("check", path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found(command, wanted):
    """What a program's serial output has of the wanted; some programs never end the machine, so time ends it."""
    run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        text = run.communicate(timeout=LIMIT_S)[0]
    except subprocess.TimeoutExpired:
        run.kill()
        text = run.communicate()[0]
    return wanted.findall(text.replace(b"\r", b"").decode("ascii", "replace"))


def main():
    program = os.environ.get("KPKG_FOREIGN_ELF")
    if not program:
        print("no foreign program: set KPKG_FOREIGN_ELF to run one on both kernels")
        return SKIPPED
    check = conformance_check()
    wanted = re.compile(os.environ.get("KPKG_FOREIGN_MATCH", ".+"))
    config = os.environ.get("KPKG_FOREIGN_AS", "2.3.0-debug")
    kpkg = os.path.join(BUILD, "kpkg")
    kernels = [k for k in check.kernels(kpkg) if ("/debug/" in k) == config.endswith("-debug")]
    if not kernels:
        print(f"seL4 not found: set KPKG_KERNEL to one like {config} to compare the foreign program with it")
        return SKIPPED
    hosted = found([kpkg, "hosted", "--deterministic", "--as", config, "--memory", "1024",
                    "--time-limit", str(LIMIT_VIRTUAL_S), program], wanted)
    command = check.qemu(kernels[0], program)
    command[command.index("-m") + 1] = "1024"
    real = found(command, wanted)
    print(f"{len(real)} matches on seL4, {len(hosted)} on the hosted kernel: {'equal' if real == hosted else 'DIFFERENT'}")
    for line in sorted(set(real) ^ set(hosted)):
        print(f"only on {'seL4' if line in real else 'the hosted kernel'}: {line}")
    return 0 if real == hosted and real else 1


sys.exit(main())
