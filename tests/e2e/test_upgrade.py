# SPDX-License-Identifier: Apache-2.0
"""Data of every earlier version is served by this one."""

import pathlib
import sqlite3
import subprocess

import pytest

import drivers
from processes import BIN, PATIENCE, ROOT, Server, running

FIXTURES = sorted((ROOT / "tests/fixtures/schema").glob("v*.sql"))


def build(fixture, data):
    data.mkdir()
    database = sqlite3.connect(data / "pinhole.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.executescript(fixture.read_text())
    database.close()


@pytest.fixture(params=FIXTURES, ids=lambda path: path.stem)
def data(request, tmp_path):
    folder = tmp_path / "data"
    build(request.param, folder)
    return folder


def test_server_serves_what_an_earlier_one_kept(data):
    with running(Server(data)) as server:
        dora = drivers.RestDriver(server)
        dora.login("dorothea")

        assert [photo["caption"] for photo in dora.feed()] == [
            "For followers", "Half Dome"]
        photo = dora.feed()[1]
        assert (photo["likeCount"], photo["liked"]) == (1, True)
        assert "Tall \N{MOUNTAIN}" in [
            comment["text"] for comment in dora.comments(photo["name"])]
        dora.close()


def test_server_killed_at_any_time_of_its_start_starts_the_next_time(
        data, tmp_path):
    for milliseconds in (1, 2, 4, 8, 12, 16, 24, 32, 48):
        starting = subprocess.Popen(
            [BIN / "pinhole-server", "--data-dir", data,
             "--grpc-listen", "127.0.0.1:0", "--http-listen", "off",
             "--metrics-listen", "off"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            starting.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            starting.kill()
        starting.wait(PATIENCE)

    with running(Server(data)) as server:
        dora = drivers.RestDriver(server)
        dora.login("dorothea")
        assert len(dora.feed()) == 2
        dora.close()


def test_the_database_before_an_upgrade_can_be_put_back(tmp_path):
    [first] = [path for path in FIXTURES if path.stem == "v1"]
    data = tmp_path / "data"
    build(first, data)
    Server(data).stop()

    [copy] = data.glob("pinhole.db.before-v*")
    copy.rename(data / "pinhole.db")

    database = sqlite3.connect(pathlib.Path(data / "pinhole.db"))
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert database.execute("SELECT count(*) FROM users").fetchone() == (3,)
    database.close()
