# SPDX-License-Identifier: BSD-2-Clause
"""A PostgreSQL server of Debian's for one file of tests: in a folder of its own, on a Unix socket only, gone when the test is."""
import glob
import os
import pwd
import shutil
import subprocess
import tempfile

PROGRAMS = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:]
# A server does not run as root.
USER = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def missing():
    """What there is not, by name; empty when a server can be started."""
    return [] if PROGRAMS and os.path.exists(os.path.join(PROGRAMS[0], "initdb")) else ["postgresql"]


class Server:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="kpkg-pg-")
        as_user = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER)
            as_user = ["--reuid", USER, "--regid", USER, "--clear-groups"]
        data = os.path.join(self.folder, "data")
        start = ["setpriv", *as_user, "--pdeathsig", "QUIT"]  # it does not outlive the test, even a killed one
        subprocess.run([*start, os.path.join(PROGRAMS[0], "initdb"), "-D", data, "-A", "trust", "-E", "UTF8", "--no-sync"], cwd=self.folder,
                       check=True, capture_output=True, timeout=60)
        self.process = subprocess.Popen([*start, os.path.join(PROGRAMS[0], "postgres"), "-D", data, "-k", self.folder,
                                         "-c", "listen_addresses=", "-c", "fsync=off"], cwd=self.folder, stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "ready to accept connections" in line:
                return
        raise RuntimeError("postgres did not start")

    def url(self, database="postgres"):
        return f"postgresql:///{database}?host={self.folder}&user={USER}"

    def psql(self, statement, database="postgres"):
        """What psql, which knows nothing of kpkg, says to a statement."""
        run = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", statement],
                             capture_output=True, text=True, timeout=60, check=True)
        return [line.split("\t") for line in run.stdout.splitlines()]

    def stop(self):
        self.process.terminate()
        self.process.communicate(timeout=60)
        shutil.rmtree(self.folder)
