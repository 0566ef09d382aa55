# SPDX-License-Identifier: Apache-2.0
"""What one caller may have of the server, over both doors.

All come from loopback, as they would behind a proxy on the same machine that
says in X-Forwarded-For who calls and that the operator has named.
"""

import http.client
import itertools
import json
import queue
import threading
import time

import grpc
import pytest
import requests

import floods
import metrics_page
from drivers import PASSWORD, CallFailed, GrpcDriver, RestDriver
from metrics_page import scrape
from processes import PATIENCE, Gateway, Server, eventually, running

WRONG = "not the password"
# This machine's address, as the operator names a proxy on it.
PROXY = ("--trusted-proxy", "127.0.0.1")
# More than any limit here; a slow machine gets some back meanwhile.
MANY = 400


def from_there(client, *chain):
    """`client` as somebody at an address whom a proxy lets in."""
    if isinstance(client, RestDriver):
        client.http.headers["X-Forwarded-For"] = ", ".join(chain)
    else:
        client.metadata = lambda: type(client).metadata(client) + [
            ("x-forwarded-for", ", ".join(chain))]
    return client


def failure(ask):
    """How the first of many calls that is refused is refused."""
    for _ in range(MANY):
        try:
            ask()
        except CallFailed as failed:
            return failed
    raise AssertionError(f"none of {MANY} calls was refused")


def is_answered(ask):
    try:
        ask()
    except CallFailed as failed:
        assert failed.code == "RESOURCE_EXHAUSTED", failed
        return False
    return True


def reason(failed):
    return failed.detail("ErrorInfo").get("reason")


def count(server, name, label):
    return sum(value for series, labels, value
               in metrics_page.series(scrape(server))
               if series == name and label in labels.values())


@pytest.fixture(params=[GrpcDriver, RestDriver], ids=lambda kind: kind.name)
def kind(request):
    return request.param


@pytest.fixture
def server(tmp_path):
    with running(Server(tmp_path / "data", *PROXY)) as process:
        yield process


@pytest.fixture
def limited(tmp_path):
    """Starts a server with limits of its own."""
    servers = []

    def start(*options, proxy=PROXY):
        servers.append(Server(tmp_path / "limited", *proxy, *options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def test_an_address_may_not_call_without_end(limited, people, kind):
    server = limited("--address-rate", "0.5")
    there = from_there(people.stranger(kind, server), "203.0.113.9")
    elsewhere = from_there(people.stranger(kind, server), "203.0.113.8")

    failed = failure(there.recent_photos)

    assert failed.code == "RESOURCE_EXHAUSTED"
    assert reason(failed) == "RATE_LIMITED"
    assert "your address exceeds the limit of 0.5 calls per second; retry" in failed.message
    assert failed.detail("RetryInfo")["retryDelay"] != "0s"
    elsewhere.recent_photos()
    people.stranger(kind, server).recent_photos()  # From this machine.
    eventually(lambda: is_answered(there.recent_photos), "another call")
    assert count(server, "pinhole_rpc_rejected_total", "rate") >= 1
    assert count(server, "pinhole_rpc_rejected_total", "limit") == 0


def test_http_says_429_and_when_to_come_again(limited):
    server = limited("--address-rate", "0.3")

    def get(path, **headers):
        return requests.get(f"http://{server.http}{path}", headers=headers,
                            timeout=30, proxies={"http": None})

    there = {"X-Forwarded-For": "203.0.113.9"}
    refused = next(answer for answer in (
        get("/v1/photos", **there) for _ in range(MANY))
                   if answer.status_code != 200)

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 4  # In whole seconds.
    status = refused.json()
    assert [detail["reason"] for detail in status["details"]
            if "reason" in detail] == ["RATE_LIMITED"]
    assert get("/healthz", **there).status_code == 200
    assert get("/readyz", **there).status_code == 200


def test_a_user_may_not_call_without_end_from_anywhere(limited, people, kind):
    server = limited("--user-rate", "0.5")
    here = people.stranger(kind, server)
    here.register("ansel")
    here.login("ansel")
    there = from_there(people.stranger(kind, server), "203.0.113.9")
    elsewhere = from_there(people.stranger(kind, server), "203.0.113.8")
    there.token = elsewhere.token = here.token

    assert "your account exceeds" in failure(there.whoami).message
    assert reason(failure(elsewhere.whoami)) == "RATE_LIMITED"
    here.whoami()
    from_there(people.stranger(kind, server), "203.0.113.8").recent_photos()


def test_bad_tokens_count(limited, people, kind):
    server = limited("--address-rate", "0.5")
    there = from_there(people.stranger(kind, server), "203.0.113.9")
    there.token = "made-up"

    def ask():
        try:
            there.whoami()
        except CallFailed as failed:
            if failed.code != "UNAUTHENTICATED":
                raise

    assert reason(failure(ask)) == "RATE_LIMITED"


def test_an_address_that_is_made_up_does_not_help(limited, people, kind):
    server = limited("--address-rate", "0.5")
    there = people.stranger(kind, server)
    made_up = (f"198.51.100.{number % 256}" for number in itertools.count())

    def ask():
        from_there(there, next(made_up), "203.0.113.9").recent_photos()

    assert reason(failure(ask)) == "RATE_LIMITED"


def test_proxies_are_believed_if_the_operator_says_so(limited, people, kind):
    server = limited("--address-rate", "0.5", "--trusted-proxy", "10.0.0.0/8")

    def client(*chain):
        return from_there(people.stranger(kind, server), *chain)

    failure(client("203.0.113.9", "10.1.2.3").recent_photos)

    client("203.0.113.8", "10.1.2.3").recent_photos()
    assert not is_answered(client("203.0.113.9", "10.9.9.9").recent_photos)
    failure(client("203.0.113.9", "11.1.2.3").recent_photos)
    assert not is_answered(client("203.0.113.8", "11.1.2.3").recent_photos)


def test_a_gateway_of_its_own_tells_who_calls(limited, people, tmp_path):
    server = limited("--address-rate", "0.5")
    with running(Gateway(server.grpc, tmp_path, *PROXY)) as gateway:
        there = from_there(people.stranger(RestDriver, gateway), "203.0.113.9")
        elsewhere = from_there(people.stranger(RestDriver, gateway),
                               "203.0.113.8")

        here = people.stranger(RestDriver, gateway)

        assert reason(failure(there.recent_photos)) == "RATE_LIMITED"
        elsewhere.recent_photos()
        # A gateway's own machine is limited, too, as an address of its own.
        assert reason(failure(here.recent_photos)) == "RATE_LIMITED"


def test_a_proxy_that_is_not_named_is_not_believed(limited, people, kind):
    """Whatever it says: the callers behind it share the limits of one address,
    and the log says what to do."""
    server = limited("--address-rate", "0.5", proxy=())
    here = people.stranger(kind, server)
    failure(from_there(people.stranger(kind, server),
                       "203.0.113.9").recent_photos)

    for chain in ("203.0.113.8", "127.0.0.1", "unknown", ""):
        there = from_there(people.stranger(kind, server), chain)
        assert not is_answered(there.recent_photos), chain
    for _ in range(MANY):
        here.recent_photos()
    warnings = [line for line in server.log_path.read_text().splitlines()
                if "--trusted-proxy 127.0.0.1" in line]
    assert len(warnings) == 1, warnings


@pytest.mark.parametrize("name, value", [
    ("Forwarded", "for=127.0.0.1"), ("X-Real-IP", "127.0.0.1"),
    ("Via", "1.1 proxy"), ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-For", "\xff"), ("X-Forwarded-For", "127.0.0.1\t, \xff"),
    ("X-Forwarded-For", "\t"), ("X-Forwarded-For", ""),
    ("Host", "photos.example")])
@pytest.mark.parametrize("proxy", [(), PROXY], ids=["unnamed", "named"])
def test_what_says_that_it_came_from_elsewhere_is_limited(
        limited, proxy, name, value):
    server = limited("--address-rate", "0.5", proxy=proxy)

    def get():
        connection = http.client.HTTPConnection(server.http, timeout=PATIENCE)
        connection.putrequest("GET", "/v1/photos", skip_host=name == "Host")
        connection.putheader(name, value.encode("latin-1"))
        # As a client sends it that wants its proxy's header removed.
        connection.putheader("Connection", f"close, {name}")
        connection.endheaders()
        return connection.getresponse().status

    assert 429 in (get() for _ in range(MANY))


@pytest.mark.parametrize("metadata", [
    ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "localhost"),
    ("forwarded", "for=127.0.0.1"), ("via", "2 proxy"), ("x-real-ip", "::1")])
def test_over_grpc_it_is_limited_as_well(limited, people, metadata):
    server = limited("--address-rate", "0.5", proxy=())
    there = people.stranger(server=server)
    there.metadata = lambda: [metadata]

    assert reason(failure(there.recent_photos)) == "RATE_LIMITED"


def test_a_call_for_another_host_is_limited(limited, stubs):
    server = limited("--address-rate", "0.5", proxy=())
    with grpc.insecure_channel(server.grpc, [
            ("grpc.default_authority", "photos.example")]) as channel:
        photos = stubs.photo_pb2_grpc.PhotoServiceStub(channel)
        codes = set()
        for _ in range(MANY):
            try:
                photos.ListRecentPhotos(
                    stubs.photo_pb2.ListRecentPhotosRequest())
            except grpc.RpcError as failed:
                codes.add(failed.code())
                break

    assert codes == {grpc.StatusCode.RESOURCE_EXHAUSTED}


@pytest.mark.parametrize("named", [True, False])
def test_a_gateway_on_a_unix_socket_is_believed_if_it_is_named(
        limited, people, tmp_path, named):
    socket = f"unix:{tmp_path}/pinhole.sock"
    server = limited("--address-rate", "0.5", "--grpc-listen", socket,
                     proxy=("--trusted-proxy", "unix") if named else ())
    with running(Gateway(socket, tmp_path, *PROXY)) as gateway:
        there = from_there(people.stranger(RestDriver, gateway), "203.0.113.9")
        elsewhere = from_there(people.stranger(RestDriver, gateway),
                               "203.0.113.8")
        here = people.stranger(RestDriver, gateway)

        assert reason(failure(there.recent_photos)) == "RATE_LIMITED"
        assert is_answered(elsewhere.recent_photos) == named
        assert is_answered(here.recent_photos) == named
    log = server.log_path.read_text()
    assert ("--trusted-proxy unix" in log) == (not named)


def test_a_gateway_does_not_believe_a_proxy_that_is_not_named(
        limited, people, tmp_path):
    server = limited("--address-rate", "0.5")
    with running(Gateway(server.grpc, tmp_path)) as gateway:
        there = from_there(people.stranger(RestDriver, gateway), "203.0.113.9")
        also = from_there(people.stranger(RestDriver, gateway), "127.0.0.1")

        assert reason(failure(there.recent_photos)) == "RATE_LIMITED"
        assert not is_answered(also.recent_photos)
        assert "--trusted-proxy 127.0.0.1" in gateway.log_path.read_text()


def wrong_passwords(client, handle):
    """How many are looked at before the next is not; and how that is said."""
    for wrong in range(MANY):
        try:
            client.login(handle, WRONG)
        except CallFailed as failed:
            if failed.code != "UNAUTHENTICATED":
                return wrong, failed
    raise AssertionError("passwords may be guessed without end")


def test_guessing_a_password_is_stopped_for_who_guesses(server, people, kind):
    people("ansel")
    there = from_there(people.stranger(kind), "203.0.113.9")
    owner = from_there(people.stranger(kind), "203.0.113.8")

    guesses, failed = wrong_passwords(there, "ansel")

    assert 10 <= guesses <= 12
    assert reason(failed) == "LOGIN_THROTTLED"
    assert "too many wrong passwords; try again in" in failed.message
    with pytest.raises(CallFailed) as still:
        there.login("ansel", PASSWORD)
    assert reason(still.value) == "LOGIN_THROTTLED"
    owner.login("ansel", PASSWORD)
    people.stranger(kind).login("ansel", PASSWORD)  # From this machine.
    assert count(server, "pinhole_logins_total", "locked") >= 2
    assert count(server, "pinhole_logins_total", "limited") == 0
    assert count(server, "pinhole_rpc_rejected_total", "login") >= 2


def test_who_does_not_exist_is_throttled_alike(people):
    people("ansel")
    answers = []
    for handle, address in (("ansel", "203.0.113.9"), ("edward", "203.0.113.8"),
                            ("No such handle!", "203.0.113.7")):
        _, failed = wrong_passwords(
            from_there(people.stranger(), address), handle)
        answers.append((failed.code, failed.message.split("again")[0],
                        reason(failed)))

    assert len(set(answers)) == 1


def test_many_accounts_cannot_be_tried_from_one_address(people, kind):
    people("ansel")
    there = from_there(people.stranger(kind), "203.0.113.9")
    tried = 0
    with pytest.raises(CallFailed) as failed:
        while tried < MANY:
            tried += 1
            try:
                there.login(f"person{tried}", WRONG)
            except CallFailed as wrong:
                if wrong.code != "UNAUTHENTICATED":
                    raise

    assert reason(failed.value) == "LOGIN_THROTTLED"
    assert 30 < tried <= 40


def test_an_owner_gets_in_while_strangers_guess_from_everywhere(people):
    people("ansel")
    owner = from_there(people.stranger(), "203.0.113.8")
    owner.login("ansel")

    for number in range(20):
        wrong_passwords(from_there(people.stranger(), f"198.51.100.{number}"),
                        "ansel")

    stranger = from_there(people.stranger(), "198.51.100.200")
    with pytest.raises(CallFailed) as failed:
        for _ in range(5):  # One every ten seconds is looked at.
            try:
                stranger.login("ansel", WRONG)
            except CallFailed as wrong:
                if wrong.code != "UNAUTHENTICATED":
                    raise
    assert reason(failed.value) == "LOGIN_THROTTLED"
    owner.login("ansel")


def test_a_stolen_session_does_not_help_to_guess(people, kind):
    ansel = people("ansel", kind)

    def change():
        if kind is RestDriver:
            ansel.call("POST", "users/me:changePassword",
                       {"old_password": WRONG, "new_password": PASSWORD})
        else:
            ansel.call(ansel.users.ChangePassword,
                       ansel.stubs.user_pb2.ChangePasswordRequest(
                           name="users/me", old_password=WRONG,
                           new_password=PASSWORD))

    def guess():
        try:
            change()
        except CallFailed as wrong:
            if wrong.code != "PERMISSION_DENIED":
                raise

    assert reason(failure(guess)) == "LOGIN_THROTTLED"
    ansel.login("ansel")  # That is another matter.


def test_guesses_at_once_do_not_slip_by(people):
    people("ansel")
    there = from_there(people.stranger(), "203.0.113.9")
    outcomes = []

    def guess():
        try:
            there.login("ansel", WRONG)
        except CallFailed as failed:
            outcomes.append(failed.code)

    threads = [threading.Thread(target=guess) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 50
    assert 10 <= outcomes.count("UNAUTHENTICATED") <= 12


def test_a_restart_forgets_who_was_wrong(tmp_path, stubs):
    with running(Server(tmp_path / "data", *PROXY)) as server:
        client = GrpcDriver(server, stubs)
        client.register("ansel")
        wrong_passwords(from_there(client, "203.0.113.9"), "ansel")
        client.close()
    with running(Server(tmp_path / "data", *PROXY)) as server:
        client = from_there(GrpcDriver(server, stubs), "203.0.113.9")
        client.login("ansel")
        client.close()


def test_the_throttle_can_be_switched_off(limited, people):
    server = limited("--login-throttle", "off")
    there = from_there(people.stranger(server=server), "203.0.113.9")
    there.register("ansel")
    for _ in range(20):
        with pytest.raises(CallFailed) as failed:
            there.login("ansel", WRONG)
        assert failed.value.code == "UNAUTHENTICATED"

    server.wait_for_log("--login-throttle is off")


def watch(client):
    """A watch that has begun."""
    stream = client.stream(client.social.WatchFeed,
                           client.stubs.social_pb2.WatchFeedRequest())
    stream.initial_metadata()
    return stream


def watch_code(client):
    """How a watch that is refused is refused."""
    with pytest.raises(grpc.RpcError) as failed:
        next(watch(client))
    return failed.value.code(), reason(client.failed(failed.value))


def test_a_user_has_so_many_watches(limited, people):
    server = limited("--user-watches", "2")
    ansel = people.stranger(server=server)
    dorothea = people.stranger(server=server)
    for client, handle in ((ansel, "ansel"), (dorothea, "dorothea")):
        client.register(handle)
        client.login(handle)
    watches = [watch(ansel) for _ in range(2)]

    assert watch_code(ansel) == (grpc.StatusCode.RESOURCE_EXHAUSTED,
                                 "TOO_MANY_WATCHES")
    answer = requests.get(f"http://{server.http}/v1/feed:watch", timeout=30,
                          headers={"Authorization": f"Bearer {ansel.token}"})
    assert answer.status_code == 429
    watch(dorothea).cancel()

    watches[0].cancel()
    eventually(lambda: watch(ansel).is_active(), "a place for another watch")


def signed_in(people, server, handle, address):
    """Somebody with an account, at an address."""
    here = people.stranger(server=server)
    here.register(handle)
    here.login(handle)
    return from_there(here, address)


def test_an_address_has_so_many_calls_under_way(limited, people):
    server = limited("--address-calls", "2")
    ansel, edward = (signed_in(people, server, handle, "203.0.113.9")
                     for handle in ("ansel", "edward"))
    dorothea = signed_in(people, server, "dorothea", "203.0.113.8")
    watches = [watch(ansel), watch(edward)]

    failed = failure(from_there(people.stranger(server=server),
                                "203.0.113.9").recent_photos)

    assert failed.code == "RESOURCE_EXHAUSTED"
    assert reason(failed) == "CONCURRENCY_LIMITED"
    assert "your address has 2 calls in progress" in failed.message
    assert failed.detail("RetryInfo")["retryDelay"] == "1s"
    answer = requests.get(f"http://{server.http}/v1/photos", timeout=PATIENCE,
                          headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    dorothea.whoami()
    watches[0].cancel()
    eventually(lambda: is_answered(edward.whoami), "a place for a call")
    assert count(server, "pinhole_rpc_rejected_total", "concurrency") >= 2


def test_a_user_has_so_many_calls_under_way_from_anywhere(limited, people):
    server = limited("--user-calls", "2")
    ansel = signed_in(people, server, "ansel", "203.0.113.9")
    elsewhere = from_there(people.stranger(server=server), "203.0.113.8")
    elsewhere.token = ansel.token
    watches = [watch(ansel), watch(elsewhere)]

    failed = failure(elsewhere.whoami)

    assert reason(failed) == "CONCURRENCY_LIMITED"
    assert "your account has 2 calls in progress" in failed.message
    signed_in(people, server, "dorothea", "203.0.113.9").whoami()
    for one in watches:
        one.cancel()
    eventually(lambda: is_answered(ansel.whoami), "a place for a call")


def test_an_address_creates_so_many_accounts(limited, people, kind):
    server = limited("--address-accounts", "3")
    there = from_there(people.stranger(kind, server), "203.0.113.9")
    elsewhere = from_there(people.stranger(kind, server), "203.0.113.8")
    here = people.stranger(kind, server)
    for number in range(2):
        there.register(f"person{number}")
    with pytest.raises(CallFailed) as taken:
        there.register("person1")
    assert taken.value.code == "ALREADY_EXISTS"  # Which counts for nothing.
    there.register("person2")

    with pytest.raises(CallFailed) as refused:
        there.register("person3")

    assert refused.value.code == "RESOURCE_EXHAUSTED"
    assert reason(refused.value) == "TOO_MANY_ACCOUNTS"
    assert "your address has created 3 accounts" in refused.value.message
    delay = refused.value.detail("RetryInfo")["retryDelay"]
    assert 0 < float(delay.rstrip("s")) <= 1200
    elsewhere.register("person3")
    for number in range(4, 9):
        here.register(f"person{number}")
    assert count(server, "pinhole_rpc_rejected_total", "accounts") >= 1


def test_uploads_that_send_nothing_end_and_others_are_served(limited, people):
    """Three accounts at one address, as many as they may have at a time."""
    server = limited("--max-calls", "40", "--address-calls", "20")
    accounts = [signed_in(people, server, f"person{number}", "203.0.113.9")
                for number in range(3)]
    dorothea = signed_in(people, server, "dorothea", "203.0.113.8")
    hold = threading.Event()

    def nothing():
        hold.wait(4 * PATIENCE)
        yield from ()

    uploads = [account.photos.UploadPhoto.future(
        nothing(), metadata=account.metadata())
        for account in accounts for _ in range(20)]
    try:
        for _ in range(20):
            dorothea.whoami()
        failures = [upload.exception(timeout=2 * PATIENCE)
                    for upload in uploads]
    finally:
        hold.set()

    reasons = [reason(dorothea.failed(one)) for one in failures]
    assert set(reasons) == {"CONCURRENCY_LIMITED", "UPLOAD_TOO_SLOW"}
    assert reasons.count("UPLOAD_TOO_SLOW") == 20
    assert is_answered(accounts[0].whoami)


def test_downloads_that_nobody_reads_take_little_memory(
        limited, people, photograph):
    """A few MiB each would be what the sockets and pieces of 256 KiB take."""
    server = limited()
    ansel = people.stranger(server=server)
    ansel.register("ansel")
    ansel.login("ansel")
    photo = ansel.upload(photograph)
    before, _ = floods.memory_mib(server)
    head = (f"GET /v1/{photo['name']}/original HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {ansel.token}\r\n\r\n").encode()

    def kernel_mib():
        line = next(line for line in open("/proc/net/sockstat")
                    if line.startswith("TCP:"))
        return int(line.split()[-1]) * 4096 / (1 << 20)

    kernel = kernel_mib()
    with floods.connections(server.http, 100, head):
        eventually(lambda: count(server, "pinhole_rpc_in_flight",
                                 "pinhole.v1.PhotoService") >= 100,
                   "the downloads to begin")
        time.sleep(1)
        ansel.whoami()
        after, _ = floods.memory_mib(server)
        assert after - before < 100 * 0.25 + 10
        assert kernel_mib() - kernel < 100 * 0.5


def get(server, path):
    return requests.get(f"http://{server.http}{path}", timeout=PATIENCE,
                        proxies={"http": None}).status_code


@pytest.mark.parametrize("first", [b"", b"GET /v1/photos HTTP/1.1\r\nHost: "])
def test_idle_http_connections_give_way(limited, first):
    server = limited("--http-max-connections", "30")
    with floods.connections(server.http, 60, first) as connections:
        assert get(server, "/healthz") == 200
        assert get(server, "/v1/photos") == 200
        eventually(lambda: sum(map(floods.is_open, connections)) <= 30,
                   "the first connections to be closed")
        assert floods.is_open(connections[-1])


def test_health_is_answered_while_all_http_connections_are_busy(limited):
    server = limited("--http-max-connections", "30")
    half = (b"POST /v1/users HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n")
    with floods.connections(server.http, 30, half) as connections:
        for connection in connections:
            assert b"100 Continue" in connection.recv(100)
        for _ in range(3):
            assert get(server, "/healthz") == 200
            assert get(server, "/readyz") == 200
            assert get(server, "/v1/photos") == 503
        assert all(map(floods.is_open, connections))
    eventually(lambda: get(server, "/v1/photos") == 200, "a connection")


def test_grpc_connections_that_are_silent_give_way(limited, people):
    server = limited("--grpc-max-connections", "30")
    ansel = people.stranger(server=server)
    with floods.connections(server.grpc, 60, floods.PREFACE) as connections:
        eventually(lambda: ansel.recent_photos() is not None
                   and sum(map(floods.is_open, connections)) <= 30,
                   "the first connections to be closed")
        ansel.recent_photos()


class OpenUpload:
    """An upload that has begun and waits for the rest of its bytes."""

    def __init__(self, client, server, data):
        self.client = client
        self.rest = data[1000:]
        if isinstance(client, RestDriver):
            self.http = http.client.HTTPConnection(server.http, timeout=PATIENCE)
            self.http.putrequest("POST", "/v1/photos:upload")
            self.http.putheader("Authorization", f"Bearer {client.token}")
            self.http.putheader("Content-Type", "image/jpeg")
            self.http.putheader("Content-Length", str(len(data)))
            self.http.endheaders()
            self.http.send(data[:1000])
            return
        messages = client.stubs.photo_pb2
        self.parts = queue.Queue()
        self.parts.put(messages.UploadPhotoRequest(
            metadata=messages.PhotoMetadata()))
        self.parts.put(messages.UploadPhotoRequest(chunk=data[:1000]))
        self.call = client.photos.UploadPhoto.future(
            iter(self.parts.get, None), metadata=client.metadata())

    def finish(self):
        """Sends the rest; the photo."""
        if isinstance(self.client, RestDriver):
            self.http.send(self.rest)
            answer = self.http.getresponse()
            assert answer.status == 201, answer.read()
            return json.loads(answer.read())
        messages = self.client.stubs.photo_pb2
        self.parts.put(messages.UploadPhotoRequest(chunk=self.rest))
        self.parts.put(None)
        return self.call.result(timeout=PATIENCE)

    def cancel(self):
        if isinstance(self.client, RestDriver):
            self.http.close()
        else:
            self.call.cancel()
            self.parts.put(None)


@pytest.mark.parametrize("options, most", [((), 8), (("--user-uploads", "2"), 2)])
def test_a_user_has_so_many_uploads_at_a_time(
        limited, people_both_ways, snapshot, options, most):
    server = limited(*options)
    people = people_both_ways
    ansel, dorothea = (people.stranger(server=server) for _ in range(2))
    for client, handle in ((ansel, "ansel"), (dorothea, "dorothea")):
        client.register(handle)
        client.login(handle)
    # The other door counts the same uploads.
    other = people.stranger(
        GrpcDriver if isinstance(ansel, RestDriver) else RestDriver, server)
    other.token = ansel.token
    data = snapshot.read_bytes()
    uploads = [OpenUpload(ansel, server, data) for _ in range(most)]
    eventually(lambda: len(server.files()) == most, "the uploads to begin")

    for client in (ansel, other):
        with pytest.raises(CallFailed) as refused:
            client.upload(snapshot)
        assert refused.value.code == "RESOURCE_EXHAUSTED"
        assert reason(refused.value) == "TOO_MANY_UPLOADS"
        assert f"{most} uploads of your account" in refused.value.message
        assert refused.value.detail("RetryInfo")["retryDelay"] == "1s"
    answer = requests.post(
        f"http://{server.http}/v1/photos:upload", data=data, timeout=PATIENCE,
        headers={"Authorization": f"Bearer {ansel.token}"})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"
    dorothea.upload(snapshot)

    uploads.pop().finish()
    ansel.upload(snapshot)
    uploads.append(OpenUpload(ansel, server, data))
    uploads.pop(0).cancel()
    eventually(lambda: is_answered(lambda: other.upload(snapshot)),
               "the place of a cancelled upload")
    for upload in uploads:
        upload.cancel()
    # It is their own limit, which calls nobody.
    assert count(server, "pinhole_rpc_rejected_total", "uploads") >= 3
    assert count(server, "pinhole_rpc_rejected_total", "limit") == 0


def test_beyond_the_most_calls_only_health_is_answered(limited, people):
    server = limited("--max-calls", "3")
    ansel = people.stranger(server=server)
    ansel.register("ansel")
    ansel.login("ansel")
    watches = [watch(ansel) for _ in range(3)]

    failed = failure(ansel.whoami)

    assert reason(failed) == "TOO_MANY_CALLS"
    assert failed.detail("RetryInfo")["retryDelay"] == "1s"
    assert requests.get(f"http://{server.http}/readyz",
                        timeout=30).status_code == 200
    for one in watches:
        one.cancel()
    eventually(lambda: is_answered(ansel.whoami), "a call")
    assert count(server, "pinhole_rpc_rejected_total", "limit") >= 1
