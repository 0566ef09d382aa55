# SPDX-License-Identifier: Apache-2.0
"""People who use a server all at once and remember what it promised them."""

import copy
import random
import threading
import uuid

from drivers import PASSWORD, CallFailed, GrpcDriver
from findings import Findings, caption_of, token_key, unanswered_session
from ledger import Ledger
from pictures import jpeg_size

# The call has no effect; anything else leaves that open.
REFUSALS = {"NOT_FOUND", "ALREADY_EXISTS", "INVALID_ARGUMENT", "ABORTED",
            "PERMISSION_DENIED", "FAILED_PRECONDITION", "UNAUTHENTICATED",
            "RESOURCE_EXHAUSTED"}

# What is to be removed is not there, also if a repeated call has removed it.
GONE = {"NOT_FOUND", "UNAUTHENTICATED"}

# What a call ends with when the server does.
ENDINGS = {"UNAVAILABLE", "CANCELLED", "UNKNOWN", "DEADLINE_EXCEEDED",
           "INTERNAL"}


def signed(picture, text):
    """The JPEG with a comment in it, so that no two are the same."""
    note = text.encode()
    return (picture[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2, "big")
            + note + picture[2:])


class World:
    """The people and all that is known about them, over many servers."""

    driver = GrpcDriver  # The client of a person.

    def __init__(self, stubs, picture, seed):
        self.stubs = stubs
        self.picture = picture
        self.ledger = Ledger()
        self.originals = {}  # By caption.
        self.photos = {}     # Resource names by caption.
        self.people = [self.person(f"person{i}", seed * 100 + i)
                       for i in range(6)]

    def person(self, handle, seed):
        return Person(self, handle, seed)

    def check(self, data):
        """What is wrong after a start on `data`; then takes it as it is."""
        findings = Findings(data)
        findings.check_files(self.originals)
        findings.check_promises(self.ledger)
        findings.settle(self.ledger)
        self.photos = findings.photo_names()
        return findings.problems

    def read_back(self, server):
        """Everybody is still signed in and sees a photo as it is."""
        for person in self.people:
            if person.token is None:
                continue
            person.meet(server)
            assert person.client.whoami()["handle"] == person.handle
            caption, name = person.any_photo()
            if caption is not None:
                assert person.client.get_photo(name)["caption"] == caption
                jpeg_size(person.client.download(name, "medium"))
            person.client.close()

    def check_cut(self, data, last, following):
        """What is wrong on a disk as it was at one moment of the past."""
        findings = Findings(data)
        findings.check_files(self.originals)
        findings.check_promises(self.ledger, last, following)
        return findings.problems


class Person:
    """Makes one call after the other."""

    def __init__(self, world, handle, seed):
        self.world = world
        self.handle = handle
        self.random = random.Random(seed)
        self.client = None
        self.token = None
        self.comments = {}    # Resource names by key of the fact.
        self.unfinished = {}  # Creates to repeat: request id by key.
        self.numbers = iter(range(1 << 30))

    def meet(self, server):
        self.client = self.world.driver(server, self.world.stubs)
        self.client.token = self.token

    def act(self):
        """One step; raises CallFailed if its outcome is unknown."""
        if self.token is None:
            self.join()
        elif self.unfinished:
            self.repeat()
        else:
            self.random.choices(
                [self.like, self.follow, self.comment, self.delete_comment,
                 self.upload, self.delete_photo, self.session, self.guest],
                [40, 10, 20, 5, 10, 3, 2, 2])[0]()

    def promise(self, key, value, call):
        """Makes the call; its answer, or None if it was refused."""
        act = self.world.ledger.begin(key, value)
        try:
            answer = call()
        except CallFailed as failure:
            if failure.code not in REFUSALS:
                raise
            if value or failure.code not in GONE:
                self.world.ledger.refuse(key, act)
            else:
                self.world.ledger.acknowledge(act)
            return None
        self.world.ledger.acknowledge(act)
        return answer

    def create(self, key, call):
        """As `promise`, repeated with the same request id until answered."""
        request_id = self.unfinished.setdefault(key, str(uuid.uuid4()))
        answer = self.promise(key, True, lambda: call(request_id))
        del self.unfinished[key]
        return answer

    def repeat(self):
        key = next(iter(self.unfinished))
        kind, *parts = key
        if kind == "user":
            self.register(parts[0])
        elif kind == "photo":
            self.publish(parts[0])
        else:
            self.say(key)

    def register(self, handle):
        self.create(("user", handle),
                    lambda request_id: self.client.register(
                        handle, request_id=request_id))

    def login(self, handle):
        pending = unanswered_session(handle)
        act = self.world.ledger.begin(pending, True)
        token = self.client.login(handle)["token"]
        self.world.ledger.acknowledge(act)
        self.world.ledger.move(pending, token_key(handle, token), act)
        return token

    def logout(self, handle, token):
        self.promise(token_key(handle, token), False, self.client.logout)

    def join(self):
        me = ("user", self.handle)
        if me in self.unfinished or self.world.ledger.allowed(me) == {False}:
            self.register(self.handle)
        self.token = self.login(self.handle)

    def any_photo(self):
        return self.random.choice(
            list(self.world.photos.items()) or [(None, None)])

    def like(self):
        caption, name = self.any_photo()
        if caption is None:
            self.upload()
            return
        wanted = self.random.random() < 0.6
        call = self.client.like if wanted else self.client.unlike
        self.promise(("like", self.handle, caption), wanted,
                     lambda: call(name))

    def follow(self):
        other = self.random.choice(self.world.people).handle
        if other == self.handle:
            return
        wanted = self.random.random() < 0.6
        call = self.client.follow if wanted else self.client.unfollow
        self.promise(("follow", self.handle, other), wanted,
                     lambda: call(f"users/{other}"))

    def comment(self):
        caption, _ = self.any_photo()
        if caption is not None:
            text = caption_of(self.handle, next(self.numbers))
            self.say(("comment", self.handle, caption, text))

    def say(self, key):
        _, _, caption, text = key
        name = self.world.photos.get(caption)
        if name is None:
            del self.unfinished[key]  # Deleted meanwhile.
            return
        comment = self.create(key, lambda request_id: self.client.comment(
            name, text, request_id=request_id))
        if comment:
            self.comments[key] = comment["name"]

    def delete_comment(self):
        if self.comments:
            key, name = self.comments.popitem()
            self.promise(key, False, lambda: self.client.delete_comment(name))

    def upload(self):
        self.publish(caption_of(self.handle, next(self.numbers)))

    def publish(self, caption):
        data = self.world.originals.setdefault(
            caption, signed(self.world.picture, caption))
        photo = self.create(
            ("photo", caption), lambda request_id: self.client.upload_bytes(
                data, caption=caption, request_id=request_id))
        if photo:
            self.world.photos[caption] = photo["name"]

    def delete_photo(self):
        mine = [(caption, name) for caption, name
                in list(self.world.photos.items())
                if caption.split()[1] == self.handle]
        if len(mine) < 3:
            return
        caption, name = self.random.choice(mine)
        if self.promise(("photo", caption), False,
                        lambda: self.client.delete_photo(name) or True):
            self.world.photos.pop(caption, None)

    def session(self):
        """Logs in once more and out again."""
        token = self.login(self.handle)
        self.logout(self.handle, token)
        self.client.token = self.token

    def guest(self):
        """Somebody comes, leaves traces and deletes the account."""
        host = self.client
        guest = self.world.person(f"guest{uuid.uuid4().hex[:12]}",
                                  self.random.random())
        guest.client = copy.copy(host)
        guest.client.token = None
        guest.join()
        for step in (guest.upload, guest.like, guest.comment, guest.follow):
            step()
        guest.promise(("user", guest.handle), False, guest.delete_account)

    def delete_account(self):
        messages = self.world.stubs.user_pb2
        self.client.call(
            self.client.users.DeleteUser,
            messages.DeleteUserRequest(name="users/me", password=PASSWORD))


class Load:
    """Everybody at once, until `stop` or until a call ends with one of
    `endings`."""

    def __init__(self, world, server, endings=frozenset(ENDINGS)):
        self._endings = endings
        self._stop = threading.Event()
        self.failures = []  # Of the harness, not of calls.
        self._people = world.people
        for person in self._people:
            person.meet(server)
        self._threads = [threading.Thread(target=self._run, args=[person])
                         for person in self._people]
        for thread in self._threads:
            thread.start()

    def _run(self, person):
        try:
            while not self._stop.is_set():
                person.act()
        except CallFailed as failure:
            # INTERNAL is also what gRPC says of a connection that broke.
            if (failure.code not in self._endings
                    or "went wrong in the server" in failure.message):
                self.failures.append(failure)
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(error)

    def stop(self):
        self._stop.set()
        self.join()

    def join(self):
        """Until everybody has met a call whose outcome is unknown."""
        for thread in self._threads:
            thread.join()
        for person in self._people:
            person.client.close()
        assert not self.failures, self.failures
