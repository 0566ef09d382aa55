# SPDX-License-Identifier: Apache-2.0
"""Bodies of strangers: refused before they are read, inflated or parsed."""

import gzip
import json

import grpc
import pytest
import requests

import floods
from drivers import PASSWORD, GrpcDriver
from processes import PATIENCE, Gateway, Server, admin, eventually, running

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


def users_of(count):
    """An import without a user that could be made."""
    return b'{"users":[' + b",".join([b"{}"] * count) + b"]}"


def signed_in_as_root(tmp_path):
    """A server with an administrator, and the header of their session."""
    server = Server(tmp_path / "data", "--allow-import")
    requests_to = f"http://{server.http}/v1"
    person = {"handle": "root", "password": PASSWORD}
    requests.post(f"{requests_to}/users", json=person, timeout=PATIENCE)
    server.stop()
    admin(tmp_path / "data", "grant", "root")
    server = Server(tmp_path / "data", "--allow-import")
    session = requests.post(f"http://{server.http}/v1/sessions", json=person,
                            timeout=PATIENCE).json()
    return server, f"Authorization: Bearer {session['token']}\r\n"


def post(address, path, body, headers="", packed=False):
    if packed:
        body = gzip.compress(body)
        headers += "Content-Encoding: gzip\r\n"
    return exchange(address, "POST", path,
                    f"{headers}Content-Length: {len(body)}\r\n", body)


def test_bodies_have_limits_for_those_who_may_send_them(tmp_path):
    server, root = signed_in_as_root(tmp_path)
    with running(server):
        def told(body, packed=False, path=IMPORT):
            answer = post(server.http, path, body, root, packed)
            return int(answer[9:12]), answer.decode().partition("\r\n\r\n")[2]

        code_, text = told(users_of(349_000), packed=True)
        assert (code_, "more than 100 times its size" in text) == (413, True)
        code_, text = told(users_of(10_000))
        assert (code_, "at most 8000 names and values" in text) == (400, True)
        code_, text = told(b"[" * 100 + b"]" * 100)
        assert code_ == 400
        # As many users as there may be, in full; the method declares 1 MiB.
        full = json.dumps({"users": [
            {"handle": f"user{number}",
             "display_name": f"Person {number}, of the town by the sea 🪟"}
            for number in range(1000)]}).encode()
        assert len(full) > 64 * 1024
        assert told(full)[0] == 200
        assert told(full, packed=True)[0] == 200
        # What declares nothing has 64 KiB.
        long = b"{" + b" " * (64 * 1024 - 1) + b"}"
        assert told(long, path="/v1/notifications:markRead")[0] == 413
        assert told(long, packed=True,
                    path="/v1/notifications:markRead")[0] == 413
        assert told(long[1:], path="/v1/notifications:markRead")[0] == 400
        assert code(server.http, "GET", "/readyz") == 200


def test_compressed_messages_are_refused_without_inflating(server, stubs):
    """A stranger's 64 MiB in a message of 64 KB, far beyond the limit of 1 MiB
    when it is inflated."""
    zeros = bytes(64 << 20)
    client = GrpcDriver(server, stubs)
    client.recent_photos()
    _, before = floods.memory_mib(server)
    answers = []
    for method in ("/pinhole.v1.PhotoService/ListRecentPhotos",
                   "/pinhole.v1.AdminService/ImportUsers"):
        call = client.channel.unary_unary(
            method, request_serializer=bytes, response_deserializer=bytes)
        with pytest.raises(grpc.RpcError) as refused:
            call(zeros, compression=grpc.Compression.Gzip, timeout=PATIENCE)
        answers.append(refused.value.code())

    _, after = floods.memory_mib(server)
    assert set(answers) == {grpc.StatusCode.UNIMPLEMENTED}
    assert after - before < 32
    client.recent_photos()
    client.close()
