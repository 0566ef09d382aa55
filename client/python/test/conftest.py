# SPDX-License-Identifier: Apache-2.0
"""Fixtures: servers in temporary folders, and both clients behind one face."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pinhole import Client
from servers import Server
from waiting_client import WaitingClient

ROOT = pathlib.Path(__file__).resolve().parents[3]
PASSWORD = "a long password"

Open = Callable[..., Any]
"""Opens a client of the kind under test: open_client(TARGET, ...)."""


@pytest.fixture(scope="session")
def photo_file() -> pathlib.Path:
    """A small photo."""
    return ROOT / "tests/fixtures/pictures/plain.jpg"


@pytest.fixture(scope="session")
def largest_photo_file(
    photo_file: pathlib.Path, tmp_path_factory: pytest.TempPathFactory
) -> pathlib.Path:
    """A photo of 20 MiB, the default maximum, with a trailer that decoders ignore."""
    path = tmp_path_factory.mktemp("photo") / "largest.jpg"
    photo = photo_file.read_bytes()
    path.write_bytes(photo + bytes(20 * 1024 * 1024 - len(photo)))
    return path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for tests with users of their own."""
    with Server(tmp_path_factory.mktemp("server") / "data") as process:
        yield process


@pytest.fixture
def own_server(tmp_path: pathlib.Path) -> Iterator[Server]:
    """A server for one test, which can kill it."""
    with Server(tmp_path / "data") as process:
        yield process


@pytest.fixture(params=[Client, WaitingClient], ids=["sync", "asyncio"])
def open_client(request: pytest.FixtureRequest) -> Iterator[Open]:
    opened = []

    def open_client(target: str, **options: Any) -> Any:
        client = request.param(target, **options)
        opened.append(client)
        return client

    yield open_client
    for client in opened:
        client.close()


handles = (f"user{number}" for number in itertools.count())


@pytest.fixture
def sign_up(open_client: Open) -> Callable[[str], Any]:
    """Opens a client that has signed in as a new user: sign_up(TARGET)."""

    def sign_up(target: str) -> Any:
        client = open_client(target)
        handle = next(handles)
        client.register(handle, PASSWORD)
        client.login(handle, PASSWORD)
        return client

    return sign_up
