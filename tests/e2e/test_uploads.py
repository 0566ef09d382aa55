# SPDX-License-Identifier: Apache-2.0
"""Uploads: what is accepted, what is refused and why, and what stays behind."""

import http.client
import json
import socket
import subprocess

import grpc
import pytest

import drivers
import pictures as picture
from drivers import CallFailed
from processes import PATIENCE, eventually


def refused(call, *arguments, **fields):
    with pytest.raises(CallFailed) as failure:
        call(*arguments, **fields)
    return failure.value


@pytest.mark.parametrize("file, content_type", [
    ("rocket.jpg", "image/jpeg"), ("progressive.jpg", "image/jpeg"),
    ("cmyk.jpg", "image/jpeg"), ("grey.jpg", "image/jpeg"),
    ("coffee.png", "image/png"), ("deep.png", "image/png"),
    ("palette.png", "image/png"), ("transparent.png", "image/png"),
    ("coffee.webp", "image/webp"), ("coffee.heic", "image/heic")])
def test_every_accepted_type_becomes_jpeg_renditions(
        people_both_ways, pictures, file, content_type):
    ansel = people_both_ways("ansel")

    photo = ansel.upload(pictures / file, content_type=content_type)

    assert photo["contentType"] == content_type
    large = ansel.download(photo["name"], "large")
    assert picture.jpeg_size(large) == picture.fit(
        photo["width"], photo["height"], 2048)


HOSTILE = [
    "empty.jpg", "text.jpg", "a.svg", "document.pdf", "bitmap.bmp",
    "animated.gif", "animated.webp", "animated.png", "coffee.avif",
    "picture.tif", "bomb.jpg", "bomb.png"]
# The media tests make those with too many pixels or too long a side. HEIC has
# no checksum over its pixels: damage there is shown, not refused.


def test_wrong_and_hostile_files_are_refused_with_a_reason(
        server, people_both_ways, pictures):
    ansel = people_both_ways("ansel")
    reasons = {}

    for file in HOSTILE:
        failure = refused(ansel.upload, pictures / file)
        assert failure.code == "INVALID_ARGUMENT", file
        assert failure.detail("ErrorInfo")["domain"] == "pinhole", file
        reasons[file] = failure.detail("ErrorInfo")["reason"]

    assert server.files() == []
    assert len(set(reasons.values())) >= 4, reasons


def test_a_cut_off_photograph_is_refused(server, people_both_ways, photograph):
    ansel = people_both_ways("ansel")
    data = photograph.read_bytes()

    failure = refused(ansel.upload_bytes, data[:len(data) // 2])

    assert failure.code == "INVALID_ARGUMENT"
    assert server.files() == []


def test_a_file_over_the_limit_is_refused(server, people, photograph):
    ansel = people("ansel")
    rest = people.stranger(drivers.RestDriver)
    rest.token = ansel.token
    data = photograph.read_bytes().ljust(20 * 1024 * 1024 + 1, b"\0")

    assert refused(ansel.upload_bytes, data).code == "INVALID_ARGUMENT"
    with pytest.raises((CallFailed, OSError)):
        rest.upload_bytes(data)
    eventually(lambda: server.files() == [], "temporary files to go")
    assert ansel.list_photos("users/ansel") == []


@pytest.mark.parametrize("declared", [
    "image/jpg", "image/pjpeg", "IMAGE/JPEG; charset=binary", "image/x-png",
    "image/heif", "image/heic-sequence", "image/webp", "image/*", "*/*",
    "application/octet-stream", ""])
@pytest.mark.parametrize("file, found", [
    ("rocket.jpg", "image/jpeg"), ("coffee.heic", "image/heic")])
def test_the_bytes_decide_whatever_picture_is_declared(
        people_both_ways, pictures, file, found, declared):
    ansel = people_both_ways("ansel")

    photo = ansel.upload(pictures / file, content_type=declared)

    assert photo["contentType"] == found


def test_a_form_may_declare_another_name_of_a_type_or_none(
        server, people, pictures):
    ansel = people("ansel")
    url = f"http://{server.http}/v1/photos:upload"
    for declared in ("image/jpg", "image/*", "application/octet-stream",
                     "image/heif"):
        code, body = curl(
            "-H", f"Authorization: Bearer {ansel.token}",
            "-F", f"file=@{pictures / 'rocket.jpg'};type={declared}", url)
        assert code == 201, (declared, body)


@pytest.mark.parametrize("declared", ["text/html", "image/gif", "video/mp4"])
def test_a_type_that_no_picture_has_is_refused_with_the_accepted_ones(
        people_both_ways, snapshot, declared):
    ansel = people_both_ways("ansel")

    failure = refused(ansel.upload, snapshot, content_type=declared)

    assert failure.code == "INVALID_ARGUMENT"
    assert "image/jpeg, image/png, image/webp, image/heic" in failure.message


def test_a_type_that_is_not_accepted_is_refused(people_both_ways):
    ansel = people_both_ways("ansel")

    failure = refused(ansel.upload_bytes, b"GIF89a", content_type="image/gif")

    assert failure.code == "INVALID_ARGUMENT"


def test_an_upload_broken_off_over_grpc_leaves_nothing(
        server, people, photograph):
    ansel = people("ansel")
    messages = ansel.stubs.photo_pb2
    data = photograph.read_bytes()
    begun = []

    def parts():
        yield messages.UploadPhotoRequest(metadata=messages.PhotoMetadata())
        yield messages.UploadPhotoRequest(chunk=data[:100_000])
        eventually(lambda: server.files(), "the upload to begin")
        begun.append(True)
        call.cancel()

    call = ansel.photos.UploadPhoto.future(parts(), metadata=ansel.metadata())
    with pytest.raises((grpc.FutureCancelledError, grpc.RpcError)):
        call.result(timeout=30)

    eventually(lambda: begun and not server.files(), "the file to go")
    assert ansel.list_photos("users/ansel") == []


def test_an_upload_broken_off_over_http_leaves_nothing(
        server, people, photograph):
    ansel = people("ansel")
    data = photograph.read_bytes()
    connection = http.client.HTTPConnection(server.http, timeout=30)
    connection.putrequest("POST", "/v1/photos:upload")
    connection.putheader("Authorization", f"Bearer {ansel.token}")
    connection.putheader("Content-Type", "image/jpeg")
    connection.putheader("Content-Length", str(len(data)))
    connection.endheaders()
    connection.send(data[:len(data) * 3 // 4])
    eventually(lambda: server.files(), "the upload to begin")

    connection.close()

    eventually(lambda: not server.files(), "the file to go")
    assert ansel.list_photos("users/ansel") == []


def test_deleting_a_photo_removes_its_bytes(server, people, photograph):
    ansel = people("ansel")
    photo = ansel.upload(photograph)["name"]
    assert server.files()

    ansel.delete_photo(photo)

    eventually(lambda: not server.files(), "the bytes to go")


def test_pictures_are_upright_and_stripped(people, pictures):
    ansel = people("ansel")
    turned = pictures / "orientation-6.jpg"
    width, height = picture.jpeg_size(turned.read_bytes())

    photo = ansel.upload(turned)

    assert (photo["width"], photo["height"]) == (height, width)
    thumbnail = ansel.download(photo["name"], "thumbnail")
    assert picture.jpeg_size(thumbnail) == picture.fit(height, width, 320)
    assert not picture.has_exif(thumbnail)


def curl(*arguments):
    """The status and the body of a request made with curl."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time",
         "60", "--write-out", "\n%{http_code}", *map(str, arguments)],
        capture_output=True, check=True)
    body, _, code = done.stdout.rpartition(b"\n")
    return int(code), body


def test_curl_uploads_a_form(server, people, photograph):
    ansel = people("ansel")
    url = f"http://{server.http}/v1/photos:upload"
    form = ["-H", f"Authorization: Bearer {ansel.token}",
            "-F", "caption=Half Dome & more", "-F", "visibility=private"]

    code, body = curl(*form, "-F", f"file=@{photograph};type=image/jpeg", url)

    assert code in (200, 201), body
    photo = json.loads(body)
    assert photo["caption"] == "Half Dome & more"
    assert photo["visibility"] == "VISIBILITY_PRIVATE"
    assert ansel.download(photo["name"], "original") == photograph.read_bytes()


def test_a_refused_form_leaves_nothing(server, people, photograph):
    ansel = people("ansel")
    url = f"http://{server.http}/v1/photos:upload"
    token = ["-H", f"Authorization: Bearer {ansel.token}"]
    file = ["-F", f"file=@{photograph};type=image/jpeg"]

    late = curl(*token, *file, "-F", "caption=late", url)
    wrong = curl(*token, "-F", f"file=@{photograph};type=image/gif", url)
    stranger = curl(*file, url)

    assert (late[0], wrong[0], stranger[0]) == (400, 415, 401)
    eventually(lambda: server.files() == [], "temporary files to go")
    assert ansel.list_photos("users/ansel") == []


@pytest.mark.parametrize("way", ["server", "gateway"])
def test_a_stranger_is_refused_before_the_form_has_come(way, request):
    host, _, port = request.getfixturevalue(way).http.rpartition(":")
    with socket.create_connection((host, int(port)), PATIENCE) as client:
        client.settimeout(PATIENCE)
        client.sendall(
            b"POST /v1/photos:upload HTTP/1.1\r\nHost: a\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n"
            b"Content-Length: 1000000\r\n\r\n")

        assert client.recv(100).startswith(b"HTTP/1.1 401 ")
