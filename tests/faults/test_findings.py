# SPDX-License-Identifier: Apache-2.0
"""The other tests can fail: what they look for is found where it is."""

import contextlib
import shutil
import sqlite3
import time

import pytest

from faults import FaultDisk
from findings import Findings
from world import Load, World


@pytest.fixture(scope="module")
def scene(stubs, picture, tmp_path_factory):
    """A world and its data folder, without mistakes."""
    world = World(stubs, picture, seed=1)
    disk = FaultDisk(tmp_path_factory.mktemp("scene") / "disk")
    server = disk.start()
    load = Load(world, server)
    time.sleep(1.5)
    load.stop()
    server.stop()
    assert not problems(disk.data, world)
    return world, disk.data


def problems(data, world):
    findings = Findings(data)
    findings.check_files(world.originals)
    findings.check_promises(world.ledger)
    return findings.problems


@pytest.mark.parametrize("change, problem", [
    ("DELETE FROM likes WHERE id = (SELECT max(id) FROM likes)", "is lost"),
    ("DELETE FROM comments WHERE id = (SELECT max(id) FROM comments)",
     "is lost"),
    ("DELETE FROM sessions WHERE id = (SELECT max(id) FROM sessions)",
     "is lost"),
    ("INSERT INTO follows SELECT a.id, b.id, 1 FROM users a, users b "
     "WHERE (a.id, b.id) NOT IN (SELECT follower_id, followee_id FROM follows)"
     " LIMIT 1", "is there"),
    ("UPDATE photos SET like_count = like_count + 1", "wrong like_count"),
    ("UPDATE users SET public_photo_count = 7", "wrong public_photo_count"),
    ("DELETE FROM notifications", "without notification"),
    ("DELETE FROM requests", "does not remember its request"),
    ("UPDATE comments SET photo_id = 1", "foreign_key_check"),
    ("INSERT INTO garbage VALUES ('abc')", "garbage left"),
    ("UPDATE photos SET digests = zeroblob(128)", "other digests"),
])
def test_changed_row_is_found(change, problem, scene, tmp_path):
    world, data = scene
    changed = shutil.copytree(data, tmp_path / "data")
    with contextlib.closing(sqlite3.connect(changed / "pinhole.db")) as db:
        assert db.execute(change).rowcount > 0
        db.commit()
    assert any(problem in found for found in problems(changed, world))


@pytest.mark.parametrize("file", [
    "original", "thumbnail.jpg", "medium.jpg", "large.jpg"])
@pytest.mark.parametrize("loss", ["missing", "empty", "cut off"])
def test_lost_file_is_found(loss, file, scene, tmp_path):
    world, data = scene
    changed = shutil.copytree(data, tmp_path / "data")
    path = next(changed.glob(f"photos/*/*/{file}"))
    content = path.read_bytes()
    path.unlink()
    if loss != "missing":
        path.write_bytes(content[:0 if loss == "empty" else -10])
    assert any("once " in found for found in problems(changed, world))


def test_files_without_a_record_are_found(scene, tmp_path):
    world, data = scene
    changed = shutil.copytree(data, tmp_path / "data")
    (changed / "photos" / "ab" / "abc").mkdir(parents=True)
    (changed / "tmp" / "abc").mkdir()
    assert len(problems(changed, world)) == 2
