# SPDX-License-Identifier: Apache-2.0
"""What README.md and gateway/README.md tell people to type works as it stands
there."""

import os
import re
import shutil
import socket
import subprocess

import pytest

import pictures as picture
from drivers import RestDriver
from processes import BIN, ROOT, Server, running

README = (ROOT / "README.md").read_text()
GATEWAY_README = (ROOT / "gateway/README.md").read_text()
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language, mark, document=README):
    """The contents of the code blocks of a language with a word after it."""
    return [text for name, marks, text in BLOCK.findall(document)
            if name == language and mark in marks.split()]


def run_alone(script, folder):
    """Without a server."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder,
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (script, done.stdout, done.stderr)
    return done.stdout


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return "127.0.0.1:%d" % listener.getsockname()[1]


def run(script, server, folder):
    for default, real in (("127.0.0.1:50051", server.grpc),
                          ("127.0.0.1:8080", server.http),
                          ("127.0.0.1:9464", server.metrics),
                          ("127.0.0.1:8443", free_address())):
        script = script.replace(default, real)
    environment = {
        **os.environ, "PINHOLE_TARGET": server.grpc, "no_proxy": "*",
        "PINHOLE_SESSION_FILE": str(folder / "session" / "session.json")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder,
        env=environment, capture_output=True, text=True, timeout=120,
        check=False)
    assert done.returncode == 0, (script, done.stdout, done.stderr)
    return done.stdout


@pytest.fixture
def folder(tmp_path, photograph):
    """Stands for the root of the repository with a photograph in it."""
    root = tmp_path / "repository"
    (root / "build/release").mkdir(parents=True)
    (root / "build/release/bin").symlink_to(BIN)
    (root / "proto").symlink_to(ROOT / "proto")
    (root / "client").symlink_to(ROOT / "client")
    shutil.copy(photograph, root / "photo.jpg")
    return root


def test_examples_work_in_their_order(server, folder):
    alone = [example for mark in ("operator", "settings", "tls")
             for example in blocks("sh", mark)]
    examples = [example for example in blocks("sh", "test")
                if example not in alone]
    assert len(examples) == 5
    for example in examples:
        if "grpcurl" in example and shutil.which("grpcurl") is None:
            continue
        run(example, server, folder)

    for file, limit in (("thumbnail.jpg", 320), ("medium.jpg", 1080)):
        size = picture.jpeg_size((folder / file).read_bytes())
        assert max(size) == limit
    assert (folder / "pinhole/v1/photo_service_pb2_grpc.py").exists()


def test_the_gateways_examples_work(server, folder):
    shown, alone = blocks("sh", "test", GATEWAY_README)
    assert blocks("sh", "gateway", GATEWAY_README) == [alone]

    said = run(shown, server, folder)
    run(alone, server, folder)

    assert "/v1/photos:upload\n" in said
    assert "page_size must be a whole number from -2147483648" in said
    assert said.endswith("304\n")
    size = picture.jpeg_size((folder / "large.jpg").read_bytes())
    assert max(size) <= 2048


def test_what_the_operator_types_works_on_a_stopped_server(folder):
    with running(Server(folder / "data")) as server:
        ansel = RestDriver(server)
        ansel.register("ansel")
        ansel.close()
    [example] = blocks("sh", "operator")

    assert run_alone(example, folder).endswith("@ansel\n")
    assert (folder / "restored/pinhole.db").exists()


def test_the_program_shown_is_the_program_built():
    [(marks, shown)] = [(marks, text) for name, marks, text
                        in BLOCK.findall(README) if name == "cpp"]
    file = marks.strip().removeprefix("file=")

    assert shown in (ROOT / file).read_text()


def test_every_linked_file_exists():
    for link in re.findall(r"\]\(([^):#]+)(?:#[^)]*)?\)", README):
        assert (ROOT / link).exists(), link


def test_examples_of_settings_work(folder):
    (example,) = blocks("sh", "settings")
    printed = run_alone(example, folder)
    assert re.search(r"^loops = 2 +# file server.conf:1$", printed, re.M)
    assert re.search(r'^log-level = "debug" +# environment PINHOLE_LOG_LEVEL$',
                     printed, re.M)


def test_examples_of_tls_work(folder):
    (example,) = blocks("sh", "tls")
    assert "127.0.0.1:50052" in example
    said = run_alone(example.replace("127.0.0.1:50052", free_address()), folder)
    assert "SERVING" in said


def test_table_of_settings_is_what_the_programs_say():
    checked = subprocess.run(
        [ROOT / "script/settings-table", "--check"], text=True, check=False,
        capture_output=True, env={**os.environ, "PINHOLE_BIN": str(BIN)})
    assert checked.returncode == 0, checked.stdout
