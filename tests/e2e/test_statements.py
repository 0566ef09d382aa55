# SPDX-License-Identifier: Apache-2.0
"""What calls send to PostgreSQL: the table in the README of that store."""

import re

import pytest

import postgres
from conftest import People
from drivers import GrpcDriver
from postgres_relay import Relay, Sent
from processes import ROOT, Server, eventually, running

README = ROOT / "server/store/postgres/README.md"
TRIES = 5


def documented():
    """Call -> Sent, from the table."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \| (\d+) \|$",
                      README.read_text(), re.M)
    return {call: Sent(int(statements), int(round_trips))
            for call, statements, round_trips in rows}


@pytest.fixture
def relay():
    made = Relay(postgres.shared())
    yield made
    made.close()


def test_calls_send_what_the_table_says(relay, stubs, snapshot, tmp_path):
    uri = postgres.shared().database_for(tmp_path)
    store = {"PINHOLE_STORE": relay.through(uri)}
    with running(Server(tmp_path / "data", environment=store)) as server:
        people = People(GrpcDriver, server, stubs, tmp_path)
        ansel, vivian = people("ansel"), people("vivian")
        photos = [ansel.upload(snapshot)["name"] for _ in range(TRIES)]
        vivian.follow("users/ansel")
        calls = {
            "CreateSession": lambda i: vivian.login("vivian"),
            "GetPhoto": lambda i: vivian.get_photo(photos[i]),
            "GetFeed": lambda i: vivian.feed(),
            "LikePhoto": lambda i: vivian.like(photos[i]),
        }
        table = documented()
        assert table.keys() == calls.keys()
        for name, call in calls.items():
            assert measured(relay, call, table[name]) == table[name], name
        people.close()


def measured(relay, call, expected):
    """What a call sends.  Upkeep in the background can add to it, so it is
    repeated unless it is what is expected."""
    for i in range(TRIES):
        before = relay.sent()
        call(i)
        # A sign-in sends its last statements after it has been answered.
        eventually(lambda: (relay.sent() - before).statements
                   >= expected.statements, f"{expected}")
        sent = relay.sent() - before
        if sent == expected:
            break
    return sent
