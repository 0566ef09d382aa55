# SPDX-License-Identifier: Apache-2.0
"""Importing users: who may, where, how fast, and `pinhole seed --import`."""

import stat
import subprocess
import time

import pytest

import drivers
from drivers import PASSWORD, CallFailed, RestDriver
from processes import BIN, PATIENCE, Server, admin, running


@pytest.fixture
def data(tmp_path):
    """A data folder of a stopped server, with root as its administrator."""
    folder = tmp_path / "data"
    with running(Server(folder)) as server:
        root = RestDriver(server)
        root.register("root")
        root.close()
    admin(folder, "grant", "root")
    return folder


@pytest.fixture
def importing(data):
    """A server that imports."""
    with running(Server(data, "--allow-import")) as server:
        yield server


def signed_in(server, handle="root"):
    client = RestDriver(server)
    client.login(handle)
    return client


def imported(client, handles, **fields):
    return client.call("POST", "users:import", {
        "users": [{"handle": handle} for handle in handles],
        **fields})["users"]


def test_a_server_does_not_import_unless_its_operator_says_so(data):
    with running(Server(data)) as server:
        root = signed_in(server)

        with pytest.raises(CallFailed) as refused:
            imported(root, ["ansel"])

        assert refused.value.code == "FAILED_PRECONDITION"
        assert refused.value.detail("ErrorInfo")["reason"] == "IMPORT_DISABLED"
        assert "--allow-import" in refused.value.message
        assert "--allow-import" not in server.log()
        with pytest.raises(CallFailed) as nobody:
            root.get_user("users/ansel")
        assert nobody.value.code == "NOT_FOUND"


def test_the_log_says_that_it_is_on_and_who_used_it(importing):
    importing.wait_for_log("--allow-import is on")

    [ansel] = imported(signed_in(importing), ["ansel"], with_sessions=True,
                       password=PASSWORD)

    importing.wait_for_log("@root imports")
    assert ansel["token"] not in importing.log()
    assert PASSWORD not in importing.log()


def test_only_administrators_import(importing):
    someone = RestDriver(importing)
    with pytest.raises(CallFailed) as stranger:
        imported(someone, ["ansel"])
    assert stranger.value.code == "UNAUTHENTICATED"

    someone.register("dora")
    someone.login("dora")
    with pytest.raises(CallFailed) as other:
        imported(someone, ["ansel"])
    assert other.value.code == "PERMISSION_DENIED"


@pytest.mark.parametrize("flag, address", [
    ("--grpc-listen", "0.0.0.0:0"), ("--http-listen", "[::]:0")])
def test_it_does_not_start_on_the_network_unless_that_is_said(
        tmp_path, flag, address):
    done = subprocess.run(
        [BIN / "pinhole-server", "--data-dir", tmp_path / "other",
         "--allow-import", flag, address],
        capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert flag in done.stderr and "--allow-import-on-network" in done.stderr
    assert not (tmp_path / "other").exists()

    with running(Server(tmp_path / "data", "--allow-import",
                        "--allow-import-on-network",
                        "--grpc-on-network-despite-floods",
                        "--clear-text-on-network", "--grpc-listen",
                        "0.0.0.0:0")) as server:
        server.wait_for_log("--allow-import is on")


def test_a_thousand_users_are_far_faster_than_their_hashes(importing):
    root = signed_in(importing)
    begin = time.monotonic()
    root.register("hashed")
    one_hash = time.monotonic() - begin

    begin = time.monotonic()
    users = imported(root, [f"user{n}" for n in range(1000)],
                     password=PASSWORD, with_sessions=True)
    took = time.monotonic() - begin

    assert len({user["token"] for user in users}) == 1000
    assert all(user["created"] for user in users)
    # Two hashes for each, a register and a login, would be 2000.
    assert took < 200 * one_hash
    last = RestDriver(importing)
    last.token = users[-1]["token"]
    assert last.whoami()["handle"] == "user999"
    last.login("user500")


def test_an_administrator_cannot_act_as_who_exists(importing):
    dora = RestDriver(importing)
    dora.register("dora", "a password of hers")
    root = signed_in(importing)

    for fields in ({}, {"password": PASSWORD}):
        [user] = imported(root, ["dora"], with_sessions=True, **fields)
        assert not user["created"]
        assert user["token"] == ""
    dora.login("dora", "a password of hers")


SEED = ["seed", "--users", "12", "--photos", "3", "--follows", "40",
        "--likes", "9", "--comments", "4", "--seed", "7", "--import"]


@pytest.fixture
def operator(importing, tmp_path):
    folder = tmp_path / "operator"
    folder.mkdir()
    root = drivers.CommandLineDriver(importing, None, folder)
    root.login("root")
    return root


def test_seed_imports_and_writes_the_sessions(importing, operator, tmp_path):
    sessions = tmp_path / "sessions"

    done = operator.run(*SEED, "--sessions", sessions)

    assert done.returncode == 0, done.stderr
    assert b"12 users" in done.stdout and b" a second; 0 failed" in done.stdout
    assert stat.S_IMODE(sessions.stat().st_mode) == 0o600
    lines = [line.split(" ") for line in sessions.read_text().splitlines()]
    assert len(lines) == 12
    someone = RestDriver(importing)
    for handle, token in lines:
        someone.token = token
        assert someone.whoami()["handle"] == handle
    someone.login(lines[0][0], "pinhole-demo-7")

    again = operator.run(*SEED)
    assert again.returncode == 0, again.stderr
    for found in ("12 users (12", "3 photos (3", "40 follows (40",
                  "9 likes (9", "4 comments (4"):
        assert f"{found} there already)" in again.stdout.decode()


def test_seed_without_import_writes_the_sessions_too(
        importing, operator, tmp_path):
    sessions = tmp_path / "sessions"

    done = operator.run("seed", "--users", "2", "--photos", "0",
                        "--sessions", sessions)

    assert done.returncode == 0, done.stderr
    assert len(sessions.read_text().splitlines()) == 2


def test_seed_says_what_an_import_needs(data, tmp_path):
    folder = tmp_path / "operator"
    folder.mkdir()
    with running(Server(data)) as server:
        someone = drivers.CommandLineDriver(server, None, folder)
        assert b"pinhole login" in someone.run(*SEED).stderr

        someone.login("root")
        done = someone.run(*SEED)
        assert done.returncode == 1
        assert b"pinhole-server with --allow-import" in done.stderr

        someone.register("dora")
        assert b"admin grant dora" in someone.run(*SEED).stderr
        assert RestDriver(server).recent_photos() == []


def test_closed_registration_leaves_imports_and_sign_ins(data):
    with running(Server(data)) as server:
        info = RestDriver(server).call("GET", "serverInfo")
        assert info["registration"] == "REGISTRATION_OPEN"
    with running(Server(data, "--allow-import",
                        environment={"PINHOLE_REGISTRATION": "closed"})) as server:
        stranger = RestDriver(server)
        info = stranger.call("GET", "serverInfo")
        assert info["registration"] == "REGISTRATION_CLOSED"

        for handle in ("root", "dora"):
            with pytest.raises(CallFailed) as refused:
                stranger.register(handle)
            assert refused.value.code == "PERMISSION_DENIED"
            assert refused.value.detail("ErrorInfo")["reason"] == \
                "REGISTRATION_CLOSED"

        imported(signed_in(server), ["dora"], password=PASSWORD)
        stranger.login("dora")
