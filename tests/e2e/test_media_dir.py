# SPDX-License-Identifier: Apache-2.0
"""Photos in a directory of their own, also on another file system."""

import os
import pathlib
import subprocess
import tempfile

import pytest

from drivers import RestDriver
from processes import BIN, PATIENCE, Server, database_of, running


@pytest.fixture(params=["same file system", "another file system"])
def media(request, tmp_path):
    if request.param == "same file system":
        yield tmp_path / "deep/media"
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        assert pathlib.Path(folder).stat().st_dev != tmp_path.stat().st_dev
        yield pathlib.Path(folder) / "media"


def refusal(data, media):
    """(exit code, message) of a server that does not start."""
    done = subprocess.run(
        [BIN / "pinhole-server", "--data-dir", data, "--media-dir", media,
         "--grpc-listen", "127.0.0.1:0", "--http-listen", "off",
         "--metrics-listen", "off"],
        env={**os.environ, **database_of(data)},
        capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert "ready" not in done.stdout
    return done.returncode, done.stderr


def upload(server, handle, picture):
    client = RestDriver(server)
    client.register(handle)
    client.login(handle)
    return client, client.upload_bytes(picture, "image/png")["name"]


def test_photos_are_in_the_media_dir(media, pictures, tmp_path):
    data, picture = tmp_path / "data", (pictures / "coffee.png").read_bytes()
    with running(Server(data, "--media-dir", media)) as server:
        client, photo = upload(server, "ansel", picture)
        client.close()
    assert len(list(media.glob("*/*/*"))) == 4
    assert not (data / "photos").exists()
    assert list((data / "tmp").iterdir()) == []

    with running(Server(data, "--media-dir", media)) as server:
        client = RestDriver(server)
        client.login("ansel")
        assert client.send("GET", f"{photo}/original").content == picture
        client.delete_photo(photo)
        client.close()
    assert not list(media.glob("*/*"))


def test_photos_can_be_moved(pictures, tmp_path):
    data, media = tmp_path / "data", tmp_path / "media"
    picture = (pictures / "coffee.png").read_bytes()
    with running(Server(data)) as server:
        client, photo = upload(server, "ansel", picture)
        client.close()
    code, message = refusal(data, media)
    assert code == 3
    assert "there are no photos in" in message

    (data / "photos").rename(media)

    with running(Server(data, "--media-dir", media)) as server:
        client = RestDriver(server)
        client.login("ansel")
        assert client.send("GET", f"{photo}/original").content == picture
        client.close()


def test_media_dir_of_another_installation_is_refused(pictures, tmp_path):
    media = tmp_path / "media"
    picture = (pictures / "coffee.png").read_bytes()
    with running(Server(tmp_path / "data", "--media-dir", media)) as server:
        upload(server, "ansel", picture)[0].close()

        code, message = refusal(tmp_path / "other", media)

        assert code == 3
        assert "belongs to another Pinhole installation" in message
    assert len(list(media.glob("*/*/*"))) == 4
