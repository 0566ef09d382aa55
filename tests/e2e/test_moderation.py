# SPDX-License-Identifier: Apache-2.0
"""Administrators: named while the server runs, and what they remove."""

import pytest

import drivers
from drivers import CallFailed
from processes import ENGINE, Server, admin, ask_admin, running


def joined(server, handle):
    client = drivers.RestDriver(server)
    client.register(handle)
    client.login(handle)
    return client


def may_back_up(client):
    try:
        client.call("POST", "backups", {})
    except CallFailed as error:
        # PostgreSQL has its own tools for backups.
        assert error.code == "PERMISSION_DENIED" or (
            ENGINE == "postgres" and error.code == "FAILED_PRECONDITION")
        return error.code != "PERMISSION_DENIED"
    return True


def test_grant_and_revoke_hold_at_once_while_the_server_runs(tmp_path):
    data = tmp_path / "data"
    with running(Server(data)) as server:
        ansel = joined(server, "ansel")
        assert not may_back_up(ansel)
        assert admin(data, "list") == ""

        assert admin(data, "grant", "ansel") == "@ansel is an administrator\n"
        assert may_back_up(ansel)
        assert admin(data, "list") == "@ansel\n"

        admin(data, "revoke", "ansel")
        assert not may_back_up(ansel)
        admin(data, "grant", "ansel")
        ansel.close()

    assert admin(data, "list") == "@ansel\n"
    admin(data, "revoke", "ansel")
    with running(Server(data)) as server:
        assert admin(data, "list") == ""


def test_unknown_handle_is_refused_by_a_running_server(tmp_path):
    data = tmp_path / "data"
    with running(Server(data)):
        done = ask_admin(data, "grant", "nobody")
    assert done.returncode == 1
    assert "no user has the handle 'nobody'" in done.stderr


def test_data_folder_may_have_a_long_path(tmp_path):
    folder = tmp_path / ("long" * 40)
    folder.mkdir()
    data = folder / "data"
    with running(Server(data)) as server:
        joined(server, "ansel").close()
        admin(data, "grant", "ansel")
        assert admin(data, "list") == "@ansel\n"
        socket = data / "operator.sock"
        assert socket.stat().st_mode & 0o777 == 0o600
    assert not socket.exists()


def test_server_takes_commands_after_it_was_killed(tmp_path):
    data = tmp_path / "data"
    killed = Server(data)
    joined(killed, "ansel").close()
    killed.kill()
    assert (data / "operator.sock").exists()
    with running(Server(data)):
        admin(data, "grant", "ansel")
        assert admin(data, "list") == "@ansel\n"


def test_what_administrators_remove_is_on_the_record(tmp_path, snapshot):
    data = tmp_path / "data"
    with running(Server(data)) as server:
        root, ansel, pest = (joined(server, handle)
                             for handle in ("root", "ansel", "pest"))
        admin(data, "grant", "root")
        hidden = ansel.upload(snapshot, visibility="VISIBILITY_PRIVATE")["name"]
        photo = ansel.upload(snapshot)["name"]
        comment = pest.comment(photo, "rude")["name"]
        pest.block("users/root")
        with pytest.raises(CallFailed, match="NOT_FOUND"):
            pest.delete_photo(hidden)

        root.delete_photo(hidden)
        root.delete_comment(comment)
        root.call("POST", "users/pest:delete", {"password": drivers.PASSWORD})

        assert [each["name"] for each in ansel.list_photos("users/ansel")] == [photo]
        assert ansel.comments(photo) == []
        with pytest.raises(CallFailed, match="NOT_FOUND"):
            ansel.get_user("users/pest")
        with pytest.raises(CallFailed, match="UNAUTHENTICATED"):
            pest.feed()
        with pytest.raises(CallFailed, match="ALREADY_EXISTS"):
            pest.register("pest")
        lines = admin(data, "removals").splitlines()
        assert [line.split("  ", 1)[1] for line in lines] == [
            "@root removed users/pest of @pest",
            f"@root removed {comment} of @pest",
            f"@root removed {hidden} of @ansel"]
        for client in (root, ansel, pest):
            client.close()
    assert f"administrator root removed {hidden} of ansel" in server.log()
    assert admin(data, "removals").splitlines() == lines
