# SPDX-License-Identifier: Apache-2.0
"""Rules that hold on every path: visibility, blocks, deletion, repetition and
stable pages, over gRPC and over REST."""

import uuid

import pytest

from drivers import PASSWORD, CallFailed
from processes import eventually

RENDITIONS = ["thumbnail", "medium", "large", "original"]


def refused(code, call, *arguments, **fields):
    with pytest.raises(CallFailed) as failure:
        call(*arguments, **fields)
    assert failure.value.code == code, failure.value
    return failure.value


def names(things):
    return [thing["name"] for thing in things]


def assert_hidden(viewer, photo, owner):
    """No path shows `photo` to `viewer`."""
    refused("NOT_FOUND", viewer.get_photo, photo)
    for rendition in RENDITIONS:
        refused("NOT_FOUND", viewer.download, photo, rendition)
    refused("NOT_FOUND", viewer.likes, photo)
    refused("NOT_FOUND", viewer.comments, photo)
    refused("NOT_FOUND", viewer.like, photo)
    refused("NOT_FOUND", viewer.unlike, photo)
    refused("NOT_FOUND", viewer.comment, photo, "let me in")
    refused("NOT_FOUND", viewer.delete_photo, photo)
    assert photo not in names(viewer.feed())
    assert photo not in names(viewer.recent_photos())
    try:
        assert photo not in names(viewer.list_photos(owner))
    except CallFailed as failure:
        assert failure.code == "NOT_FOUND"


def assert_shown(viewer, photo, owner):
    assert viewer.get_photo(photo)["name"] == photo
    assert viewer.download(photo, "thumbnail")
    assert photo in names(viewer.list_photos(owner))
    viewer.likes(photo)
    viewer.comments(photo)


def test_visibility_holds_on_every_path(people_both_ways, snapshot):
    owner = people_both_ways("owner")
    follower = people_both_ways("follower")
    other = people_both_ways("other")
    follower.follow("users/owner")
    secret = owner.upload(snapshot, visibility="VISIBILITY_PRIVATE")["name"]
    among_us = owner.upload(
        snapshot, visibility="VISIBILITY_FOLLOWERS")["name"]
    public = owner.upload(snapshot)["name"]

    assert_hidden(follower, secret, "users/owner")
    assert_hidden(other, secret, "users/owner")
    assert_hidden(other, among_us, "users/owner")
    assert_shown(follower, among_us, "users/owner")
    assert_shown(other, public, "users/owner")
    for mine in (secret, among_us, public):
        assert_shown(owner, mine, "users/owner")
    assert names(follower.feed()) == [public, among_us]
    counts = [person.get_user("users/owner")["photoCount"]
              for person in (owner, follower, other)]
    assert counts == [3, 2, 1]


def test_originals_are_the_owners_only(people_both_ways, snapshot):
    owner = people_both_ways("owner")
    other = people_both_ways("other")
    photo = owner.upload(snapshot)["name"]

    assert owner.download(photo, "original") == snapshot.read_bytes()
    refused("PERMISSION_DENIED", other.download, photo, "original")


def test_a_block_keeps_two_people_apart_everywhere(
        people_both_ways, snapshot):
    ansel = people_both_ways("ansel")
    pest = people_both_ways("pest")
    third = people_both_ways("third")
    ansel.follow("users/pest")
    pest.follow("users/ansel")
    of_ansel = ansel.upload(snapshot)["name"]
    of_pest = pest.upload(snapshot)["name"]
    of_third = third.upload(snapshot)["name"]
    for photo in (of_ansel, of_third):
        pest.like(photo)
        pest.comment(photo, "first!")
    ansel.like(of_third)

    ansel.block("users/pest")

    for one, handle, photo in ((ansel, "pest", of_pest),
                               (pest, "ansel", of_ansel)):
        assert_hidden(one, photo, f"users/{handle}")
        refused("NOT_FOUND", one.get_user, f"users/{handle}")
        refused("NOT_FOUND", one.follow, f"users/{handle}")
        assert one.search_users(handle) == []
    seen = ansel.get_photo(of_third)
    assert (seen["likeCount"], seen["commentCount"]) == (1, 0)
    assert [like["user"] for like in ansel.likes(of_third)] == ["users/ansel"]
    assert ansel.comments(of_third) == []
    # Under their own photo the owner sees what others do not.
    assert ansel.get_photo(of_ansel)["likeCount"] == 1
    assert [comment["author"] for comment in ansel.comments(of_ansel)] == [
        "users/pest"]
    assert third.get_photo(of_ansel)["likeCount"] == 0
    assert third.comments(of_ansel) == []
    assert ansel.notifications() == []
    assert ansel.whoami()["followerCount"] == 0
    assert third.get_photo(of_third)["likeCount"] == 2

    ansel.unblock("users/pest")
    assert_shown(pest, of_ansel, "users/ansel")
    assert ansel.followers("users/ansel") == []


def test_deleted_account_leaves_nothing(server, people, snapshot):
    ansel = people("ansel")
    other = people("other")
    kept = other.upload(snapshot)["name"]
    files = server.files()
    photo = ansel.upload(snapshot)["name"]
    ansel.like(kept)
    ansel.comment(kept, "nice")
    ansel.follow("users/other")
    request = ansel.stubs.user_pb2.DeleteUserRequest

    refused("PERMISSION_DENIED", ansel.call, ansel.users.DeleteUser,
            request(name="users/me", password="not the password"))
    ansel.call(ansel.users.DeleteUser,
               request(name="users/me", password=PASSWORD))

    refused("UNAUTHENTICATED", ansel.feed)
    refused("UNAUTHENTICATED", ansel.login, "ansel")
    refused("NOT_FOUND", other.get_user, "users/ansel")
    refused("NOT_FOUND", other.get_photo, photo)
    seen = other.get_photo(kept)
    assert (seen["likeCount"], seen["commentCount"]) == (0, 0)
    assert other.notifications() == []
    assert other.whoami()["followerCount"] == 0
    eventually(lambda: server.files() == files, "the bytes to be removed")


def test_repeating_a_request_has_one_effect(people_both_ways, snapshot):
    ansel = people_both_ways("ansel")
    first, second = str(uuid.uuid4()), str(uuid.uuid4())

    photo = ansel.upload(snapshot, caption="once", request_id=first)
    again = ansel.upload(snapshot, caption="once", request_id=first)
    assert again["name"] == photo["name"]
    assert len(ansel.list_photos("users/ansel")) == 1
    comment = ansel.comment(photo["name"], "once", request_id=second)
    again = ansel.comment(photo["name"], "once", request_id=second)
    assert again["name"] == comment["name"]
    assert len(ansel.comments(photo["name"])) == 1
    refused("INVALID_ARGUMENT", ansel.comment, photo["name"], "something else",
            request_id=second)
    refused("INVALID_ARGUMENT", ansel.comment, photo["name"], "x",
            request_id="not a uuid")


def test_registering_twice_is_once_only_with_the_request_id(people_both_ways):
    someone = people_both_ways.stranger()
    request = str(uuid.uuid4())

    first = someone.register("ansel", request_id=request)
    assert someone.register("ansel", request_id=request) == first
    refused("ALREADY_EXISTS", someone.register, "ansel")
    refused("ALREADY_EXISTS", someone.register, "ANSEL")


def test_only_those_concerned_may_delete(people_both_ways, snapshot):
    owner = people_both_ways("owner")
    author = people_both_ways("author")
    other = people_both_ways("other")
    photo = owner.upload(snapshot)["name"]
    comments = [author.comment(photo, text)["name"] for text in ("a", "b")]

    refused("PERMISSION_DENIED", other.delete_comment, comments[0])
    refused("PERMISSION_DENIED", other.delete_photo, photo)
    author.delete_comment(comments[0])
    owner.delete_comment(comments[1])
    assert owner.get_photo(photo)["commentCount"] == 0


def test_pages_have_no_repeats_and_no_holes(people, snapshot):
    ansel = people("ansel")
    there = [ansel.upload(snapshot)["name"] for _ in range(9)][::-1]
    request = ansel.stubs.photo_pb2.ListPhotosRequest
    removed = there[4]
    seen, token = [], ""

    while True:
        page = ansel.call(ansel.photos.ListPhotos, request(
            parent="users/ansel", page_size=2, page_token=token))
        seen += names(page["photos"])
        if len(seen) == 2:
            ansel.upload(snapshot)
            ansel.delete_photo(removed)
            ansel.delete_photo(seen[1])
        token = page["nextPageToken"]
        if not token:
            break

    assert seen == [name for name in there if name != removed]


def test_a_page_token_is_good_for_its_own_list_only(people, snapshot):
    ansel = people("ansel")
    people("other")
    for _ in range(2):
        ansel.upload(snapshot)
    request = ansel.stubs.photo_pb2.ListPhotosRequest
    token = ansel.call(ansel.photos.ListPhotos, request(
        parent="users/ansel", page_size=1))["nextPageToken"]

    for wrong in (token[:-2], "AAAA", "1"):
        refused("INVALID_ARGUMENT", ansel.call, ansel.photos.ListPhotos,
                request(parent="users/ansel", page_token=wrong))
    refused("INVALID_ARGUMENT", ansel.call, ansel.photos.ListPhotos,
            request(parent="users/other", page_token=token))


def test_changing_the_password_ends_the_other_sessions(people):
    here = people("ansel")
    there = people.stranger()
    there.login("ansel")
    request = here.stubs.user_pb2.ChangePasswordRequest

    refused("PERMISSION_DENIED", here.call, here.users.ChangePassword,
            request(name="users/me", old_password="wrong wrong",
                    new_password="another password"))
    here.call(here.users.ChangePassword,
              request(name="users/me", old_password=PASSWORD,
                      new_password="another password"))

    here.whoami()
    refused("UNAUTHENTICATED", there.whoami)
    there.token = None
    refused("UNAUTHENTICATED", there.login, "ansel", PASSWORD)
    there.login("ansel", "another password")


def test_who_may_call_is_checked(people_both_ways):
    stranger = people_both_ways.stranger()

    refused("UNAUTHENTICATED", stranger.feed)
    refused("UNAUTHENTICATED", stranger.follow, "users/ansel")
    assert stranger.recent_photos() == []
    stranger.token = "made up"
    refused("UNAUTHENTICATED", stranger.recent_photos)


@pytest.mark.parametrize("text", [
    " ", "\u3000", "\u00ad", "\u200d", "\u202e", "\u2066", "\u2800\u2800",
    "\u3164", "\u115f\u1160", "\uffa0", "\ufe0f", "\U000e0020", "\U000e0100"],
    ids=ascii)
def test_what_shows_nothing_is_no_comment_and_no_name(people_both_ways,
                                                      snapshot, text):
    ansel = people_both_ways("ansel")
    photo = ansel.upload(snapshot)["name"]

    failure = refused("INVALID_ARGUMENT", ansel.comment, photo, text)
    assert "visible" in failure.message
    refused("INVALID_ARGUMENT", ansel.register, "nobody", display_name=text)
    assert ansel.comments(photo) == []


def test_no_name_turns_the_text_beside_it_around(people_both_ways):
    ansel = people_both_ways("ansel")
    for control in ("\u061c", "\u200e", "\u202e", "\u2067"):
        failure = refused("INVALID_ARGUMENT", ansel.register, "dorothea",
                          display_name=f"Dorothea{control} Lange")
        assert f"U+{ord(control):04X}" in failure.message


def test_a_password_is_the_same_however_it_is_composed(people_both_ways):
    composed, decomposed = "P\u00e4ssw\u00f6rter", "Pa\u0308sswo\u0308rter"
    stranger = people_both_ways.stranger()
    for handle, chosen, typed in (("ansel", composed, decomposed),
                                  ("dorothea", decomposed, composed)):
        stranger.register(handle, password=chosen)
        stranger.login(handle, password=typed)
        assert stranger.whoami()["handle"] == handle


def test_a_repeated_registration_needs_the_same_password(people_both_ways):
    stranger = people_both_ways.stranger()
    request = {"request_id": str(uuid.uuid4())}
    first = stranger.register("ansel", **request)

    failure = refused("INVALID_ARGUMENT", stranger.register, "ansel",
                      password="another password", **request)

    assert "request_id" in str(failure.status)
    assert stranger.register("ansel", **request) == first
    refused("UNAUTHENTICATED", stranger.login, "ansel",
            password="another password")
