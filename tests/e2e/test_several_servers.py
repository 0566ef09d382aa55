# SPDX-License-Identifier: Apache-2.0
"""Three servers on one database, with a gateway in front of them."""

import contextlib

import pytest

from drivers import GrpcDriver, RestDriver
from installation import installed, needs_postgres
from processes import PATIENCE, ROOT, Gateway, eventually, running

pytestmark = needs_postgres

PICTURE = (ROOT / "tests/fixtures/pictures/plain.jpg").read_bytes()
ROUNDS = 10
# A server takes one number for each of its lanes.
LANES = 2
NODES = ("SELECT objid FROM pg_locks WHERE locktype = 'advisory' "
         f"AND classid = {0x70686e} AND database = (SELECT oid FROM "
         "pg_database WHERE datname = current_database()) ORDER BY 1")


@pytest.fixture
def installation(tmp_path):
    with installed(tmp_path / "installation") as made:
        yield made


@pytest.fixture
def servers(installation):
    started = [installation.start() for _ in range(3)]
    yield started
    for server in started:
        server.stop()


@pytest.fixture
def gateway(servers, tmp_path):
    backends = ",".join(server.grpc for server in servers)
    with running(Gateway(backends, tmp_path)) as process:
        yield process


@pytest.fixture
def signed_in(servers, gateway, stubs):
    """A client of each server, and of the gateway, for one person."""
    with contextlib.ExitStack() as closed:
        def clients(handle):
            made = [*(GrpcDriver(server, stubs) for server in servers),
                    RestDriver(gateway)]
            for client in made:
                closed.callback(client.close)
            made[0].register(handle)
            made[0].login(handle)
            for client in made[1:]:
                client.token = made[0].token
            return made

        yield clients


def test_every_server_shows_in_the_next_call_what_another_has_done(signed_in):
    ansel, dora = signed_in("ansel"), signed_in("dora")
    for number in range(ROUNDS):
        # Each writes in turn, and all others are asked.
        writer = number % len(dora)
        there = [i for i in range(len(dora)) if i != writer]

        dora[writer].follow("users/ansel")
        for i in there:
            assert dora[i].get_user("users/ansel")["followerCount"] == 1
            assert [user["name"] for user in ansel[i].followers(
                "users/ansel")] == ["users/dora"]
        photo = ansel[writer].upload_bytes(PICTURE)["name"]
        for i in there:
            assert dora[i].feed()[0]["name"] == photo
        dora[writer].like(photo)
        for i in there:
            assert dora[i].get_photo(photo)["liked"]
            assert ansel[i].get_photo(photo)["likeCount"] == 1
        comment = dora[writer].comment(photo, "From the other side")
        for i in there:
            assert ansel[i].comments(photo) == [comment]
            assert comment["name"] in str(ansel[i].notifications())
        dora[writer].unfollow("users/ansel")
        for i in there:
            assert dora[i].get_user("users/ansel")["followerCount"] == 0
            assert dora[i].feed() == []
        ansel[writer].delete_photo(photo)
        for i in there:
            assert ansel[i].recent_photos() == []


def test_a_gateway_calls_every_server_and_does_without_one_that_is_lost(
        servers, gateway, signed_in, installation):
    [*_, ansel] = signed_in("ansel")

    def called():
        return ansel.call("GET", "serverInfo")["instanceId"]

    found = set()
    eventually(lambda: found.add(called()) or len(found) == 3, "three servers")

    servers[1].kill()
    # Calls are lost until the gateway has noticed.
    eventually(lambda: all(ansel.http.get(f"{ansel.base}serverInfo",
                                          timeout=PATIENCE).ok
                           for _ in range(20)), "answers to all calls")
    left = {called() for _ in range(50)}
    assert len(left) == 2 and left < found

    servers[1] = installation.start_again(
        servers[1], "--grpc-listen", servers[1].grpc)
    eventually(lambda: called() not in found, "the new server")


def test_servers_have_different_nodes_which_they_give_back(
        installation, servers):
    def nodes():
        return [int(node) for node in installation.sql(NODES).split()]

    eventually(lambda: len(nodes()) == 3 * LANES, "the nodes of all servers")
    taken = nodes()
    assert len(set(taken)) == len(taken)

    # In order: given back when the process has ended.
    servers[2].stop()
    assert len(nodes()) == 2 * LANES
    servers[2] = installation.start_again(servers[2])
    eventually(lambda: nodes() == taken, "the same nodes")

    # By a crash: when PostgreSQL has noticed.
    servers[0].kill()
    eventually(lambda: len(nodes()) == 2 * LANES, "the end of the connections")
    servers[0] = installation.start_again(servers[0])
    eventually(lambda: nodes() == taken, "the same nodes")
