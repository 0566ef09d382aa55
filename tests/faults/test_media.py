# SPDX-License-Identifier: Apache-2.0
"""Uploads and deletions interrupted at every step, on two servers that share a
place of photos: no row without files, and no files without a row after the
grace period."""

import contextlib
import signal

import grpc
import pytest

import s3_server
from drivers import PASSWORD, CallFailed
from media_places import AnotherFileSystem, Bucket, SameFileSystem
from media_story import Story
from processes import eventually
from s3_proxy import Fault


@pytest.fixture(scope="session")
def endpoint():
    if not s3_server.available():
        pytest.skip(s3_server.MISSING)
    with s3_server.running() as address:
        yield address


@pytest.fixture
def bucket(endpoint, tmp_path):
    return Bucket(tmp_path, endpoint)


@pytest.fixture(params=["same file system", "another file system", "bucket"])
def place(request, tmp_path):
    if request.param == "bucket":
        return request.getfixturevalue("bucket")
    kinds = {"same file system": SameFileSystem,
             "another file system": AnotherFileSystem}
    return kinds[request.param](tmp_path)


@pytest.fixture
def story(place, stubs, picture):
    with contextlib.closing(Story(place, stubs, picture)) as told:
        yield told


def kill_during_publication(story):
    for name, moment in story.place.uploads.items():
        story.place.kill_at(story.victim, moment)
        with pytest.raises(CallFailed):
            story.upload(story.victim, f"killed: {name}")
        story.expect_death()
        assert not story.problems(), name
        story.upload(story.healthy, f"after {name}")


def kill_during_deletion(story):
    for name, moment in story.place.deletions.items():
        photo = story.upload(story.victim, f"deleted: {name}")["name"]
        story.place.kill_at(story.victim, moment)
        with pytest.raises(CallFailed):
            story.client(story.victim).delete_photo(photo)
        story.expect_death()  # Its start removes what is left.
        assert not story.problems(), name
        with pytest.raises(CallFailed) as gone:
            story.client(story.healthy).get_photo(photo)
        assert gone.value.code == "NOT_FOUND"


def kill_during_deletion_of_an_account(story):
    for number, (name, moment) in enumerate(story.place.deletions.items()):
        guest = story.client(story.victim)
        guest.register(f"guest{number}")
        guest.login(f"guest{number}")
        for photo in range(2):
            story.upload(story.victim, f"guest: {name} {photo}", guest)
        story.place.kill_at(story.victim, moment)
        request = guest.stubs.user_pb2.DeleteUserRequest(
            name="users/me", password=PASSWORD)
        with pytest.raises(CallFailed):
            guest.call(guest.users.DeleteUser, request)
        story.expect_death()
        assert not story.problems(), name
    assert not [caption for caption in story.captions() if "guest" in caption]


def interrupt_streams(story):
    """The client or the server goes away before the last byte."""
    def begun():
        eventually(story.place.scratch, "the upload to begin")

    def cancel():
        begun()
        call.cancel()

    def kill():
        begun()
        story.victim.send(signal.SIGKILL)

    call = story.begin_stream(story.victim, "cancelled", cancel)
    with pytest.raises((grpc.RpcError, grpc.FutureCancelledError)):
        call.result()
    eventually(lambda: not story.place.scratch(), "the file to go")
    call = story.begin_stream(story.victim, "killed: streaming", kill)
    with pytest.raises(grpc.RpcError):
        call.result()
    story.expect_death()
    assert not story.place.scratch()


def interrupt_commits(story):
    """The outcome of a COMMIT is unknown to the caller or to the server."""
    def begin(caption):
        upload = story.begin_upload(story.victim, caption)
        eventually(story.waiting_commits, "the COMMIT to wait")
        return upload

    with story.held_commits():
        upload = begin("held: server killed")
        story.victim.send(signal.SIGKILL)
        with pytest.raises(CallFailed):
            upload.result()
        story.expect_death()
    eventually(lambda: "held: server killed" in story.captions(), "the COMMIT")

    with story.held_commits():
        upload = begin("held: connection lost")
        [lost] = story.waiting_commits()
        story.sql(f"SELECT pg_terminate_backend({lost})")
        eventually(lambda: story.waiting_commits() not in ([], [lost]),
                   "the server to repeat the transaction")
    upload.result()

    with story.held_commits():
        call = story.begin_stream(story.victim, "held: client left",
                                  lambda: None)
        eventually(story.waiting_commits, "the COMMIT to wait")
        call.cancel()
    eventually(lambda: "held: client left" in story.captions(), "the COMMIT")
    assert not story.problems()


def test_interrupted_at_every_step(story):
    interrupt_streams(story)
    kill_during_publication(story)
    interrupt_commits(story)
    kill_during_deletion(story)
    kill_during_deletion_of_an_account(story)
    leftovers = story.leftovers()
    assert leftovers
    assert not story.problems(read=True)
    expected = {"held: server killed", "held: connection lost",
                "held: client left",
                *(f"after {name}" for name in story.place.uploads)}
    assert story.captions() == expected

    story.maintain()
    assert story.leftovers() == leftovers
    story.expire_uploads()
    story.maintain()

    assert story.captions() == expected
    story.expect_clean()


# The protection of the test above removed: its checks find what is wrong.
def test_files_without_a_record_and_rows_without_files_are_found(story):
    *_, last = story.place.uploads.values()
    story.upload(story.healthy, "whole")
    story.place.kill_at(story.victim, last)
    with pytest.raises(CallFailed):
        story.upload(story.victim, "killed")
    story.expect_death()
    [lost] = story.leftovers()
    assert not story.problems(read=True)

    story.sql("DELETE FROM uploads")
    story.expire_uploads()
    story.maintain()

    assert story.problems() == [f"files without a row or a record: {lost}"]
    [[key]] = story.sql("SELECT file_key FROM photos")
    story.sql("UPDATE photos SET digests = set_byte(digests, 0, "
              "255 - get_byte(digests, 0))")
    assert f"whole: other digests ({key})" in story.problems(read=True)
    story.place.remove(key, "medium.jpg")
    assert f"whole: files are missing ({key})" in story.problems()


def test_upload_that_is_sent_for_longer_than_the_grace_period_succeeds(story):
    def wait():
        eventually(story.place.scratch, "the upload to begin")
        story.expire_uploads()
        story.maintain()

    story.begin_stream(story.victim, "slow", wait, timeout=120).result()

    assert story.captions() == {"slow"}
    story.expect_clean()


def test_sweep_leaves_uploads_in_progress_alone(story):
    story.place.hold()
    upload = story.begin_upload(story.victim, "held")
    eventually(story.place.held, "the publication to begin")
    begun = story.place.names()

    story.maintain()

    assert story.place.names() == begun
    # From now on it is old, but its row is being written.
    story.expire_uploads()
    with story.held_commits():
        story.place.release()
        eventually(story.waiting_commits, "the COMMIT to wait")
        story.maintain()
        assert len(story.leftovers()) == 1
    upload.result()
    assert story.captions() == {"held"}
    story.expect_clean()


# The grace period removed: the upload is refused, and leaves nothing.
def test_publication_longer_than_the_grace_period_leaves_nothing(story):
    story.place.hold()
    upload = story.begin_upload(story.victim, "too slow")
    eventually(story.place.held, "the publication to begin")
    story.expire_uploads()

    story.maintain()
    assert not story.leftovers()
    story.place.release()

    with pytest.raises(CallFailed):
        upload.result()
    assert story.captions() == set()
    story.expect_clean()


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_upload_survives_broken_connections_to_s3(
        bucket, stubs, picture, moment):
    with contextlib.closing(Story(bucket, stubs, picture)) as story:
        for turn in range(1, 5):
            fault = bucket.proxy.plan(
                Fault("PUT", turn, **{moment: lambda: False}))
            story.upload(story.victim, f"broken {turn}")
            assert fault.met.is_set()
        assert len(story.captions()) == 4
        story.expect_clean()


# Regression: the object stayed for ever, since the upload had no record.
def test_request_that_s3_carries_out_late_leaves_nothing(
        bucket, stubs, picture):
    with contextlib.closing(Story(bucket, stubs, picture)) as story:
        fault = bucket.proxy.plan(Fault("PUT", 2, refuse=True))
        with pytest.raises(CallFailed) as failed:
            story.upload(story.victim, "refused")
        assert failed.value.reason == "STORAGE_UNAVAILABLE"
        assert not story.leftovers()

        answer, _ = bucket.proxy.send(*fault.late)

        assert answer.status == 200
        assert len(story.leftovers()) == 1
        assert not story.problems()
        story.expire_uploads()
        story.maintain()
        story.expect_clean()
