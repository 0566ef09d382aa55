# SPDX-License-Identifier: Apache-2.0
"""The JSON API's manners: errors, field names, headers, limits."""

import uuid

import pytest

from drivers import RestDriver
from processes import PATIENCE


@pytest.fixture
def http(server):
    client = RestDriver(server)

    def send(method, path, **arguments):
        return client.http.request(method, client.base + path,
                                   timeout=PATIENCE, **arguments)

    yield send
    client.close()


@pytest.mark.parametrize("method, path, arguments, status, code, reason", [
    ("GET", "photos/1", {}, 404, 5, "PHOTO_NOT_FOUND"),
    ("GET", "users/nobody", {}, 404, 5, "USER_NOT_FOUND"),
    ("GET", "no/such/path", {}, 404, 5, "PATH_NOT_FOUND"),
    ("GET", "feed", {}, 401, 16, "NOT_SIGNED_IN"),
    ("GET", "feed", {"headers": {"Authorization": "Bearer made-up"}},
     401, 16, "SESSION_ENDED"),
    ("GET", "feed", {"headers": {"Authorization": "Basic YTpi"}},
     401, 16, "INVALID_AUTHORIZATION"),
    ("POST", "users", {"json": {"handle": "x", "password": "long enough"}},
     400, 3, "INVALID_FIELD"),
    ("POST", "users", {"json": {"handle": "ansel", "password": "short"}},
     400, 3, "INVALID_FIELD"),
    ("POST", "users", {"json": {"no_such_field": 1}}, 400, 3, "INVALID_FIELD"),
    ("POST", "users", {"data": "{not json"}, 400, 3, "MALFORMED_JSON"),
    ("POST", "users", {"data": "[]"}, 400, 3, "MALFORMED_JSON"),
    ("GET", "photos?no_such_parameter=1", {}, 400, 3, "INVALID_FIELD"),
    ("GET", "photos?page_size=-1", {}, 400, 3, "INVALID_FIELD"),
    ("GET", "photos?page_token=made-up", {}, 400, 3, "INVALID_PAGE_TOKEN"),
    ("POST", "sessions", {"json": {"handle": "nobody", "password": "x" * 9}},
     401, 16, "WRONG_CREDENTIALS"),
    ("PUT", "photos", {}, 405, 12, "METHOD_NOT_ALLOWED"),
    ("POST", "users", {"data": "x" * 2_000_000}, 413, 8, "BODY_TOO_LARGE"),
    ("GET", "photos?" + "x" * 20_000, {}, 414, 3, "REQUEST_LINE_TOO_LONG"),
    ("POST", "users", {"data": "{}", "headers": {"Content-Type": "text/html"}},
     415, 3, "UNSUPPORTED_MEDIA_TYPE"),
    ("POST", "users", {"data": "{}", "headers": {"Content-Encoding": "br"}},
     415, 3, "UNSUPPORTED_MEDIA_TYPE"),
    ("GET", "photos", {"headers": {"Expect": "magic"}},
     417, 3, "EXPECTATION_FAILED"),
    ("GET", "photos", {"headers": {"X-Long": "x" * 20_000}},
     431, 3, "HEADERS_TOO_LARGE"),
    ("GET", "photos", {"headers": {"Grpc-Timeout": "1n"}},
     504, 4, "DEADLINE_EXCEEDED"),
])
def test_errors_are_a_status_in_json_with_a_reason(
        http, method, path, arguments, status, code, reason):
    answer = http(method, path, **arguments)

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    body = answer.json()
    assert body["code"] == code
    assert body["message"]
    [info] = [detail for detail in body["details"]
              if detail["@type"].endswith("google.rpc.ErrorInfo")]
    assert (info["domain"], info["reason"]) == ("pinhole", reason)


def test_a_wrong_field_is_named(http):
    answer = http("POST", "users",
                  json={"handle": "ansel", "password": "short"})

    [detail] = [d for d in answer.json()["details"]
                if d["@type"].endswith("google.rpc.BadRequest")]
    violations = detail["fieldViolations"]
    assert violations[0]["field"] == "password"
    assert "short" not in violations[0]["description"].split()


def test_fields_have_their_names_in_json(http, people, photograph):
    ansel = people("ansel")
    photo = ansel.upload(photograph)["name"]

    body = http("GET", photo).json()

    assert body["likeCount"] == 0
    assert body["commentCount"] == 0
    assert body["liked"] is False
    assert body["caption"] == ""


def test_a_wrong_method_names_the_right_ones(http):
    answer = http("PUT", "photos")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_every_answer_has_a_request_id(http):
    mine = str(uuid.uuid4())

    assert http("GET", "photos").headers["X-Request-Id"]
    assert http("GET", "photos/1").headers["X-Request-Id"]
    assert http("GET", "photos", headers={"X-Request-Id": mine}).headers[
        "X-Request-Id"] == mine


def test_patch_changes_what_the_mask_names(people, photograph):
    rest = people("ansel", RestDriver)
    photo = rest.upload(photograph, caption="old")["name"]

    rest.call("PATCH", photo, {"caption": "new"}, update_mask="caption")
    rest.call("PATCH", "users/me", {"bio": "Takes pictures"})

    assert rest.get_photo(photo)["caption"] == "new"
    assert rest.whoami()["bio"] == "Takes pictures"


def test_server_says_its_limits(http):
    info = http("GET", "serverInfo").json()

    assert info["limits"]["maxPhotoBytes"] == str(20 * 1024 * 1024)
    assert info["limits"]["maxPhotoSide"] == 16384
    assert info["acceptedContentTypes"] == [
        "image/jpeg", "image/png", "image/webp", "image/heic"]
    assert info["version"]


def test_a_body_over_the_limit_is_refused(http):
    answer = http("POST", "users", data=b'{"handle":"' + b"x" * 2_000_000)

    assert answer.status_code == 413
