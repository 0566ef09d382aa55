# SPDX-License-Identifier: Apache-2.0
"""Bodies of strangers: refused before they are read, inflated or parsed."""

import json

import pytest

import floods
from processes import Gateway, Server, eventually, running

IMPORT = "/v1/users:import"


@pytest.fixture(params=["in the server", "a gateway of its own"])
def door(request, server, tmp_path):
    """The HTTP address of both ways to the server."""
    if request.param == "in the server":
        yield server.http
        return
    with running(Gateway(server.grpc, tmp_path)) as gateway:
        eventually(lambda: code(gateway.http, "GET", "/readyz") == 200,
                   "a gateway that is ready")
        yield gateway.http


def exchange(address, method, path, headers="", body=b""):
    """The whole answer to a request of which nothing more is sent."""
    head = (f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"{headers}\r\n")
    with floods.connect(address) as connection:
        connection.sendall(head.encode() + body)
        return floods.reply(connection)


def code(*request):
    return int(exchange(*request)[9:12])


BODILESS = "Content-Length: 1068\r\nContent-Encoding: gzip\r\n"


@pytest.mark.parametrize("token", [
    "", "Authorization: Bearer made-up\r\n", "Authorization: nonsense\r\n"])
def test_a_stranger_is_refused_before_the_body_comes(door, token):
    """The connection stays open and no byte of the body is ever sent."""
    for path in (IMPORT, "/v1/photos/1:like", "/v1/photos/1/comments"):
        assert code(door, "POST", path, token + BODILESS) == 401


def test_the_refusal_is_that_of_the_call(door, server):
    early = exchange(door, "POST", IMPORT, BODILESS)
    call = exchange(server.http, "POST", IMPORT)

    def told(answer):
        status = json.loads(answer.partition(b"\r\n\r\n")[2])
        return status["code"], status["message"]

    assert told(early) == told(call)


def test_who_calls_too_often_is_refused_before_the_body_comes(tmp_path):
    there = "X-Forwarded-For: 203.0.113.9\r\n"
    with running(Server(tmp_path / "data", "--address-rate", "0.1")) as server:
        # A bad body counts, too.
        assert code(server.http, "POST", "/v1/users",
                    f"{there}Content-Length: 3\r\n", b"{}}") == 400

        assert code(server.http, "POST", "/v1/users", there + BODILESS) == 429
