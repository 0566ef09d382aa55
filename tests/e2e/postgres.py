# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL server in a temporary folder."""

import atexit
import functools
import hashlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from processes import PATIENCE

SETTINGS = """
max_connections = 200
shared_buffers = 64MB
fsync = off
full_page_writes = off
"""


def programs():
    """The folder of the newest PostgreSQL that is installed."""
    if "PINHOLE_POSTGRES_BIN" in os.environ:
        return pathlib.Path(os.environ["PINHOLE_POSTGRES_BIN"])
    versions = [int(folder.name)
                for folder in pathlib.Path("/usr/lib/postgresql").glob("*")
                if folder.name.isdigit()]
    assert versions, "PostgreSQL is not installed; script/setup installs it"
    return pathlib.Path(f"/usr/lib/postgresql/{max(versions)}/bin")


def as_postgres():
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


class Cluster:
    """A running server, unless it is not `started`; `stop` ends it and removes
    its folder."""

    def __init__(self, settings=SETTINGS, started=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pinhole-postgres-"))
        if os.geteuid() == 0:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.process = None
        try:
            self.create(settings)
            if started:
                self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def host(self):
        """As libpq takes it: an address, or the folder of a Unix socket."""
        return self.folder

    def create(self, settings):
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust",
                 "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
                 "--no-instructions")
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write(settings)

    def options(self):
        return ["-c", "listen_addresses=",
                "-c", f"unix_socket_directories={self.folder}"]

    def run(self, program, *arguments):
        done = subprocess.run(
            [*as_postgres(), programs() / program, *arguments],
            capture_output=True, text=True, check=False)
        assert done.returncode == 0, (program, done.stdout, done.stderr)
        return done.stdout

    def sql(self, text, database="postgres"):
        return self.run("psql", "-h", self.host, "-U", "postgres", "-d",
                        database, "-At", "-v", "ON_ERROR_STOP=1", "-c", text)

    def configure(self, setting, value):
        self.sql(f"ALTER SYSTEM SET {setting} = {value}")
        self.sql("SELECT pg_reload_conf()")

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*as_postgres(), programs() / "postgres", "-D", self.data,
                 *self.options()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while subprocess.run(
                [programs() / "pg_isready", "-q", "-h", self.host],
                check=False).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, (
                self.log.read_text())
            time.sleep(0.05)

    def end(self, number=signal.SIGINT):
        """Ends the server process: SIGINT in order, SIGQUIT as a crash."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)
            self.process = None

    def uri(self, database):
        return f"postgres://postgres@/{database}?host={self.host}"

    def database_for(self, name):
        """The URI of the database that belongs to `name`; made on first use."""
        database = "t" + hashlib.sha256(str(name).encode()).hexdigest()[:20]
        known = self.sql("SELECT 1 FROM pg_database "
                         f"WHERE datname = '{database}'")
        if not known:
            self.sql(f"CREATE DATABASE {database}")
        return self.uri(database)

    def stop(self):
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


@functools.cache
def shared():
    """One server for all tests of this process."""
    cluster = Cluster()
    atexit.register(cluster.stop)
    return cluster
