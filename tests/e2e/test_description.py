# SPDX-License-Identifier: Apache-2.0
"""What the gateway says of itself is true, by the word of others."""

import base64
import hashlib
import re
import shutil
import subprocess

import pytest

from drivers import RestDriver
from processes import PATIENCE, ROOT


@pytest.fixture(params=["server", "gateway"])
def door(request):
    """Where the pages are: in the server's process and in one of its own."""
    return RestDriver(request.getfixturevalue(request.param))


def get(door, path):
    answer = door.http.get(door.base.replace("/v1/", path), timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return answer


def command(name):
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on the path; see CONTRIBUTING.md")
    return found


def test_every_rpc_is_described(door, stubs):
    described = {
        operation["operationId"].split("_")[1]
        for item in get(door, "/openapi.json").json()["paths"].values()
        for operation in item.values()}

    for module in (stubs.user_pb2, stubs.photo_pb2, stubs.social_pb2,
                   stubs.admin_pb2):
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                assert method.name in described


def test_both_doors_say_the_same(server, gateway):
    inside, outside = (get(RestDriver(door), "/openapi.json").json()
                       for door in (server, gateway))

    assert inside == outside


def test_documented_reasons_of_errors_are_those_of_the_server(server):
    document = get(RestDriver(server), "/openapi.json").json()
    errors = document["components"]["responses"]["Error"]["description"]
    registry = (ROOT / "base/error_reasons.cc").read_text()

    reasons = re.findall(r"`([A-Z_]+)`[,.]", errors)
    assert len(reasons) > 20
    for reason in reasons:
        assert f'"{reason}"' in registry


def test_the_document_is_valid(server, tmp_path):
    validator = command("openapi-spec-validator")
    document = tmp_path / "openapi.json"
    document.write_bytes(get(RestDriver(server), "/openapi.json").content)

    done = subprocess.run([validator, document], capture_output=True,
                          text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_server_keeps_to_the_document(server, people, tmp_path):
    schemathesis = command("schemathesis")
    token = people("ansel").token

    # The rules of fields are in words only, so what fits the schema may be
    # refused; and proto3 JSON takes more than the one form that it writes. A
    # watched feed has no end.
    done = subprocess.run(
        [schemathesis, "run", f"http://{server.http}/openapi.json",
         "-H", f"Authorization: Bearer {token}",
         "--exclude-checks", "positive_data_acceptance,negative_data_rejection",
         "--exclude-operation-id", "SocialService_WatchFeed",
         "--max-examples", "5", "--generation-deterministic", "--no-color",
         "--request-timeout", str(PATIENCE)],
        capture_output=True, text=True, cwd=tmp_path, check=False,
        timeout=8 * PATIENCE)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_shows_every_operation_in_a_browser(door, tmp_path):
    browser = command("chromium")
    document = get(door, "/openapi.json").json()
    # The paths of one method are one entry.
    operations = {re.sub(r"_\d+$", "", operation["operationId"])
                  for item in document["paths"].values()
                  for operation in item.values()}

    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu",
         "--no-proxy-server", f"--user-data-dir={tmp_path}",
         "--enable-logging=stderr", "--virtual-time-budget=10000", "--dump-dom",
         door.base.replace("/v1/", "/docs")],
        capture_output=True, text=True, check=True, timeout=4 * PATIENCE)

    cards = set(re.findall('<section class="card" id="([^"]*)"', done.stdout))
    assert operations <= cards
    for path in document["paths"]:
        assert re.search(rf">{re.escape(path)}<", done.stdout), path
    # Errors come at the level of all that a page says; "[DOM]" is advice.
    assert not re.findall(r'CONSOLE:\d+\] "(?!\[DOM\]).*', done.stderr)


def test_the_page_runs_its_own_script_and_loads_nothing_else(door):
    answer = get(door, "/docs")
    policy = answer.headers["Content-Security-Policy"]

    for tag in ("script", "style"):
        [inside] = re.findall(f"<{tag}>(.*?)</{tag}>", answer.text, re.DOTALL)
        digest = hashlib.sha256(inside.encode()).digest()
        assert f"{tag}-src 'sha256-{base64.b64encode(digest).decode()}'" in (
            policy)
    assert "default-src 'none'" in policy
    assert not re.search(r"https?:|//[a-z]+\.", answer.text)
