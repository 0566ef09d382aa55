# SPDX-License-Identifier: Apache-2.0
"""What the log says of calls and requests, and what it never says."""

import json
import os
import re
import subprocess
import threading

import pytest
import requests

import drivers
from drivers import CallFailed
from processes import BIN, PATIENCE, Gateway, Server, eventually, running

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def lines(process):
    """What was logged so far, as objects: every line must be one."""
    text = process.log_path.read_text()
    return [json.loads(line) for line in text.splitlines()[:text.count("\n")]]


def find(process, **fields):
    """The first line with these fields; waits for it."""
    def look():
        for line in lines(process):
            if all(line.get(key) == value for key, value in fields.items()):
                return line
        return None
    return eventually(look, f"a line with {fields}")


def get(process, path, **headers):
    return requests.get(f"http://{process.http}{path}", headers=headers,
                        timeout=PATIENCE)


def test_call_has_one_line_with_who_what_and_where_its_time_went(
        server, people, snapshot):
    ansel = people("ansel")
    photo = ansel.upload(snapshot)["name"]
    request = ansel.stubs.social_pb2.LikePhotoRequest(name=photo)
    ansel.social.LikePhoto(
        request, metadata=[*ansel.metadata(), ("x-request-id", "mine-1"),
                           ("traceparent", TRACEPARENT)])

    line = find(server, request_id="mine-1")

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["ts"])
    assert (line["level"], line["msg"], line["code"]) == ("info", "call", "OK")
    assert line["method"] == "pinhole.v1.SocialService.LikePhoto"
    assert line["user"] == "ansel" and line["trace_id"] == TRACE
    assert line["peer"].startswith("ipv4:127.0.0.1:")
    parts = [value for key, value in line.items()
             if key.endswith("_ms") and key != "duration_ms"]
    # Each is cut to whole microseconds, and those below one are left out.
    assert sum(parts) == pytest.approx(line["duration_ms"], abs=0.02)
    assert line["write_ms"] > 0
    assert sum(x.get("request_id") == "mine-1" for x in lines(server)) == 1


def test_failed_call_is_logged_with_its_code(server, people):
    ansel = people("ansel")
    with pytest.raises(CallFailed):
        ansel.get_photo("photos/1")

    line = find(server, method="pinhole.v1.PhotoService.GetPhoto")

    assert line["code"] == "NOT_FOUND" and line["level"] == "info"


def test_trace_and_request_are_the_same_in_gateway_and_server(server, gateway):
    get(gateway, "/v1/serverInfo", traceparent=TRACEPARENT,
        **{"X-Request-Id": "mine-2"})

    ours = find(gateway, request_id="mine-2")
    theirs = find(server, request_id="mine-2")

    assert ours["trace_id"] == theirs["trace_id"] == TRACE
    assert ours["parent_id"] == theirs["parent_id"] == "b7ad6b7169203331"
    assert (ours["msg"], ours["method"]) == ("request", "GET")
    assert (ours["route"], ours["code"]) == ("/v1/serverInfo", 200)
    assert ours["sent_bytes"] > 0


def test_request_without_a_trace_begins_one(server, gateway):
    for process in server, gateway:
        get(process, "/v1/serverInfo", traceparent="00-nonsense",
            **{"X-Request-Id": f"mine-{process.pid}"})

        trace = find(process, request_id=f"mine-{process.pid}")["trace_id"]

        assert re.fullmatch("[0-9a-f]{32}", trace)
        assert find(server, request_id=f"mine-{process.pid}")["trace_id"] == trace


def test_http_request_has_one_line_in_the_server(server):
    get(server, "/v1/serverInfo", **{"X-Request-Id": "calls"})
    get(server, "/v1/nothing/here", **{"X-Request-Id": "calls-not"})
    get(server, "/readyz", **{"X-Request-Id": "probe"})

    assert find(server, request_id="calls")["msg"] == "call"
    line = find(server, request_id="calls-not")
    assert (line["msg"], line["route"], line["code"]) == (
        "request", "_other", 404)
    seen = [line.get("request_id") for line in lines(server)]
    assert seen.count("calls") == 1 and "probe" not in seen


def test_flood_of_refused_requests_writes_few_lines(tmp_path):
    """The first ten of an address have lines; the others are told of in one."""
    with running(Server(tmp_path / "data")) as server:
        with running(Gateway(server.grpc, tmp_path)) as gateway, \
                requests.Session() as session:
            for process in server, gateway:
                for _ in range(200):
                    answer = session.get(f"http://{process.http}/nothing/here",
                                         timeout=PATIENCE)
                    assert answer.status_code == 404
            get(server, "/", **{"X-Request-Id": "allowed"})
            find(server, request_id="allowed")

    for process in server, gateway:
        seen = lines(process)
        assert sum(line.get("code") == 404 for line in seen) == 10
        summaries = [line for line in seen if "codes" in line]
        assert [(line["level"], line["address"], line["requests"], line["codes"])
                for line in summaries] == [
                    ("info", "127.0.0.1", 190, "190 404")]


def test_slow_calls_are_warnings(tmp_path, stubs):
    from conftest import People
    with running(Server(tmp_path / "data", "--log-slow-ms", "1",
                        "--log-level", "warn")) as server:
        people = People(drivers.GrpcDriver, server, stubs, tmp_path)
        people("ansel")

        line = find(server, method="pinhole.v1.UserService.CreateUser")

        assert (line["level"], line["msg"]) == ("warning", "slow call")
        assert line["hash_ms"] > 1
        people.close()


def test_text_is_for_people(tmp_path):
    with running(Server(tmp_path / "data", "--log-format", "text")) as server:
        get(server, "/v1/serverInfo", **{"X-Request-Id": "mine-3"})

        eventually(lambda: re.search(
            r"^[-0-9]{10} [:0-9]{8}\.\d{3} info call "
            r"method=pinhole\.v1\.\w+\.GetServerInfo code=OK "
            r"duration_ms=\d+\.\d{3} request_id=mine-3 ", server.log(),
            re.MULTILINE), "the call's line")


def test_end_does_not_wait_for_a_log_that_nobody_reads(tmp_path):
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [BIN / "pinhole-server", "--data-dir", tmp_path / "data",
         "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
         "--metrics-listen", "off"], stderr=writer, stdout=subprocess.PIPE,
        text=True)
    os.close(writer)
    try:
        address = next(line.split()[-1] for line in process.stdout
                       if line.startswith("HTTP listening"))
        with requests.Session() as session:
            # More lines than a pipe of 64 KiB takes.
            for _ in range(600):
                session.get(f"http://{address}/v1/serverInfo", timeout=PATIENCE)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.stdout.close()
        os.close(reader)


# Secrets, and what people wrote, each with a word that is nowhere else.
CANARY = "kestrel"


def tell_secrets(client, snapshot):
    """Everything that may hold a secret, in calls that succeed and fail."""
    def failing(call, *arguments, **fields):
        with pytest.raises(CallFailed):
            call(*arguments, **fields)
    client.register("ansel", password=f"{CANARY} password",
                    display_name=f"{CANARY} name")
    failing(client.register, "ansel", password=f"{CANARY} again")
    failing(client.register, "dorothea", password=CANARY)  # Too short.
    failing(client.login, "ansel", password=f"{CANARY} wrong")
    client.login("ansel", password=f"{CANARY} password")
    photo = client.upload(snapshot, caption=f"{CANARY} caption")["name"]
    client.comment(photo, f"{CANARY} comment")
    failing(client.comment, photo, CANARY * 2000)
    client.search_users(CANARY)
    token = client.token
    client.token = f"{CANARY}-token"
    failing(client.whoami)
    client.token = token
    client.whoami()
    return token


@pytest.mark.parametrize("kind", [drivers.GrpcDriver, drivers.RestDriver])
def test_secrets_and_what_people_wrote_are_never_logged(
        kind, tmp_path, stubs, snapshot):
    with running(Server(tmp_path / "data", "--log-level", "debug",
                        "--log-slow-ms", "1")) as server, \
         running(Gateway(server.grpc, tmp_path, "--log-level", "debug",
                         "--log-slow-ms", "1")) as gateway:
        door = gateway if kind is drivers.RestDriver else server
        client = kind(door, stubs)
        token = tell_secrets(client, snapshot)
        client.close()
        for path in (f"/v1/{CANARY}", f"/v1/photos?{CANARY}={CANARY}"):
            get(gateway, path, Authorization=f"Bearer {CANARY}")
        requests.post(f"http://{gateway.http}/v1/sessions", timeout=PATIENCE,
                      data='{"handle": "ansel", "password": "' + CANARY)
        get(server, "/v1/serverInfo", **{"X-Request-Id": "the-last"})
        find(server, request_id="the-last")
    for process in server, gateway:
        logged = process.log_path.read_text()
        assert CANARY not in logged
        assert token not in logged
        assert len(logged.splitlines()) >= 3


def test_lines_of_many_clients_at_once_are_whole(server):
    def ask(client):
        with requests.Session() as session:
            for number in range(50):
                session.get(f"http://{server.http}/v1/serverInfo",
                            headers={"X-Request-Id": f"c{client}-{number}"},
                            timeout=PATIENCE)
    threads = [threading.Thread(target=ask, args=[client])
               for client in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    wanted = {f"c{client}-{number}"
              for client in range(8) for number in range(50)}
    eventually(lambda: wanted <= {line.get("request_id")
                                  for line in lines(server)}, "all lines")
