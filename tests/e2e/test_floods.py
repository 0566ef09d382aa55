# SPDX-License-Identifier: Apache-2.0
"""Floods from loopback: the health check goes on answering, memory stays
bounded, and afterwards all is as before.

Each flood is bounded in number and time. How fast health was answered is
printed; only that it was answered is asserted, since machines are noisy.
"""

import itertools
import signal
import time

import grpc
import pytest

import floods
import metrics_page
from drivers import PASSWORD, CallFailed, GrpcDriver
from metrics_page import scrape
from processes import PATIENCE, Server, eventually, running

SECONDS = 4
# The slowest answer about health, generously: 100 ms are what is aimed at.
SLOWEST_MS = 2000
# What gRPC may hold (256 MiB), the caches, 40 MiB of programs, and the rest.
MOST_MIB = 512
WRONG = "not the password"


@pytest.fixture
def server(tmp_path):
    """Behind a proxy on this machine, which some of the floods pretend to be."""
    with running(Server(tmp_path / "data", "--trusted-proxy", "127.0.0.1")) as it:
        yield it


@pytest.fixture
def flooded(server, stubs, capsys):
    """Runs a flood, and looks after the server meanwhile and afterwards."""

    def run(name, flood):
        with floods.probed(server) as health:
            said = flood()
        resident, most = floods.memory_mib(server)
        with capsys.disabled():
            print(f"\n{name}: {said}")
            for way, figures in health.items():
                print("  health over {}: {asked} asked, median "
                      "{median_ms:.1f} ms, p99 {p99_ms:.1f} ms, slowest "
                      "{worst_ms:.1f} ms".format(way, **figures))
            print(f"  memory: {resident:.0f} MiB, at most {most:.0f} MiB")
        for figures in health.values():
            assert figures["failures"] == []
            assert figures["unready"] == 0
            assert figures["worst_ms"] < SLOWEST_MS
        assert most < MOST_MIB
        serves_as_before(server, stubs)

    return run


def serves_as_before(server, stubs):
    client = GrpcDriver(server, stubs)
    handle = f"after{time.monotonic_ns()}"
    client.register(handle)
    client.login(handle)
    assert client.whoami()["handle"] == handle
    client.close()


@pytest.fixture
def channels(server):
    """Connections of their own, so that streams are not the limit."""
    made = [grpc.insecure_channel(
        server.grpc, options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(16)]
    yield made
    for channel in made:
        channel.close()


def rejected(server, why):
    return sum(value for name, labels, value
               in metrics_page.series(scrape(server))
               if name == "pinhole_rpc_rejected_total"
               and labels["reason"] == why)


def code_of(ask):
    try:
        ask()
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


def test_a_flood_of_logins(server, stubs, people, channels, flooded):
    people("ansel")
    login = [stubs.user_pb2_grpc.UserServiceStub(channel).CreateSession
             for channel in channels]
    request = stubs.user_pb2.CreateSessionRequest(handle="ansel",
                                                  password=WRONG)

    def guess(address):
        def attempt(number):
            return code_of(lambda: login[number // 1_000_000](
                request, metadata=[("x-forwarded-for", address(number))],
                timeout=PATIENCE))
        return attempt

    flooded("logins from one address", lambda: (
        f"{floods.during(SECONDS, 16, guess(lambda _: '203.0.113.9'))} "
        "wrong passwords"))
    # As many as there are: each a guess that would be hashed, but for what the
    # account may have.
    flooded("logins from many addresses", lambda: "{} wrong passwords".format(
        floods.during(SECONDS, 16, guess(
            lambda number: f"10.{number % 251}.{number // 251 % 251}.1"))))
    assert rejected(server, "login") > 0


def test_a_flood_of_logins_to_many_accounts(server, stubs, channels, flooded):
    """Nothing holds who has an address for each guess and guesses at all
    accounts: what holds then is the queue for hashing."""
    login = [stubs.user_pb2_grpc.UserServiceStub(channel).CreateSession
             for channel in channels]

    def guess(number):
        request = stubs.user_pb2.CreateSessionRequest(
            handle=f"person{number}", password=WRONG)
        address = f"10.{number % 251}.{number // 251 % 251}.1"
        code_of(lambda: login[number // 1_000_000](
            request, metadata=[("x-forwarded-for", address)], timeout=5))

    flooded("logins to many accounts", lambda: (
        f"{floods.during(SECONDS, 16, guess)} wrong passwords"))


def test_a_flood_of_calls(server, stubs, channels, flooded):
    list_photos = [
        stubs.photo_pb2_grpc.PhotoServiceStub(channel).ListRecentPhotos
        for channel in channels]
    request = stubs.photo_pb2.ListRecentPhotosRequest()

    def ask_from(metadata):
        def ask(number):
            under_way = [list_photos[number // 1_000_000].future(
                request, metadata=metadata, timeout=PATIENCE)
                for _ in range(100)]
            for call in under_way:
                call.exception()
        return ask

    flooded("calls of this machine, which has no rate", lambda: (
        f"{100 * floods.during(SECONDS, 8, ask_from(None))} calls"))
    assert rejected(server, "rate") == 0
    there = [("x-forwarded-for", "203.0.113.9")]
    flooded("calls of one address", lambda: (
        f"{100 * floods.during(SECONDS, 8, ask_from(there))} calls"))
    assert rejected(server, "rate") > 0


def test_a_flood_of_connections(server, flooded):
    count = floods.raise_file_limit()

    def hold(address, first):
        with floods.connections(address, count, first):
            time.sleep(SECONDS)
        return f"{count} of them, {first[:16]!r} sent"

    for first in (b"", b"GET /v1/photos HTTP/1.1\r\nHost: x\r\nX-Slow: "):
        flooded("HTTP connections", lambda: hold(server.http, first))
    for first in (b"", floods.PREFACE):
        flooded("gRPC connections", lambda: hold(server.grpc, first))


def test_slow_headers_are_cut(server, flooded):
    count = floods.raise_file_limit() // 4

    def drip():
        head = b"GET /v1/photos HTTP/1.1\r\nHost: x\r\nX-Slow: "
        with floods.connections(server.http, count, head) as connections:
            begin = time.monotonic()
            left = list(connections)
            while left and time.monotonic() - begin < PATIENCE:
                for connection in list(left):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        left.remove(connection)
                time.sleep(0.2)
            assert not left, f"{len(left)} live on"
            took = time.monotonic() - begin
        return f"{count} of them, a byte every 0.2 s; all cut after {took:.0f} s"

    flooded("slow headers", drip)


def test_headers_and_bodies_that_are_too_large(server, flooded):
    def head(size):
        return (b"GET /v1/photos HTTP/1.1\r\nHost: x\r\nX-Large: "
                + b"x" * size + b"\r\n\r\n")

    def body(size):
        return (b"POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: "
                b"application/json\r\nContent-Length: %d\r\n\r\n" % size
                + b'{"handle": "' + b"x" * size)

    codes = {}

    def send(number):
        request, code = ((head(64 * 1024), b"431"),
                         (body(4 << 20), b"413"))[number % 2]
        with floods.connect(server.http) as connection:
            try:
                connection.sendall(request)
            except OSError:
                pass  # It has been refused by then.
            answer = floods.reply(connection)
        # Of what was cut off in the middle the answer may be lost.
        codes.setdefault(code, set()).add(answer[9:12])

    flooded("requests too large", lambda: (
        f"{floods.during(SECONDS, 8, send)} of them"))
    assert all(seen <= {code, b""} for code, seen in codes.items()), codes


def test_metadata_and_messages_that_are_too_large(
        server, stubs, channels, flooded):
    list_photos = [
        stubs.photo_pb2_grpc.PhotoServiceStub(channel).ListRecentPhotos
        for channel in channels]
    small = stubs.photo_pb2.ListRecentPhotosRequest()
    large = stubs.photo_pb2.ListRecentPhotosRequest(page_token="x" * (2 << 20))
    codes = set()

    def send(number):
        ask = list_photos[number // 1_000_000]
        codes.add(code_of(lambda: (
            ask(large, timeout=PATIENCE) if number % 2 else
            ask(small, metadata=[("x-large", "x" * 20_000)],
                timeout=PATIENCE))))

    flooded("metadata and messages too large", lambda: (
        f"{floods.during(SECONDS, 8, send)} of them"))
    # The library now and then closes the connection of who goes on sending.
    assert "RESOURCE_EXHAUSTED" in codes
    assert codes <= {"RESOURCE_EXHAUSTED", "UNAVAILABLE"}


def test_a_flood_of_large_messages_stays_in_what_grpc_may_hold(
        server, stubs, channels, flooded):
    """As large as they may be, more at a time than there is memory for."""
    list_photos = [
        stubs.photo_pb2_grpc.PhotoServiceStub(channel).ListRecentPhotos
        for channel in channels]
    request = stubs.photo_pb2.ListRecentPhotosRequest(
        page_token="x" * 1_000_000)

    def send(number):
        under_way = [list_photos[number // 1_000_000].future(
            request, timeout=PATIENCE) for _ in range(32)]
        for call in under_way:
            call.exception()

    flooded("large messages", lambda: (
        f"{32 * floods.during(SECONDS, 16, send)} of a megabyte"))


def test_a_flood_of_watches_of_health(server, channels, flooded):
    """Anybody may open them; one address, its share."""
    there = [("x-forwarded-for", "203.0.113.9")]
    elsewhere = [("x-forwarded-for", "203.0.113.8")]
    watch = [channel.unary_stream(
        "/grpc.health.v1.Health/Watch", request_serializer=bytes,
        response_deserializer=bytes) for channel in channels]

    def open_all():
        streams = [watch[number % len(watch)](b"", metadata=there,
                                              timeout=10 * PATIENCE)
                   for number in range(1000)]
        # Each has its first answer, or a refusal.
        opened = sum(code_of(lambda: next(stream)) == "OK"
                     for stream in streams)
        time.sleep(SECONDS)
        assert code_of(lambda: next(watch[0](b"", metadata=elsewhere))) == "OK"
        for stream in streams:
            stream.cancel()
        assert opened == 100
        return f"{opened} of {len(streams)} were taken"

    flooded("watches of health", open_all)
    eventually(lambda: code_of(
        lambda: next(watch[0](b"", metadata=there))) == "OK",
               "a place for another watch")


def test_it_stops_in_order_in_a_flood(tmp_path, stubs):
    server = Server(tmp_path / "data")
    client = GrpcDriver(server, stubs)
    client.register("ansel")
    numbers = itertools.count()

    def ask(_):
        number = next(numbers)
        if number == 50:
            server.send(signal.SIGTERM)
        try:
            client.login("ansel", PASSWORD if number % 2 else WRONG)
        except CallFailed:
            time.sleep(0.01)

    floods.during(SECONDS, 8, ask)

    server.expect_end()
    client.close()
