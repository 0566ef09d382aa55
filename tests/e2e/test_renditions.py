# SPDX-License-Identifier: Apache-2.0
"""Renditions that an earlier version made are rebuilt: by the server in the
background, by the operator's command, and whatever ends either of them."""

import hashlib
import os
import subprocess

import pytest

import drivers
import postgres
from engines import query
from metrics_page import scrape, series
from processes import BIN, ENGINE, PATIENCE, Server, eventually, running

SIZES = ("thumbnail", "medium", "large", "original")
WRONG = b"made by wrong code"


def operator(*arguments):
    """A command of the operator, finished."""
    return subprocess.run([BIN / "pinhole-server", *map(str, arguments)],
                          capture_output=True, text=True, timeout=PATIENCE,
                          check=False)


def metric(server, name, **labels):
    for found, its_labels, value in series(scrape(server)):
        if found == name and its_labels == labels:
            return value
    raise AssertionError(f"no {name} {labels}")


def rebuilt(server, result="replaced"):
    return metric(server, "pinhole_rendition_rebuilds_total", result=result)


def wait_until_current(server):
    eventually(lambda: metric(server, "pinhole_renditions_outdated") == 0,
               "renditions to be rebuilt")


def folders(data):
    return sorted(path for path in (data / "photos").glob("*/*"))


def age(data):
    """Makes the rows and renditions of a stopped server as a version left them
    that knew neither rendition versions nor digests, and rendered wrongly."""
    nothing = "x''" if ENGINE == "sqlite" else "''"
    query(data, f"UPDATE photos SET rendition_version = 0, digests = {nothing}")
    for folder in folders(data):
        for name in ("thumbnail.jpg", "medium.jpg", "large.jpg"):
            (folder / name).write_bytes(WRONG)


class Album:
    """A stopped server's data folder with photos, aged, and what they were."""

    def __init__(self, data, snapshot, count):
        self.data = data
        with running(Server(data)) as server:
            ansel = drivers.RestDriver(server)
            ansel.register("ansel")
            ansel.login("ansel")
            names = [ansel.upload(snapshot)["name"] for _ in range(count)]
            self.photos = {name: {size: ansel.download(name, size)
                                  for size in SIZES} for name in names}
            ansel.close()
        age(data)

    def check(self, server, interrupted=0):
        """Everything is as it was when it was right, under the same names.
        Each of `interrupted` rebuilds may have left files, which are removed
        after a day."""
        ansel = drivers.RestDriver(server)
        ansel.login("ansel")
        assert {name: {size: ansel.download(name, size) for size in SIZES}
                for name in self.photos} == self.photos
        ansel.close()
        most = len(self.photos) + interrupted
        eventually(lambda: len(folders(self.data)) <= most,
                   "the replaced files to be removed")
        keys = {key for key, in query(self.data, "SELECT file_key FROM photos")}
        found = {folder.name: folder for folder in folders(self.data)}
        assert keys <= found.keys()
        for key in keys:
            assert len(list(found[key].iterdir())) == 4


def verify(data, folder):
    """A backup, all bytes of which are compared with their digests."""
    if ENGINE == "postgres":  # It makes no backups.
        return
    assert operator("backup", "--data-dir", data, "--to", folder).returncode == 0
    done = operator("verify-backup", folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "only the names and sizes" not in done.stdout


def test_a_new_version_replaces_them_in_the_background(tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 3)
    with running(Server(album.data)) as server:
        wait_until_current(server)

        album.check(server)
        assert rebuilt(server) == 3
        eventually(
            lambda: "rebuilt the renditions of 3 photos" in server.log(),
            "the log to say so")
    with running(Server(album.data)) as server:
        assert rebuilt(server) == 0
    verify(album.data, tmp_path / "backup")


def test_entity_tags_follow_the_bytes(tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 1)
    [name] = album.photos
    with running(Server(album.data)) as server:
        wait_until_current(server)
        ansel = drivers.RestDriver(server)
        ansel.login("ansel")
        for size, content in album.photos[name].items():
            tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
            answer = ansel.send("GET", f"{name}/{size}")
            assert answer.headers["ETag"] == tag
            known = ansel.send("GET", f"{name}/{size}",
                               headers={"If-None-Match": tag})
            assert known.status_code == 304
        ansel.close()


def test_server_killed_in_the_middle_goes_on_at_its_next_start(
        tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 20)
    replaced = 0
    for _ in range(2):
        server = Server(album.data)
        eventually(lambda: rebuilt(server) >= 2, "some to be rebuilt")
        server.kill()
        [[now]] = query(album.data, "SELECT count(*) FROM photos "
                                    "WHERE rendition_version > 0")
        assert int(now) > replaced
        replaced = int(now)

    with running(Server(album.data)) as server:
        wait_until_current(server)
        album.check(server, interrupted=2)
        assert rebuilt(server) == 20 - replaced
    verify(album.data, tmp_path / "backup")


def test_people_are_served_while_they_are_replaced(tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 8)
    allowed = {size: {WRONG} for size in SIZES}
    for photo in album.photos.values():
        for size, content in photo.items():
            allowed[size].add(content)
    with running(Server(album.data)) as server:
        ansel = drivers.RestDriver(server)
        ansel.login("ansel")
        while metric(server, "pinhole_renditions_outdated") > 0:
            for name in album.photos:
                for size in SIZES:
                    assert ansel.download(name, size) in allowed[size]
        album.check(server)
        ansel.close()


def test_stopping_does_not_wait_for_all_of_them(tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 12)
    Server(album.data).stop()

    [[left]] = query(album.data, "SELECT count(*) FROM photos "
                                 "WHERE rendition_version = 0")
    assert int(left) > 0
    with running(Server(album.data)) as server:
        wait_until_current(server)
        album.check(server)


def test_what_cannot_be_rendered_any_more_is_told_once(tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 2)
    bad = folders(album.data)[0]
    [[number]] = query(
        album.data, f"SELECT id FROM photos WHERE file_key = '{bad.name}'")
    (bad / "original").write_bytes(b"no picture")
    for _ in range(2):
        with running(Server(album.data)) as server:
            wait_until_current(server)
            log = server.log_path.read_text()

    assert log.count(f"photos/{number} keeps its old renditions") == 1
    assert (bad / "large.jpg").read_bytes() == WRONG


def test_operator_rebuilds_them_with_the_server_stopped(tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 3)

    done = operator("renditions", "rebuild", "--data-dir", album.data)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "rebuilding the renditions of 3 photos",
        "rebuilt the renditions of 3 photos; 0 keep theirs, 0 are damaged"]
    with running(Server(album.data)) as server:
        assert rebuilt(server) == 0
        album.check(server)
    verify(album.data, tmp_path / "backup")


def test_operators_command_killed_in_the_middle_can_be_repeated(
        tmp_path, snapshot):
    album = Album(tmp_path / "data", snapshot, 12)
    command = ["renditions", "rebuild", "--data-dir", album.data]
    started = subprocess.Popen([BIN / "pinhole-server", *command],
                               stdout=subprocess.DEVNULL)
    aged = {folder.name for folder in folders(album.data)}
    eventually(lambda: {folder.name for folder in folders(album.data)} != aged,
               "the command to begin")
    started.kill()
    started.wait(PATIENCE)

    done = operator(*command)
    assert (done.returncode, done.stderr) == (0, "")
    with running(Server(album.data)) as server:
        album.check(server, interrupted=os.cpu_count())  # One on each core.
    verify(album.data, tmp_path / "backup")


@pytest.mark.parametrize("arguments", [[], ["--all"]], ids=["outdated", "all"])
def test_running_server_is_left_alone(server, arguments):
    done = operator("renditions", "rebuild", "--data-dir", server.data_dir,
                    *arguments)

    assert done.returncode == 1
    assert "it rebuilds outdated renditions by itself" in done.stderr


def test_operator_rebuilds_them_while_servers_use_postgresql(
        tmp_path, snapshot):
    data, store = tmp_path / "data", postgres.shared().database_for(tmp_path)
    rebuild = ("renditions", "rebuild", "--all", "--store", store,
               "--media-dir", data / "photos", "--data-dir")
    with running(Server(data, "--store", store)) as server:
        client = drivers.RestDriver(server)
        client.register("ansel")
        client.login("ansel")
        photo = client.upload(snapshot)["name"]
        before = folders(data)

        done = operator(*rebuild, tmp_path / "scratch")

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "rebuilding the renditions of 1 photos",
            "rebuilt the renditions of 1 photos; 0 keep theirs, 0 are damaged"]
        assert len(folders(data)) == 1 and folders(data) != before
        assert client.download(photo, "thumbnail")
        client.close()

        refused = operator(*rebuild, data)
        assert refused.returncode == 1
        assert "choose another --data-dir" in refused.stderr, refused.stderr
