# SPDX-License-Identifier: Apache-2.0
"""Photos in a bucket of an S3 server."""

import pathlib
import subprocess
import sys

import pytest
import requests

from drivers import CallFailed, RestDriver
from processes import BIN, PATIENCE, ROOT, Server, database_of, running

sys.path.insert(0, str(ROOT / "tests/s3"))
import s3_server  # noqa: E402  pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(not s3_server.available(),
                                reason=s3_server.MISSING)


@pytest.fixture(scope="module")
def endpoint():
    with s3_server.running() as address:
        yield address


@pytest.fixture
def options(endpoint, request):
    """Options that name a place of its own in the bucket."""
    return ["--media", f"s3://photos/{request.node.name.replace('_', '-')}",
            "--s3-endpoint", endpoint]


def start(data, options):
    return running(Server(data, *options, environment=s3_server.KEYS))


def refusal(data, *options, environment=None):
    """(exit code, message) of a server that does not start."""
    done = subprocess.run(
        [BIN / "pinhole-server", "--data-dir", data, *options,
         "--grpc-listen", "127.0.0.1:0", "--http-listen", "off",
         "--metrics-listen", "off"],
        capture_output=True, text=True, timeout=PATIENCE * 2, check=False,
        env={**(environment or s3_server.KEYS), **database_of(data)})
    assert "ready" not in done.stdout
    return done.returncode, done.stderr


def test_photos_are_uploaded_read_and_removed(options, pictures, tmp_path):
    picture = (pictures / "coffee.png").read_bytes()
    with start(tmp_path / "data", options) as server:
        client = RestDriver(server)
        client.register("ansel")
        client.login("ansel")
        photo = client.upload_bytes(picture, "image/png")["name"]

        assert client.send("GET", f"{photo}/original").content == picture
        assert client.send("GET", f"{photo}/thumbnail").content[:3] \
            == b"\xff\xd8\xff"
        assert server.files() == []

        client.delete_photo(photo)
        with pytest.raises(CallFailed) as gone:
            client.send("GET", f"{photo}/original")
        assert gone.value.code == "NOT_FOUND"
        client.close()


def test_downloads_that_everyone_can_see_are_redirected_on_request(
        options, pictures, tmp_path):
    picture = (pictures / "coffee.png").read_bytes()
    with start(tmp_path / "data", [*options, "--s3-redirects"]) as server:
        client = RestDriver(server)
        client.register("ansel")
        client.login("ansel")
        public = client.upload_bytes(picture, "image/png")["name"]
        private = client.upload_bytes(
            picture, "image/png", visibility="VISIBILITY_PRIVATE")["name"]

        def get(path, **headers):
            return client.http.get(client.base + path, timeout=PATIENCE,
                                   allow_redirects=False, headers=headers)

        direct = get(f"{public}/medium?acceptRedirect=false")
        assert direct.status_code == 200
        redirect = get(f"{public}/medium")
        assert redirect.status_code == 307
        there = redirect.headers["Location"]
        assert requests.get(there, timeout=PATIENCE).content == direct.content
        part = requests.get(there, timeout=PATIENCE,
                            headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (
            206, direct.content[10:20])
        assert requests.get(there + "0", timeout=PATIENCE).status_code == 403
        assert requests.get(f"{client.base}{public}/medium",
                            timeout=PATIENCE).content == direct.content

        assert get(f"{public}/medium",
                   **{"If-None-Match": direct.headers["ETag"]}
                   ).status_code == 304
        assert get(f"{public}/medium",
                   **{"Sec-Fetch-Mode": "cors"}).content == direct.content
        assert get(f"{private}/medium").status_code == 200
        assert get(f"{public}/original").content == picture
        client.close()

    with start(tmp_path / "data", options) as server:
        client = RestDriver(server)
        assert client.http.get(f"{client.base}{public}/medium",
                               allow_redirects=False,
                               timeout=PATIENCE).status_code == 200
        client.close()


def test_a_new_server_finds_the_photos_and_another_one_is_refused(
        options, pictures, tmp_path):
    picture = (pictures / "coffee.png").read_bytes()
    with start(tmp_path / "data", options) as server:
        client = RestDriver(server)
        client.register("ansel")
        client.login("ansel")
        photo = client.upload_bytes(picture, "image/png")["name"]
        client.close()

    with start(tmp_path / "data", options) as server:
        client = RestDriver(server)
        client.login("ansel")
        assert client.send("GET", f"{photo}/original").content == picture
        client.close()

    code, message = refusal(tmp_path / "other", *options)
    assert code == 3
    assert "belongs to another Pinhole installation" in message

    code, message = refusal(tmp_path / "data", "--media", "s3://photos/empty",
                            *options[2:])
    assert code == 3
    assert "the database has photos, but the bucket has none" in message


@pytest.mark.parametrize("media, keys, expected", [
    ("s3://photos/x", {**s3_server.KEYS, "AWS_SECRET_ACCESS_KEY": "wrong"},
     "check the secret access key"),
    ("s3://photos/x", s3_server.READER_KEYS, "access to the bucket photos"),
    ("s3://no-such-bucket", s3_server.KEYS,
     "the bucket no-such-bucket does not exist"),
])
def test_a_bucket_that_cannot_be_used_is_refused_at_the_start(
        endpoint, media, keys, expected, tmp_path):
    code, message = refusal(tmp_path / "data", "--media", media,
                            "--s3-endpoint", endpoint, environment=keys)
    assert code == 3
    assert expected in message
    assert keys["AWS_SECRET_ACCESS_KEY"] not in message


def test_the_access_key_can_be_in_a_file(options, tmp_path):
    file = tmp_path / "credentials"
    file.write_text("[default]\n" + "".join(
        f"{name.lower()} = {value}\n" for name, value in s3_server.KEYS.items()))
    environment = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    code, message = refusal(tmp_path / "data", *options,
                            environment=environment)
    assert code == 2
    assert "set AWS_ACCESS_KEY_ID in the environment" in message
    with running(Server(tmp_path / "data", *options, "--s3-credentials", file,
                        environment=environment)):
        pass


def test_backups_of_photos_in_a_bucket_are_refused(options, tmp_path):
    with start(tmp_path / "data", options):
        pass
    done = subprocess.run(
        [BIN / "pinhole-server", "backup", "--data-dir", tmp_path / "data",
         "--to", tmp_path / "backup", *options],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
        env=s3_server.KEYS)
    assert done.returncode == 1
    assert "the photos are not in a directory" in done.stderr
    assert not pathlib.Path(tmp_path / "backup").exists()
