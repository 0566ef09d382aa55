# SPDX-License-Identifier: Apache-2.0
"""What each command of `pinhole` does, and how it refuses."""

import re

import pytest
import requests

from drivers import PASSWORD, CallFailed, CommandLineDriver
from processes import admin, eventually


@pytest.fixture
def ansel(people):
    return people("ansel", CommandLineDriver)


@pytest.fixture
def dorothea(people):
    return people("dorothea", CommandLineDriver)


@pytest.fixture
def photo(ansel, snapshot):
    """A photo of ansel's."""
    return ansel.upload(snapshot, caption="Half Dome")["name"]


def refusal(client, *arguments):
    """The code with which a call is refused."""
    with pytest.raises(CallFailed) as refused:
        client.call(*arguments)
    return refused.value.code


def shown(client, *arguments):
    """The table that a command prints, as lists of cells."""
    done = client.run(*arguments)
    assert done.returncode == 0, done.stderr
    return [re.split(r" {2,}", line) for line in
            done.stdout.decode().splitlines()[1:]]


# --- edit --------------------------------------------------------------------

def test_edit_changes_only_what_is_given(ansel, photo):
    ansel.call("edit", photo, "--alt-text", "A rock", "--visibility",
               "private")

    edited = ansel.call("edit", photo, "--caption", "Half Dome, winter")

    assert edited["caption"] == "Half Dome, winter"
    assert edited["visibility"] == "VISIBILITY_PRIVATE"
    assert ansel.get_photo(photo) == edited
    assert b"alt text:    A rock\n" in ansel.run("show", photo).stdout


@pytest.mark.parametrize("empty", [["--caption", ""], ["--caption="]],
                         ids=" ".join)
def test_an_empty_text_removes_the_caption(ansel, photo, empty):
    edited = ansel.call("edit", photo, *empty, "--visibility", "followers")

    assert edited["caption"] == ""
    assert edited["visibility"] == "VISIBILITY_FOLLOWERS"


def test_edit_says_what_is_wrong(people, ansel, dorothea, photo):
    stranger = people.stranger(CommandLineDriver)

    assert refusal(stranger, "edit", photo, "--caption", "x") == \
        "UNAUTHENTICATED"
    assert refusal(dorothea, "edit", photo, "--caption", "x") == \
        "PERMISSION_DENIED"
    assert refusal(ansel, "edit", "photos/999", "--caption", "x") == \
        "NOT_FOUND"
    assert refusal(ansel, "edit", photo, "--caption", "x" * 2001) == \
        "INVALID_ARGUMENT"
    nothing = ansel.run("edit", photo)
    assert nothing.returncode == 2
    assert b"give --caption, --alt-text or --visibility" in nothing.stderr
    assert ansel.get_photo(photo)["caption"] == "Half Dome"


# --- profile -----------------------------------------------------------------

def test_profile_changes_only_what_is_given(ansel, dorothea):
    ansel.call("profile", "--display-name", "Ansel Adams", "--bio", "Light.")

    changed = ansel.call("profile", "--bio", "Light and rocks.")

    assert changed["bio"] == "Light and rocks."
    assert b"Ansel Adams" in dorothea.run("profile", "ansel").stdout
    assert ansel.call("profile", "--bio", "")["bio"] == ""
    assert ansel.call("profile") == ansel.whoami()
    assert dorothea.call("profile")["handle"] == "dorothea"


def test_profile_says_what_is_wrong(people, ansel, dorothea):
    stranger = people.stranger(CommandLineDriver)

    assert refusal(stranger, "profile", "--bio", "x") == "UNAUTHENTICATED"
    assert refusal(ansel, "profile", "nobody") == "NOT_FOUND"
    assert refusal(ansel, "profile", "--bio", "x" * 501) == "INVALID_ARGUMENT"
    other = ansel.run("profile", "dorothea", "--bio", "x")
    assert other.returncode == 2
    assert b"leave out HANDLE" in other.stderr
    assert dorothea.whoami()["bio"] == ""


# --- sessions ----------------------------------------------------------------

def test_sessions_are_listed_and_the_others_ended(people, ansel):
    second = people.stranger(CommandLineDriver)
    third = people.stranger(CommandLineDriver)
    second.login("ansel")
    third.login("ansel")

    # Registering and logging in began a session each; the first has ended.
    rows = shown(ansel, "sessions")
    assert len(rows) == 3
    assert [row[0] for row in rows] == ["", "", "current"]
    assert ansel.call("sessions", "--limit", "1")["items"][0]["user"] == \
        "users/ansel"

    assert ansel.run("sessions", "--end", rows[0][1]).returncode == 0
    assert refusal(third, "whoami") == "UNAUTHENTICATED"
    assert second.whoami()["handle"] == "ansel"
    done = ansel.run("sessions", "--end-others")
    assert done.stderr == b"Ended 1 other session.\n"
    assert refusal(second, "whoami") == "UNAUTHENTICATED"
    assert len(shown(ansel, "sessions")) == 1


def test_ending_the_current_session_signs_out(ansel):
    identifier = ansel.call("sessions")["items"][0]["name"].split("/")[-1]

    assert b"signed out" in ansel.run("sessions", "--end", identifier).stderr

    assert b"you are not signed in" in ansel.run("sessions").stderr


def test_sessions_say_what_is_wrong(people, ansel, dorothea):
    stranger = people.stranger(CommandLineDriver)
    theirs = dorothea.call("sessions")["items"][0]["name"]

    assert refusal(stranger, "sessions") == "UNAUTHENTICATED"
    assert refusal(ansel, "sessions", "--end", "999999") == "NOT_FOUND"
    assert refusal(ansel, "sessions", "--end", theirs) in (
        "NOT_FOUND", "PERMISSION_DENIED")
    assert dorothea.whoami()["handle"] == "dorothea"
    assert ansel.run("sessions", "--end", "1", "--end-others").returncode == 2


# --- blocks, likes, comments, notifications ----------------------------------

def test_blocks_are_listed(people, ansel, dorothea):
    people("imogen", CommandLineDriver)
    assert ansel.run("blocks").stdout == b""
    ansel.call("block", "dorothea")
    ansel.call("block", "imogen")

    assert shown(ansel, "blocks") == [["@imogen"], ["@dorothea"]]
    assert ansel.call("blocks")["items"] == ["users/imogen", "users/dorothea"]
    assert ansel.call("blocks", "--limit", "1")["items"] == ["users/imogen"]
    ansel.call("unblock", "imogen")
    assert shown(ansel, "blocks") == [["@dorothea"]]
    stranger = people.stranger(CommandLineDriver)
    assert refusal(stranger, "blocks") == "UNAUTHENTICATED"


def test_likes_are_listed(people, ansel, dorothea, photo):
    ansel.like(photo)
    dorothea.like(photo)

    assert [row[0] for row in shown(ansel, "likes", photo)] == [
        "@dorothea", "@ansel"]
    stranger = people.stranger(CommandLineDriver)
    assert [like["user"] for like in stranger.call("likes", photo)["items"]] \
        == ["users/dorothea", "users/ansel"]
    assert refusal(stranger, "likes", "photos/999") == "NOT_FOUND"
    ansel.call("edit", photo, "--visibility", "private")
    assert refusal(dorothea, "likes", photo) == "NOT_FOUND"


def test_comments_are_deleted_by_the_name_that_is_shown(
        people, ansel, dorothea, photo):
    imogen = people("imogen", CommandLineDriver)
    dorothea.comment(photo, "Where is this?")
    ansel.comment(photo, "In Yosemite.")
    question, answer = [row[-1] for row in shown(imogen, "comments", photo)]

    assert refusal(imogen, "uncomment", question) == "PERMISSION_DENIED"
    stranger = people.stranger(CommandLineDriver)
    assert refusal(stranger, "uncomment", question) == "UNAUTHENTICATED"
    assert dorothea.run("uncomment", question).returncode == 0
    assert refusal(dorothea, "uncomment", question) == "NOT_FOUND"
    assert refusal(dorothea, "uncomment", answer) == "PERMISSION_DENIED"
    wrong = ansel.run("uncomment", photo)
    assert wrong.returncode == 2
    assert b"must be like photos/123/comments/4" in wrong.stderr
    assert [c["text"] for c in ansel.comments(photo)] == ["In Yosemite."]


def test_owners_of_a_photo_delete_comments_of_others(ansel, dorothea, photo):
    comment = dorothea.comment(photo, "Boring.")["name"]

    assert ansel.run("uncomment", comment).returncode == 0

    assert ansel.comments(photo) == []


def test_notifications_are_new_until_they_are_marked(people, ansel, dorothea,
                                                     photo):
    dorothea.follow("ansel")
    dorothea.like(photo)

    assert [row[:3] for row in shown(ansel, "notifications")] == [
        ["new", "@dorothea", f"likes {photo}"],
        ["new", "@dorothea", "follows you"]]
    assert [n["read"] for n in
            ansel.call("notifications", "--mark-read")["items"]] == [
                False, False]
    assert [row[0] for row in shown(ansel, "notifications")] == ["", ""]
    assert ansel.call("notifications", "--limit", "1")["items"][0]["read"]
    stranger = people.stranger(CommandLineDriver)
    assert refusal(stranger, "notifications") == "UNAUTHENTICATED"


# --- delete-account ----------------------------------------------------------

def test_administrators_delete_the_account_of_another(
        server, ansel, dorothea):
    def delete():
        return ansel.run("delete-account", "dorothea", "--password-stdin",
                         password=PASSWORD)

    assert b"PERMISSION_DENIED" in delete().stderr
    admin(server.data_dir, "grant", "ansel")
    assert delete().returncode == 0

    assert refusal(dorothea, "whoami") == "UNAUTHENTICATED"
    assert refusal(ansel, "profile", "dorothea") == "NOT_FOUND"
    assert ansel.whoami()["handle"] == "ansel"


def test_deleting_your_account_by_its_handle_signs_out(ansel):
    done = ansel.run("delete-account", "ansel", "--password-stdin",
                     password=PASSWORD)

    assert done.returncode == 0
    assert b"you are not signed in" in ansel.run("whoami").stderr


# --- every method ------------------------------------------------------------

# A command that calls each method of the API; {photo} and {file} are replaced.
# The server may refuse the call: this is about what can be asked at all.
COMMANDS = {
    "AdminService.GetServerInfo": "server-info",
    "AdminService.CreateBackup": "backup",
    "AdminService.ImportUsers": "seed --import --users 1 --photos 0",
    "PhotoService.UploadPhoto": "upload {file}",
    "PhotoService.GetPhoto": "show {photo}",
    "PhotoService.ListPhotos": "photos",
    "PhotoService.ListRecentPhotos": "recent",
    "PhotoService.UpdatePhoto": "edit {photo} --caption x",
    "PhotoService.DownloadPhoto": "download {photo} --output -",
    "SocialService.FollowUser": "follow dorothea",
    "SocialService.UnfollowUser": "unfollow dorothea",
    "SocialService.ListFollowers": "followers",
    "SocialService.ListFollowing": "following",
    "SocialService.LikePhoto": "like {photo}",
    "SocialService.UnlikePhoto": "unlike {photo}",
    "SocialService.ListLikes": "likes {photo}",
    "SocialService.CreateComment": "comment {photo} x",
    "SocialService.ListComments": "comments {photo}",
    "SocialService.DeleteComment": "uncomment {photo}/comments/1",
    "SocialService.BlockUser": "block dorothea",
    "SocialService.UnblockUser": "unblock dorothea",
    "SocialService.ListBlocks": "blocks",
    "SocialService.GetFeed": "feed",
    "SocialService.ListNotifications": "notifications",
    "SocialService.MarkNotificationsRead": "notifications --mark-read",
    "UserService.GetUser": "profile",
    "UserService.UpdateUser": "profile --bio x",
    "UserService.SearchUsers": "search dor",
    "UserService.ChangePassword": "passwd",
    "UserService.ListSessions": "sessions",
    "PhotoService.DeletePhoto": "delete {photo}",
    "UserService.DeleteSession": "logout",
    "UserService.CreateSession": "login ansel",
    "UserService.CreateUser": "register imogen",
    "UserService.DeleteUser": "delete-account",
    # Without a session, because an accepted call would not end.
    "SocialService.WatchFeed": "watch",
}


def handled(server, method):
    """How many calls of `method` the server has answered."""
    service, name = method.split(".")
    page = requests.get(f"http://{server.metrics}/metrics", timeout=10).text
    labels = f'grpc_method="{name}",grpc_service="pinhole.v1.{service}"'
    return sum(float(line.split()[-1]) for line in page.splitlines()
               if line.startswith("grpc_server_handled_total")
               and labels in line)


def test_every_method_has_a_command(ansel, dorothea, server, stubs, photo,
                                    snapshot):
    methods = {
        f"{service.name}.{method.name}"
        for module in (stubs.admin_pb2, stubs.photo_pb2, stubs.social_pb2,
                       stubs.user_pb2)
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods}
    assert methods == COMMANDS.keys()
    ansel.environment |= {"PINHOLE_PASSWORD": PASSWORD,
                          "PINHOLE_NEW_PASSWORD": PASSWORD}
    assert dorothea.whoami()  # So that there is somebody to follow.

    for method, command in COMMANDS.items():
        before = handled(server, method)
        ansel.run(*command.format(photo=photo, file=snapshot).split())
        eventually(lambda: handled(server, method) > before,
                   f"a call of {method}")
