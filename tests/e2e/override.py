# SPDX-License-Identifier: BSD-2-Clause
"""[override.INSTANCE] of system files: each of its keys tightens what the instance gets, in the plan and in what runs; none widens."""
import shutil

import scenario

MANIFEST = """schema = 1
[package]
name = "test.meter"
version = "1.0.0"
counter = 1
[binary]
path = "meter.elf"
[cpu]
{cpu}
[memory]
limit = "256KiB"
[endpoint.log]
role = "call"
to = "kpkg.root/console"
"""
ACTIVE = 'priority = 100\nmax-priority = 50\nbudget = "2ms"\nperiod = "20ms"'

# section, key: what the manifest asks for, a tighter and a wider value; what the plan and target.spawned call it and show
KEYS = {
    ("memory", "limit"): ('"256KiB"', '"128KiB"', '"512KiB"'),
    ("cpu", "priority"): ("100", "99", "101"),
    ("cpu", "max-priority"): ("50", "0", "51"),
    ("cpu", "budget"): ('"2ms"', '"1ms"', '"2001us"'),
    ("cpu", "period"): ('"20ms"', '"40ms"', '"19999us"'),
}
SHOWN = {"limit": "mem", "priority": "prio", "max-priority": "mcp", "budget": "budget_us", "period": "period_us"}
ASKED = {"mem": 256 << 10, "prio": 100, "mcp": 50, "budget_us": 2000, "period_us": 20000}
TIGHTER = {"mem": 128 << 10, "prio": 99, "mcp": 0, "budget_us": 1000, "period_us": 40000}


class Override(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        self.pack_meter(ACTIVE)

    def pack_meter(self, cpu):
        shutil.copy(scenario.os.path.join(scenario.BUILD, "examples", "hello.elf"), self.path("meter.elf"))
        self.write("meter.kpkg.toml", MANIFEST.format(cpu=cpu))
        self.ok("pack", "meter.kpkg.toml", "-o", "meter.kpkg")
        self.ok("sign", "meter.kpkg", "--key", "a.key")

    def system(self, *overrides):
        """A system with two meters; the keys are those of the first one."""
        text = 'schema = 1\nname = "s"\ntrust = "trust.toml"\n'
        text += '[[package]]\nfile = "meter.kpkg"\nas = "m"\n[[package]]\nfile = "meter.kpkg"\nas = "other"\n'
        for section in ("memory", "cpu"):
            keys = [f"{key} = {value}\n" for place, key, value in overrides if place == section]
            text += f"[override.m.{section}]\n" + "".join(keys) if keys else ""
        return self.write("s.system.toml", text)

    def planned(self):
        """What the plan gives each instance, in the words of target.spawned."""
        return {t["name"]: {"mem": 1 << t["untyped_bits"], "prio": t["priority"], "mcp": t["max_priority"],
                            "budget_us": t["budget_us"], "period_us": t["period_us"]}
                for t in self.json("plan", "s.system.toml")["targets"]}

    def test_each_key_tightens_one_instance(self):
        for (section, key), (_, tighter, _) in KEYS.items():
            with self.subTest(key):
                self.system((section, key, tighter))
                shown = SHOWN[key]
                self.assertEqual(self.planned(), {"m": {**ASKED, shown: TIGHTER[shown]}, "other": ASKED})

    def test_what_is_asked_for_is_no_widening(self):
        self.system(*((*place, values[0]) for place, values in KEYS.items()))
        self.assertEqual(self.planned(), {"m": ASKED, "other": ASKED})

    def test_no_key_widens(self):
        for (section, key), (_, _, wider) in KEYS.items():
            with self.subTest(key):
                system = self.system((section, key, wider))
                for command in ("plan", "run", "check"):
                    error = self.fails("OVERRIDE", command, system).stderr.splitlines()[0]
                    escaped = wider.replace('"', '\\"')
                    self.assertEqual(error, f"s.system.toml:11:{len(key) + 4}: KPKG_E_OVERRIDE: an override that would widen what "
                                            f'the package asks for ({section}.{key}, "{escaped}")')

    def test_a_passive_server_has_no_time_to_tighten(self):
        self.pack_meter("priority = 100\npassive = true")
        for key, value in (("budget", '"1us"'), ("period", '"1s"')):
            self.fails("OVERRIDE", "plan", self.system(("cpu", key, value)))

    def test_what_runs_is_what_was_tightened(self):
        self.system(*((*place, values[1]) for place, values in KEYS.items()))
        self.ok("run", "--deterministic", "s.system.toml", "--events", "events.jsonl")
        spawned = {e["tgt"]: {key: e["data"][key] for key in ASKED} for e in self.events() if e["type"] == "target.spawned"}
        self.assertEqual(spawned, {"m": TIGHTER, "other": ASKED})

    def test_the_root_task_refuses_a_widening_too(self):
        system = self.system(("cpu", "priority", "101"))
        run = self.run_kpkg("run", system, "--no-precheck")
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("KPKG_E_OVERRIDE", run.stdout + run.stderr)


scenario.main()
