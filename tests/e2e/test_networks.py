# SPDX-License-Identifier: Apache-2.0
"""What the connections of one address, other than loopback, may take."""

import contextlib
import socket

import pytest

import floods
from networks import network
from processes import PATIENCE, Server, eventually, running

GREEDY, OTHER, LOOPBACK = "203.0.113.9", "203.0.113.10", "127.0.0.1"
MOST = 40
QUARTER = MOST // 4


@pytest.fixture(params=["grpc", "http"])
def door(request, tmp_path):
    """The address of a listener that takes so many connections."""
    with network(f"{GREEDY}/32", f"{OTHER}/32"), running(Server(
            tmp_path / "data", f"--{request.param}-max-connections",
            str(MOST))) as server:
        yield getattr(server, request.param)


@pytest.fixture
def connect(door):
    """Makes connections from an address, which are idle."""
    host, port = door.rsplit(":", 1)
    with contextlib.ExitStack() as stack:
        def made(source, count):
            return [stack.enter_context(socket.create_connection(
                (host, int(port)), timeout=PATIENCE,
                source_address=(source, 0))) for _ in range(count)]

        yield made


def count_open(connections):
    return sum(map(floods.is_open, connections))


def test_one_address_has_a_quarter_of_the_connections(connect):
    others = connect(OTHER, QUARTER)
    local = connect(LOOPBACK, QUARTER + 5)
    greedy = connect(GREEDY, 3 * QUARTER)

    eventually(lambda: count_open(greedy) == QUARTER,
               "connections of the greedy address to be closed")
    assert count_open(others) == len(others)
    assert count_open(local) == len(local)
