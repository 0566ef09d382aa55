# SPDX-License-Identifier: Apache-2.0
"""A database restored to an earlier time, and its photos, by the commands of
docs/operations.md."""

import contextlib
import re
import shutil
import subprocess
import uuid

import pytest

import postgres
from drivers import CallFailed, RestDriver
from processes import ROOT, Server, running


def commands(photos, backup, database):
    """The commands that compare rows with files, for other places."""
    text = (ROOT / "docs/operations.md").read_text()
    [block] = [block for block in re.findall("```sh\n(.*?)```", text, re.DOTALL)
               if "comm -23" in block]
    for old, new in (("/srv/photos", photos), ("/backup/photos", backup),
                     (" pinhole |", f" '{database}' |")):
        assert old in block, old
        block = block.replace(old, str(new))
    assert block.count("comm") == 2
    return block.partition("\n")


def printed(script, folder):
    (folder / "work").mkdir(exist_ok=True)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script],
                          cwd=folder / "work", capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done
    return done.stdout.split()


class Installation:
    """The servers of one directory of photos, one after the other."""

    def __init__(self, folder):
        self.folder = folder
        self.photos = folder / "photos"
        self.cluster = postgres.shared()
        self.database = f"photos_{uuid.uuid4().hex[:12]}"
        self.cluster.sql(f"CREATE DATABASE {self.database}")

    @contextlib.contextmanager
    def client(self, new=False):
        with running(Server(self.folder / "data", "--store",
                            self.cluster.uri(self.database), "--media-dir",
                            self.photos)) as server:
            ansel = RestDriver(server)
            if new:
                ansel.register("ansel")
            ansel.login("ansel")
            yield ansel
            ansel.close()

    def sql(self, text):
        return self.cluster.sql(text, self.database).split()

    def copy(self):
        """A copy of the database at this time, to which it is restored."""
        copy = f"{self.database}_copy"
        self.cluster.sql(f"CREATE DATABASE {copy} TEMPLATE {self.database}")
        return copy


def test_restored_rows_get_their_files_back(tmp_path, snapshot, pictures):
    one = Installation(tmp_path)
    backup = tmp_path / "backup"
    with one.client(new=True) as ansel:
        kept = ansel.upload(snapshot)["name"]
        deleted = ansel.upload(pictures / "grey.jpg")["name"]
    copy = one.copy()
    shutil.copytree(one.photos, backup)
    with one.client() as ansel:
        [lost] = one.sql("SELECT file_key FROM photos ORDER BY id DESC LIMIT 1")
        ansel.delete_photo(deleted)
        ansel.upload(pictures / "cmyk.jpg")
    [later] = one.sql("SELECT file_key FROM photos ORDER BY id DESC LIMIT 1")

    one.database = copy

    bring_back, _, compare = commands(
        one.photos, backup, one.cluster.uri(one.database))
    assert printed(compare, tmp_path) == [lost, later]
    with one.client() as ansel, pytest.raises(CallFailed) as failed:
        ansel.download(deleted, "medium")
    assert failed.value.code == "DATA_LOSS"
    printed(bring_back, tmp_path)
    assert printed(compare, tmp_path) == [later]
    with one.client() as ansel:
        for photo in (kept, deleted):
            ansel.download(photo, "medium")
    shutil.rmtree(one.photos / later[:2] / later)
    assert printed(compare, tmp_path) == []
