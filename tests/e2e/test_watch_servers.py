# SPDX-License-Identifier: Apache-2.0
"""A feed that is watched on two servers while these are killed: every watcher
gets every photo once, and all get them in the same order."""

import random
import threading
import uuid

import grpc
import pytest

from drivers import CallFailed, GrpcDriver
from installation import installed, needs_postgres
from processes import PATIENCE, ROOT, eventually

pytestmark = needs_postgres

PUBLISHERS = 8
PHOTOS = 20  # Of each publisher.
WATCHERS = 20
KILLS = 5
CHANGE = 0.03  # Of a watcher who changes servers although none is away.
PICTURE = (ROOT / "tests/fixtures/pictures/plain.jpg").read_bytes()

# A commit takes up to 20 ms, so that the commits of two servers overlap.
SLOW_COMMITS = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_sleep(random() * 0.02); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON photos
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
"""
# The publish lock is that of the row of "meta". Rows of a function cannot be
# locked.
NO_PUBLISH_LOCK = """
ALTER TABLE meta RENAME TO meta_table;
CREATE FUNCTION meta_rows() RETURNS SETOF meta_table LANGUAGE sql AS
  $$ SELECT only_row, secret, 0::bigint FROM meta_table $$;
CREATE VIEW meta AS SELECT * FROM meta_rows();
CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER ignore INSTEAD OF UPDATE ON meta
  FOR EACH ROW EXECUTE FUNCTION ignore();
"""


class Pair:
    """Two servers, each of which can be killed at any time."""

    def __init__(self, installation):
        self.installation = installation
        self.servers = [installation.start(), installation.start()]

    def kill(self, number):
        """And starts it again, on another port."""
        self.servers[number].kill()
        self.servers[number] = self.installation.start_again(
            self.servers[number])


class Person:
    """Calls the other server whenever one is away."""

    def __init__(self, pair, stubs, number, handle):
        self.pair = pair
        self.stubs = stubs
        self.number = number % 2
        self.name = f"users/{handle}"
        self.client = GrpcDriver(pair.servers[self.number], stubs)
        self.client.register(handle)
        self.client.login(handle)

    def change_server(self):
        token = self.client.token
        self.client.close()
        self.number = 1 - self.number
        self.client = GrpcDriver(self.pair.servers[self.number], self.stubs)
        self.client.token = token

    def publish(self, caption=""):
        """The name of the photo; since the request has an id, it is the only
        one, however often the upload is repeated."""
        request_id = str(uuid.uuid4())
        names = []

        def published():
            try:
                names.append(self.client.upload_bytes(
                    PICTURE, caption=caption, request_id=request_id)["name"])
            except CallFailed as failed:
                assert failed.code == "UNAVAILABLE", failed
                self.change_server()
            return names

        return eventually(published, "a published photo")[0]

    def whole_feed(self):
        """Oldest first."""
        names, token = [], ""
        while True:
            page = self.client.call(
                self.client.social.GetFeed,
                self.stubs.social_pb2.GetFeedRequest(
                    page_size=100, page_token=token))
            names += [photo["name"] for photo in page["photos"]]
            token = page["nextPageToken"]
            if not token:
                return names[::-1]


class Album:
    """The photos that publishers know to be published."""

    def __init__(self):
        self.names = []
        self.complete = False
        self._lock = threading.Lock()

    def add(self, name):
        with self._lock:
            self.names.append(name)

    def grows(self):
        """Waits for another photo, unless there will be none."""
        before = len(self.names)
        eventually(lambda: self.complete or len(self.names) > before,
                   "another photo")


class Watcher:
    """Watches until a photo with the caption "last", on one server and on the
    other."""

    def __init__(self, person, album, chance, with_tokens):
        self.person = person
        self.album = album
        self.chance = chance
        self.with_tokens = with_tokens
        self.seen = []
        self.resumed = 0
        self.failure = None
        self.watching = threading.Event()
        self._token = ""
        self._call = None
        self._leaving = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._watch():
                # What is published while nobody watches must not be missed.
                self.album.grows()
                self.person.change_server()
                self.resumed += 1
        except BaseException as failure:  # For the thread of the test.
            self.failure = failure

    def _watch(self):
        """Whether nothing more is to be seen; otherwise the watch has ended
        early."""
        client = self.person.client
        call = client.stream(
            client.social.WatchFeed, client.stubs.social_pb2.WatchFeedRequest(
                resume_token=self._token if self.with_tokens else ""))
        self._call = call
        if self._leaving:
            call.cancel()
        try:
            call.initial_metadata()
            self.watching.set()
            for entry in call:
                self.seen.append(entry.photo.name)
                self._token = entry.resume_token
                if entry.photo.caption == "last":
                    call.cancel()
                    return True
                if self.chance.random() < CHANGE:
                    call.cancel()
                    return False
        except grpc.RpcError as error:
            if self._leaving:
                return True
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
        return False

    def leave(self):
        self._leaving = True
        self._call.cancel()

    def join(self):
        self._thread.join(2 * PATIENCE)
        assert not self._thread.is_alive(), f"has seen {len(self.seen)} photos"
        if self.failure is not None:
            raise self.failure


class Story:
    """What was published, and what the watchers have seen of it."""

    def __init__(self, installation, stubs, kills, with_tokens=True):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        chance = random.Random(seed)
        self.album = Album()
        pair = Pair(installation)
        publishers = [Person(pair, stubs, number, f"publisher{number}")
                      for number in range(PUBLISHERS)]
        watchers = [Person(pair, stubs, number, f"watcher{number}")
                    for number in range(WATCHERS)]
        for watcher in watchers:
            for publisher in publishers:
                watcher.client.follow(publisher.name)
        self.watchers = [Watcher(watcher, self.album,
                                 random.Random(chance.random()), with_tokens)
                         for watcher in watchers]
        for watcher in self.watchers:
            assert watcher.watching.wait(PATIENCE)
        # A watch without an entry has no token to be resumed by.
        self.album.add(publishers[0].publish())
        for watcher in self.watchers:
            eventually(lambda w=watcher: w.seen or w.failure, "the first photo")

        threads = [threading.Thread(target=self._publish, args=[publisher],
                                    daemon=True) for publisher in publishers]
        for thread in threads:
            thread.start()
        # Not so late that a watch could end without having been resumed.
        for count in sorted(chance.sample(
                range(1, PUBLISHERS * PHOTOS * 3 // 4), kills)):
            eventually(lambda n=count: len(self.album.names) > n,
                       "published photos")
            pair.kill(chance.randrange(2))
        for thread in threads:
            thread.join(2 * PATIENCE)
            assert not thread.is_alive(), "a publisher hangs"
        self.album.add(publishers[0].publish("last"))
        self.album.complete = True

        for watcher in self.watchers:
            if not with_tokens:
                watcher.leave()  # The last photo can be among those missed.
            watcher.join()
        self.feed = watchers[0].whole_feed()
        for person in publishers + watchers:
            person.client.close()
        for server in pair.servers:
            server.stop()

    def _publish(self, publisher):
        for _ in range(PHOTOS):
            self.album.add(publisher.publish())
            publisher.change_server()

    def gaps(self):
        """The watchers who have not seen the first photos of the feed in its
        order."""
        return [watcher for watcher in self.watchers
                if watcher.seen != self.feed[:len(watcher.seen)]]


@pytest.fixture
def installation(tmp_path):
    with installed(tmp_path / "installation") as made:
        made.start().stop()  # Creates the tables.
        made.sql(SLOW_COMMITS)
        yield made


def test_every_watcher_gets_every_photo_once_and_in_the_order_of_the_feed(
        installation, stubs):
    story = Story(installation, stubs, KILLS)

    assert len(story.feed) == PUBLISHERS * PHOTOS + 2
    assert sorted(story.feed) == sorted(story.album.names)
    assert not story.gaps()
    for watcher in story.watchers:
        assert len(watcher.seen) == len(story.feed)
    assert all(watcher.resumed for watcher in story.watchers)


def test_a_watch_that_is_not_resumed_by_its_token_misses_photos(
        installation, stubs):
    """The control: the test above would notice."""
    story = Story(installation, stubs, kills=0, with_tokens=False)

    assert story.gaps()


def test_watches_miss_photos_whose_ids_are_not_in_the_order_of_commits(
        installation, stubs):
    """The control: without the publish lock, nobody needs to be killed."""
    installation.sql(NO_PUBLISH_LOCK)

    story = Story(installation, stubs, kills=0)

    assert sorted(story.feed) == sorted(story.album.names)
    assert story.gaps()
