# SPDX-License-Identifier: Apache-2.0
"""Downloads, ranges and entity tags, of photos in a directory and in a bucket.
"""

import subprocess
import sys

import grpc
import pytest

from drivers import CallFailed, RestDriver
from metrics_page import scrape
from processes import PATIENCE, ROOT, Server, running

sys.path.insert(0, str(ROOT / "tests/s3"))
import s3_server  # noqa: E402  pylint: disable=wrong-import-position

FILES = ("original", "large", "medium", "thumbnail")


@pytest.fixture(scope="session")
def endpoint():
    if not s3_server.available():
        pytest.skip(s3_server.MISSING)
    with s3_server.running() as address:
        yield address


@pytest.fixture(params=["directory", "bucket"])
def place(request, tmp_path):
    """Options and environment of a server that keeps its photos there."""
    if request.param == "directory":
        return ("--media-dir", tmp_path / "media"), {}
    return (("--media", f"s3://{s3_server.BUCKET}/{tmp_path.name}",
             "--s3-endpoint", request.getfixturevalue("endpoint")),
            s3_server.KEYS)


def start(place, tmp_path):
    options, environment = place
    return running(Server(tmp_path / "data", *options,
                          environment=environment))


@pytest.fixture
def server(place, tmp_path):
    with start(place, tmp_path) as process:
        yield process


@pytest.fixture
def ansel(people):
    return people("ansel", RestDriver)


def get(ansel, photo, file, method="GET", **headers):
    return ansel.send(method, f"{photo}/{file}", headers={
        name.replace("_", "-"): value for name, value in headers.items()})


def test_every_file_is_read_whole_and_in_parts(ansel, photograph):
    photo = ansel.upload(photograph)["name"]

    for file in FILES:
        whole = get(ansel, photo, file)
        size = len(whole.content)
        assert whole.headers["Content-Length"] == str(size)
        assert whole.headers["Accept-Ranges"] == "bytes"
        for value, part in ((f"0-{size // 2}", whole.content[:size // 2 + 1]),
                            (f"{size // 2}-", whole.content[size // 2:]),
                            (f"{size - 1}-", whole.content[-1:]),
                            ("-7", whole.content[-7:])):
            answer = get(ansel, photo, file, Range=f"bytes={value}")
            assert answer.status_code == 206, (file, value)
            assert answer.content == part, (file, value)
            assert answer.headers["ETag"] == whole.headers["ETag"]
            assert answer.headers["Content-Length"] == str(len(part))
    assert get(ansel, photo, "original").content == photograph.read_bytes()


def test_head_is_answered_as_get_without_the_bytes(ansel, photograph):
    photo = ansel.upload(photograph)["name"]

    for file in FILES:
        whole = get(ansel, photo, file)
        head = get(ansel, photo, file, "HEAD")
        assert (head.status_code, head.content) == (200, b"")
        for name in ("ETag", "Content-Length", "Content-Type",
                     "Accept-Ranges", "Cache-Control"):
            assert head.headers[name] == whole.headers[name], name
        known = get(ansel, photo, file, "HEAD",
                    If_None_Match=whole.headers["ETag"])
        assert known.status_code == 304


def test_entity_tag_names_the_bytes(ansel, photograph, snapshot):
    photo = ansel.upload(photograph)["name"]
    other = ansel.upload(snapshot)["name"]
    again = ansel.upload(photograph)["name"]

    tags = {file: get(ansel, photo, file).headers["ETag"] for file in FILES}

    assert len(set(tags.values())) == len(FILES)
    for file, tag in tags.items():
        assert tag.startswith('"') and tag.endswith('"'), tag  # Strong.
        assert get(ansel, again, file).headers["ETag"] == tag
        assert get(ansel, other, file).headers["ETag"] != tag


def test_known_bytes_are_not_sent_again(ansel, photograph):
    photo = ansel.upload(photograph)["name"]
    whole = get(ansel, photo, "medium")
    tag = whole.headers["ETag"]

    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = get(ansel, photo, "medium", If_None_Match=known)
        assert (answer.status_code, answer.content) == (304, b""), known
        assert answer.headers["ETag"] == tag
        answer = get(ansel, photo, "medium", If_None_Match=known,
                     Range="bytes=10-19")
        assert (answer.status_code, answer.content) == (304, b""), known
    other = get(ansel, photo, "medium", If_None_Match='"other"')
    assert (other.status_code, other.content) == (200, whole.content)
    with pytest.raises(CallFailed) as changed:
        get(ansel, photo, "medium", If_Match='"other"', Range="bytes=10-19")
    assert changed.value.reason == "ETAG_MISMATCH"
    same = get(ansel, photo, "medium", If_Match=tag, Range="bytes=10-19")
    assert same.content == whole.content[10:20]


def test_tags_and_bytes_outlive_the_server(place, photograph, tmp_path):
    def read(file):
        answer = get(client, photo, file, Range="bytes=100-")
        return answer.headers["ETag"], answer.content

    with start(place, tmp_path) as server:
        client = RestDriver(server)
        client.register("ansel")
        client.login("ansel")
        photo = client.upload(photograph)["name"]
        before = {file: read(file) for file in FILES}
        client.close()
    with start(place, tmp_path) as server:
        client = RestDriver(server)
        client.login("ansel")
        assert {file: read(file) for file in FILES} == before
        client.close()


def test_deleted_photo_is_not_found_whatever_is_known_of_it(
        ansel, photograph):
    photo = ansel.upload(photograph)["name"]
    tag = get(ansel, photo, "medium").headers["ETag"]
    ansel.delete_photo(photo)

    for headers in ({}, {"If_None_Match": tag}, {"Range": "bytes=10-19"},
                    {"Range": "bytes=10-19", "If_Range": tag}):
        with pytest.raises(CallFailed) as gone:
            get(ansel, photo, "medium", **headers)
        assert gone.value.code == "NOT_FOUND", headers


def test_grpc_download_starts_at_its_offset(people, photograph):
    ansel = people("ansel")
    photo = ansel.upload(photograph)["name"]
    messages = ansel.stubs.photo_pb2
    tags = set()

    for file in FILES:
        whole = ansel.download(photo, file)
        size = len(whole)
        for offset in (0, 1, size // 2, size - 1, size):
            head, *parts = ansel.stream(
                ansel.photos.DownloadPhoto,
                messages.DownloadPhotoRequest(
                    name=photo, rendition=f"RENDITION_{file.upper()}",
                    offset=offset), PATIENCE)
            assert head.head.size_bytes == size
            assert b"".join(part.chunk for part in parts) == whole[offset:]
            tags.add((file, head.head.etag))
    assert len(tags) == len(FILES)


def test_a_download_goes_on_where_it_broke_off(people, photograph):
    rest = people("ansel", RestDriver)
    photo = rest.upload(photograph)["name"]
    whole = photograph.read_bytes()

    def ranged(value, **headers):
        return rest.http.get(f"{rest.base}{photo}/original", timeout=60,
                             headers={"Range": f"bytes={value}", **headers})

    first = ranged("0-999")
    assert first.status_code == 206
    assert first.headers["Content-Range"] == f"bytes 0-999/{len(whole)}"
    again = ranged("1000-", **{"If-Range": first.headers["ETag"]})
    assert again.status_code == 206
    assert first.content + again.content == whole
    assert ranged("-500").content == whole[-500:]
    assert ranged("1000-", **{"If-Range": '"other"'}).content == whole
    assert ranged("0-9,20-29").content == whole
    beyond = ranged(f"{len(whole)}-")
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole)}"


# No file is so long; some do not even fit into 64 bits.
BEYOND_ANY_FILE = [1 << 44, 2**62, 2**63 - 2, 2**63 - 1, 2**63, 2**64,
                   99999999999999999999, 10**40]


def data_losses(server):
    return [line for line in scrape(server).splitlines()
            if line.startswith("grpc_server_handled_total")
            and 'grpc_code="DataLoss"' in line and not line.endswith(" 0")]


@pytest.mark.parametrize("way", ["server", "gateway"])
def test_a_range_beyond_any_file_is_416_and_no_lost_data(
        way, request, server, people, snapshot):
    rest = people("ansel", RestDriver)
    photo = rest.upload(snapshot)["name"]
    size = len(snapshot.read_bytes())
    url = f"http://{request.getfixturevalue(way).http}/v1/{photo}/original"

    for number in BEYOND_ANY_FILE:
        for value in (f"{number}-", f"{number}-{number}",
                      f"{number}-{number + 1}"):
            answer = rest.http.get(url, headers={"Range": f"bytes={value}"},
                                   timeout=PATIENCE)
            assert answer.status_code == 416, value
            assert answer.headers["Content-Range"] == f"bytes */{size}", value
        for value, code in ((f"{size - 1}-{number}", 206), (f"-{number}", 206),
                            (f"0-0,{number}-", 200)):
            answer = rest.http.get(url, headers={"Range": f"bytes={value}"},
                                   timeout=PATIENCE)
            assert answer.status_code == code, value
        changed = rest.http.get(
            url, headers={"Range": f"bytes={number}-", "If-Range": '"other"'},
            timeout=PATIENCE)
        assert changed.status_code == 200
        assert changed.content == snapshot.read_bytes()

    assert data_losses(server) == []


def test_an_offset_beyond_any_file_is_refused_and_no_lost_data(
        server, people, snapshot):
    ansel = people("ansel")
    photo = ansel.upload(snapshot)["name"]
    size = len(snapshot.read_bytes())
    messages = ansel.stubs.photo_pb2

    for offset in (-2**63, -1, size + 1, 1 << 44, 2**62, 2**63 - 2, 2**63 - 1):
        heads = []
        with pytest.raises(grpc.RpcError) as failure:
            for part in ansel.stream(
                    ansel.photos.DownloadPhoto,
                    messages.DownloadPhotoRequest(
                        name=photo, rendition="RENDITION_ORIGINAL",
                        offset=offset), PATIENCE):
                heads.append(part.head.size_bytes)
        assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT, offset
        assert "offset" in failure.value.details()
        assert heads == ([size] if offset >= 0 else []), offset

    assert data_losses(server) == []


def test_curl_resumes_a_download(server, people, photograph, tmp_path):
    ansel = people("ansel")
    photo = ansel.upload(photograph, content_type="image/jpeg")["name"]
    whole = photograph.read_bytes()
    part = tmp_path / "part"
    part.write_bytes(whole[:70_000])

    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time",
         "60", "--write-out", "%{http_code}", "--continue-at", "-", "--header",
         f"Authorization: Bearer {ansel.token}", "--output", part,
         f"http://{server.http}/v1/{photo}/original"],
        capture_output=True, check=True)

    assert done.stdout == b"206"
    assert part.read_bytes() == whole
