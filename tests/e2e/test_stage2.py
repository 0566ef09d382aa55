# SPDX-License-Identifier: Apache-2.0
"""script/stage2: PostgreSQL with a synchronous standby on this machine."""

import contextlib
import glob
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

import pytest

from processes import BIN, PATIENCE, ROOT, eventually

SCRIPT = ROOT / "script/stage2"
pytestmark = pytest.mark.skipif(
    not glob.glob("/usr/lib/postgresql/*/bin/postgres"),
    reason="PostgreSQL is not installed; script/setup test installs it")


class Stage2:
    """script/stage2, ready when constructed."""

    def __init__(self, folder, *options, user=()):
        self.folder = folder
        self._output = tempfile.TemporaryFile()
        self._popen = subprocess.Popen(
            [*user, SCRIPT, "--dir", folder, *options],
            stdin=subprocess.DEVNULL, stdout=self._output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PINHOLE_BIN": str(BIN)})
        end = time.monotonic() + 4 * PATIENCE
        while not re.search("^ready", self.output(), re.MULTILINE):
            assert self._popen.poll() is None, self.output()
            assert time.monotonic() < end, self.output()
            time.sleep(0.05)

    def output(self):
        self._output.seek(0)
        return self._output.read().decode()

    def value(self, name):
        return re.search(rf"^  {name} +(\S+)", self.output(),
                         re.MULTILINE).group(1)

    def pid(self, name):
        return int(re.search(rf"^  {name} .*process (\d+)", self.output(),
                             re.MULTILINE).group(1))

    def command(self, beginning):
        """A command that the output shows."""
        return re.search(rf"^  ({beginning}.*)$", self.output(),
                         re.MULTILINE).group(1)

    def psql(self, statement):
        """Starts psql on the primary, whichever it is."""
        return subprocess.Popen(
            ["psql", "--no-psqlrc", "-qAt", "-c", statement,
             self.value("store") + "&target_session_attrs=read-write"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def sql(self, statement):
        psql = self.psql(statement)
        out, _ = psql.communicate(timeout=PATIENCE)
        assert psql.returncode == 0, out
        return out.strip()

    def stop(self, number=signal.SIGTERM):
        """The exit code."""
        self._popen.send_signal(number)
        return self._popen.wait(2 * PATIENCE)

    def close(self):
        if self._popen.poll() is None:
            self.stop()
        self._output.close()


class Container:
    """What a container of docker/compose.postgres.yaml runs."""

    USER = ["setpriv", "--reuid=postgres", "--regid=postgres",
            "--clear-groups"] if os.geteuid() == 0 else []

    def __init__(self, folder, port, environment):
        self._options = ["-c", f"unix_socket_directories={folder}",
                         "-c", "listen_addresses=", "-p", port]
        self._host = ["-h", folder, "-p", port]
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self._environment = {**os.environ, **environment,
                             "PATH": f"{programs}:{os.environ['PATH']}"}
        self._log = open(folder / f"{port}.log", "wb")
        self._popen = None

    def run(self, *command, **environment):
        done = subprocess.run(
            [*self.USER, *command], env={**self._environment, **environment},
            cwd="/", text=True, check=False, capture_output=True,
            timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sql(self, statement):
        return self.run("psql", "-qAtX", *self._host, "-U", "postgres", "-c",
                        statement)

    def initialize(self):
        """As the image's entry point does."""
        self.run("initdb", "-U", "postgres", "--auth=trust")
        self.start("postgres")
        host, port = self._host[1], self._host[3]
        self.run(ROOT / "docker/postgres/primary.sh", PGHOST=host, PGPORT=port,
                 POSTGRES_USER="postgres")
        self.stop()

    def start(self, program):
        self._popen = subprocess.Popen(
            [*self.USER, program, *self._options], env=self._environment,
            cwd="/", stdin=subprocess.DEVNULL, stdout=self._log,
            stderr=subprocess.STDOUT)
        eventually(self._is_ready, "PostgreSQL")

    def _is_ready(self):
        assert self._popen.poll() is None
        return subprocess.run(["pg_isready", "-q", *self._host],
                              check=False).returncode == 0

    def stop(self, number=signal.SIGINT):
        self._popen.send_signal(number)
        self._popen.wait(PATIENCE)

    def kill(self):
        self.stop(signal.SIGKILL)

    def close(self):
        if self._popen is not None and self._popen.poll() is None:
            self.stop()
        self._log.close()


@contextlib.contextmanager
def containers(folder):
    folder.mkdir()
    os.chmod(folder, 0o777)
    primary = Container(folder, "5432", {"PGDATA": str(folder / "primary")})
    standby = Container(folder, "5433", {"PGDATA": str(folder / "standby"),
                                         "PGHOST": str(folder)})
    try:
        yield primary, standby
    finally:
        primary.close()
        standby.close()


@pytest.fixture
def folder():
    """A folder that does not exist yet, below one that every user can enter:
    pytest's own is for its user only."""
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o777)
        yield pathlib.Path(above) / "stage2"


@pytest.fixture
def started(folder):
    """Starts the script, and ends it after the test."""
    running = []

    def start(*options, **more):
        running.append(Stage2(folder, "--postgres-only", *options, **more))
        return running[-1]

    yield start
    for stage in running:
        stage.close()


def refused(*arguments):
    """What the script says when it refuses to start."""
    done = subprocess.run([SCRIPT, *arguments], text=True, check=False,
                          capture_output=True, timeout=PATIENCE,
                          env={**os.environ, "PINHOLE_BIN": str(BIN)})
    assert done.returncode == 1, done.stdout
    return done.stderr


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_write_waits_for_the_standby(started):
    stage = started()
    assert stage.sql("SELECT application_name || ' ' || sync_state"
                     " FROM pg_stat_replication") == "standby quorum"
    stage.sql("CREATE TABLE t(i int)")

    os.kill(stage.pid("standby"), signal.SIGKILL)
    writer = stage.psql("INSERT INTO t VALUES(1)")
    eventually(lambda: stage.sql("SELECT count(*) FROM pg_stat_activity"
                                 " WHERE wait_event = 'SyncRep'") == "1",
               "a write that waits")

    assert writer.poll() is None
    assert stage.stop() == 0
    writer.communicate(timeout=PATIENCE)


def test_the_commands_shown_lose_the_primary_and_no_write(started):
    stage = started()
    stage.sql("CREATE TABLE t(i int)")
    stage.sql("INSERT INTO t VALUES(1)")

    subprocess.run(["bash", "-c", stage.command("kill -9")], check=True,
                   capture_output=True, timeout=PATIENCE)

    assert stage.sql("SELECT i FROM t") == "1"
    # The new primary does not wait for a standby that it does not have.
    stage.sql("INSERT INTO t VALUES(2)")
    eventually(lambda: "primary has ended" in stage.output(), "a message")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_everything_is_stopped_and_deleted_at_the_end(started, folder, number):
    stage = started()
    pids = [stage.pid("primary"), stage.pid("standby")]
    assert all(map(is_alive, pids))

    assert stage.stop(number) == 0

    assert not any(map(is_alive, pids))
    assert not folder.exists()


def test_a_kept_folder_is_continued_and_stays(started, folder):
    first = started("--keep")
    first.sql("CREATE TABLE t AS SELECT 42 AS i")
    assert first.stop() == 0

    second = started()
    assert second.sql("SELECT i FROM t") == "42"
    subprocess.run(["bash", "-c", second.command("kill -9")], check=True,
                   capture_output=True, timeout=PATIENCE)
    assert second.stop() == 0

    assert folder.exists()
    assert "was promoted" in refused("--postgres-only", "--dir", folder)


def test_a_folder_in_use_is_refused(started, folder):
    started()

    assert "in use" in refused("--postgres-only", "--dir", folder)


def test_a_folder_of_somebody_else_is_refused_and_left_alone(folder):
    folder.mkdir()
    (folder / "thesis.tex").touch()

    assert "not empty" in refused("--postgres-only", "--dir", folder)
    assert [path.name for path in folder.iterdir()] == ["thesis.tex"]


def test_a_folder_that_postgres_cannot_enter_is_refused(folder):
    if os.geteuid() != 0:
        pytest.skip("PostgreSQL runs as the user of this test")
    os.chmod(folder.parent, 0o700)

    assert "postgres cannot enter" in refused("--postgres-only", "--dir",
                                              folder)


def test_wrong_numbers_of_servers_are_refused(folder):
    assert '"0"' in refused("--servers", "0", "--dir", folder)


def test_scripts_of_the_compose_file_make_a_synchronous_standby(folder):
    """As the images of PostgreSQL run them."""
    with containers(folder) as (primary, standby):
        primary.initialize()
        primary.start("postgres")
        standby.start(ROOT / "docker/postgres/standby.sh")
        eventually(lambda: primary.sql(
            "SELECT sync_state FROM pg_stat_replication") == "quorum",
            "a synchronous standby")
        primary.sql("CREATE TABLE t AS SELECT 42 AS i")
        primary.kill()

        standby.run("pg_ctl", "promote", "--wait")

        assert standby.sql("SELECT i FROM t") == "42"
        standby.sql("INSERT INTO t VALUES(43)")  # Waits for no standby.


def test_users_without_rights_can_run_it(started, folder):
    if os.geteuid() != 0:
        pytest.skip("all other tests of this file are run by such a user")
    nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    if subprocess.run([*nobody, "test", "-x", SCRIPT], check=False).returncode:
        pytest.skip("the user nobody cannot read the repository")

    stage = started(user=nobody)

    assert folder.owner() == "nobody"
    assert stage.sql("SELECT 1") == "1"
