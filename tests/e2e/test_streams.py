# SPDX-License-Identifier: Apache-2.0
"""Watching the feed, and stopping the server while things are under way."""

import json
import os
import queue
import signal
import socket
import threading

import grpc
import pytest
import requests

import drivers
from drivers import CallFailed
from processes import PATIENCE, Gateway, Server, eventually, running


class Watch:
    """A feed being watched, over gRPC or HTTP: entries come out of `next`."""

    def __init__(self, entries, close):
        self._queue = queue.Queue()
        self._close = close
        self.error = None

        def read():
            try:
                for entry in entries:
                    self._queue.put(entry)
            except Exception as error:  # How it ends is what is asserted.
                self.error = error
            self._queue.put(None)

        self._thread = threading.Thread(target=read, daemon=True)
        self._thread.start()

    def next(self):
        return self._queue.get(timeout=PATIENCE)

    def close(self):
        self._close()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


def watch_grpc(client, resume=""):
    call = client.stream(
        client.social.WatchFeed,
        client.stubs.social_pb2.WatchFeedRequest(resume_token=resume))
    # The server says that it watches before anything happens.
    call.initial_metadata()
    entries = ((e.photo.name, e.resume_token) for e in call)
    return Watch(entries, call.cancel)


def watch_http(client, resume=""):
    answer = client.http.get(
        client.base + "feed:watch", stream=True, timeout=PATIENCE,
        params={"resume_token": resume} if resume else {})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")

    def entries():
        for line in answer.iter_lines(chunk_size=1):
            if not line:
                continue  # Nothing happens, but the stream lives.
            entry = json.loads(line)
            if "photo" not in entry:
                return  # The last record of a stream that failed.
            yield entry["photo"]["name"], entry["resumeToken"]

    def hang_up():
        # Closing alone would wait for the reader, who waits for an entry.
        connection.shutdown(socket.SHUT_RDWR)
        answer.close()

    connection = socket.socket(fileno=os.dup(answer.raw.fileno()))
    return Watch(entries(), hang_up)


@pytest.fixture(params=[(drivers.GrpcDriver, watch_grpc),
                        (drivers.RestDriver, watch_http)],
                ids=lambda way: way[0].name)
def way(request):
    return request.param


def test_watching_shows_new_entries_as_they_happen(way, people, photograph):
    kind, watch = way
    reader = people("reader", kind)
    writer = people("writer")
    stranger = people("stranger")
    reader.follow("users/writer")
    writer.upload(photograph)
    watching = watch(reader)

    stranger.upload(photograph)
    first = writer.upload(photograph)["name"]
    own = people.stranger()
    own.token = reader.token
    second = own.upload(photograph)["name"]

    assert watching.next()[0] == first
    assert watching.next()[0] == second
    watching.close()


def test_watching_resumes_where_it_ended(way, people, photograph):
    kind, watch = way
    reader = people("reader", kind)
    writer = people("writer")
    reader.follow("users/writer")
    watching = watch(reader)
    writer.upload(photograph)
    _, token = watching.next()
    watching.close()
    missed = [writer.upload(photograph)["name"] for _ in range(3)]

    watching = watch(reader, token)

    assert [watching.next()[0] for _ in range(3)] == missed
    watching.close()


def test_watching_ends_with_the_session(people):
    reader = people("reader")
    watching = watch_grpc(reader)

    reader.logout()

    assert watching.next() is None
    assert watching.error.code() == grpc.StatusCode.UNAUTHENTICATED


def test_stop_ends_watches_and_finishes_uploads(
        tmp_path, stubs, photograph, people):
    server = Server(tmp_path / "stopping")
    people.server = server
    reader = people("reader")
    rest = people.stranger(drivers.RestDriver)
    rest.token = reader.token
    watching = watch_grpc(reader)
    over_http = watch_http(rest)
    data = photograph.read_bytes()
    messages = stubs.photo_pb2
    stopping = threading.Event()

    def parts():
        yield messages.UploadPhotoRequest(metadata=messages.PhotoMetadata())
        yield messages.UploadPhotoRequest(chunk=data[:100_000])
        stopping.wait(PATIENCE)
        for at in range(100_000, len(data), drivers.CHUNK):
            yield messages.UploadPhotoRequest(
                chunk=data[at:at + drivers.CHUNK])

    upload = reader.photos.UploadPhoto.future(
        parts(), metadata=reader.metadata())
    eventually(server.files, "the upload to begin")

    server.send(signal.SIGTERM)
    assert watching.next() is None
    assert watching.error.code() == grpc.StatusCode.UNAVAILABLE
    assert over_http.next() is None
    stopping.set()

    photo = upload.result(timeout=PATIENCE)
    server.expect_end()
    with running(Server(tmp_path / "stopping")) as again:
        rest = drivers.RestDriver(again)
        assert rest.get_photo(photo.name)["name"] == photo.name
        rest.close()


def test_a_silent_upload_does_not_keep_the_server_from_stopping(
        tmp_path, stubs, photograph, people):
    server = Server(tmp_path / "stopping")
    people.server = server
    ansel = people("ansel")
    messages = stubs.photo_pb2
    release = threading.Event()

    def parts():
        yield messages.UploadPhotoRequest(metadata=messages.PhotoMetadata())
        yield messages.UploadPhotoRequest(
            chunk=photograph.read_bytes()[:100_000])
        release.wait(2 * PATIENCE)

    upload = ansel.photos.UploadPhoto.future(
        parts(), metadata=ansel.metadata())
    eventually(server.files, "the upload to begin")

    server.stop()

    release.set()
    with pytest.raises(grpc.RpcError):
        upload.result(timeout=PATIENCE)
    assert server.files() == []


def test_gateway_answers_unavailable_when_its_server_is_gone(
        tmp_path, stubs):
    server = Server(tmp_path / "data")
    with running(Gateway(server.grpc, tmp_path)) as gateway:
        rest = drivers.RestDriver(gateway)
        assert rest.recent_photos() == []
        server.stop()

        with pytest.raises(CallFailed) as failure:
            rest.recent_photos()

        assert failure.value.code == "UNAVAILABLE"
        rest.close()


def test_watching_works_through_a_gateway(gateway, people, photograph):
    reader = people("reader")
    rest = people.stranger(drivers.RestDriver, gateway)
    rest.token = reader.token
    watching = watch_http(rest)

    photo = reader.upload(photograph)["name"]

    assert watching.next()[0] == photo
    watching.close()


def test_a_reader_who_leaves_frees_the_stream(server, people):
    reader = people("reader")
    watching = watch_grpc(reader)
    assert in_flight(server) >= 1

    watching.close()

    eventually(lambda: in_flight(server) == 0, "the stream to end")


def in_flight(server):
    page = requests.get(f"http://{server.metrics}/metrics", timeout=PATIENCE,
                        proxies={"http": None}).text
    return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
               if line.startswith("pinhole_rpc_in_flight")
               and "SocialService" in line)
