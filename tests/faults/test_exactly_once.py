# SPDX-License-Identifier: Apache-2.0
"""One request id, one effect, one result: a hundred times at once, after a
restart and after a crash at the worst moment."""

import contextlib
import sqlite3
import threading
import uuid

import grpc
import pytest

from drivers import PASSWORD, GrpcDriver
from faults import kill
from findings import Findings, token_key

TIMES = 100
TIMEOUT = 60


class Create:
    """One kind of create: how it is asked for and which fact it makes."""

    def __init__(self, client, request_id):
        self.client = client
        self.request_id = request_id
        self.stubs = client.stubs

    def prepare(self, picture):
        """What must be there before."""


class CreateUser(Create):
    def send(self):
        user = self.client.users.CreateUser(
            self.stubs.user_pb2.CreateUserRequest(
                handle="once", password=PASSWORD, request_id=self.request_id),
            timeout=TIMEOUT)
        return user.create_time.ToNanoseconds()

    def facts(self, _result):
        return {("user", "once")}


class CreateSession(Create):
    def send(self):
        return self.client.users.CreateSession(
            self.stubs.user_pb2.CreateSessionRequest(
                handle="ansel", password=PASSWORD, request_id=self.request_id),
            timeout=TIMEOUT).token

    def facts(self, result):
        return {token_key("ansel", result)}


class UploadPhoto(Create):
    def prepare(self, picture):
        self.picture = picture

    def send(self):
        messages = self.stubs.photo_pb2
        parts = [
            messages.UploadPhotoRequest(metadata=messages.PhotoMetadata(
                caption="once", request_id=self.request_id)),
            messages.UploadPhotoRequest(chunk=self.picture)]
        return self.client.photos.UploadPhoto(
            iter(parts), metadata=self.client.metadata(), timeout=TIMEOUT).name

    def facts(self, _result):
        return {("photo", "once")}


class CreateComment(Create):
    def prepare(self, picture):
        self.photo = self.client.upload_bytes(picture, caption="other")["name"]

    def send(self):
        return self.client.social.CreateComment(
            self.stubs.social_pb2.CreateCommentRequest(
                parent=self.photo, text="once", request_id=self.request_id),
            metadata=self.client.metadata(), timeout=TIMEOUT).name

    def facts(self, _result):
        return {("comment", "ansel", "other", "once")}


KINDS = {CreateUser: "users", CreateSession: "sessions",
         UploadPhoto: "photos", CreateComment: "comments"}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


def answer(create):
    """The result, however often one has to ask: what is refused for being too
    much at once may be repeated, and so may what ended with a server."""
    while True:
        try:
            return create.send()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.RESOURCE_EXHAUSTED:
                raise


def at_once(create, times):
    """The results of that many calls at the same time; those that failed with
    the server are left out."""
    results = []
    start = threading.Barrier(times)

    def send():
        start.wait()
        with contextlib.suppress(grpc.RpcError):
            results.append(answer(create))

    threads = [threading.Thread(target=send) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def count(disk, table):
    with contextlib.closing(sqlite3.connect(
            f"file:{disk.database}?mode=ro", uri=True)) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def repeat_after_restart(disk, create, token):
    """The result a new server gives; checks that its folder is whole."""
    server = disk.start()
    client = GrpcDriver(server, create.stubs)
    client.token = token
    create.client = client
    result = answer(create)
    findings = Findings(disk.data)
    client.close()
    server.kill()
    assert not findings.problems
    assert create.facts(result) <= findings.facts
    return result


def prepared(kind, server, sign_in, picture):
    create = kind(sign_in(server, "ansel"), str(uuid.uuid4()))
    create.prepare(picture)
    return create


def test_hundred_at_once_are_one(kind, disk, sign_in, picture):
    server = disk.start()
    create = prepared(kind, server, sign_in, picture)
    before = count(disk, KINDS[kind])

    results = at_once(create, TIMES)

    assert len(results) == TIMES
    assert len(set(results)) == 1
    assert count(disk, KINDS[kind]) == before + 1
    files = server.files()
    create.client.close()
    server.stop()
    assert repeat_after_restart(
        disk, create, create.client.token) == results[0]
    assert repeat_after_restart(  # That one was killed.
        disk, create, create.client.token) == results[0]
    assert count(disk, KINDS[kind]) == before + 1
    assert server.files() == files


@pytest.mark.parametrize("moment, operation, pattern", [
    ("before", "sql", "COMMIT"),
    ("before", "fdatasync", "data/pinhole.db-wal"),
    ("after", "fdatasync", "data/pinhole.db-wal"),
    ("after", "sql", "COMMIT"),
])
def test_crash_at_the_commit_is_repeated_once(
        moment, operation, pattern, kind, disk, sign_in, picture):
    server = disk.start()
    create = prepared(kind, server, sign_in, picture)
    before = count(disk, KINDS[kind])
    disk.plan(kill(moment, operation, pattern))

    results = at_once(create, 10)
    server.wait()
    server.kill()
    disk.plan()

    token = create.client.token
    results.append(repeat_after_restart(disk, create, token))
    results.append(repeat_after_restart(disk, create, token))
    assert len(set(results)) == 1
    assert count(disk, KINDS[kind]) == before + 1
