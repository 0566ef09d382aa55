# SPDX-License-Identifier: Apache-2.0
"""The end of a server: announced, in order, with nothing acknowledged lost."""

import signal
import subprocess
import threading
import time

import pytest
import requests

import drivers
from drivers import CallFailed
from processes import BIN, PATIENCE, Gateway, Server, eventually, running
from test_durability import all_comments

NEVER = ["--drain-delay-seconds", "3600"]


def readiness(process):
    return requests.get(f"http://{process.http}/readyz",
                        timeout=PATIENCE).status_code


def health(server):
    done = subprocess.run(
        [BIN / "pinhole", "--target", server.grpc, "health"], text=True,
        capture_output=True, timeout=PATIENCE, check=False)
    return done.stdout.strip(), done.returncode


def test_server_says_that_it_ends_and_serves_until_then(tmp_path, stubs):
    server = Server(tmp_path / "data", *NEVER)
    try:
        assert (readiness(server), health(server)) == (200, ("SERVING", 0))

        server.send(signal.SIGTERM)

        eventually(lambda: readiness(server) == 503, "not ready")
        # The exit code is grpc-health-probe's.
        assert health(server) == ("NOT_SERVING", 4)
        for kind in drivers.GrpcDriver, drivers.RestDriver:
            client = kind(server, stubs)
            client.register(f"late_{kind.name.lower()}")
            client.login(f"late_{kind.name.lower()}")
            client.whoami()
            client.close()
        server.send(signal.SIGTERM)
        assert server.wait() == 128 + signal.SIGTERM
    finally:
        server.kill()


def test_gateway_says_that_it_ends_and_serves_until_then(server, tmp_path):
    gateway = Gateway(server.grpc, tmp_path, *NEVER)
    try:
        assert readiness(gateway) == 200

        gateway.send(signal.SIGTERM)

        eventually(lambda: readiness(gateway) == 503, "not ready")
        assert requests.get(f"http://{gateway.http}/v1/serverInfo",
                            timeout=PATIENCE).status_code == 200
        gateway.send(signal.SIGINT)
        assert gateway.wait() == 128 + signal.SIGINT
    finally:
        gateway.kill()


@pytest.mark.parametrize("kind", ["server", "gateway"])
def test_after_the_delay_the_end_is_in_order(kind, server, tmp_path):
    options = ["--drain-delay-seconds", "0.3"]
    process = (Server(tmp_path / "other", *options) if kind == "server"
               else Gateway(server.grpc, tmp_path, *options))
    begin = time.monotonic()

    process.stop()

    assert time.monotonic() - begin >= 0.3


def test_second_signal_ends_at_once_what_a_call_holds_up(tmp_path, stubs):
    """An upload that goes on and on holds the drain up."""
    server = Server(tmp_path / "data")
    begun, end = threading.Event(), threading.Event()
    ansel = drivers.GrpcDriver(server, stubs)
    photo_pb2 = stubs.photo_pb2

    def parts():
        yield photo_pb2.UploadPhotoRequest(metadata=photo_pb2.PhotoMetadata())
        begun.set()
        end.wait(PATIENCE)

    try:
        ansel.register("ansel")
        ansel.login("ansel")
        call = ansel.photos.UploadPhoto.future(
            parts(), metadata=ansel.metadata())
        assert begun.wait(PATIENCE)
        server.send(signal.SIGTERM)
        eventually(lambda: "shutting down" in server.log(), "the first signal")

        server.send(signal.SIGTERM)

        assert server.wait() == 128 + signal.SIGTERM
        call.cancel()
    finally:
        end.set()
        ansel.close()
        server.kill()


class Writers:
    """Clients that comment without pause until they are refused."""

    def __init__(self, clients, photo):
        self.acknowledged = []
        self.refusals = []
        self.threads = [threading.Thread(target=self.write, args=[c, photo])
                        for c in clients]
        for thread in self.threads:
            thread.start()

    def write(self, client, photo):
        number = 0
        try:
            while True:
                comment = client.comment(photo, f"number {number}")
                self.acknowledged.append(comment["name"])
                number += 1
        except (CallFailed, requests.RequestException) as error:
            self.refusals.append(error)

    def join(self):
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a client hangs"


def test_end_under_load_loses_nothing_that_was_acknowledged(
        tmp_path, stubs, snapshot):
    from conftest import People
    data = tmp_path / "data"
    first = Server(data)
    door = Gateway(first.grpc, tmp_path)
    people = People(drivers.GrpcDriver, first, stubs, tmp_path)
    photo = people("owner").upload(snapshot)["name"]
    clients = []
    for number, (kind, server) in enumerate(
            2 * [(drivers.GrpcDriver, first), (drivers.RestDriver, first),
                 (drivers.RestDriver, door)]):
        client = people.stranger(kind, server)
        client.register(f"writer{number}")
        client.login(f"writer{number}")
        clients.append(client)

    writers = Writers(clients, photo)
    eventually(lambda: len(writers.acknowledged) > 300, "comments")
    first.stop()  # In order, with exit code 0.
    writers.join()
    people.close()
    door.stop()

    # Who was refused was told so, and never by an error of the server's.
    assert len(writers.refusals) == len(clients)
    for refusal in writers.refusals:
        assert not isinstance(refusal, CallFailed) or (
            refusal.code in ("UNAVAILABLE", "CANCELLED")), refusal
    with running(Server(data)) as second:
        assert "not clean" not in second.log()
        stranger = drivers.RestDriver(second)
        kept = set(all_comments(stranger, photo))
        assert set(writers.acknowledged) <= kept
        assert stranger.get_photo(photo)["commentCount"] == len(kept)
        stranger.close()
