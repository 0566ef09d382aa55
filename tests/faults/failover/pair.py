# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL primary with a synchronous standby. Both are private and in
temporary folders; the roles change when the standby is promoted."""

import contextlib
import functools
import os
import pathlib
import signal
import subprocess

import postgres
from processes import PATIENCE, eventually

# Only processes die here, so nothing has to be synced. With short timeouts of
# the replication, a link that was cut is used again soon after it has healed.
SETTINGS = """
max_connections = 100
shared_buffers = 32MB
fsync = off
dynamic_shared_memory_type = mmap
wal_log_hints = on
wal_keep_size = 256MB
wal_retrieve_retry_interval = 100ms
wal_receiver_status_interval = 1s
wal_receiver_timeout = 4s
wal_sender_timeout = 4s
synchronous_standby_names = 'ANY 1 (a, b)'
"""


class Node(postgres.Cluster):
    """One of the two. The other and the servers reach it at `address` if its
    machine has one; everybody else, through its Unix socket."""

    def __init__(self, name, address=None, on_machine=contextlib.nullcontext,
                 primary=None):
        self.name = name
        self.address = address
        self._on_machine = on_machine
        self._primary = primary
        super().__init__(SETTINGS)

    @property
    def public_host(self):
        return self.address or self.host

    def create(self, settings):
        if self._primary is None:
            super().create(settings)
            if self.address is not None:
                with open(self.data / "pg_hba.conf", "a") as hba:
                    hba.write("host all all all trust\n"
                              "host replication all all trust\n")
        else:
            self.run("pg_basebackup", "-D", self.data, "-h",
                     self._primary.host, "-U", "postgres", "--no-sync",
                     "--checkpoint=fast")
            self.follow(self._primary)

    def options(self):
        return ["-c", f"cluster_name={self.name}",
                "-c", f"unix_socket_directories={self.folder}",
                "-c", f"listen_addresses={self.address or ''}"]

    def start(self):
        with self._on_machine():
            super().start()

    def kill(self):
        """As the loss of its machine: all its processes at once."""
        # A stopped parent starts no more children.
        self.process.send_signal(signal.SIGSTOP)
        pids = [self.process.pid, *children_of(self.process.pid)]
        for pid in reversed(pids):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.process = None
        eventually(lambda: not any(map(is_running, pids)), "all to be dead")
        # The rest would stay in the system's memory if it never started again.
        segment = (self.data / "postmaster.pid").read_text().split("\n")[6]
        subprocess.run(["ipcrm", "-m", segment.split()[1]], check=True)

    def follow(self, primary):
        """It will be a standby of `primary` when it starts."""
        (self.data / "postgresql.auto.conf").write_text(
            f"primary_conninfo = 'host={primary.public_host} user=postgres "
            f"application_name={self.name}'\n")
        (self.data / "standby.signal").touch()
        for path in ("postgresql.auto.conf", "standby.signal"):
            if os.geteuid() == 0:
                owner = (self.data / "PG_VERSION").stat()
                os.chown(self.data / path, owner.st_uid, owner.st_gid)

    def rewind(self, primary):
        """Gives up what it has and the new primary has not."""
        # Until then, the new primary still tells its old timeline.
        primary.sql("CHECKPOINT")
        self.run("pg_rewind", "-D", self.data, "--no-sync", "--source-server",
                 f"host={primary.host} user=postgres dbname=postgres")
        self.follow(primary)

    def promote(self):
        promoted = self.sql(f"SELECT pg_promote(true, {int(PATIENCE)})")
        assert promoted == "t\n", self.log.read_text()

    def set(self, name, value):
        self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")
        eventually(lambda: self.sql(f"SHOW {name}") == f"{value}\n", name)


class Pair:
    def __init__(self, machines=None):
        places = {}
        for name in ("a", "b"):
            places[name] = {} if machines is None else {
                "address": machines.add(name),
                "on_machine": functools.partial(machines.on, name)}
        self.primary = Node("a", **places["a"])
        try:
            self.standby = Node("b", **places["b"],
                                primary=self.primary)
            try:
                self.wait_for_standby()
                self.primary.sql("CREATE DATABASE pinhole")
            except BaseException:
                self.standby.stop()
                raise
        except BaseException:
            self.primary.stop()
            raise
        self.nodes = (self.primary, self.standby)

    def uri(self, first, parameters=""):
        """With both nodes; that of number `first` is tried first."""
        hosts = [str(node.public_host) for node in
                 (self.nodes[first], self.nodes[1 - first])]
        return (f"postgres://postgres@/pinhole?host={','.join(hosts)}"
                f"{parameters}")

    def sql(self, text):
        """On the primary, in the database of the servers."""
        return self.primary.sql(text, "pinhole")

    def wait_for_standby(self):
        eventually(lambda: self.primary.sql(
            "SELECT count(*) FROM pg_stat_replication WHERE state = "
            "'streaming' AND sync_state IN ('sync', 'quorum')") == "1\n",
            "a synchronous standby")

    def waiting_commits(self):
        return int(self.primary.sql(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE wait_event = 'SyncRep'"))

    def fail_over(self):
        """Promotes the standby instead of the primary, which must be dead."""
        assert self.primary.process is None
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary

    def take_back(self):
        """The old primary becomes the standby of the new one."""
        self.standby.rewind(self.primary)
        self.standby.start()
        self.wait_for_standby()

    def stop(self):
        for node in self.nodes:
            node.stop()


def children_of(parent):
    children = []
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # "pid (name) state ppid ..."
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent:
                children.append(int(status.parent.name))
    return children


def is_running(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"
