# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of README.md and docs/ as they stand there, and checks the
generated table and the links of all Markdown files."""

import os
import re
import shutil
import socket
import subprocess

import pytest

import pictures as picture
from drivers import RestDriver
from processes import BIN, ROOT, Server, running

DOCUMENTS = {path.relative_to(ROOT).as_posix(): path.read_text() for path in
             [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
BLOCK = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# How many examples each document has that run against a server, in their order.
EXAMPLES = {"README.md": 3, "docs/api.md": 6, "docs/clients.md": 1,
            "docs/lab.md": 1}
# The marks of examples that start what they need themselves.
ALONE = {"operator", "settings", "tls"}


def blocks(language, mark, document):
    """The contents of the code blocks of a language that have a mark."""
    return [text for name, marks, text in BLOCK.findall(DOCUMENTS[document])
            if name == language and mark in marks.split()]


def examples(document):
    return [text for name, marks, text in BLOCK.findall(DOCUMENTS[document])
            if name == "sh" and "test" in marks.split()
            and not ALONE & set(marks.split())]


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


def longer_side(file):
    return max(picture.jpeg_size(file.read_bytes()))


def run_examples(document, folder):
    """Runs them on a new server and returns what each printed."""
    with running(Server(folder / "server-data")) as server:
        return [run(example, server, folder) for example in examples(document)
                if "grpcurl" not in example or shutil.which("grpcurl")]


def test_each_example_is_run():
    assert EXAMPLES == {document: len(examples(document))
                        for document in DOCUMENTS if examples(document)}


def test_examples_of_the_readme_work_in_their_order(folder):
    run_examples("README.md", folder)

    assert longer_side(folder / "thumbnail.jpg") == 320


def test_stubs_for_other_languages_are_generated(folder):
    run_examples("docs/clients.md", folder)

    assert (folder / "pinhole/v1/photo_service_pb2_grpc.py").exists()


def test_examples_of_the_api_work_in_their_order(folder):
    said = "".join(run_examples("docs/api.md", folder))

    assert "/v1/photos:upload\n" in said
    assert "page_size must be a whole number from -2147483648" in said
    assert "page_size is given twice" in said
    assert "\nnull\n" not in said
    assert "\n304\n" in said
    assert longer_side(folder / "thumbnail.jpg") == 320
    assert longer_side(folder / "medium.jpg") == 1080
    assert longer_side(folder / "large.jpg") <= 2048


def test_examples_of_the_lab_work(folder):
    run_examples("docs/lab.md", folder)

    assert "<html" in (folder / "before.html").read_text()


def test_what_the_operator_types_works_on_a_stopped_server(folder):
    with running(Server(folder / "data")) as server:
        ansel = RestDriver(server)
        ansel.register("ansel")
        ansel.close()
    [example] = blocks("sh", "operator", "docs/operations.md")

    assert run_alone(example, folder).endswith("@ansel\n")
    assert (folder / "restored/pinhole.db").exists()


def test_programs_shown_are_parts_of_those_that_are_tested():
    shown = [(marks.strip().removeprefix("file="), text)
             for _, marks, text in BLOCK.findall(DOCUMENTS["docs/clients.md"])
             if marks.strip().startswith("file=")]

    assert len(shown) == 4
    for file, text in shown:
        assert text in (ROOT / file).read_text(), file


def test_examples_of_settings_work(folder):
    (example,) = blocks("sh", "settings", "docs/configuration.md")
    printed = run_alone(example, folder)
    assert re.search(r"^loops = 2 +# file server.conf:1$", printed, re.M)
    assert re.search(r'^log-level = "debug" +# environment PINHOLE_LOG_LEVEL$',
                     printed, re.M)


def test_examples_of_tls_work(folder):
    (example,) = blocks("sh", "tls", "docs/security.md")
    assert "127.0.0.1:50052" in example
    said = run_alone(example.replace("127.0.0.1:50052", free_address()), folder)
    assert "SERVING" in said


def test_table_of_settings_is_what_the_programs_say():
    checked = subprocess.run(
        [ROOT / "script/settings-table", "--check"], text=True, check=False,
        capture_output=True, env={**os.environ, "PINHOLE_BIN": str(BIN)})
    assert checked.returncode == 0, checked.stdout


def test_table_of_reasons_is_what_the_code_says():
    checked = subprocess.run(
        [ROOT / "script/reasons-table", "--check"], text=True, check=False,
        capture_output=True, env={**os.environ, "PINHOLE_BIN": str(BIN)})
    assert checked.returncode == 0, checked.stdout


def test_the_readme_fits_on_a_few_screens():
    assert len(DOCUMENTS["README.md"].splitlines()) <= 150
    assert (ROOT / "docs/screenshot.png").stat().st_size < 200_000


def prose(text):
    """The text without its code, where brackets are no links."""
    return re.sub(r"`[^`\n]*`", "`code`", BLOCK.sub("", text))


def anchors(text):
    """The anchors that GitHub gives to the headings of a Markdown file."""
    found = []
    for heading in re.findall(r"^#+ (.*)$", BLOCK.sub("", text), re.MULTILINE):
        heading = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        times = sum(re.fullmatch(re.escape(anchor) + r"(-\d+)?", one) is not None
                    for one in found)
        found.append(f"{anchor}-{times}" if times else anchor)
    return found


def broken_links(root):
    """Relative links in Markdown files below `root` that lead nowhere, and links
    to headings that do not exist."""
    for path in sorted(root.rglob("*.md")):
        top = path.relative_to(root).parts[0]
        if top in ("build", "data") or top.startswith("."):
            continue
        for link in re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text())):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name) if name else path
            if not target.exists():
                yield f"{path.relative_to(root)}: {link}: no such file"
            elif anchor and anchor not in anchors(target.read_text()):
                yield f"{path.relative_to(root)}: {link}: no such heading"


def test_every_relative_link_resolves():
    assert not list(broken_links(ROOT))


def test_broken_links_are_found(tmp_path):
    (tmp_path / "a.md").write_text(
        "# The `first` one, really\n[good](b.md#two-words) [good](#two) ![no](x.png)\n"
        "```sh\n# no-heading [no](link.md)\n```\n## Two\n[bad](#no-heading)\n")
    (tmp_path / "b.md").write_text(
        "# Two words\n# Two words\n[good](a.md#the-first-one-really)\n"
        "[good](#two-words-1) [bad](c.md) [out](https://example.com/#x)\n")

    assert list(broken_links(tmp_path)) == [
        "a.md: x.png: no such file", "a.md: #no-heading: no such heading",
        "b.md: c.md: no such file"]
