# SPDX-License-Identifier: Apache-2.0
"""Administrators, backup and restore: the drill, under load, as an operator
would do it."""

import json
import pathlib
import sqlite3
import subprocess
import threading

import pytest

import drivers
from conftest import People
from drivers import CallFailed
from processes import BIN, PATIENCE, Server, eventually, running


def operator(*arguments):
    """A command of the operator, finished."""
    return subprocess.run([BIN / "pinhole-server", *map(str, arguments)],
                          capture_output=True, text=True, timeout=PATIENCE,
                          check=False)


def grant(data, handle):
    done = operator("admin", "grant", handle, "--data-dir", data)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def data(tmp_path):
    """A data folder of a stopped server, with ansel as its administrator."""
    folder = tmp_path / "data"
    with running(Server(folder)) as server:
        ansel = drivers.RestDriver(server)
        ansel.register("ansel")
        ansel.close()
    grant(folder, "ansel")
    return folder


def signed_in(server, handle="ansel"):
    client = drivers.RestDriver(server)
    client.login(handle)
    return client


def files_of(photos, key):
    folder = photos / key[:2] / key
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Load:
    """People who upload, comment, like and delete until they are told to stop,
    and write down what was acknowledged."""

    def __init__(self, server, snapshot, count=4):
        self.snapshot = snapshot
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.photos = {}  # Acknowledged, by name: thumbnail's bytes.
        self.deleted = set()
        self.comments = set()
        self.failures = []
        self.threads = []
        for number in range(count):
            client = drivers.RestDriver(server)
            client.register(f"writer{number}")
            client.login(f"writer{number}")
            self.threads.append(threading.Thread(
                target=self._write, args=[client]))

    def _write(self, client):
        turn = 0
        while not self.stop.is_set():
            try:
                self._turn(client, turn)
            except CallFailed as failed:
                self.failures.append(failed)
            turn += 1

    def _turn(self, client, turn):
        photo = client.upload(self.snapshot, caption=f"turn {turn}")["name"]
        with self.lock:
            self.photos[photo] = None
        for number in range(10):
            comment = client.comment(photo, f"number {number}")["name"]
            with self.lock:
                self.comments.add(comment)
        client.like(photo)
        if turn % 3 == 2:
            with self.lock:
                self.deleted.add(photo)  # From now on it may be gone.
            client.delete_photo(photo)

    def acknowledged(self):
        with self.lock:
            alive = set(self.photos) - self.deleted
            comments = {name for name in self.comments
                        if name.rsplit("/comments/", 1)[0] in alive}
            return alive, comments

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def rows(database, query):
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_the_drill_under_load(data, tmp_path, snapshot):
    """Backup while people write, restore elsewhere, start there: everything
    acknowledged before the backup is there, and nobody was refused."""
    restored = tmp_path / "restored"
    with running(Server(data)) as server:
        ansel = signed_in(server)
        with Load(server, snapshot) as load:
            eventually(lambda: len(load.acknowledged()[1]) > 100, "load")
            photos, comments = load.acknowledged()
            backup = ansel.call("POST", "backups", {})
            after = len(load.comments)
            eventually(lambda: len(load.comments) > after + 20,
                       "writes after the backup")
        assert load.failures == []
        gone = load.deleted.copy()
        kept = {photo: ansel.download(photo, "thumbnail")
                for photo in photos - gone}
        ansel.close()

    assert backup["verified"]
    assert int(backup["photoCount"]) >= len(photos - gone)
    folder = pathlib.Path(backup["path"])
    done = operator("restore", "--from", folder, "--data-dir", restored)
    assert (done.returncode, done.stderr) == (0, "")

    assert rows(restored / "pinhole.db", "PRAGMA integrity_check") == [("ok",)]
    for key, size in rows(restored / "pinhole.db",
                          "SELECT file_key, size_bytes FROM photos"):
        files = files_of(restored / "photos", key)
        assert set(files) == {
            "original", "thumbnail.jpg", "medium.jpg", "large.jpg"}
        assert len(files["original"]) == size
    with running(Server(restored)) as server:
        ansel = signed_in(server)
        # What was deleted after the backup is there again or not: both are
        # states between its begin and its end.
        for photo, thumbnail in kept.items():
            assert ansel.download(photo, "thumbnail") == thumbnail
        ansel.close()
    there = {f"photos/{photo}/comments/{comment}" for photo, comment in
             rows(restored / "pinhole.db", "SELECT photo_id, id FROM comments")}
    lost = {comment for comment in comments
            if comment.rsplit("/comments/", 1)[0] not in gone} - there
    assert lost == set()


def test_only_administrators_make_backups(data):
    with running(Server(data)) as server:
        dora = drivers.RestDriver(server)
        dora.register("dora")
        with pytest.raises(CallFailed, match="UNAUTHENTICATED"):
            dora.call("POST", "backups", {})
        dora.login("dora")
        with pytest.raises(CallFailed, match="PERMISSION_DENIED"):
            dora.call("POST", "backups", {})
        dora.close()
    assert not (data / "backups").exists()


def test_an_administrator_backs_up_with_the_command(data, stubs, tmp_path):
    backups = tmp_path / "elsewhere"
    with running(Server(data, "--backup-dir", backups)) as server:
        people = People(drivers.CommandLineDriver, server, stubs, tmp_path)
        ansel = people.stranger()
        ansel.login("ansel")
        told = ansel.run("backup").stdout.decode()
        backup = json.loads(ansel.run("--json", "backup").stdout)
    assert str(backups) in told and "verified:" in told
    assert pathlib.Path(backup["path"]).parent == backups

    done = operator("verify-backup", backup["path"])
    assert (done.returncode, done.stderr) == (0, "")


def test_administrator_revoked_while_the_server_was_stopped_is_refused(data):
    operator("admin", "revoke", "ansel", "--data-dir", data)
    with running(Server(data)) as server:
        ansel = signed_in(server)
        with pytest.raises(CallFailed, match="PERMISSION_DENIED"):
            ansel.call("POST", "backups", {})
        ansel.close()


def test_a_running_server_is_left_alone(data, tmp_path):
    with running(Server(data)) as server:
        done = operator("backup", "--to", tmp_path / "backup",
                        "--data-dir", data)
        assert done.returncode == 1
        assert "a pinhole-server runs on" in done.stderr
        ansel = signed_in(server)
        ansel.call("POST", "backups", {})
        ansel.close()


def test_stopped_server_is_backed_up_and_restored(data, tmp_path, snapshot):
    with running(Server(data)) as server:
        ansel = signed_in(server)
        photo = ansel.upload(snapshot)["name"]
        large = ansel.download(photo, "large")
        ansel.close()
    backup, restored = tmp_path / "backup", tmp_path / "restored"

    done = operator("backup", "--data-dir", data, "--to", backup)
    assert (done.returncode, done.stderr) == (0, "")
    done = operator("restore", "--from", backup, "--data-dir", restored)
    assert (done.returncode, done.stderr) == (0, "")

    with running(Server(restored)) as server:
        ansel = signed_in(server)
        assert ansel.download(photo, "large") == large
        ansel.call("POST", "backups", {})  # Still an administrator.
        ansel.close()


@pytest.mark.parametrize("name", [
    "original", "thumbnail.jpg", "medium.jpg", "large.jpg"])
def test_a_changed_byte_in_a_photos_file_is_found_and_named(
        data, tmp_path, snapshot, name):
    """Its size is as it was: only the digest in the database tells."""
    with running(Server(data)) as server:
        ansel = signed_in(server)
        ansel.upload(snapshot)
        ansel.close()
    backup, restored = tmp_path / "backup", tmp_path / "restored"
    operator("backup", "--data-dir", data, "--to", backup)
    assert operator("verify-backup", backup).returncode == 0
    [file] = (backup / "photos").glob(f"*/*/{name}")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    for command in (["verify-backup", backup],
                    ["restore", "--from", backup, "--data-dir", restored]):
        done = operator(*command)
        assert done.returncode == 1
        assert "damaged" in done.stderr and str(file) in done.stderr
    assert not restored.exists()


def break_off_restore(backup, target):
    """Whether a restore was killed before its end."""
    with subprocess.Popen(
            [BIN / "pinhole-server", "restore", "--from", backup,
             "--data-dir", target], stdout=subprocess.DEVNULL) as restoring:
        while (restoring.poll() is None
               and not (target / "restoring/photos").exists()):
            pass
        restoring.kill()
    return (target / "restoring").exists()


def test_server_does_not_start_on_a_restore_that_was_broken_off(
        data, tmp_path, snapshot):
    with running(Server(data)) as server:
        ansel = signed_in(server)
        for _ in range(20):
            ansel.upload(snapshot)
        ansel.close()
    backup = tmp_path / "backup"
    operator("backup", "--data-dir", data, "--to", backup)
    # A restore can be finished before it is killed.
    restored = next(target for target in
                    (tmp_path / f"restored{number}" for number in range(100))
                    if break_off_restore(backup, target))

    refused = operator("--data-dir", restored, "--http-listen", "off",
                       "--metrics-listen", "off",
                       "--grpc-listen", "127.0.0.1:0")
    assert refused.returncode == 3
    assert "unfinished; run it again" in refused.stderr
    done = operator("restore", "--from", backup, "--data-dir", restored)
    assert (done.returncode, done.stderr) == (0, "")

    assert (restored / "pinhole.db").read_bytes() == (
        backup / "pinhole.db").read_bytes()
    with running(Server(restored)) as server:
        ansel = signed_in(server)
        assert len(ansel.feed()) == 20
        ansel.close()


def test_crash_in_a_backup_leaves_nothing_behind(data, tmp_path, snapshot):
    with running(Server(data)) as server:
        ansel = signed_in(server)
        ansel.upload(snapshot)
        ansel.close()
    # As a killed server leaves it.
    unfinished = data / "backups/unfinished-20260101-000000-000"
    (unfinished / "photos").mkdir(parents=True)
    (unfinished / "pinhole.db").write_bytes(b"half")

    with running(Server(data)) as server:
        assert not unfinished.exists()
        signed_in(server).call("POST", "backups", {})
    assert len(list((data / "backups").iterdir())) == 1
