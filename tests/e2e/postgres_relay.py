# SPDX-License-Identifier: Apache-2.0
"""A relay between a server and PostgreSQL that counts what the server sends."""

import contextlib
import dataclasses
import pathlib
import socket
import struct
import tempfile
import threading


@dataclasses.dataclass(frozen=True)
class Sent:
    """Statements that were run, and round trips that ran at least one."""
    statements: int = 0
    round_trips: int = 0

    def __add__(self, other):
        return Sent(self.statements + other.statements,
                    self.round_trips + other.round_trips)

    def __sub__(self, other):
        return Sent(self.statements - other.statements,
                    self.round_trips - other.round_trips)


class Line:
    """The messages from one connection (chapter "Message Formats" of
    PostgreSQL's manual)."""

    def __init__(self):
        self.data = b""
        self.begun = False
        self.monitor = False
        self.prepared = False
        self.executed = 0  # Since the last Sync.
        self.sent = Sent()

    def feed(self, data):
        self.data += data
        while len(self.data) >= 5:
            kind = 1 if self.begun else 0  # The first message has no type.
            [length] = struct.unpack_from("!I", self.data, kind)
            if len(self.data) < kind + length:
                return
            self.message(self.data[:kind], self.data[kind + 4:kind + length])
            self.data = self.data[kind + length:]

    def message(self, kind, body):
        if not self.begun:
            self.begun = True
            # Only the monitor's connections have no limits.
            self.monitor = b"timeout=" not in body
        elif kind == b"E":
            self.prepared = True
            self.executed += 1
        elif kind == b"S" and self.executed:
            self.sent += Sent(self.executed, 1)
            self.executed = 0
        elif kind == b"Q" and self.prepared:
            self.sent += Sent(1, 1)  # Those before only set it up.


class Relay:
    """Counts what all connections but the monitor's send."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.lines = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pinhole-relay-"))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / ".s.PGSQL.5432"))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def through(self, uri):
        """The URI of a database of the cluster that leads through here."""
        return uri.replace(str(self.cluster.folder), str(self.folder))

    def sent(self):
        return sum((line.sent for line in self.lines if not line.monitor),
                   Sent())

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                there = socket.socket(socket.AF_UNIX)
                there.connect(str(self.cluster.folder / ".s.PGSQL.5432"))
                line = Line()
                self.lines.append(line)
                for ends in ((client, there, line.feed),
                             (there, client, lambda data: None)):
                    threading.Thread(target=self._pass, args=ends,
                                     daemon=True).start()

    @staticmethod
    def _pass(one, other, look):
        with contextlib.suppress(OSError):
            while part := one.recv(65536):
                look(part)
                other.sendall(part)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()
        for file in self.folder.iterdir():
            file.unlink()
        self.folder.rmdir()
