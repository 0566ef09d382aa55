# SPDX-License-Identifier: Apache-2.0
"""Man pages and completions, as packaging/manual.py makes them of the
binaries."""

import gzip
import os
import shutil
import subprocess
import sys

import pytest

from processes import BIN, ROOT

NAMES = ["pinhole-server", "pinhole-gateway", "pinhole"]


@pytest.fixture(scope="module")
def manual(tmp_path_factory):
    """The folder of what is made."""
    out = tmp_path_factory.mktemp("manual")
    subprocess.run(
        [sys.executable, ROOT / "packaging/manual.py", "--date", "2026-01-02",
         out, *[BIN / name for name in NAMES]], check=True)
    for name in NAMES:
        page = out / f"man1/{name}.1"
        page.write_bytes(gzip.decompress(
            page.with_suffix(".1.gz").read_bytes()))
    return out


def tool(name):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed (script/setup test)")
    return name


def page_text(manual, name):
    shown = subprocess.run(
        [tool("man"), "-l", manual / f"man1/{name}.1"], check=True, text=True,
        capture_output=True,
        env={**os.environ, "MANWIDTH": "200", "MANROFFOPT": "-c",
             "MANPAGER": "cat", "LC_ALL": "C.UTF-8"})
    return " ".join(shown.stdout.split())


@pytest.mark.parametrize("name", NAMES)
def test_page_is_well_formed(manual, name):
    page = manual / f"man1/{name}.1"
    # Only what is an error is looked for: "Try to be shorter" is style.
    linted = subprocess.run([tool("mandoc"), "-Tlint", "-Wwarning", page],
                            text=True, capture_output=True, check=False)
    assert linted.stdout == ""
    warned = subprocess.run(
        [tool("man"), "--warnings", "-l", page], text=True, check=True,
        capture_output=True, env={**os.environ, "MANWIDTH": "80"})
    assert warned.stderr == ""


@pytest.mark.parametrize("name, says", [
    ("pinhole-server", "--data-dir TEXT=pinhole-data (Env:PINHOLE_DATA_DIR) "
                       "Directory for the database, uploads in progress and, "
                       "without --media-dir, the photos; created if missing"),
    ("pinhole-server", "pinhole-server admin grant [OPTIONS] handle"),
    ("pinhole-server", "pinhole-server renditions rebuild [OPTIONS]"),
    ("pinhole-server", "--naive"),
    ("pinhole-gateway", "(Env:PINHOLE_BACKEND)"),
    ("pinhole", "pinhole lab stress [OPTIONS]"),
    ("pinhole", "--caption TEXT Caption of each photo"),
])
def test_page_says_what_the_help_says(manual, name, says):
    if says == "--naive":
        assert says not in page_text(manual, name)
    else:
        assert says in page_text(manual, name)


def test_every_option_of_the_help_is_on_the_page(manual):
    for name in NAMES:
        page = page_text(manual, name)
        help_text = subprocess.run([BIN / name, "--help"], text=True,
                                   check=True, capture_output=True).stdout
        words = [word.strip(",") for line in help_text.splitlines()
                 if line.startswith("  -") for word in [line.split()[0]]]
        assert words
        for word in words:
            assert word.split(",")[-1] in page, f"{name}: {word}"


# What is typed, the cursor at its end, and what bash offers. The last word may
# be empty.
COMPLETIONS = [
    (["pinhole", "upl"], {"upload"}),
    (["pinhole", "lab", "st"], {"stress"}),
    (["pinhole", "lab", "stress", "--arr"], {"--arrivals"}),
    (["pinhole", "lab", "stress", "--arrivals", ""], {"poisson", "constant"}),
    (["pinhole", "upload", "--visibility", "p"], {"public", "private"}),
    (["pinhole", "feed", "--js"], {"--json"}),
    (["pinhole", "sess"], {"sessions"}),
    (["pinhole", "edit", "--cap"], {"--caption"}),
    (["pinhole", "edit", "--visibility", "f"], {"followers"}),
    (["pinhole", "--target", "host:1", "feed", "--lim"], {"--limit"}),
    (["pinhole", "like", "upl"], set()),
    (["pinhole-server", "ver"], {"verify-backup"}),
    (["pinhole-server", "admin", "gr"], {"grant"}),
    (["pinhole-server", "--log-level", "w"], {"warn"}),
    (["pinhole-server", "--reflection", "a"], {"auto"}),
    (["pinhole-gateway", "--chan"], {"--channels"}),
]


@pytest.mark.parametrize("words, offered", COMPLETIONS,
                         ids=lambda value: " ".join(value))
def test_bash_completes(manual, words, offered):
    script = """
        source "$1"; shift
        complete -p "$1" | grep -q -- "-F " || exit 3
        function=$(complete -p "$1" | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        "$function"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    answer = subprocess.run(
        ["bash", "--norc", "-uc", script, "bash",
         manual / f"bash/{words[0]}", *words],
        text=True, capture_output=True, check=True, cwd=manual)
    assert answer.stderr == ""
    assert set(answer.stdout.split()) == offered


def test_bash_completes_files_where_a_value_is_wanted(manual):
    (manual / "certificate.pem").touch()
    script = 'source "$1"; COMP_WORDS=(x --tls-key cert) COMP_CWORD=2; ' \
             '_pinhole_server; echo "${COMPREPLY[@]}"'
    answer = subprocess.run(
        ["bash", "--norc", "-uc", script, "bash",
         manual / "bash/pinhole-server"],
        text=True, capture_output=True, check=True, cwd=manual)
    assert answer.stdout.strip() == "certificate.pem"


@pytest.mark.parametrize("words, offered", [
    (words, offered) for words, offered in COMPLETIONS
    if offered and words[0] != "pinhole-gateway" and "--target" not in words],
    ids=lambda value: " ".join(value))
def test_fish_completes(manual, words, offered):
    answer = subprocess.run(
        [tool("fish"), "--no-config", "-c",
         f"source {manual}/fish/{words[0]}.fish; complete -C "
         f"'{' '.join(words)}'"],
        text=True, capture_output=True, check=True, cwd=manual,
        env={**os.environ, "HOME": str(manual)})
    lines = [line.split("\t")[0] for line in answer.stdout.splitlines()]
    assert set(lines) == offered
