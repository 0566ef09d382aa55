# SPDX-License-Identifier: Apache-2.0
"""The stories that every client of Pinhole must pass, told to both clients."""

from __future__ import annotations

import asyncio
import io
import pathlib
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

from conftest import PASSWORD, ROOT, Open
from pinhole import AsyncClient, Client, Error, v1
from servers import PATIENCE, Proxy, Server, eventually

SignUp = Callable[[str], Any]


@pytest.fixture(scope="session")
def gallery(server: Server, photo_file: pathlib.Path) -> list[str]:
    """The names of the 250 photos of the user "gallery", newest first."""
    with Client(server.target) as client:
        client.register("gallery", PASSWORD)
        client.login("gallery", PASSWORD)
        names = [client.upload_photo(photo_file).name for _ in range(250)]
    return names[::-1]


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    proxy = Proxy(server.target)
    yield proxy
    proxy.close()


def test_pages_of_250_photos_have_each_photo_once(
    server: Server, gallery: list[str], open_client: Open
) -> None:
    client = open_client(server.target)
    assert [photo.name for photo in client.photos_of("gallery")] == gallery


def test_a_limit_ends_a_list_within_a_page(
    server: Server, gallery: list[str], open_client: Open
) -> None:
    client = open_client(server.target)
    for limit in (0, 1, 100, 101, 250, 1000):
        names = [photo.name for photo in client.photos_of("gallery", limit=limit)]
        assert names == gallery[:limit]


def test_pages_are_read_when_they_are_needed(server: Server, gallery: list[str]) -> None:
    with Client(server.target) as client:
        pages = 0
        call = client.call

        def counting(*arguments: Any, **options: Any) -> Any:
            nonlocal pages
            pages += 1
            return call(*arguments, **options)

        client.call = counting  # type: ignore[method-assign]
        photos = client.photos_of("gallery")
        assert pages == 0
        assert [next(photos).name for _ in range(100)] == gallery[:100]
        assert pages == 1
        next(photos)
        assert pages == 2


def test_a_watch_resumes_after_the_server_was_killed(
    own_server: Server, sign_up: SignUp, photo_file: pathlib.Path
) -> None:
    watcher = sign_up(own_server.target)
    uploader = sign_up(own_server.target)
    name = uploader.call(uploader.users.GetUser, v1.GetUserRequest(name="users/me")).name
    watcher.call(watcher.social.FollowUser, v1.FollowUserRequest(name=name))
    received: queue.Queue[str] = queue.Queue()
    watch = watcher.watch_feed()
    ended = threading.Event()

    def follow() -> None:
        for entry in watch:
            received.put(entry.photo.name)
            if entry.photo.caption == "last":
                break
        watch.close()
        ended.set()

    threading.Thread(target=follow, daemon=True).start()
    published = [uploader.upload_photo(photo_file).name for _ in range(3)]
    eventually(lambda: received.qsize() == 3, "the entries before the crash")
    own_server.kill()
    own_server.start()
    published += [uploader.upload_photo(photo_file).name for _ in range(2)]
    published.append(uploader.upload_photo(photo_file, caption="last").name)
    assert ended.wait(PATIENCE)
    assert [received.get_nowait() for _ in range(received.qsize())] == published


def test_an_entry_published_while_the_server_is_unreachable_is_not_missed(
    server: Server, proxy: Proxy, sign_up: SignUp, photo_file: pathlib.Path
) -> None:
    watcher = sign_up(proxy.target)
    watch = watcher.watch_feed()
    with Client(server.target, token=watcher.token) as uploader:
        first = uploader.upload_photo(photo_file).name
        assert next(watch).photo.name == first
        proxy.withhold_answers = True
        missed = uploader.upload_photo(photo_file).name
        proxy.cut()
        last = uploader.upload_photo(photo_file).name
        assert [next(watch).photo.name for _ in range(2)] == [missed, last]
    watch.close()


def test_a_refused_watch_raises_the_error(server: Server, open_client: Open) -> None:
    watch = open_client(server.target).watch_feed()
    with pytest.raises(Error) as failed:
        next(watch)
    assert failed.value.code is grpc.StatusCode.UNAUTHENTICATED


def test_an_upload_that_was_cut_off_is_repeated(
    proxy: Proxy, sign_up: SignUp, largest_photo_file: pathlib.Path
) -> None:
    client = sign_up(proxy.target)
    before = proxy.connections
    proxy.bytes_until_cut = 10 * 1024 * 1024
    photo = client.upload_photo(largest_photo_file)
    assert proxy.bytes_until_cut is None
    assert proxy.connections > before
    assert [entry.name for entry in client.feed()] == [photo.name]
    assert photo.size_bytes == largest_photo_file.stat().st_size


def test_an_upload_whose_answer_was_lost_has_one_effect(
    server: Server, proxy: Proxy, sign_up: SignUp, photo_file: pathlib.Path
) -> None:
    client = sign_up(proxy.target)
    client.upload_photo(photo_file, caption="to connect")
    before = proxy.connections
    photos = []
    proxy.withhold_answers = True
    thread = threading.Thread(target=lambda: photos.append(client.upload_photo(photo_file)))
    thread.start()
    with Client(server.target, token=client.token) as observer:
        eventually(lambda: len(list(observer.feed())) == 2, "the photo to be published")
        proxy.cut()
        thread.join(PATIENCE)
        assert proxy.connections > before
        assert [photo.name for photo in observer.feed(limit=1)] == [photos[0].name]
        assert len(list(observer.feed())) == 2


def test_an_unseekable_stream_is_uploaded_but_not_repeated(
    proxy: Proxy, sign_up: SignUp, largest_photo_file: pathlib.Path
) -> None:
    client = sign_up(proxy.target)

    class Pipe:
        def __init__(self) -> None:
            self.read = largest_photo_file.open("rb").read

    assert client.upload_photo(Pipe()).size_bytes == largest_photo_file.stat().st_size
    proxy.bytes_until_cut = 10 * 1024 * 1024
    with pytest.raises(Error) as failed:
        client.upload_photo(Pipe())
    assert failed.value.code is grpc.StatusCode.UNAVAILABLE
    assert len(list(client.feed())) == 1


def test_the_error_of_a_stream_is_raised_and_nothing_is_published(
    server: Server, sign_up: SignUp, photo_file: pathlib.Path
) -> None:
    client = sign_up(server.target)

    class Broken:
        """Fails after a complete photo."""

        def __init__(self) -> None:
            self._parts = iter([photo_file.read_bytes()])

        def read(self, size: int) -> bytes:
            for part in self._parts:
                return part
            raise OSError("the disk is broken")

    with pytest.raises(OSError, match="the disk is broken"):
        client.upload_photo(Broken())
    with pytest.raises(FileNotFoundError):
        client.upload_photo("/nonexistent/photo.jpg")
    assert not list(client.feed())


def test_an_asynchronous_stream_is_uploaded(server: Server, photo_file: pathlib.Path) -> None:
    async def upload() -> int:
        async with AsyncClient(server.target) as client:
            await client.register("streamer", PASSWORD)
            await client.login("streamer", PASSWORD)
            stream = asyncio.StreamReader()
            stream.feed_data(photo_file.read_bytes())
            stream.feed_eof()
            return (await client.upload_photo(stream)).size_bytes

    assert asyncio.run(upload()) == photo_file.stat().st_size


def test_an_error_has_a_reason(server: Server, sign_up: SignUp) -> None:
    client = sign_up(server.target)
    with pytest.raises(Error) as failed:
        client.upload_photo(io.BytesIO(b"This is not a picture."))
    assert failed.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert failed.value.reason == "UNSUPPORTED_TYPE"
    assert failed.value.message in str(failed.value)


def test_an_error_names_the_field(
    server: Server, sign_up: SignUp, largest_photo_file: pathlib.Path
) -> None:
    client = sign_up(server.target)
    # The server answers while the photo is still being sent.
    with pytest.raises(Error) as failed:
        client.upload_photo(largest_photo_file, caption="x" * 3000)
    assert failed.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [field.field for field in failed.value.fields] == ["metadata.caption"]
    assert "2000" in failed.value.fields[0].description


def test_logout_ends_the_session(server: Server, sign_up: SignUp) -> None:
    client = sign_up(server.target)
    token = client.token
    assert [session.current for session in client.sessions()] == [True]
    client.logout()
    assert client.metadata == ()
    with Client(server.target, token=token) as other, pytest.raises(Error) as failed:
        list(other.feed())
    assert failed.value.code is grpc.StatusCode.UNAUTHENTICATED


def test_every_list_reaches_its_method(
    server: Server, gallery: list[str], sign_up: SignUp, photo_file: pathlib.Path
) -> None:
    client = sign_up(server.target)
    other = sign_up(server.target)
    me = client.call(client.users.GetUser, v1.GetUserRequest(name="users/me"))
    friend = other.call(other.users.GetUser, v1.GetUserRequest(name="users/me"))
    photo = client.upload_photo(photo_file)
    other.call(other.social.FollowUser, v1.FollowUserRequest(name=me.name))
    other.call(other.social.LikePhoto, v1.LikePhotoRequest(name=photo.name))
    other.call(
        other.social.CreateComment, v1.CreateCommentRequest(parent=photo.name, text="Sharp"))
    client.call(client.social.BlockUser, v1.BlockUserRequest(name="users/gallery"))
    assert [user.name for user in client.followers("me")] == [friend.name]
    assert [user.name for user in other.following("@" + friend.handle)] == [me.name]
    assert [like.user for like in client.likes(photo.name)] == [friend.name]
    assert [comment.text for comment in client.comments(photo.name)] == ["Sharp"]
    assert len(list(client.notifications())) == 3
    assert list(client.blocks()) == ["users/gallery"]
    assert me.name in [user.name for user in client.search_users(me.handle)]
    assert next(iter(client.recent_photos(limit=1))).name == photo.name
    assert [entry.name for entry in other.feed()] == [photo.name]


def test_tls_trusts_the_given_authority_only(
    tmp_path: pathlib.Path, open_client: Open
) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "1", "-subj", "/CN=photos.example", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    tls = ("--grpc-tls-certificate", str(certificate), "--grpc-tls-key", str(key))
    with Server(tmp_path / "data", *tls) as server:
        client = open_client(f"grpcs://{server.target}", ca_file=certificate)
        assert client.server_info().version
        with pytest.raises(Error) as failed:
            open_client(f"grpcs://{server.target}").server_info()
        assert failed.value.code is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("client", ["sync", "asyncio"])
@pytest.mark.parametrize("source", ["file", "stream"])
def test_uploading_20_mib_takes_constant_memory(
    server: Server, photo_file: pathlib.Path, largest_photo_file: pathlib.Path,
    client: str, source: str,
) -> None:
    program = pathlib.Path(__file__).parent / "upload_memory.py"
    output = subprocess.run(
        [sys.executable, program, server.target, photo_file, largest_photo_file, client, source],
        check=True, capture_output=True, text=True).stdout
    assert int(output) < 8 * 1024, f"the upload took {output} KiB"


def test_the_example_shares_a_photo(own_server: Server, photo_file: pathlib.Path) -> None:
    example = ROOT / "client/python/example/share_photo.py"
    command = [
        sys.executable, str(example), own_server.target, "ansel", PASSWORD, str(photo_file)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert output.startswith("photos/")
    assert output.endswith("  My first photo\n")
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 1
    assert again.stderr.startswith("ALREADY_EXISTS: ")
