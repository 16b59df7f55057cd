# SPDX-License-Identifier: BSD-2-Clause
"""From start to exit of a program that prints one line, with the signature check before it."""
import json
import os
import shutil
import subprocess
import sys

from common import once, quiet, race, show, summary, tool

CGROUP = 'umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec "$@"'
INSIDE = "--inside"


def example(bench, name):
    shutil.copy(os.path.join(bench.build, "examples", name + ".kpkg"), ".")
    quiet(bench.kpkg, "sign", name + ".kpkg", "--key", "signer.key")
    return name + ".kpkg"


def write_config():
    """The least that crun and runc take, without what containers are forbidden."""
    quiet("crun", "spec")
    with open("config.json", encoding="utf-8") as file:
        config = json.load(file)
    config["process"].update(args=["/hello"], terminal=False)
    config["root"]["path"] = "rootfs"
    config["mounts"] = [m for m in config["mounts"] if m["destination"] in ("/proc", "/dev")]
    config["linux"].pop("resources", None)
    with open("config.json", "w", encoding="utf-8") as file:
        json.dump(config, file)


def container(runtime, rounds):
    """A container runtime in a mount namespace of its own with a plain cgroup2, which they insist on."""
    if tool(runtime) is None:
        return None
    words = [tool("unshare"), "-m", "sh", "-c", CGROUP, "sh", sys.executable, os.path.abspath(__file__), INSIDE, tool(runtime), str(rounds)]
    inside = subprocess.run(words, capture_output=True, text=True, check=False)
    return json.loads(inside.stdout) if inside.returncode == 0 else None


def inside(runtime, rounds):
    """Prints seconds of `run` as JSON; runs in the namespace that `container` makes."""
    manager = ["--cgroup-manager=disabled"] if runtime.endswith("crun") else []
    runs = [once([[runtime, *manager, "run", f"kpkg-bench-{os.getpid()}-{i}"]]) for i in range(rounds + 1)]
    if None in runs:
        sys.exit(1)
    print(json.dumps({**summary(runs[1:]), "peak_kib": None}))


def run(bench, rounds=101):
    with open("hello.c", "w", encoding="ascii") as file:
        file.write('#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n')
    os.makedirs("rootfs")
    quiet("gcc", "-O2", "-static", "-o", "rootfs/hello", "hello.c")
    check = bench.minisign("rootfs/hello")
    bwrap = [bench.need("bwrap"), "--unshare-all", "--ro-bind", "rootfs", "/", "/hello"]
    own = [bench.kpkg, "run", "--trust", "trust.toml", example(bench, "hello"), example(bench, "log")]
    rows = race({"kpkg run hello": [own], "minisign -V + bwrap": [check, bwrap], "bwrap": [bwrap], "the program alone": [[os.path.abspath("rootfs/hello")]]}, rounds)
    write_config()
    rows.update({f"{name} run": container(name, 21) for name in ("crun", "runc")})
    rows.update(race({"kpkg run --kernel sel4 (QEMU)": [[*own, "--kernel", "sel4"]]}, 5))
    show("run hello, start to exit, signature checked", rows)
    if rows["minisign -V + bwrap"] is not None:
        ratio = rows["kpkg run hello"]["median"] / rows["minisign -V + bwrap"]["median"]
        bench.goal(f"run of hello at most 1.0 times minisign + bwrap ({ratio:.2f})", ratio <= 1)
        bench.goal(f"run of hello at most 0.5 times minisign + bwrap ({ratio:.2f})", ratio <= 0.5)
    bench.results["hello"] = rows


if __name__ == "__main__" and sys.argv[1:2] == [INSIDE]:
    inside(sys.argv[2], int(sys.argv[3]))
