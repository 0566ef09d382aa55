# SPDX-License-Identifier: Apache-2.0
"""Servers behind a gateway upgraded one by one, with new tables, under load."""

import contextlib
import json
import random
import signal
import subprocess
import threading
import time
import uuid

import pytest
import requests

import proxies
from drivers import CallFailed, RestDriver
from installation import installed, needs_postgres
from processes import BIN, PATIENCE, ROOT, Gateway, eventually

pytestmark = needs_postgres

PICTURE = (ROOT / "tests/fixtures/pictures/plain.jpg").read_bytes()
WRITERS = 6
LAB_USERS = 8
# The gateway is told of the end before it comes.
DRAIN = ["--drain-delay-seconds", "2"]
NEXT = "pinhole-server-next"


class Fleet:
    """Two servers with addresses that stay, and a gateway in front of them."""

    def __init__(self, installation, gateway_folder):
        self.installation = installation
        self.places = [f"127.0.0.1:{proxies.free_port()}" for _ in range(2)]
        self.servers = [installation.start(*self._options(place))
                        for place in self.places]
        self.gateway = Gateway(",".join(self.places), gateway_folder)

    @staticmethod
    def _options(place):
        return ["--grpc-listen", place, *DRAIN, "--address-rate", "0",
                "--user-rate", "0"]

    def replace(self, number, program):
        """By a server of that program, in order."""
        self.servers[number].stop()
        self.start(number, program)

    def start(self, number, program="pinhole-server"):
        self.servers[number] = self.installation.start_again(
            self.servers[number], *self._options(self.places[number]),
            program=program)

    def stop(self):
        self.gateway.stop()
        for server in self.servers:
            server.stop()


class Writer:
    """Somebody who writes and reads without pause, and repeats as
    docs/api.md says: each call until it succeeds, with the same request id."""

    def __init__(self, gateway, number, photo):
        self.client = RestDriver(gateway)
        self.handle = f"writer{number}"
        self.photo = photo
        self.comments = []
        self.uploads = []
        self.rounds = 0
        self.failures = []  # Of calls that were repeated.
        self.error = None
        self.client.register(self.handle)
        self.client.login(self.handle)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()

    def _run(self):
        try:
            while not self._ending.is_set():
                self._round()
                self.rounds += 1
        except BaseException as error:  # For the thread of the test.
            self.error = error

    def _round(self):
        here = self.client
        self.repeat(here.feed)
        assert self.repeat(here.like, self.photo)["liked"]
        text = f"{self.handle} {self.rounds}"
        comment = self.repeat(here.comment, self.photo, text,
                              requestId=str(uuid.uuid4()))
        self.comments.append((comment["name"], text))
        self.repeat(here.get_photo, self.photo)
        if self.rounds % 5 == 0:
            self.uploads.append(self.repeat(
                here.upload_bytes, PICTURE, requestId=str(uuid.uuid4()))
                ["name"])
            self.repeat(here.follow, "users/owner")
            self.repeat(here.unfollow, "users/owner")

    def repeat(self, call, *arguments, **fields):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return call(*arguments, **fields)
            except (CallFailed, requests.ConnectionError) as failed:
                self.failures.append(f"{call.__name__}: {failed}")
                if isinstance(failed, CallFailed):
                    assert failed.code == "UNAVAILABLE", failed
                assert time.monotonic() < end, failed
                time.sleep(random.uniform(0.05, 0.1))

    def end(self):
        self._ending.set()
        self._thread.join(2 * PATIENCE)
        assert not self._thread.is_alive(), f"{self.handle} hangs"
        if self.error is not None:
            raise self.error


class Load:
    """Writers whose writes are looked for at the end."""

    def __init__(self, gateway):
        self.owner = RestDriver(gateway)
        self.owner.register("owner")
        self.owner.login("owner")
        self.photo = self.owner.upload_bytes(PICTURE)["name"]
        self.writers = [Writer(gateway, number, self.photo)
                        for number in range(WRITERS)]
        for writer in self.writers:
            writer.start()
        self.goes_on()

    def goes_on(self):
        """Waits until every writer has done something since."""
        before = [writer.rounds for writer in self.writers]
        eventually(lambda: all(
            writer.error or writer.rounds > rounds + 2
            for writer, rounds in zip(self.writers, before)), "the load")

    def failures(self):
        return [failure for writer in self.writers
                for failure in writer.failures]

    def end(self):
        for writer in self.writers:
            writer.end()

    def check(self):
        """Everything that was acknowledged is there once."""
        acknowledged = [comment for writer in self.writers
                        for comment in writer.comments]
        assert sorted(self._comments()) == sorted(acknowledged)
        photo = self.owner.get_photo(self.photo)
        assert photo["likeCount"] == WRITERS
        assert photo["commentCount"] == len(acknowledged)
        for writer in self.writers:
            assert sorted(photo["name"] for photo in self._list(
                f"users/{writer.handle}/photos", "photos")
                ) == sorted(writer.uploads)
        assert self.owner.followers("users/owner") == []

    def _comments(self):
        return [(comment["name"], comment["text"]) for comment in self._list(
            f"{self.photo}/comments", "comments")]

    def _list(self, path, field):
        found, token = [], ""
        while True:
            page = self.owner.call("GET", path, page_size=100, page_token=token)
            found += page.get(field, [])
            token = page.get("nextPageToken")
            if not token:
                return found

    def close(self):
        for client in [self.owner, *(w.client for w in self.writers)]:
            client.close()


@pytest.fixture
def installation(tmp_path):
    with installed(tmp_path / "installation") as made:
        yield made


@pytest.fixture
def fleet(installation, tmp_path):
    made = Fleet(installation, tmp_path)
    try:
        yield made
    except BaseException:
        made.gateway.kill()
        raise
    made.stop()


@pytest.fixture
def load(fleet):
    made = Load(fleet.gateway)
    yield made
    made.close()


@contextlib.contextmanager
def lab(gateway, report):
    """The lab's load on the gateway; the report is there afterwards."""
    process = subprocess.Popen(
        [BIN / "pinhole", "--target", f"http://{gateway.http}", "lab", "stress",
         "--users", str(LAB_USERS), "--think", "0.02", "--warmup", "0", "--duration",
         "3600", "--mix", "feed=40,photo=30,like=15,comment=10,follow=5",
         "--metrics", "off", "--output", report],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    try:
        yield process
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=2 * PATIENCE)
        # Interrupted, and the report written.
        assert process.returncode == 130, output
    finally:
        process.kill()
        process.communicate()


def versions(installation):
    """Of the tables, and of the oldest servers that can use them."""
    return tuple(map(int, installation.sql(
        "SELECT version, min_server FROM schema").split("|")))


def test_servers_are_upgraded_and_downgraded_one_by_one_without_an_error(
        installation, fleet, load, tmp_path):
    old, _ = versions(installation)
    report = tmp_path / "report.json"
    with lab(fleet.gateway, report):
        load.goes_on()

        fleet.replace(0, NEXT)
        assert versions(installation) == (old + 1, old)
        load.goes_on()  # An old and a new server on the new tables.
        fleet.replace(1, NEXT)
        load.goes_on()
        fleet.replace(0, "pinhole-server")  # Back.
        load.goes_on()

    load.end()
    assert load.failures() == []
    load.check()
    total = json.loads(report.read_text())["steps"][0]["total"]
    errors = total.get("errors", {})
    # The lab itself cancels at its interruption what is under way.
    assert errors.pop("CANCELLED", 0) <= LAB_USERS
    assert total["ok"] > 0 and errors == {}


def test_a_server_that_is_killed_costs_errors_and_no_write(fleet, load):
    """The control: the load above would notice."""
    def noticed():
        fleet.servers[0].kill()
        fleet.start(0)
        load.goes_on()
        return load.failures()

    eventually(noticed, "a failed call")

    load.end()
    load.check()


def test_tables_that_a_server_is_too_old_for_are_refused(installation, fleet):
    version, _ = versions(installation)

    installation.sql(
        "UPDATE schema SET version = version + 2, min_server = version + 1")

    message = ("the database was upgraded by a newer version of Pinhole "
               f"(schema version {version + 2}, which requires support for "
               f"version {version + 1}; this program supports up to {version})")
    for server in fleet.servers:
        server.wait_for_log(message)
        readiness = requests.get(f"http://{server.http}/readyz",
                                 timeout=PATIENCE)
        assert readiness.status_code == 503
    late = installation.start(until="waiting for PostgreSQL")
    late.wait_for_log(message)
    late.stop()
    # The next version is new enough.
    fleet.servers[0].stop()
    fleet.start(0, NEXT)
    assert requests.get(f"http://{fleet.servers[0].http}/readyz",
                        timeout=PATIENCE).status_code == 200
