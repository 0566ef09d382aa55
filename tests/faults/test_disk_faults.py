# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, broken or read-only: who is told what, and what goes on.
"""

import json
import signal

import pytest

from drivers import CallFailed
from faults import fail
from findings import Findings
from world import signed

WAL = "data/pinhole.db-wal"
DATABASE = "data/pinhole.db"
UPLOAD = "data/tmp/*"
REQUEST = "5f0e3c1a-7f65-4c4e-9d2c-0a4f4b8f9d11"
SERVING, NOT_SERVING = b"\x08\x01", b"\x08\x02"


@pytest.fixture
def server(disk):
    process = disk.start()
    yield process
    process.kill()


@pytest.fixture
def ansel(server, sign_in):
    return sign_in(server, "ansel")


@pytest.fixture
def photo(ansel, picture):
    return ansel.upload_bytes(picture, caption="before")["name"]


def refused(call, *arguments, **fields):
    with pytest.raises(CallFailed) as failure:
        call(*arguments, **fields)
    return failure.value


def health(client):
    check = client.channel.unary_unary(
        "/grpc.health.v1.Health/Check", lambda message: message,
        lambda message: message)
    return check(b"", timeout=10)


def restart(disk, server):
    """After a death in which only memory is lost."""
    server.kill()
    disk.plan()
    return disk.start()


def texts(client, photo):
    return [comment["text"] for comment in client.comments(photo)]


def expect_whole(disk, originals):
    findings = Findings(disk.data)
    findings.check_files(originals)
    assert not findings.problems, findings.problems


def test_full_disk_refuses_writes_until_there_is_space(
        disk, server, ansel, photo):
    disk.plan(fail("write", WAL, "ENOSPC"))

    failure = refused(ansel.comment, photo, "during")

    assert failure.code == "RESOURCE_EXHAUSTED"
    assert failure.detail("ErrorInfo")["reason"] == "DISK_FULL"
    assert failure.detail("RetryInfo")
    assert "disk is full" in failure.message
    assert ansel.get_photo(photo)["caption"] == "before"
    assert health(ansel) == SERVING
    disk.plan()
    ansel.comment(photo, "after")
    assert texts(ansel, photo) == ["after"]
    ansel.close()
    server.stop()


STEPS_OF_AN_UPLOAD = [
    ("mkdir", UPLOAD), ("create", UPLOAD + "/original"),
    ("create", UPLOAD + "/medium.jpg"), ("write", UPLOAD + "/original"),
    ("write", UPLOAD + "/large.jpg"), ("fsync", UPLOAD + "/original"),
    ("fsync", UPLOAD + "/"), ("mkdir", "data/photos/??/"),
    ("rename", "data/photos/*"), ("fsync", "data/photos/??/")]


# A log that does not take the row for another reason than space leaves it
# open whether there is one: see below.
@pytest.mark.parametrize("operation, where, error", [
    *((*step, error) for step in STEPS_OF_AN_UPLOAD
      for error in ("ENOSPC", "EIO")),
    ("write", WAL, "ENOSPC")])
def test_upload_that_the_disk_does_not_take_leaves_nothing(
        operation, where, error, disk, server, ansel, photo, picture):
    files = server.files()
    during = signed(picture, "during")
    disk.plan(fail(operation, where, error))

    failure = refused(ansel.upload_bytes, during, caption="during")

    if error == "ENOSPC":
        assert failure.code == "RESOURCE_EXHAUSTED"
        assert failure.detail("ErrorInfo")["reason"] == "DISK_FULL"
        assert failure.detail("RetryInfo")
    else:
        assert failure.code == "UNAVAILABLE"
    assert server.files() == files
    assert [p["name"] for p in ansel.recent_photos()] == [photo]
    disk.plan()
    ansel.upload_bytes(during, caption="during")
    # A removal that could not be synced is repeated at the next start.
    second = restart(disk, server)
    expect_whole(disk, {"before": picture, "during": during})
    second.kill()


BROKEN_LOG = [fail("fdatasync", WAL, "EIO"), fail("write", WAL, "EIO"),
              fail("write", WAL, "EROFS")]


@pytest.mark.parametrize("fault", BROKEN_LOG, ids=lambda f: "-".join(f.split()))
def test_broken_log_ends_writing_but_not_reading(
        fault, disk, server, ansel, photo):
    disk.plan(fault)

    failure = refused(ansel.comment, photo, "during", request_id=REQUEST)

    assert failure.code == "UNAVAILABLE"
    assert failure.detail("ErrorInfo")["reason"] == "OUTCOME_UNKNOWN"
    disk.plan()  # Too late: nobody knows what is on the disk.
    assert refused(ansel.comment, photo, "after").code == "UNAVAILABLE"
    assert ansel.get_photo(photo)["caption"] == "before"
    assert texts(ansel, photo) == []
    assert health(ansel) == NOT_SERVING
    server.wait_for_log("the disk failed")
    ansel.close()
    server.send(signal.SIGTERM)
    assert server.wait() == 1
    last = json.loads(server.log().splitlines()[-1])
    assert last["level"] == "error"
    assert "the store was not closed cleanly" in last["msg"]


@pytest.mark.parametrize("fault", BROKEN_LOG, ids=lambda f: "-".join(f.split()))
def test_after_a_broken_log_a_repeated_request_has_one_effect(
        fault, disk, server, ansel, photo, sign_in):
    disk.plan(fault)
    refused(ansel.comment, photo, "once", request_id=REQUEST)

    second = restart(disk, server)
    ansel = sign_in(second, "ansel")
    first_answer = ansel.comment(photo, "once", request_id=REQUEST)
    again = ansel.comment(photo, "once", request_id=REQUEST)

    assert again["name"] == first_answer["name"]
    assert texts(ansel, photo) == ["once"]
    assert ansel.get_photo(photo)["commentCount"] == 1
    assert health(ansel) == SERVING
    second.kill()


def test_upload_with_unknown_outcome_is_whole_or_recorded_after_the_restart(
        disk, server, ansel, picture):
    disk.plan(fail("fdatasync", WAL, "EIO"))

    failure = refused(ansel.upload_bytes, picture, caption="during")

    assert failure.detail("ErrorInfo")["reason"] == "OUTCOME_UNKNOWN"
    second = restart(disk, server)
    expect_whole(disk, {"during": picture})
    second.kill()


def cold(disk, server, sign_in):
    """A server that has read hardly anything yet, and a client of it."""
    server.send(signal.SIGTERM)  # All goes from the log into the database.
    assert server.wait() == 0
    second = disk.start()
    return second, sign_in(second, "ansel")


# SQLite takes an EIO for damage of the file system.
def test_read_error_fails_that_read_only(disk, server, ansel, photo, sign_in):
    ansel.close()
    second, ansel = cold(disk, server, sign_in)
    disk.plan(fail("read", DATABASE, "EIO"))

    assert refused(ansel.get_photo, photo).code == "DATA_LOSS"

    disk.plan()
    assert ansel.get_photo(photo)["caption"] == "before"
    ansel.comment(photo, "after")
    assert health(ansel) == SERVING
    second.kill()


def test_read_error_in_a_write_ends_writing(
        disk, server, ansel, photo, sign_in):
    ansel.close()
    second, ansel = cold(disk, server, sign_in)
    ansel.get_photo(photo)  # So that only the writer has to read.
    disk.plan(fail("read", DATABASE, "EIO"))

    assert refused(ansel.comment, photo, "during").code == "DATA_LOSS"

    disk.plan()
    assert refused(ansel.comment, photo, "after").code == "DATA_LOSS"
    assert ansel.get_photo(photo)["commentCount"] == 0
    assert health(ansel) == NOT_SERVING
    third = restart(disk, second)
    sign_in(third, "ansel").comment(photo, "after")
    third.kill()


def test_unreadable_photo_file_fails_that_download_only(disk, ansel, photo):
    disk.plan(fail("read", "data/photos/*/medium.jpg", "EIO"))

    assert refused(ansel.download, photo, "medium").code == "DATA_LOSS"

    assert ansel.download(photo, "large")
    disk.plan()
    assert ansel.download(photo, "medium")


def test_read_only_folder_is_refused_at_the_start(disk, server, photo):
    server.kill()
    disk.plan(fail("open", "*", "EROFS"), fail("change", "*", "EROFS"))

    with pytest.raises(AssertionError) as failure:
        disk.start()

    assert photo
    assert "ended with 3" in str(failure.value)
    assert "Read-only file system" in str(failure.value)
