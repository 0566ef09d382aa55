# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the fault tests; drivers and processes are those of e2e."""

import contextlib
import os
import pathlib
import random
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "s3"),
                str(TESTS / "faults/failover")]
import stubs as stub_maker  # noqa: E402  pylint: disable=wrong-import-position
from drivers import CallFailed, GrpcDriver  # noqa: E402
from faults import FaultDisk  # noqa: E402
from stage import Stage  # noqa: E402
from world import World  # noqa: E402


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    return stub_maker.generate(tmp_path_factory.mktemp("stubs"))


@pytest.fixture(scope="session")
def picture(tmp_path_factory):
    """The bytes of a photograph that is quick to publish."""
    path = tmp_path_factory.mktemp("picture") / "small.jpg"
    subprocess.run(["convert", "-size", "64x48", "plasma:", path],
                   check=True)
    return path.read_bytes()


@pytest.fixture
def seed():
    """Repeats a failure: PINHOLE_FAULT_SEED=... as the test printed it."""
    chosen = int(os.environ.get("PINHOLE_FAULT_SEED", random.randrange(10**6)))
    print(f"PINHOLE_FAULT_SEED={chosen}")
    return chosen


@pytest.fixture
def world(stubs, picture, seed):
    return World(stubs, picture, seed)


@pytest.fixture
def disk(tmp_path):
    return FaultDisk(tmp_path / "disk")


@pytest.fixture
def sign_in(stubs):
    """`sign_in(server, "ansel")`: somebody registered if new, and logged in."""
    clients = []

    def enter(server, handle):
        client = GrpcDriver(server, stubs)
        clients.append(client)
        with contextlib.suppress(CallFailed):
            client.register(handle)
        client.login(handle)
        return client

    yield enter
    for client in clients:
        client.close()


@pytest.fixture
def staged(tmp_path, stubs, picture, seed):
    """Servers over PostgreSQL with a synchronous standby, and people."""

    @contextlib.contextmanager
    def start(**options):
        stage = Stage(tmp_path, stubs, picture, seed, **options)
        try:
            yield stage
        except BaseException:
            print(stage.fleet.log())
            raise
        finally:
            stage.close()

    return start
