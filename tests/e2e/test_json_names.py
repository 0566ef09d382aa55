# SPDX-License-Identifier: Apache-2.0
"""Names of fields in JSON: canonical unless --json-names says otherwise, the
same in the server's process and in a gateway's, and both kinds in requests."""

import json
import re

import pytest

from drivers import RestDriver
from processes import PATIENCE, Gateway, Server, running


def spelled(name, names):
    """The proto name `name` as responses have it."""
    if names == "proto":
        return name
    return re.sub("_([a-z])", lambda match: match.group(1).upper(), name)


def keys(value):
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


@pytest.fixture(scope="module")
def backend(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backend")
    with running(Server(folder / "data")) as process:
        yield process


@pytest.fixture(scope="module", params=[
    ("server", "json"), ("server", "proto"),
    ("gateway", "json"), ("gateway", "proto")], ids="-".join)
def door(request, backend, tmp_path_factory):
    """A client of each program with each names, and which names those are."""
    program, names = request.param
    folder = tmp_path_factory.mktemp(program)
    options = [] if names == "json" else ["--json-names", names]
    process = (Gateway(backend.grpc, folder, *options) if program == "gateway"
               else Server(folder / "data", *options))
    with running(process):
        client = RestDriver(process)
        handle = f"{program}.{names}"
        client.register(handle, display_name=handle)
        client.login(handle)
        yield client, names
        client.close()


def get(client, path, **arguments):
    return client.http.get(client.base + path, timeout=PATIENCE, **arguments)


def watch(client, accept, publish):
    """The first record of a watched feed after `publish`."""
    answer = get(client, "feed:watch", stream=True, headers={"Accept": accept})
    assert answer.status_code == 200
    publish()
    for line in answer.iter_lines(chunk_size=1):
        text = line.decode().removeprefix("data: ")
        if text.startswith("{"):
            answer.close()
            return json.loads(text)
    raise AssertionError("the stream ended")


def test_answers_have_the_names_that_are_set(door, snapshot):
    client, names = door
    photo = client.upload(snapshot, alt_text="A rocket")  # Bytes, then JSON.
    comment = client.comment(photo["name"], "Up")
    listed = client.call("GET", "photos", pageSize=1)

    assert photo[spelled("alt_text", names)] == "A rocket"
    assert photo[spelled("size_bytes", names)].isdecimal()
    assert photo[spelled("like_count", names)] == 0
    assert spelled("create_time", names) in comment
    assert spelled("next_page_token", names) in listed
    both = set(keys([photo, comment, listed, client.whoami(),
                     client.call("GET", "serverInfo")]))
    if names == "json":
        assert not [key for key in both if "_" in key]
    else:
        assert not [key for key in both if key != key.lower()]


@pytest.mark.parametrize("accept", ["application/x-ndjson",
                                    "text/event-stream"])
def test_records_of_streams_have_them_too(door, snapshot, accept):
    client, names = door

    entry = watch(client, accept, lambda: client.upload(snapshot))

    assert entry[spelled("resume_token", names)]
    assert spelled("like_count", names) in entry["photo"]


def test_requests_take_both_names(door, snapshot):
    client, names = door
    photo = client.upload(snapshot, altText="old")["name"]
    shown = spelled("alt_text", names)

    for name, mask in (("altText", "altText"), ("alt_text", "alt_text"),
                       ("altText", "alt_text"), ("alt_text", "altText")):
        for parameter in ("updateMask", "update_mask"):
            text = f"{name} {mask} {parameter}"
            answer = client.call("PATCH", photo, {name: text},
                                 **{parameter: mask})
            assert answer[shown] == text
    for name in ("altText", "alt_text"):  # The body says what is updated.
        assert client.call("PATCH", photo, {name: name})[shown] == name
    # As one message, where the mask is JSON.
    for photo_field, mask_field, mask in (
            ("altText", "updateMask", "altText"),
            ("alt_text", "update_mask", "alt_text")):
        answer = client.http.post(
            client.base.replace("/v1/", "/pinhole.v1.PhotoService/UpdatePhoto"),
            json={"photo": {"name": photo, photo_field: mask},
                  mask_field: mask}, timeout=PATIENCE)
        assert answer.json()[shown] == mask, answer.text
    assert client.call("GET", "photos", pageSize=1)["photos"]
    assert client.call("GET", "photos", page_size=1)["photos"]


def test_both_names_of_one_field_are_refused(door):
    client, _ = door

    in_query = get(client, "photos?pageSize=1&page_size=1")
    in_body = client.http.patch(
        client.base + "users/me", timeout=PATIENCE,
        json={"displayName": "A", "display_name": "B"})

    for answer, field, said in (
            (in_query, "page_size", "pageSize and page_size"),
            (in_body, "user.display_name", "displayName and display_name")):
        assert answer.status_code == 400
        assert f"is given twice; {said} are the same field" in answer.text
        assert violations(answer.json())[0]["field"] == field


def violations(status):
    [detail] = [detail for detail in status["details"]
                if detail["@type"].endswith("google.rpc.BadRequest")]
    return detail["fieldViolations"]


@pytest.mark.parametrize("path, body, field", [
    # Found by the gateway ...
    ("photos?pageSize=many", None, "page_size"),
    ("photos?page_size=many", None, "page_size"),
    ("users", {"displayName": 1}, "display_name"),
    # ... and by the services.
    ("photos?pageSize=-1", None, "page_size"),
    ("photos?page_size=-1", None, "page_size"),
    ("users", {"handle": "someone", "password": "a long password",
               "displayName": "x" * 1000}, "display_name"),
])
def test_errors_name_a_field_as_the_proto_does(door, path, body, field):
    client, _ = door

    answer = client.http.request("POST" if body else "GET", client.base + path,
                                 json=body, timeout=PATIENCE)

    assert answer.status_code == 400
    assert violations(answer.json())[0]["field"] == field


def test_details_have_canonical_names_and_no_default_values(door):
    client, _ = door

    for path in ("photos?pageSize=many", "users/nobody", "photos/made-up"):
        details = get(client, path).json()["details"]
        assert details
        for detail in details:
            assert not [key for key in keys(detail) if "_" in key]
            assert all(detail.values()), detail


def test_the_description_has_the_names_of_the_answers(door):
    client, names = door
    document = get(client, "../openapi.json").json()
    schemas = document["components"]["schemas"]
    parameters = {
        parameter["name"]: parameter.get("description", "")
        for item in document["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        if parameter["in"] in ("query", "path")}
    named = {name for schema in schemas.values()
             for name in schema.get("properties", ())}

    page_token = spelled("page_token", names)
    assert {spelled("page_size", names), page_token} <= set(parameters)
    assert f"`{spelled('next_page_token', names)}`" in parameters[page_token]
    assert {spelled("like_count", names), spelled("create_time", names)} <= (
        named)
    # Only names of one word are equal.
    other = "[A-Z]" if names == "proto" else "_"
    assert not [name for name in named | set(parameters)
                if re.search(other, name)]


def test_the_environment_sets_the_names_too(tmp_path):
    with running(Server(tmp_path / "data",
                        environment={"PINHOLE_JSON_NAMES": "proto"})) as server:
        client = RestDriver(server)
        assert "next_page_token" in client.call("GET", "photos")
        client.close()
