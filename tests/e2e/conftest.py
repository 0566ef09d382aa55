# SPDX-License-Identifier: Apache-2.0
"""Fixtures: servers in temporary folders, people with clients, pictures."""

import os
import pathlib
import shutil
import subprocess

import pytest

import drivers
import engines
import stubs as stub_maker
from processes import ROOT, Gateway, Server, running

PICTURES = pathlib.Path(
    os.environ.get("PINHOLE_TEST_PICTURES", ROOT / "build/test-pictures"))


def pytest_collection_modifyitems(items):
    engines.skip_other_engines(items)


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    return stub_maker.generate(tmp_path_factory.mktemp("stubs"))


@pytest.fixture(scope="session")
def pictures():
    """The folder of test pictures; made if it is not there."""
    if not PICTURES.is_dir():
        subprocess.run([ROOT / "script/test-pictures", PICTURES], check=True)
    return PICTURES


@pytest.fixture(scope="session")
def photograph(pictures, tmp_path_factory):
    """A photograph larger than every rendition, with a place in its EXIF."""
    large = tmp_path_factory.mktemp("photograph") / "photograph.jpg"
    subprocess.run(
        ["convert", pictures / "hubble_deep_field.jpg",
         "-resize", "2400x", "-quality", "85", large], check=True)
    subprocess.run(
        ["exiv2", "-Mset Exif.GPSInfo.GPSLatitudeRef N",
         "-Mset Exif.GPSInfo.GPSLatitude 37/1 44/1 45/1", large], check=True)
    return large


@pytest.fixture(scope="session")
def snapshot(pictures):
    """A photograph quick to publish, where the picture does not matter."""
    return pictures / "rocket.jpg"


@pytest.fixture
def server(tmp_path):
    """A server of its own, stopped in order at the end."""
    with running(Server(tmp_path / "data")) as process:
        yield process


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """One server for the tests of a file that use people of their own."""
    with running(Server(tmp_path_factory.mktemp("server") / "data")) as process:
        yield process


@pytest.fixture
def gateway(server, tmp_path):
    """A gateway of its own process in front of `server`."""
    with running(Gateway(server.grpc, tmp_path)) as process:
        yield process


class People:
    """Makes clients: `people("ansel")` is registered and logged in."""

    def __init__(self, kind, server, stubs, folder):
        self.kind = kind
        self.server = server
        self.stubs = stubs
        self.folder = folder
        self.clients = []

    def stranger(self, kind=None, server=None):
        """A client that is not signed in."""
        folder = self.folder / f"person{len(self.clients)}"
        folder.mkdir()
        client = (kind or self.kind)(server or self.server, self.stubs, folder)
        self.clients.append(client)
        return client

    def __call__(self, handle, kind=None, **fields):
        client = self.stranger(kind)
        client.register(handle, **fields)
        client.login(handle)
        client.handle = handle
        return client

    def close(self):
        for client in self.clients:
            client.close()


@pytest.fixture
def people(server, stubs, tmp_path):
    made = People(drivers.GrpcDriver, server, stubs, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=[drivers.GrpcDriver, drivers.RestDriver],
                ids=lambda kind: kind.name)
def people_both_ways(request, server, stubs, tmp_path):
    """People over gRPC, then the same test again over REST."""
    made = People(request.param, server, stubs, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def grpcurl():
    """The grpcurl command, or a skip where it cannot be had."""
    command = shutil.which("grpcurl")
    if command is None:
        pytest.skip("grpcurl is not on the path; see CONTRIBUTING.md")
    return command
