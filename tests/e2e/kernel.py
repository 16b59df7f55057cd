# SPDX-License-Identifier: BSD-2-Clause
"""Finding, judging and starting real kernels, with an SDK and a QEMU that the test makes itself."""
import glob
import hashlib
import os
import select
import signal
import subprocess

import scenario
import sdk


class Find(scenario.Scenario):
    def doctor(self, *arguments, **environment):
        clean = {"KPKG_KERNEL": "", "MICROKIT_SDK": "", **environment}
        run = self.run_kpkg("doctor", "--json", *arguments, environment=clean)
        return run.returncode, scenario.json.loads(run.stdout)

    def refused(self, options=None, invocations=None, elf=sdk.ELF32):
        """The refusal of a kernel with these changes."""
        folder = self.path(f"sdk{len(os.listdir(self.folder))}")
        sdk.make(folder, options=options, invocations=invocations, elf=elf)
        code, report = self.doctor("--kernel", folder)
        self.assertEqual(code, 1)
        self.assertFalse(report["kernels"][0]["supported"])
        return report["kernels"][0]["refused"]

    def test_every_form_of_a_path(self):
        elf = sdk.make(self.path("sdk"))
        config = os.path.dirname(os.path.dirname(elf))
        for path in (self.path("sdk"), os.path.dirname(config), config, elf):
            code, report = self.doctor("--kernel", path)
            self.assertEqual((code, [os.path.realpath(k["elf"]) for k in report["kernels"]]), (0, [os.path.realpath(elf)]), path)
            self.assertEqual({k: report["kernels"][0][k] for k in ("config", "sdk", "release", "supported", "mcs", "debug", "sha256")},
                             {"config": "release", "sdk": "2.3.0", "release": "16.0.0", "supported": True, "mcs": True, "debug": False,
                              "sha256": hashlib.sha256(sdk.ELF32).hexdigest()})

    def test_order_of_places(self):
        one, two, three = (sdk.make(self.path(name)) for name in ("one", "two", "three"))
        both = {"KPKG_KERNEL": self.path("two"), "MICROKIT_SDK": self.path("three")}
        self.assertEqual(self.doctor("--kernel", self.path("one"), **both)[1]["kernels"][0]["elf"], one)
        self.assertEqual(self.doctor(**both)[1]["kernels"][0]["elf"], two)
        self.assertEqual(self.doctor(MICROKIT_SDK=self.path("three"))[1]["kernels"][0]["elf"], three)
        wrong = {"KPKG_KERNEL": self.path("four"), "MICROKIT_SDK": self.path("three")}
        self.assertEqual(self.doctor(**wrong), (1, {**self.doctor(**wrong)[1], "ok": False, "kernels": []}))

    def test_configurations_of_one_sdk(self):
        sdk.make(self.path("sdk"))
        debug = {"DEBUG_BUILD": True, "PRINTING": True, "HARDWARE_DEBUG_API": True}
        needs = ("ALWAYS", "DOMAIN_SCHEDULE", "IOMMU", "HARDWARE_DEBUG")
        sdk.make(self.path("sdk"), config="debug", options=debug, invocations=sdk.labels(needs))
        code, report = self.doctor("--kernel", self.path("sdk"))
        self.assertEqual((code, [(k["config"], k["debug"], k["printing"]) for k in report["kernels"]]),
                         (0, [("debug", True, True), ("release", False, False)]))

    def test_options_are_refused_by_name_and_value(self):
        for option, value, shown in (("KERNEL_MCS", False, "false"), ("SEL4_ARCH", "aarch64", "aarch64"), ("PLAT", "qemu-arm-virt", "qemu-arm-virt"),
                                     ("WORD_SIZE", "32", "32"), ("ENABLE_SMP_SUPPORT", True, "true"), ("MAX_NUM_NODES", "16", "16"),
                                     ("SYSCALL", False, "false"), ("FSGSBASE_INST", False, "false"), ("SET_TLS_BASE_SELF", True, "true"),
                                     ("KERNEL_INVOCATION_REPORT_ERROR_IPC", True, "true"), ("VTX", True, "true"),
                                     ("ROOT_CNODE_SIZE_BITS", "12", "12"), ("XSAVE_SIZE", "832", "832"), ("PRINTING", None, "absent")):
            refusal = self.refused({option: value})
            self.assertEqual((refusal["name"], refusal["what"], refusal["subject"]), ("KPKG_E_KERNEL_OPTION", option, shown))

    def test_labels_must_follow_from_the_options(self):
        missing = sdk.labels()
        del missing["TCBSetFlags"]
        self.assertEqual(self.refused(invocations=missing)["what"], "TCBSetFlags")
        moved = {**sdk.labels(), "X86PageMap": 99}
        self.assertEqual((self.refused(invocations=moved)["what"], self.refused(invocations=moved)["subject"]), ("X86PageMap", "99"))
        self.assertEqual(self.refused(invocations={**sdk.labels(), "ARMPageMap": 64})["name"], "KPKG_E_KERNEL_LABELS")
        self.assertEqual(self.refused({"IOMMU": False})["name"], "KPKG_E_KERNEL_LABELS")

    def test_files_must_be_there_and_be_what_they_should(self):
        self.assertEqual(self.refused(elf=b"\x7fELF\x02" + bytes(60))["name"], "KPKG_E_KERNEL_FILE")
        self.assertEqual(self.refused(invocations=[])["name"], "KPKG_E_KERNEL_FILE")
        elf = sdk.make(self.path("cut"))
        os.remove(os.path.join(os.path.dirname(elf), "..", "include", "kernel", "gen_config.json"))
        code, report = self.doctor("--kernel", elf)
        self.assertEqual((code, report["kernels"][0]["refused"]["name"]), (1, "KPKG_E_KERNEL_FILE"))
        self.fails("KERNEL_FILE", "image", "--kernel", self.folder, "-o", "x", "x.kpkg", code=2)
        self.fails("IO", "image", "--kernel", self.path("none"), "-o", "x", "x.kpkg", code=2)


class Start(scenario.Scenario):
    """What `kpkg run` makes of a machine that does not do as it should."""

    def setUp(self):
        super().setUp()
        self.trust()
        self.example("hello")
        sdk.make(self.path("sdk"))

    def words(self, *more):
        return ["run", "--trust", "trust.toml", "hello.kpkg", "--kernel", "sdk", *more]

    def start(self, script, *more):
        return self.run_kpkg(*self.words(*more), environment={"PATH": sdk.machine(self.path("bin"), script)})

    def test_no_machine(self):
        run = self.run_kpkg(*self.words(), environment={"PATH": self.folder})
        self.assertEqual(run.returncode, 2)
        self.assertRegex(run.stderr, "^kpkg: KPKG_E_TOOL: .*apt-get install qemu-system-x86")

    def test_no_kernel(self):
        """Where one is installed, its place is hidden from the run."""
        command = [scenario.KPKG, "run", "--trust", "trust.toml", "hello.kpkg", "--kernel", "sel4"]
        if glob.glob("/opt/microkit-sdk*"):
            hidden = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-c",
                      'mount -t tmpfs none /opt && exec "$@"', "sh"]
            if subprocess.run([*hidden, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
                self.skipTest("no mount namespaces here")
            command = hidden + command
        run = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=scenario.TIMEOUT, check=False,
                             env={**os.environ, "KPKG_KERNEL": "", "MICROKIT_SDK": ""})
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertRegex(run.stderr, "^kpkg: KPKG_E_KERNEL_ABSENT: ")

    def test_a_machine_that_refuses(self):
        run = self.start("echo 'no such accelerator' >&2\nexit 1\n")
        self.assertEqual(run.returncode, 2)
        self.assertRegex(run.stderr, "KPKG_E_MACHINE_START: .*no such accelerator")

    def test_a_machine_that_resets(self):
        run = self.start("echo booting\nexit 0\n")
        self.assertEqual((run.returncode, run.stdout), (3, "booting\n"))
        self.assertIn("the machine reset or switched itself off", run.stderr)

    def test_a_machine_that_is_killed(self):
        run = self.start("kill -9 $$\n")
        self.assertEqual(run.returncode, 3)
        self.assertIn("QEMU was killed", run.stderr)

    def test_a_machine_that_hangs(self):
        run = self.start("exec sleep 1000\n", "--time-limit", "1")
        self.assertEqual(run.returncode, 3)
        self.assertIn("the time limit was reached", run.stderr)

    def test_a_kernel_that_halts(self):
        needs = ("ALWAYS", "DOMAIN_SCHEDULE", "IOMMU")
        sdk.make(self.path("sdk"), config="debug", options={"DEBUG_BUILD": True, "PRINTING": True}, invocations=sdk.labels(needs))
        run = self.start("printf 'no such thing\\r\\nhalting...\\r\\n'\nexec sleep 1000\n", "--config", "debug")
        self.assertEqual(run.returncode, 3)
        self.assertIn("the kernel halted", run.stderr)
        self.assertIn("no such thing", run.stdout)

    def test_options_of_the_other_kernel(self):
        for option in (["--deterministic"], ["--trace"], ["--cspace", "-"], ["--as", "2.3.0"]):
            self.fails("USAGE", *self.words(*option), code=2)
        self.fails("USAGE", "run", "--trust", "trust.toml", "hello.kpkg", "--config", "debug", code=2)
        self.fails("KERNEL_FILE", *self.words("--config", "smp"), code=2)

    def ended_by(self, number):
        """The machine's process when kpkg is sent a signal; a fifo tells that it runs."""
        os.mkfifo(self.path("fifo"))
        path = sdk.machine(self.path("bin"), f"echo $$ >'{self.path('fifo')}'\nexec sleep 1000\n")
        run = subprocess.Popen([scenario.KPKG, *self.words()], cwd=self.folder, env={**os.environ, "PATH": path},
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with open(self.path("fifo"), encoding="ascii") as fifo:
            machine = os.pidfd_open(int(fifo.read()))
        run.send_signal(number)
        ended, _, _ = select.select([machine], [], [], scenario.TIMEOUT)
        os.close(machine)
        self.assertTrue(ended, "the machine outlives kpkg")
        run.communicate(timeout=scenario.TIMEOUT)
        return run.returncode

    def test_a_signal_ends_the_machine(self):
        self.assertEqual(self.ended_by(signal.SIGTERM), 3)

    def test_the_machine_dies_with_kpkg(self):
        self.assertEqual(self.ended_by(signal.SIGKILL), -signal.SIGKILL)


scenario.main()
