# SPDX-License-Identifier: Apache-2.0
"""A data folder that is not as the server left it: refused with a reason and
left untouched, or taken whole."""

import contextlib
import os
import shutil
import sqlite3
import subprocess

import pytest

from drivers import CallFailed
from faults import ONLY_GRPC
from findings import Findings
from processes import BIN, Server

REFUSED, DAMAGED = 3, 4


class Folder:
    """A data folder with a photo and comments on it, no server running."""

    def __init__(self, data):
        self.data = data
        self.database = data / "pinhole.db"
        self.log = data / "pinhole.db-wal"

    def start(self):
        return Server(self.data, *ONLY_GRPC)

    def refusal(self):
        """(exit code, message) of a server that does not start."""
        done = subprocess.run(
            [BIN / "pinhole-server", "--data-dir", self.data,
             "--grpc-listen", "127.0.0.1:0", *ONLY_GRPC],
            capture_output=True, text=True, timeout=30, check=False)
        assert "ready" not in done.stdout
        return done.returncode, done.stderr

    def contents(self):
        """What must not change: everything but lock and caches. An empty log
        is as good as none."""
        return {path: path.read_bytes() for path in self.data.rglob("*")
                if path.is_file() and path.stat().st_size
                and path.name not in ("lock", "pinhole.db-shm")}

    def sql(self, statements, checkpoint=True):
        """As somebody with a database tool."""
        with contextlib.closing(sqlite3.connect(self.database)) as db:
            if not checkpoint:
                # Copied while it is open: closing would empty the log.
                db.executescript(statements)
                for path in (self.database, self.log):
                    shutil.copy(path, f"{path}.open")
            else:
                db.executescript(statements)
        if not checkpoint:
            for path in (self.database, self.log):
                os.replace(f"{path}.open", path)


def overwrite(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


@pytest.fixture(params=["stopped", "killed"])
def folder(request, tmp_path, sign_in, picture):
    made = Folder(tmp_path / "data")
    server = made.start()
    ansel = sign_in(server, "ansel")
    photo = ansel.upload_bytes(picture, caption="kept")["name"]
    for number in range(50):
        ansel.comment(photo, f"comment {number}")
    ansel.close()
    if request.param == "stopped":
        server.stop()
    else:
        server.kill()
    return made


def expect_refusal(folder, code, *words):
    before = folder.contents()
    got, message = folder.refusal()
    assert (got, folder.contents()) == (code, before), message
    for word in words:
        assert word in message


def test_database_of_a_newer_version_is_refused(folder):
    folder.sql("PRAGMA user_version=1000", checkpoint=False)
    expect_refusal(folder, REFUSED, "newer version of Pinhole", "1000")


def test_database_of_another_application_is_refused(folder):
    folder.sql("PRAGMA application_id=7", checkpoint=False)
    expect_refusal(folder, REFUSED, "another application")


@pytest.mark.parametrize("folder", ["stopped"], indirect=True)
def test_cut_off_database_is_refused(folder):
    with contextlib.closing(sqlite3.connect(folder.database)) as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    os.truncate(folder.database, pages // 2 * size)
    expect_refusal(folder, DAMAGED, "damaged")


def test_database_with_its_first_page_zeroed_is_refused(folder):
    folder.log.unlink(missing_ok=True)
    overwrite(folder.database, 0, bytes(100))
    expect_refusal(folder, DAMAGED, "damaged")


@pytest.mark.parametrize("loss", [
    lambda path: os.truncate(path, 0), os.unlink], ids=["empty", "missing"])
def test_photos_without_their_database_are_refused(loss, folder):
    folder.log.unlink(missing_ok=True)
    loss(folder.database)
    expect_refusal(folder, REFUSED, "missing or empty")


@pytest.mark.parametrize("folder", ["killed"], indirect=True)
@pytest.mark.parametrize("offset, data", [
    (0, os.urandom(64 * 1024)), (8, b"\xff"), (24, b"\x00\x00\x00\x01")],
    ids=["garbage", "flipped bit", "wrong sum"])
def test_log_with_a_damaged_head_is_refused(offset, data, folder):
    overwrite(folder.log, offset, data)
    expect_refusal(folder, DAMAGED, "pinhole.db-wal", "restore a backup")


@pytest.mark.parametrize("folder", ["killed"], indirect=True)
def test_log_cut_off_is_taken_up_to_its_last_whole_commit(folder):
    os.truncate(folder.log, folder.log.stat().st_size - 5000)
    server = folder.start()
    findings = Findings(folder.data)
    server.kill()
    assert not findings.problems
    comments = [fact for fact in findings.facts if fact[0] == "comment"]
    assert 40 < len(comments) < 50


@pytest.mark.parametrize("folder", ["killed"], indirect=True)
def test_stale_index_of_the_log_is_made_anew(folder):
    index = folder.data / "pinhole.db-shm"
    index.write_bytes(os.urandom(index.stat().st_size))
    server = folder.start()
    findings = Findings(folder.data)
    server.kill()
    assert not findings.problems
    assert len([f for f in findings.facts if f[0] == "comment"]) == 50


def page_of(folder, table):
    """The offset of a table's first page."""
    with contextlib.closing(sqlite3.connect(folder.database)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_schema "
                             "WHERE name = ?", [table]).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    return (page - 1) * size


@pytest.mark.parametrize("folder", ["stopped"], indirect=True)
def test_damaged_page_fails_what_reads_it_and_nothing_else(folder, sign_in):
    overwrite(folder.database, page_of(folder, "comments"), b"\xff" * 64)
    server = folder.start()
    ansel = sign_in(server, "ansel")
    photo = ansel.recent_photos()[0]["name"]

    with pytest.raises(CallFailed) as failure:
        ansel.comments(photo)

    assert failure.value.code == "DATA_LOSS"
    assert ansel.get_photo(photo)["caption"] == "kept"
    assert ansel.download(photo, "large")
    server.kill()
