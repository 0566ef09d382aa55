# SPDX-License-Identifier: Apache-2.0
"""A server whose PostgreSQL cannot be used: at the start, and later."""

import contextlib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

import postgres
from drivers import CallFailed, GrpcDriver, RestDriver
from processes import BIN, PATIENCE, Gateway, Server, eventually, running
from test_service_manager import Manager

SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"
SERVICES = ("", *(f"pinhole.v1.{name}Service"
                  for name in ("User", "Photo", "Social", "Admin")))


class Unreachable:
    """PostgreSQL does not run."""

    name, text = "unreachable", "PostgreSQL is not reachable"

    def __init__(self, cluster):
        self.cluster = cluster
        self.active = False

    def begin(self):
        self.active = True
        self._begin()

    def end(self):
        self.active = False
        self._end()

    def _begin(self):
        self.cluster.end()

    def _end(self):
        self.cluster.start()


class InRecovery(Unreachable):
    """Only a standby runs, until it is promoted."""

    name, text = "in_recovery", "PostgreSQL is in recovery"

    def _begin(self):
        self.cluster.end()
        (self.cluster.data / "standby.signal").touch()
        self.cluster.start()

    def _end(self):
        self.cluster.run("pg_ctl", "promote", "-D", self.cluster.data)


class ReadOnly(Unreachable):
    """An administrator has forbidden writes."""

    name, text = "read_only", "PostgreSQL is read-only"

    def _begin(self):
        self.cluster.configure("default_transaction_read_only", "on")

    def _end(self):
        self.cluster.configure("default_transaction_read_only", "off")


class Full(Unreachable):
    """No table can grow."""

    name, text = "full", "the disk of PostgreSQL is full"

    def _begin(self):
        # The first connection to a database writes a file.
        self.cluster.sql("SELECT 1", "pinhole")
        filler = self.cluster.volume / "filler"
        with contextlib.suppress(OSError), open(filler, "wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()

    def _end(self):
        (self.cluster.volume / "filler").unlink()


class NoDatabase(Unreachable):
    """The database has not been created."""

    name, text = "unreachable", "PostgreSQL is not reachable"

    def _begin(self):
        self.cluster.sql("ALTER DATABASE pinhole RENAME TO hidden")

    def _end(self):
        self.cluster.sql("ALTER DATABASE hidden RENAME TO pinhole")


class OfANewerVersion(Unreachable):
    """A newer Pinhole has upgraded the tables."""

    name, text = "unsupported", (
        "the database has an unsupported version or content")

    def set(self, version):
        if not self.cluster.sql(
                "SELECT to_regclass('schema')", "pinhole").strip():
            self.cluster.sql(
                "CREATE TABLE schema (version integer, min_server integer); "
                "INSERT INTO schema VALUES (998, 998)", "pinhole")
        self.cluster.sql(
            f"UPDATE schema SET version = {version}, min_server = {version}",
            "pinhole")

    def _begin(self):
        self.set(998)

    def _end(self):
        if self.cluster.sql("SELECT to_regclass('users')", "pinhole").strip():
            self.set(1)
        else:  # An empty database instead.
            self.cluster.sql("DROP TABLE schema", "pinhole")


AT_THE_START = (
    Unreachable, InRecovery, ReadOnly, Full, NoDatabase, OfANewerVersion)
LATER = tuple(kind for kind in AT_THE_START if kind is not NoDatabase)


@pytest.fixture(scope="module")
def shared_cluster():
    """With a small volume for tables, where one can be mounted."""
    cluster = postgres.Cluster()
    cluster.volume = cluster.folder / "volume"
    cluster.volume.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m,mode=0777", "tmpfs",
         cluster.volume], check=False).returncode == 0
    try:
        if mounted:
            tables = cluster.volume / "tables"
            subprocess.run([*postgres.as_postgres(), "mkdir", tables],
                           check=True)
            cluster.sql(f"CREATE TABLESPACE small LOCATION '{tables}'")
        cluster.has_volume = mounted
        yield cluster
    finally:
        cluster.end()
        if mounted:
            subprocess.run(["umount", cluster.volume], check=True)
        cluster.stop()


@pytest.fixture
def cluster(shared_cluster):
    """With an empty database `pinhole`, which can grow by some megabytes."""
    shared_cluster.sql("DROP DATABASE IF EXISTS pinhole WITH (FORCE)")
    place = " TABLESPACE small" if shared_cluster.has_volume else ""
    shared_cluster.sql(f"CREATE DATABASE pinhole{place}")
    return shared_cluster


@contextlib.contextmanager
def over(trouble):
    """Ends `trouble`, if a test has begun it and not ended it."""
    if isinstance(trouble, Full) and not trouble.cluster.has_volume:
        pytest.skip("a small volume cannot be mounted here")
    yield trouble
    if trouble.active:
        trouble.end()


@pytest.fixture(params=AT_THE_START, ids=lambda kind: kind.__name__)
def trouble(request, cluster):
    """What will be wrong with the database."""
    with over(request.param(cluster)) as made:
        yield made


@pytest.fixture(params=LATER, ids=lambda kind: kind.__name__)
def later_trouble(request, cluster):
    with over(request.param(cluster)) as made:
        yield made


@pytest.fixture
def outage(cluster):
    with over(Unreachable(cluster)) as made:
        yield made


@pytest.fixture
def full(cluster):
    with over(Full(cluster)) as made:
        yield made


def start(cluster, folder, *options, name="data", **arguments):
    return Server(folder / name, "--store", cluster.uri("pinhole"), *options,
                  **arguments)


def get(process, path):
    answer = requests.get(f"http://{process.http}/{path}", timeout=PATIENCE)
    return answer.status_code, answer.json()


def is_ready(process):
    return get(process, "readyz")[0] == 200


def health(client, service):
    check = client.channel.unary_unary(
        "/grpc.health.v1.Health/Check", lambda message: message,
        lambda message: message)
    name = service.encode()
    return check(b"\x0a" + bytes([len(name)]) + name, timeout=PATIENCE)


def expect_not_ready(process, text):
    """Alive, but not ready, with the reason."""
    assert get(process, "healthz")[0] == 200
    eventually(
        lambda: get(process, "readyz")[1].get("message") == (
            f"the server is not ready: {text}"), text)
    assert get(process, "readyz")[0] == 503


def expect_refused(call, *arguments, **fields):
    with pytest.raises(CallFailed) as refused:
        call(*arguments, **fields)
    assert (refused.value.code, refused.value.reason) == (
        "UNAVAILABLE", "STORAGE_UNAVAILABLE")
    assert refused.value.detail("RetryInfo")


def expect_service(server, stubs, handle, picture):
    """People register, sign in, publish and see photos."""
    client = GrpcDriver(server, stubs)
    try:
        assert {health(client, name) for name in SERVICES} == {SERVING}
        client.register(handle)
        client.login(handle)
        photo = client.upload(picture)["name"]
        assert client.download(photo, "thumbnail")
        assert client.list_photos(client.whoami()["name"])
        return photo
    finally:
        client.close()


def expect_said_once(server, text):
    """No message is repeated for each attempt."""
    said = [json.loads(line)["msg"]
            for line in server.log_path.read_text().splitlines()
            if text in line]
    assert said and len(said) == len(set(said)), said


def write_until_full(server, handle, photo):
    """The room in pages that are there already is used up at some time."""
    client = RestDriver(server)
    client.login(handle)
    try:
        with pytest.raises(CallFailed) as refused:
            for _ in range(10_000):
                client.comment(photo, "x" * 500)
    finally:
        client.close()
    assert (refused.value.code, refused.value.reason) == (
        "RESOURCE_EXHAUSTED", "DISK_FULL")
    assert refused.value.detail("RetryInfo")


def test_a_server_waits_for_a_usable_database(
        trouble, cluster, tmp_path, stubs, snapshot):
    trouble.begin()
    with running(start(cluster, tmp_path,
                       until="waiting for PostgreSQL")) as server:
        expect_not_ready(server, trouble.text)
        server.wait_for_log(f"PostgreSQL cannot be used ({trouble.name})")
        client, rest = GrpcDriver(server, stubs), RestDriver(server)
        assert {health(client, name) for name in SERVICES} == {NOT_SERVING}
        for one in client, rest:
            expect_refused(one.register, "ada")
            expect_refused(one.get_user, "users/1")
            expect_refused(one.recent_photos)
            expect_refused(one.upload, snapshot)
            one.close()

        trouble.end()

        server.wait_for_line("ready")
        eventually(lambda: is_ready(server), "ready")
        expect_service(server, stubs, "ada", snapshot)
        expect_said_once(server, "PostgreSQL cannot be used")


def test_a_running_server_resumes(
        later_trouble, cluster, tmp_path, stubs, snapshot):
    with running(start(cluster, tmp_path)) as server, running(
            Gateway(server.grpc, tmp_path)) as gateway:
        photo = expect_service(server, stubs, "ada", snapshot)

        later_trouble.begin()
        if isinstance(later_trouble, Full):
            write_until_full(server, "ada", photo)

        expect_not_ready(server, later_trouble.text)
        expect_not_ready(gateway, later_trouble.text)
        server.wait_for_log(
            f"PostgreSQL cannot be used ({later_trouble.name})")

        later_trouble.end()

        eventually(lambda: is_ready(server), "ready")
        eventually(lambda: is_ready(gateway), "the gateway to be ready")
        expect_service(server, stubs, "eve", snapshot)
        expect_said_once(server, "PostgreSQL cannot be used")


@contextlib.contextmanager
def synchronous_standby(cluster):
    """Receives the log of `cluster`, as a standby does."""
    folder = cluster.folder / "log"
    folder.mkdir()
    os.chmod(folder, 0o777)
    with subprocess.Popen(
            [*postgres.as_postgres(), postgres.programs() / "pg_receivewal",
             "--synchronous", "--no-loop", "-h", cluster.host, "-U",
             "postgres", "-D", folder], cwd="/") as receiver:
        try:
            yield
        finally:
            receiver.kill()


def test_readiness_says_what_acknowledged_writes_survive(cluster, tmp_path):
    def says(process, text):
        eventually(lambda: get(process, "readyz") == (
            200, {"status": "ok", "durability": text}), text)

    with running(start(cluster, tmp_path)) as server, running(
            Gateway(server.grpc, tmp_path)) as gateway:
        alone = ("there is no synchronous standby, so the loss of the primary "
                 "can lose acknowledged writes")
        says(server, alone)
        says(gateway, alone)
        try:
            with synchronous_standby(cluster):
                cluster.configure("synchronous_standby_names", "'ANY 1 (*)'")
                for process in server, gateway:
                    says(process,
                         "writes are acknowledged after a standby has them")
                server.wait_for_log("durability: writes are acknowledged")
            says(server,
                 "writes wait, because no synchronous standby is connected")
        finally:
            cluster.configure("synchronous_standby_names", "''")
        says(server, alone)


def test_a_full_disk_is_noticed_at_the_start(
        full, cluster, tmp_path, stubs, snapshot):
    with running(start(cluster, tmp_path)) as server:
        photo = expect_service(server, stubs, "ada", snapshot)
    full.begin()

    with running(start(cluster, tmp_path)) as server:
        expect_not_ready(server, full.text)
        with contextlib.closing(GrpcDriver(server, stubs)) as reader:
            assert reader.get_photo(photo)["name"] == photo

        full.end()

        eventually(lambda: is_ready(server), "ready")
        expect_service(server, stubs, "eve", snapshot)


def test_tokens_stay_valid_and_are_not_judged_without_the_database(
        outage, cluster, tmp_path, snapshot):
    with running(start(cluster, tmp_path)) as server:
        client = RestDriver(server)
        client.register("ada")
        session = client.login("ada")["token"]
        for _ in range(2):
            client.upload(snapshot)
        page = RestDriver(server).call(
            "GET", "photos", page_size=1)["nextPageToken"]
        client.close()
    outage.begin()

    with running(start(cluster, tmp_path,
                       until="waiting for PostgreSQL")) as server:
        stranger, client = RestDriver(server), RestDriver(server)
        client.token = session
        expect_refused(
            stranger.call, "GET", "photos", page_size=1, page_token=page)
        expect_refused(client.whoami)

        outage.end()

        server.wait_for_line("ready")
        assert stranger.call(
            "GET", "photos", page_size=1, page_token=page)["photos"]
        assert client.whoami()["handle"] == "ada"
        stranger.close()
        client.close()


def test_servers_that_were_there_first_share_the_new_database(
        outage, cluster, tmp_path):
    outage.begin()
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(running(start(
            cluster, tmp_path, "--media-dir", tmp_path / "media",
            name=f"data{i}", until="waiting for PostgreSQL")))
                   for i in range(3)]

        outage.end()

        for server in servers:
            server.wait_for_line("ready")
        for i, server in enumerate(servers):
            client = RestDriver(server)
            client.register(f"user{i}")
            client.close()
            client = RestDriver(servers[(i + 1) % 3])
            client.login(f"user{i}")
            client.close()


def test_photos_that_cannot_be_used_later_are_reported(
        outage, cluster, tmp_path, stubs, snapshot):
    media = tmp_path / "media"
    media.mkdir()
    (media / "installation").write_text("that of somebody else\n")
    outage.begin()
    with running(start(cluster, tmp_path, "--media-dir", media,
                       until="waiting for PostgreSQL")) as server:
        outage.end()
        server.wait_for_log("photos can be used")
        expect_not_ready(server, "the server is starting or stopping")

        (media / "installation").unlink()

        server.wait_for_line("ready")
        expect_service(server, stubs, "ada", snapshot)


def test_a_server_stops_in_order_without_the_database(
        outage, cluster, tmp_path):
    outage.begin()
    with running(start(cluster, tmp_path, until="waiting for PostgreSQL")):
        pass
    outage.end()
    server = start(cluster, tmp_path, "--drain-seconds", "1")
    try:
        client = RestDriver(server)
        client.register("ada")
        client.login("ada")
        outage.begin()
        with ThreadPoolExecutor() as threads:
            waiting = threads.submit(client.register, "eve")
            expect_not_ready(server, outage.text)

            server.stop()

            with pytest.raises((CallFailed, requests.ConnectionError)):
                waiting.result(PATIENCE)
        client.close()
    finally:
        server.kill()


def test_systemd_hears_why_a_started_server_is_not_ready(
        outage, cluster, tmp_path):
    outage.begin()
    with contextlib.closing(Manager(str(tmp_path / "notify"))) as manager:
        with running(start(
                cluster, tmp_path, until="waiting for PostgreSQL",
                environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})):
            assert {"READY": "1"} in manager.states_until("READY")
            outage.end()
            eventually(lambda: manager.next_state() == {
                "READY": "1", "STATUS": "serving"}, "serving")


def test_an_invalid_connection_string_is_wrong_usage(tmp_path):
    done = subprocess.run(
        [BIN / "pinhole-server", "--data-dir", tmp_path / "data", "--store",
         "postgres://["], capture_output=True, text=True, timeout=PATIENCE,
        check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--store" in done.stderr
