# SPDX-License-Identifier: BSD-2-Clause
"""kpkg check: the assertions of a system file, each with the way that breaks it."""
import re

import scenario

SYSTEM = 'schema = 1\nname = "s"\ntrust = "trust.toml"\nassert = [\n%s\n]\n' + "".join(
    '[[package]]\nfile = "%s.kpkg"\n' % name for name in ("log", "sensor", "hello", "intruder"))

# assertion: None when it holds, else the witness
ANSWERS = {
    "no-flow hello -> sensor": "hello -Notify-> sensor/tick <-Receive- sensor",
    "no-flow org.kpkg.sensor -> hello": "sensor -Call-> log/log <-Receive- log -Reply-> log/log <-Call- hello",
    "no-flow log -> intruder": "log -Reply-> log/log <-Call- intruder",
    "only org.kpkg.log has kpkg.root/console": None,
    "only log has kpkg.root/console": None,
    "only hello has org.kpkg.sensor/tick": None,
    "only sensor has org.kpkg.sensor/tick": "hello has W (signal) on sensor/tick (hello.kpkg.toml:N)",
    "only * has endpoint": None,
    "at-most-one holder of sensor/tick": None,
    "at-most-one holder of tcb": None,
    "only log has ioport": None,
    "at-most-one holder of org.kpkg.log/log": "hello has WP (call) on log/log (hello.kpkg.toml:N); "
                                              "intruder has WP (call) on log/log (intruder.kpkg.toml:N)",
    "no-flow nobody -> hello": "the first name is of no package and no instance of this system",
    "no-flow hello -> nobody": "the last name is of nothing in this system",
    "only hello has org.kpkg.log/lag": "the last name is of nothing in this system",
}


def numberless(text):
    """Lines of the examples' manifests are not what is tested."""
    return re.sub(r"kpkg\.toml:[1-9][0-9]*\)", "kpkg.toml:N)", text)


class Check(scenario.Scenario):
    def setUp(self):
        super().setUp()
        self.trust()
        for name in ("log", "sensor", "hello", "intruder"):
            self.example(name)

    def system(self, *assertions):
        return self.write("s.system.toml", SYSTEM % "\n".join('"%s",' % a for a in assertions))

    def test_each_assertion_alone(self):
        for assertion, witness in ANSWERS.items():
            with self.subTest(assertion):
                run = self.run_kpkg("check", self.system(assertion))
                self.assertEqual((run.returncode, run.stderr), (1 if witness else 0, ""), run.stdout)
                self.assertIn(f"{'FAILS' if witness else 'holds'}  line 5: {assertion}\n", run.stdout)
                self.assertIn(f"\n         {witness}\n" if witness else "4 targets", numberless(run.stdout))

    def test_all_of_them_as_json(self):
        run = self.run_kpkg("check", self.system(*ANSWERS), "--json")
        shown = scenario.json.loads(numberless(run.stdout))
        self.assertEqual((run.returncode, shown["schema"], shown["targets"]), (1, "kpkg.check/v1", 4))
        self.assertEqual({a["assertion"]: a.get("witness") for a in shown["assertions"]}, ANSWERS)
        self.assertEqual([a["line"] for a in shown["assertions"]], list(range(5, 5 + len(ANSWERS))))

    def test_what_does_not_compile_is_refused(self):
        self.fails("SYSTEM_VALUE", "check", self.system("no-flow a to b"))
        self.key("b.key")
        self.example("log", signer="b.key")
        self.fails("SIGNER_UNKNOWN", "check", self.system())
        self.fails("IO", "check", "absent.system.toml", code=2)

    def test_a_system_without_assertions_checks(self):
        self.assertEqual(self.ok("check", self.system()), "4 targets, 8 capabilities, 4 objects; 0 assertions, 0 failed\n")


scenario.main()
