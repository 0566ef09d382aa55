# SPDX-License-Identifier: Apache-2.0
"""Servers that share one PostgreSQL database and one directory of photos."""

import contextlib
import glob
import itertools

import pytest

import postgres
from processes import Server

needs_postgres = pytest.mark.skipif(
    not glob.glob("/usr/lib/postgresql/*/bin/postgres"),
    reason="PostgreSQL is not installed; script/setup test installs it")


class Installation:
    """A new database; its servers end with it."""

    def __init__(self, folder, *options):
        self.folder = folder
        self.options = ["--media-dir", folder / "photos", *options]
        self.store = postgres.shared().database_for(folder)
        self._names = itertools.count(1)
        self._started = []

    def start(self, *options, **more):
        """A new server."""
        return self._start(
            self.folder / f"server{next(self._names)}", *options, **more)

    def start_again(self, server, *options, **more):
        """The server of an ended one's data directory, on other ports."""
        return self._start(server.data_dir, *options, **more)

    def _start(self, data_dir, *options, **more):
        server = Server(data_dir, *self.options, *options,
                        environment={"PINHOLE_STORE": self.store}, **more)
        self._started.append(server)
        return server

    def sql(self, statements):
        """What psql prints of the last statement's rows."""
        return postgres.shared().sql(statements, self.store).strip()

    def kill(self):
        for server in self._started:
            server.kill()


@contextlib.contextmanager
def installed(folder, *options):
    folder.mkdir(exist_ok=True)
    installation = Installation(folder, *options)
    try:
        yield installation
    finally:
        installation.kill()
