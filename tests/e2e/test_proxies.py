# SPDX-License-Identifier: Apache-2.0
"""The proxies of docker/proxy for real: who counts as the client behind them,
and what a flood of HTTP/2 frames does to the server."""

import contextlib
import itertools
import socket
import struct

import grpc
import pytest
import requests

import floods
import proxies
from drivers import PASSWORD
from processes import PATIENCE, Server, running

ALL = [("nginx", False), ("caddy", False), ("haproxy", False),
       ("nginx", True), ("haproxy", True)]
IDS = ["nginx", "caddy", "haproxy", "nginx_appending", "haproxy_appending"]
# More than any limit here; a slow machine gets some back meanwhile.
MANY = 100
# What a client may say of itself to pass for another, or for nobody.
SPOOFS = [
    [("X-Forwarded-For", "\xff")],
    [("X-Forwarded-For", "\t")],
    [("X-Forwarded-For", "127.0.0.1\t\xff")],
    [("X-Forwarded-For", "127.0.0.1")],
    [("X-Forwarded-For", "198.51.100.1, 127.0.0.1, 127.0.0.1")],
    [("X-Forwarded-For", "")],
    [("X-Forwarded-For", "198.51.100.2"), ("X-Forwarded-For", "unknown")],
    [("Connection", "close, X-Forwarded-For, X-Forwarded-Host, Via")],
    [("Connection", "X-Forwarded-For"), ("X-Forwarded-For", "198.51.100.3")],
    [("Forwarded", "for=127.0.0.1"), ("X-Real-IP", "127.0.0.1")],
]


@pytest.fixture(params=ALL, ids=IDS)
def kind(request):
    proxies.skip_without(request.param[0])
    return request.param


@pytest.fixture
def fronted(kind, tmp_path):
    """Starts a server with options and the proxy in front of it."""
    with contextlib.ExitStack() as stack:
        def start(*options):
            server = stack.enter_context(
                running(Server(tmp_path / "data", *options)))
            folder = tmp_path / "proxy"
            folder.mkdir()
            proxy = proxies.Proxy(kind[0], folder, server, kind[1])
            stack.callback(proxy.stop)
            return server, proxy

        yield start


class GrpcCaller:
    """Calls through the proxy from an address of its own."""

    def __init__(self, proxy, stubs, address):
        self.relay = proxies.Relay(address, proxy.port)
        self.channel = grpc.secure_channel(
            self.relay.address, grpc.ssl_channel_credentials(
                (proxy.folder / "certificate.pem").read_bytes()))
        self.photos = stubs.photo_pb2_grpc.PhotoServiceStub(self.channel)
        self.request = stubs.photo_pb2.ListRecentPhotosRequest()

    def code(self, metadata=()):
        try:
            self.photos.ListRecentPhotos(self.request, metadata=metadata,
                                         timeout=PATIENCE, wait_for_ready=True)
        except grpc.RpcError as failed:
            return failed.code().name
        return "OK"

    def close(self):
        self.channel.close()
        self.relay.close()


@pytest.fixture
def callers(stubs):
    made = []

    def make(proxy, address):
        made.append(GrpcCaller(proxy, stubs, address))
        return made[-1]

    yield make
    for caller in made:
        caller.close()


def use_up(ask, refused):
    """Calls until one is refused for the rate; nothing else may happen."""
    for _ in range(MANY):
        answer = ask()
        if answer == refused:
            return
        assert answer in (200, "OK"), answer
    raise AssertionError(f"none of {MANY} calls was refused")


NAMED = ("--address-rate", "0.01", "--trusted-proxy", "127.0.0.1")


def test_each_client_behind_a_named_proxy_has_limits_of_its_own(fronted):
    _, proxy = fronted(*NAMED)
    use_up(lambda: proxy.get("/v1/photos", "127.0.0.2"), 429)

    assert proxy.get("/v1/photos", "127.0.0.3") == 200
    for spoof in SPOOFS:
        # Some proxies refuse what is no header; none lets it through.
        assert proxy.get("/v1/photos", "127.0.0.2", spoof) in (429, 400), spoof
    assert proxy.get("/v1/photos", "127.0.0.4") == 200


def test_over_grpc_as_well(fronted, callers):
    _, proxy = fronted(*NAMED)
    first, second = callers(proxy, "127.0.0.2"), callers(proxy, "127.0.0.3")
    use_up(first.code, "RESOURCE_EXHAUSTED")

    assert second.code() == "OK"
    for spoof in ("127.0.0.1", "198.51.100.1, 127.0.0.1", "unknown"):
        assert first.code([("x-forwarded-for", spoof)]) == "RESOURCE_EXHAUSTED"
    assert first.code([("forwarded", "for=127.0.0.1"),
                       ("x-real-ip", "127.0.0.1")]) == "RESOURCE_EXHAUSTED"
    # It is the same address for both doors.
    assert proxy.get("/v1/photos", "127.0.0.2") == 429


def test_messages_of_a_stream_arrive_before_it_ends(fronted, callers):
    _, proxy = fronted("--trusted-proxy", "127.0.0.1")
    watch = callers(proxy, "127.0.0.2").channel.unary_stream(
        "/grpc.health.v1.Health/Watch", request_serializer=bytes,
        response_deserializer=bytes)
    stream = watch(b"", timeout=PATIENCE, wait_for_ready=True)

    assert next(stream) == b"\x08\x01"  # SERVING, and the stream is open.
    assert stream.is_active()
    stream.cancel()


def test_passwords_cannot_be_guessed_by_spoofing(fronted):
    server, proxy = fronted("--trusted-proxy", "127.0.0.1")
    answer = requests.post(f"http://{server.http}/v1/users", timeout=PATIENCE,
                           json={"handle": "ansel", "password": PASSWORD})
    assert answer.status_code in (200, 201)
    guess = b'{"handle": "ansel", "password": "not the password"}'
    codes = [proxy.get("/v1/sessions", "127.0.0.2", spoof, "POST", guess)
             for spoof in itertools.islice(itertools.cycle(SPOOFS), 60)]

    assert 5 <= codes.count(401) <= 12
    assert set(codes) <= {401, 429, 400}


def test_all_behind_a_proxy_that_is_not_named_share_one_limit(
        fronted, callers):
    server, proxy = fronted("--address-rate", "0.01")
    use_up(lambda: proxy.get("/v1/photos", "127.0.0.2"), 429)

    for spoof in [[], *SPOOFS]:
        assert proxy.get("/v1/photos", "127.0.0.3", spoof) in (429, 400), spoof
    assert callers(proxy, "127.0.0.4").code() == "RESOURCE_EXHAUSTED"
    # Refusals have no body, and each has to arrive with its status.
    caller = callers(proxy, "127.0.0.5")
    codes = [caller.code() for _ in range(MANY)]
    assert set(codes) <= {"RESOURCE_EXHAUSTED", "OK"}, codes
    # This machine itself is not limited.
    for _ in range(MANY):
        assert requests.get(f"http://{server.http}/v1/photos",
                            timeout=PATIENCE).status_code == 200
    assert server.log_path.read_text().count("--trusted-proxy 127.0.0.1") == 1


def frame(kind, flags, stream, payload):
    return (struct.pack(">I", len(payload))[1:] + bytes((kind, flags)) +
            struct.pack(">I", stream) + payload)


def field(name, value):
    """A header that is in no table, as HPACK writes it."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


CALL = b"".join(field(name, value) for name, value in (
    (b":method", b"POST"), (b":scheme", b"https"),
    (b":path", b"/pinhole.v1.PhotoService/ListRecentPhotos"),
    (b":authority", b"photos.example"), (b"te", b"trailers"),
    (b"content-type", b"application/grpc")))


def rapid_resets():
    """2.2 MB of calls that are taken back at once."""
    for stream in itertools.count(1, 2):
        yield frame(1, 4, stream, CALL) + frame(3, 0, stream, b"\0\0\0\x08")


def endless_continuation():
    """Headers that never end."""
    yield frame(1, 0, 1, CALL)
    filler = field(b"x-filler", b"x" * 100) * 100
    while True:
        yield frame(9, 0, 1, filler)


@pytest.mark.parametrize("flood, most", [
    (rapid_resets, 2_200_000), (endless_continuation, 64_000_000)])
def test_a_flood_of_frames_ends_at_the_proxy(fronted, callers, flood, most):
    server, proxy = fronted("--trusted-proxy", "127.0.0.1")
    caller = callers(proxy, "127.0.0.3")
    assert caller.code() == "OK"

    with floods.probed(server) as health:
        with socket.create_connection(
                ("127.0.0.1", proxy.port), timeout=PATIENCE,
                source_address=("127.0.0.2", 0)) as plain, \
                proxy.tls("h2").wrap_socket(plain) as connection:
            connection.sendall(floods.PREFACE)
            sent = 0
            # The proxy may hang up, which is right.
            with contextlib.suppress(OSError):
                for part in flood():
                    connection.sendall(part)
                    sent += len(part)
                    if sent >= most:
                        break
        assert caller.code() == "OK"
        assert proxy.get("/v1/photos", "127.0.0.3") == 200

    for figures in health.values():
        assert figures["failures"] == []
        assert figures["unready"] == 0
    _, highest = floods.memory_mib(server)
    assert highest < 512, f"{highest} MiB after {sent} bytes"
