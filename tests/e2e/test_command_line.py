# SPDX-License-Identifier: Apache-2.0
"""The `pinhole` command's manners: exit codes, output, session file, seed."""

import json
import os
import pty
import shutil
import signal
import stat
import subprocess

import pytest

import pictures as picture
from drivers import PASSWORD, CommandLineDriver, RestDriver
from processes import BIN, eventually


@pytest.fixture
def ansel(people):
    return people("ansel", CommandLineDriver)


def test_exit_codes_tell_failure_from_misuse(ansel):
    assert ansel.run("whoami").returncode == 0
    assert ansel.run("show", "photos/1").returncode == 1
    assert ansel.run("no-such-command").returncode == 2
    assert ansel.run("show").returncode == 2
    assert ansel.run("feed", "--no-such-option").returncode == 2
    assert ansel.run("--help").returncode == 0
    assert ansel.run("--version").returncode == 0


def test_a_server_that_is_not_there_is_a_failed_call(ansel):
    done = ansel.run("--target", "127.0.0.1:1", "recent")

    assert done.returncode == 1
    assert b"127.0.0.1:1" in done.stderr


@pytest.mark.parametrize("words, suggestion", [
    ("pinhole uplaod x.jpg", "`pinhole upload`"),
    ("pinhole photo x", "`pinhole photos`"),
    ("pinhole photo show 1", "`pinhole photos`"),
    ("pinhole lab abltion", "`pinhole lab ablation`"),
    ("pinhole upload x.jpg --captoin Dome", "--caption"),
    ("pinhole --targte host:1 feed", "--target"),
    ("pinhole upload x.jpg --visibility privat", "private"),
    ("pinhole download 1 --size medum", "medium"),
    ("pinhole lab stress --arrivals poison", "poisson"),
    ("pinhole lab stress --profile newcommer", "newcomer"),
    ("pinhole-server admin grnat ansel", "`pinhole-server admin grant`"),
    ("pinhole-server admni list", "`pinhole-server admin`"),
    ("pinhole-server backup --too x", "--to"),
    ("pinhole-server --data-dri x", "--data-dir"),
    ("pinhole-server --log-level waring", "warn"),
    ("pinhole-gateway --log-level eror", "error"),
    ("pinhole-gateway --bakend host:1", "--backend"),
])
def test_mistakes_are_answered_with_the_nearest_word(words, suggestion):
    program, *arguments = words.split()

    done = subprocess.run([BIN / program, *arguments], text=True,
                          capture_output=True, timeout=30, check=False)

    assert done.returncode == 2
    assert f"did you mean {suggestion}?" in done.stderr


def test_hints_can_be_pasted(people, server):
    stranger = people.stranger(CommandLineDriver)
    del stranger.environment["PINHOLE_TARGET"]
    here = f"`pinhole --target {server.grpc}"

    feed = stranger.run("feed", "--target", server.grpc)
    stress = stranger.run("lab", "stress", f"--target={server.grpc}")
    diagnostic = stranger.run("--target", server.grpc, "lab", "diagnostic",
                              "--metrics", "off")

    assert f"{here} login HANDLE`" in feed.stderr.decode()
    assert f"{here} seed`" in stress.stderr.decode()
    assert f"{here} seed`" in diagnostic.stdout.decode()


def test_the_session_is_for_its_owner_only(ansel):
    mode = stat.S_IMODE(ansel.session_file.stat().st_mode)

    assert mode == 0o600


def test_the_session_outlives_the_command(ansel):
    assert ansel.run("whoami").stdout.startswith(b"user:")
    assert b"@ansel" in ansel.run("whoami").stdout


def test_a_wrong_password_is_a_failed_call(ansel):
    done = ansel.run("login", "ansel", "--password-stdin",
                     password="not the password")

    assert done.returncode == 1
    assert b"not the password" not in done.stderr


def test_people_get_tables_and_programs_get_json(ansel, snapshot):
    photo = ansel.upload(snapshot, caption="Half Dome")["name"]

    table = ansel.run("feed").stdout.decode()
    programs = ansel.run("feed", "--json").stdout

    assert "CAPTION" in table and "Half Dome" in table and photo in table
    assert json.loads(programs)["items"][0]["name"] == photo


def test_there_is_no_progress_bar_without_a_terminal(ansel, snapshot):
    done = ansel.run("upload", snapshot)

    assert done.returncode == 0
    assert b"\r" not in done.stderr + done.stdout
    assert b"\x1b" not in done.stderr + done.stdout


def test_uploads_and_seeding_have_a_progress_bar_on_a_terminal(
        ansel, snapshot):
    for command in (["upload", snapshot], SEED):
        drawn = on_a_terminal(ansel, *command)

        assert b"\r" in drawn and b"%" in drawn, command


def on_a_terminal(client, *arguments):
    """What the command writes to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BIN / "pinhole", *map(str, arguments)], env=client.environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    drawn = b""
    try:
        while piece := os.read(ours, 1 << 16):
            drawn += piece
    except OSError:
        pass  # So does a terminal say that nobody has it open any more.
    os.close(ours)
    assert process.wait() == 0
    return drawn


def test_uploads_go_on_after_one_that_failed(ansel, snapshot, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8 not a photo")

    done = ansel.run("--json", "upload", broken, snapshot)

    assert done.returncode == 1
    assert b"broken.jpg" in done.stderr
    assert len(ansel.feed()) == 1


def test_a_download_goes_to_standard_output_too(ansel, snapshot):
    photo = ansel.upload(snapshot)["name"]

    done = ansel.run("download", photo, "--size", "thumbnail", "-o", "-")

    assert max(picture.jpeg_size(done.stdout)) == 320


SEED = ["seed", "--users", "6", "--photos", "9", "--follows", "12",
        "--likes", "20", "--comments", "8", "--seed", "7"]


def census(client):
    photos = client.recent_photos()
    people = {photo["owner"]: client.get_user(photo["owner"])
              for photo in photos}
    return {
        "photos": len(photos),
        "likes": sum(photo["likeCount"] for photo in photos),
        "comments": sum(photo["commentCount"] for photo in photos),
        "follows": sum(u["followingCount"] for u in people.values()),
    }


def test_seeding_twice_makes_no_doubles(people):
    stranger = people.stranger(CommandLineDriver)
    reader = people.stranger(RestDriver)

    first = stranger.run(*SEED)
    assert first.returncode == 0, first.stderr
    once = census(reader)
    assert stranger.run(*SEED).returncode == 0

    assert once["photos"] == 8  # The ninth is not public.
    assert once["likes"] > 0 and once["comments"] == 8
    assert census(reader) == once
    assert b"\r" not in first.stderr


def test_seeding_resumes_after_an_interruption(people):
    stranger = people.stranger(CommandLineDriver)
    reader = people.stranger(RestDriver)
    interrupted = subprocess.Popen(
        [BIN / "pinhole", *SEED], env=stranger.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: len(reader.recent_photos()) >= 3, "some photos")
    interrupted.send_signal(signal.SIGKILL)
    interrupted.wait()

    assert stranger.run(*SEED).returncode == 0

    resumed = census(reader)
    assert resumed["photos"] == 8  # The ninth is not public.
    assert resumed["comments"] == 8


def test_seeded_pictures_differ_and_are_pictures(people):
    stranger = people.stranger(CommandLineDriver)
    reader = people.stranger(RestDriver)
    stranger.run(*SEED)

    thumbnails = [reader.download(photo["name"], "thumbnail")
                  for photo in reader.recent_photos()]

    assert len(set(thumbnails)) == len(thumbnails) == 8
    for thumbnail in thumbnails:
        assert max(picture.jpeg_size(thumbnail)) <= 320
        assert len(thumbnail) > 2000  # Not one flat colour.


def test_seeding_from_a_folder_uses_its_photographs(
        people, pictures, tmp_path):
    folder = tmp_path / "photographs"
    folder.mkdir()
    for name in ("rocket.jpg", "coffee.png", "coffee.webp"):
        shutil.copy(pictures / name, folder)
    stranger = people.stranger(CommandLineDriver)
    reader = people.stranger(RestDriver)

    done = stranger.run(*SEED, "--from", folder)

    assert done.returncode == 0, done.stderr
    assert len(reader.recent_photos()) == 8


def test_logging_in_with_the_environment(people):
    people("dorothea")
    someone = people.stranger(CommandLineDriver)
    someone.environment["PINHOLE_PASSWORD"] = PASSWORD

    assert someone.run("login", "dorothea").returncode == 0
    assert someone.whoami()["handle"] == "dorothea"
